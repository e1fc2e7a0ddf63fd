"""Evidence from other hosts, all at once: who answers, who is dead, slow, cut, or no witness."""

from pathlib import Path

import pytest

from bothsides.base.deadline import Deadline
from bothsides.incident.document import to_text
from bothsides.model.whose_fault import Asked, Through
from bothsides.probe.evidence.fetch import fetched
from tests.support.evidence import WELL
from tests.support.stopwatch import Stopwatch


def program(folder: Path, name: str, script: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_all_are_asked_at_once_and_each_is_named(tmp_path: Path) -> None:
    document = tmp_path / "A.json"
    document.write_text(to_text(WELL[0]))
    ssh = program(
        tmp_path, "ssh",
        f'case "$7" in good) sleep 0.4; cat {document};; slow) sleep 20;;'
        ' dead) echo "ssh: connect to host dead: No route to host" >&2; exit 255;; esac',
    )  # fmt: skip
    asked = [
        Asked("one", "ssh", "good"), Asked("two", "ssh", "good"), Asked("slow", "ssh", "slow"),
        Asked("dead", "ssh", "dead"), Asked("file", "file", str(document)),
        Asked("gone", "file", str(tmp_path / "none.json")), Asked("nobody", "none", ""),
        Asked("dash", "ssh", "-oProxyCommand=id"),
    ]  # fmt: skip
    watch = Stopwatch()
    answers = {each.name: each for each in fetched(asked, Deadline(2.0), None, {"ssh": ssh})}
    assert watch.seconds < 2.5
    assert {name: each.state for name, each in answers.items()} == {
        "one": "heard", "two": "heard", "slow": "slow", "dead": "missing", "file": "heard",
        "gone": "missing", "nobody": "missing", "dash": "missing",
    }  # fmt: skip
    assert answers["one"].text == answers["file"].text == to_text(WELL[0])
    assert "No route to host" in answers["dead"].words
    assert 0.1 < answers["one"].half < 1.5


def test_nrpe_is_asked_for_its_command(tmp_path: Path) -> None:
    nrpe = program(tmp_path, "check_nrpe", 'echo "{$*}"')
    (answer,) = fetched([Asked("A", "nrpe", "192.0.2.1")], Deadline(3.0), None, {"nrpe": nrpe})
    assert answer.text == "{-H 192.0.2.1 -c bothsides_evidence -t 4}"


def test_a_program_that_is_not_there_is_said() -> None:
    (answer,) = fetched([Asked("A", "ssh", "x")], Deadline(1.0), None, {"ssh": "/no/such/ssh"})
    assert (answer.state, "cannot run" in answer.words) == ("missing", True)


def test_who_does_not_answer_us_is_asked_through_another_host(tmp_path: Path) -> None:
    ssh = program(
        tmp_path, "ssh",
        'case "$*" in *"-J near"*) echo "{by another}";; *far*) sleep 20;; *) exit 255;; esac',
    )  # fmt: skip
    nrpe = program(
        tmp_path, "check_nrpe",
        'case "$*" in *_gone*) echo "{$*}";; *) echo "connect: No route to host"; exit 2;; esac',
    )  # fmt: skip
    near = Through("C", "near")
    asked = [
        Asked("far", "ssh", "far", near), Asked("gone", "nrpe", "192.0.2.1", near),
        Asked("dead", "ssh", "dead"), Asked("no", "nrpe", "192.0.2.2", near),
    ]  # fmt: skip
    found = fetched(asked, Deadline(3.0), None, {"ssh": ssh, "nrpe": nrpe})
    assert [(each.state, each.through) for each in found] == [
        ("heard", "C"), ("heard", "C"), ("missing", ""), ("missing", ""),
    ]  # fmt: skip
    assert "-H near -c bothsides_evidence_gone" in found[1].text
    assert found[3].words == "connect: No route to host, nor through C"


def test_icinga_is_not_asked_without_its_url() -> None:
    (answer,) = fetched([Asked("A", "icinga", "A")], Deadline(1.0))
    assert (answer.state, "say --icinga" in answer.words) == ("missing", True)


def test_an_answer_without_end_is_no_document_and_delays_nobody(tmp_path: Path) -> None:
    ssh = program(tmp_path, "ssh", 'case "$7" in A) echo "{}";; *) echo "{"; cat /dev/zero;; esac')
    asked = [Asked("A", "ssh", "A"), Asked("B", "ssh", "B")]
    one, other = fetched(asked, Deadline(20.0), None, {"ssh": ssh})
    assert (one.text, other.text) == ("{}", "")
    assert other.words == "it answered with more than 10 MB, which is no document"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo hello", "no document: hello"),
        ("echo CHECK_NRPE: refused; exit 3", "CHECK_NRPE: refused"),
        ("true", "no answer (exit code 0)"),
        ("echo key refused >&2; exit 255", "key refused"),
    ],
)
def test_what_is_no_document_is_said_as_such(tmp_path: Path, script: str, words: str) -> None:
    ssh = program(tmp_path, "ssh", script)
    (answer,) = fetched([Asked("A", "ssh", "A")], Deadline(9.0), None, {"ssh": ssh})
    assert (answer.state, answer.words) == ("missing", words)
