"""Every recorded run of every version of mtr, and whatever else one may take for one."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.mtr.detect import Trace, from_mtr
from bothsides.parse.mtr.model import Host, Label, from_host, is_address

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
"""The laboratory in which most of it was recorded; hop 5 is silent, hop 6 loses half of its answers."""
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


def test_as_numbers_also_two_that_run_into_the_address() -> None:
    trace = from_mtr((DATA / "0.95/icmp-ipinfo-y0.wide.txt").read_bytes())[0]
    assert [hop.hosts for hop in trace.hops[3:5]] == [(Host("10.0.34.2", "", "64502 64503"),), ()]
    trace = from_mtr((DATA / "0.95/udp-ecmp-dns-asn.wide.txt").read_bytes())[0]
    assert trace.hops[3].hosts == (
        Host("10.0.34.2", "ix-a.transit.example", "64502 64503"),
        Host("10.0.35.2", "ix-b.transit.example", "64502 64503"),
    )


def test_a_country_or_prefix_in_front_of_the_host_is_not_the_host() -> None:
    text = "Start: 2026-11-20T13:48:40+0000\nHOST: vm      Loss%   Snt   Last   Avg  Best  Wrst StDev\n"
    for front in ("US   ", "10.0.0.0/16     ", "???  ", "2015-09-02   "):
        line = f"  1. {front} 10.0.1.1    0.0%     2    0.0   0.1   0.0   0.1   0.0\n"
        assert from_mtr(text + line)[0].hops[0].hosts == (Host("10.0.1.1"),)
    line = "  1. US    gw.office.example (10.0.1.1)    0.0%     2    0.0   0.1   0.0   0.1   0.0\n"
    assert from_mtr(text + line)[0].hops[0].hosts == (Host("10.0.1.1", "gw.office.example"),)


def test_mpls_labels_are_kept() -> None:
    trace = from_mtr((DATA / "0.95/sim-mpls-8way-z.wide.txt").read_bytes())[0]
    assert trace.hops[4].mpls == (Label(24001, 0, 1, 1),)
    assert [host.address for host in trace.hops[9].hosts] == ["52.95.1.1", "52.95.1.5"]


def test_rows_of_further_routers_add_no_probes() -> None:
    trace = from_mtr((DATA / "0.95/sim-mpls-8way.wide.csv").read_bytes())[0]
    assert [host.address for host in trace.hops[5].hosts] == [
        "52.93.128.7",
        "52.93.128.5",
        "52.93.128.3",
        "52.93.128.1",
    ]
    assert (trace.hops[5].sent, trace.hops[5].received) == (10, 10)


def test_a_time_above_a_second_and_a_hundred_percent_have_no_unit() -> None:
    trace = from_mtr((DATA / "0.95/tcp-open.wide.txt").read_bytes())[0]
    assert trace.hops[5].worst == pytest.approx(1.026)
    assert (trace.hops[4].loss, trace.hops[4].avg) == (1.0, None)


def test_silence_has_no_times() -> None:
    for entry in FULL:
        for trace in read(entry):
            for hop in trace.hops:
                assert hop.hosts or (hop.avg is None and hop.best is None), (entry["file"], hop)


def test_an_unreached_target_is_not_reached() -> None:
    for entry in FULL:
        if "blackhole" in str(entry["file"]):
            assert not read(entry)[0].reached, entry["file"]


def test_json_that_old_versions_broke_is_mended() -> None:
    about = '{"report":{"mtr":{"src":"a","dst":"192.0.2.1","tests":"5"},"hubs": '
    for broken in ("[  }]}}", "[\n    }}"):
        assert from_mtr(about + broken)[0].hops == ()
    trace = from_mtr((DATA / "0.92/bug-order-leading-space.json").read_bytes())[0]
    assert trace.hops[0].hosts == (Host("10.0.1.1"),)


def test_quotes_in_a_name_are_refused_not_believed() -> None:
    text = '{"report":{"mtr":{"src":"a","dst":"b"},"hubs":[{"count":"1","host":"x"y","Loss%":0.0,"Snt":1}]}}'
    with pytest.raises(Unreadable, match="not JSON of mtr"):
        from_mtr(text)


def test_commas_in_a_name_stay_in_the_name() -> None:
    text = "Mtr_Version,Start_Time,Status,Host,Hop,Ip,Loss%,Snt, ,Last,Avg,Best,Wrst,StDev,\n"
    text += "MTR.0.95,1795182176,OK,t,1,a,b;c,0.00,4,0,1.0,1.0,1.0,1.0,0.00\n"
    assert from_mtr(text)[0].hops[0].hosts == (Host("", "a,b;c"),)


def test_split_keeps_the_last_word_on_a_hop() -> None:
    trace = from_mtr(
        "0 10.0.1.1 0 1 1 0 0 0\n1 ???\n1 10.0.12.2 50000 1 2 1 1 2\n2 10.0.9.9 0 1 1 0 0 0\n-2\n"
    )[0]
    assert (trace.format, len(trace.hops), trace.hops[1].loss, trace.hops[1].worst) == (
        "split",
        2,
        0.5,
        0.002,
    )


@pytest.mark.parametrize(
    ("text", "instant"),
    [("2026-11-20T13:47:42+0000", 1795182462.0), ("2024-02-29T01:00:00+01:00", 1709164800.0)],
)
def test_the_start_of_a_report_is_utc(text: str, instant: float) -> None:
    trace = from_mtr(f"Start: {text}\nHOST: vm  Loss%  Snt\n  1.|-- 10.0.0.1  0.0%  3\n")[0]
    assert trace.started == instant


def test_addresses_are_told_from_names() -> None:
    good = ("10.0.0.1", "255.255.255.255", "2001:db8::1", "::1", "fe80::1%eth0", "::ffff:10.0.0.1")
    assert all(is_address(text) for text in good)
    assert not any(
        is_address(text) for text in ("10.0.0", "256.0.0.1", "a.b", "10.0.0.1.", "1:2", "", "cafe")
    )
    assert from_host("_gateway (10.0.0.1)") == Host("10.0.0.1", "_gateway")


def test_the_runs_over_a_stable_network_reach_the_same_target() -> None:
    assert len(STABLE) >= 100
    for path in STABLE:
        trace = from_mtr(path.read_bytes())[0]
        assert [host.address for host in trace.hops[-1].hosts] == ["198.51.100.10"], path


def harmless(data: bytes | str) -> None:
    try:
        traces = from_mtr(data)
    except Unreadable as fault:
        assert str(fault)
        return
    for trace in traces:
        assert [hop.ttl for hop in trace.hops] == sorted({hop.ttl for hop in trace.hops})
        assert all(hop.loss is None or 0 <= hop.loss <= 1 for hop in trace.hops)


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


@settings(max_examples=400, deadline=None)
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
