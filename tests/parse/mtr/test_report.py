"""mtr's text report: AS numbers, fields in front of the host, times with their zone."""

import pytest

from bothsides.parse import Unreadable
from bothsides.parse.mtr.detect import from_mtr
from bothsides.parse.mtr.model import (
    Host,
    Label,
)
from bothsides.parse.mtr.report import from_report, to_report
from tests.support.process import HOUSE

DATA = HOUSE / "tests/data/mtr"


def test_as_numbers_also_two_that_run_into_the_address() -> None:
    trace = from_mtr((DATA / "0.95/icmp-ipinfo-y0.wide.txt").read_bytes())[0]
    assert [hop.hosts for hop in trace.hops[3:5]] == [(Host("10.0.34.2", "", "64502 64503"),), ()]
    trace = from_mtr((DATA / "0.95/udp-ecmp-dns-asn.wide.txt").read_bytes())[0]
    assert trace.hops[3].hosts == (
        Host("10.0.34.2", "ix-a.transit.example", "64502 64503"),
        Host("10.0.35.2", "ix-b.transit.example", "64502 64503"),
    )


def test_a_country_or_prefix_in_front_of_the_host_is_not_the_host() -> None:
    text = "Start: 2026-11-20T13:48:40+0000\n"
    text += "HOST: vm      Loss%   Snt   Last   Avg  Best  Wrst StDev\n"
    for front in ("US   ", "10.0.0.0/16     ", "???  ", "2015-09-02   "):
        line = f"  1. {front} 10.0.1.1    0.0%     2    0.0   0.1   0.0   0.1   0.0\n"
        assert from_mtr(text + line)[0].hops[0].hosts == (Host("10.0.1.1"),)
    line = "  1. US    gw.office.example (10.0.1.1)    0.0%     2    0.0   0.1   0.0   0.1   0.0\n"
    assert from_mtr(text + line)[0].hops[0].hosts == (Host("10.0.1.1", "gw.office.example"),)


def test_mpls_labels_are_kept() -> None:
    trace = from_mtr((DATA / "0.95/sim-mpls-8way-z.wide.txt").read_bytes())[0]
    assert trace.hops[4].mpls == (Label(24001, 0, 1, 1),)
    assert [host.address for host in trace.hops[9].hosts] == ["52.95.1.1", "52.95.1.5"]


def test_a_time_above_a_second_and_a_hundred_percent_have_no_unit() -> None:
    trace = from_mtr((DATA / "0.95/tcp-open.wide.txt").read_bytes())[0]
    assert trace.hops[5].worst == pytest.approx(1.026)
    assert (trace.hops[4].loss, trace.hops[4].avg) == (1.0, None)


@pytest.mark.parametrize(
    ("text", "instant"),
    [("2026-11-20T13:47:42+0000", 1795182462.0), ("2024-02-29T01:00:00+01:00", 1709164800.0)],
)
def test_the_start_of_a_report_is_utc(text: str, instant: float) -> None:
    trace = from_mtr(f"Start: {text}\nHOST: vm  Loss%  Snt\n  1.|-- 10.0.0.1  0.0%  3\n")[0]
    assert trace.started == instant


def test_a_report_is_printed_as_mtr_prints_it() -> None:
    text = (DATA / "0.95/icmp-single.wide.txt").read_text()
    trace = from_mtr(text)[0]
    started = text.splitlines()[0].removeprefix("Start: ")
    again = from_mtr(to_report(trace, started, trace.source))[0]
    assert [hop.hosts for hop in again.hops] == [hop.hosts for hop in trace.hops]
    assert [hop.sent for hop in again.hops] == [hop.sent for hop in trace.hops]
    assert again.started == trace.started


@pytest.mark.parametrize(
    "text", ["HOST: vm\n", "  1. a\n", "", "HOST: vm Loss% Snt\n  1. a b c d\n"]
)
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        from_report(text)
