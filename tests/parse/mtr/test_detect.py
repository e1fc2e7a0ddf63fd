"""Every recorded run of every version of mtr, and whatever else one may take for one."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.mtr.detect import Trace, from_mtr
from tests.support.examples import examples

DATA = Path(__file__).resolve().parents[2] / "data/mtr"
INDEX = [json.loads(line) for line in (DATA / "index.jsonl").read_text().splitlines()]
RECORDED = [entry for entry in INDEX if (DATA / entry["file"]).exists()]
FULL = [entry for entry in RECORDED if (DATA / entry["file"]).stat().st_size]
EMPTY = [entry for entry in RECORDED if not (DATA / entry["file"]).stat().st_size]
STABLE = sorted((DATA / "stable-ecmp").rglob("*.raw"))
ROUTERS = {
    1: {"10.0.1.1", "gw.office.example"},
    2: {"10.0.12.2", "core1.isp.example"},
    3: {"10.0.23.2", "10.0.24.2", "ae1-0.pe1.isp.example", "ae2-0.pe2.isp.example"},
    4: {"10.0.34.2", "10.0.35.2", "ix-a.transit.example", "ix-b.transit.example"},
    5: set(),
    6: {"10.0.56.2", "edge6.cloud.example"},
    7: {"10.0.67.2", "app.cloud.example"},
}
"""The laboratory in which most was recorded; hop 5 is silent, hop 6 loses half its answers."""
WHOLE = re.compile(r"/(udp-ecmp|icmp-single|icmp-ipinfo|order-)")


def read(entry: dict[str, object]) -> tuple[Trace, ...]:
    return from_mtr((DATA / str(entry["file"])).read_bytes())


def test_every_recording_is_read_or_refused_with_a_reason() -> None:
    formats = Counter(read(entry)[0].format for entry in FULL)
    assert sum(formats.values()) == len(FULL) > 320
    assert set(formats) == {"json", "raw", "csv", "xml", "report"}
    for entry in EMPTY:
        with pytest.raises(Unreadable, match="empty"):
            read(entry)


def test_the_laboratory_is_seen_alike_by_every_version_and_format() -> None:
    for entry in (entry for entry in FULL if WHOLE.search(str(entry["file"]))):
        trace = read(entry)[0]
        assert [hop.ttl for hop in trace.hops] == [1, 2, 3, 4, 5, 6, 7], entry["file"]
        for hop in trace.hops:
            assert {host.known for host in hop.hosts} <= {*ROUTERS[hop.ttl]}, (entry["file"], hop)
            assert hop.hosts or hop.ttl in (5, 6), (entry["file"], hop)
            assert {host.name for host in hop.hosts} - {""} <= ROUTERS[hop.ttl]
        assert trace.hops[6].loss in (0.0, None)
        assert trace.reached in (True, None)


def test_the_probes_sent_are_those_that_were_ordered() -> None:
    for entry in (entry for entry in FULL if WHOLE.search(str(entry["file"]))):
        argv = entry["argv"]
        assert isinstance(argv, list)
        cycles = int(argv[argv.index("-c") + 1])
        sent = {hop.sent for hop in read(entry)[0].hops if hop.hosts} - {None}
        assert sent <= {cycles, cycles - 1, cycles + 1}, (entry["file"], sent)


def test_two_targets_are_two_traces() -> None:
    for entry in (entry for entry in FULL if "two-targets" in str(entry["file"])):
        first, second = read(entry)
        assert [len(trace.hops) for trace in (first, second)] == [7, 2], entry["file"]


def test_silence_has_no_times() -> None:
    for entry in FULL:
        for trace in read(entry):
            for hop in trace.hops:
                assert hop.hosts or (hop.avg is None and hop.best is None), (entry["file"], hop)


def test_an_unreached_target_is_not_reached() -> None:
    for entry in FULL:
        if "blackhole" in str(entry["file"]):
            assert not read(entry)[0].reached, entry["file"]


def harmless(data: bytes | str) -> None:
    try:
        traces = from_mtr(data)
    except Unreadable as fault:
        assert str(fault)
        return
    for trace in traces:
        assert [hop.ttl for hop in trace.hops] == sorted({hop.ttl for hop in trace.hops})
        assert all(hop.loss is None or 0 <= hop.loss <= 1 for hop in trace.hops)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("root:x:SECRET\n", "no report of mtr: line 1 is of none of its formats; make one by mtr "),
        ("1 2 3\nSECRET\n", "line 2: not a line of mtr --split"),
        ("x 0 1\nSECRET\n", "line 2: not an event of mtr --raw"),
        ("HOST: a  Loss%\n  1. SECRET x\n", "line 2: not a hop of mtr --report"),
        ("HOST: a  Loss%\nSECRET\n", "line 2: not a line of mtr --report"),
        ("MTR.0.95,SECRET\n", "line 1: not a row of mtr --csv"),
    ],
)
def test_what_is_no_report_is_named_by_its_line_and_never_quoted(text: str, words: str) -> None:
    with pytest.raises(Unreadable, match=f"^{re.escape(words)}") as refused:
        from_mtr(text)
    assert "SECRET" not in str(refused.value)


@given(st.binary(max_size=300))
def test_any_octets_are_a_trace_or_unreadable(data: bytes) -> None:
    harmless(data)


@given(
    st.sampled_from(
        ["{", "<MTR>", "Mtr_Version,", "MTR.0.85;", "Start: ", "HOST: ", "x 0 1\n", "0 a\n"]
    ),
    st.text(max_size=200),
)
def test_any_text_behind_a_known_beginning_is_a_trace_or_unreadable(start: str, text: str) -> None:
    harmless(start + text)


@examples(400)
@given(st.data())
def test_damaged_recordings_are_a_trace_or_unreadable(data: st.DataObject) -> None:
    text = bytearray((DATA / str(data.draw(st.sampled_from(FULL))["file"])).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(text)))
        kind = data.draw(st.integers(0, 3))
        if kind == 0:
            text[place : place + 1] = data.draw(st.binary(max_size=3))
        elif kind == 1:
            del text[place : place + data.draw(st.integers(1, 80))]
        elif kind == 2:
            text[place:place] = text[: data.draw(st.integers(0, 60))]
        else:
            del text[place:]
    harmless(bytes(text))
