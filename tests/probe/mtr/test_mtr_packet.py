"""mtr-packet as its lines come, from a script that answers in its place."""

from pathlib import Path

import pytest

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.model.path import ECHO, ProbeResult
from bothsides.probe.mtr.mtr_packet import Engine, holds_flows

ANSWERS = """#!/bin/sh
while read token command rest; do
  case "$command $rest" in
    check-support*version) echo "$token feature-support support 0.95";;
    check-support*) echo "$token feature-support support ok";;
    *icmp*) echo "$token reply ip-4 127.0.0.1 round-trip-time 2000";;
    *"ttl 1 "*) echo "$token ttl-expired ip-4 10.0.0.1 round-trip-time 1000 mpls 16,0,1,1";;
    *"ttl 2 "*) echo "$token no-route ip-4 10.0.0.2 round-trip-time 1000";;
    *"ttl 3 "*) echo "$token no-reply";;
    *) echo "$token {error}";;
  esac
done
"""


def engine(folder: Path, error: str = "network-down") -> Engine:
    path = folder / "mtr-packet"
    path.write_text(ANSWERS.format(error=error))
    path.chmod(0o755)
    made = Engine(str(path), "127.0.0.1", "127.0.0.1")
    made.greet(Deadline(60))
    return made


def test_each_line_becomes_a_result(tmp_path: Path) -> None:
    made = engine(tmp_path)
    try:
        assert (made.version, made.fixed) == ("0.95", True)
        seen: list[int] = []
        made.watch = lambda results: seen.append(len(results))
        jobs = [(0, 1), (0, 2), (0, 3), (ECHO, 0)]
        assert made.go(jobs, Deadline(60)) == (
            ProbeResult(ECHO, 0, "reply", "127.0.0.1", 0.002),
            ProbeResult(0, 1, "expired", "10.0.0.1", 0.001, "16,0,1,1"),
            ProbeResult(0, 2, "refused", "10.0.0.2", 0.001),
            ProbeResult(0, 3, "silent"),
        )
        assert len(seen) == 3
    finally:
        made.end()


def test_what_cannot_be_sent_is_no_silence(tmp_path: Path) -> None:
    made = engine(tmp_path)
    try:
        with pytest.raises(Unable, match=r"cannot send to 127[.]0[.]0[.]1: network-down"):
            made.go([(0, 9)], Deadline(60))
    finally:
        made.end()


@pytest.mark.parametrize(
    "nonsense",
    [
        "$token banana",  # no word of mtr-packet's
        "999999 reply ip-4 127.0.0.1 round-trip-time 5",  # to a question that nobody asked
        "fish and chips",
    ],
)
def test_a_program_that_answers_nonsense_is_our_own_trouble_and_no_silence(
    tmp_path: Path, nonsense: str
) -> None:
    made = engine(tmp_path)
    made.end()
    script = Path(tmp_path, "mtr-packet")
    script.write_text(script.read_text().replace("$token no-reply", nonsense))
    made = Engine(str(script), "127.0.0.1", "127.0.0.1")
    try:
        made.greet(Deadline(60))
        with pytest.raises(Unable, match=r"mtr-packet prints lines that no mtr-packet prints; "):
            made.go([(0, 1), (0, 3)], Deadline(60))
        assert len(made.go([(0, 1), (0, 3), (ECHO, 0)], Deadline(60))) == 3  # the target answered
    finally:
        made.end()


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        ("yes", "mtr-packet prints lines that no mtr-packet prints$"),
        ("echo 1 a; echo 7 b; sleep 9", "mtr-packet does not answer$"),
        ("echo 1 a; echo 2 b; sleep 9", "mtr-packet of no version cannot send UDP$"),
    ],
)
def test_a_greeting_that_is_none_is_said(tmp_path: Path, printed: str, words: str) -> None:
    path = tmp_path / "mtr-packet"
    path.write_text(f"#!/bin/sh\n{printed}\n")
    path.chmod(0o755)
    made = Engine(str(path), "127.0.0.1", "127.0.0.1")
    with pytest.raises(Unable, match=words):
        made.greet(Deadline(0.5))
    made.end()


@pytest.mark.parametrize(
    ("version", "target", "fixed"),
    [
        ("0.94", "10.0.0.1", True),
        ("0.93", "10.0.0.1", False),
        ("0.95", "2001:db8::1", False),
        ("0.96.1-g1", "2001:db8::1", True),
        ("", "10.0.0.1", False),
        ("1", "10.0.0.1", True),
    ],
)
def test_which_versions_hold_flows(version: str, target: str, fixed: bool) -> None:
    assert holds_flows(version, target) is fixed
