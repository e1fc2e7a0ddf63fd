"""Old reports of mtr as runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.probe.mtr.from_report import from_report
from tests.support.process import HOUSE

DATA = HOUSE / "tests/data/mtr/0.95"


def test_a_report_is_a_run_without_fixed_flows() -> None:
    run = from_report("", (DATA / "udp-ecmp.wide.csv").read_bytes())
    assert (run.fixed, run.target, run.subject, run.took) == (False, "10.0.67.2", "10.0.67.2", 0.0)
    assert run.engine == "mtr 0.95 (csv)"
    assert {result.kind for result in run.first if result.ttl == 7} == {"reply"}
    assert {result.kind for result in run.first if result.ttl == 5} == {"silent"}
    assert len(run.echoes) == 4


def test_another_last_router_than_the_address_asked_for_is_not_the_target() -> None:
    run = from_report("10.0.67.99", (DATA / "udp-ecmp.wide.txt").read_bytes())
    assert {result.kind for result in run.first} == {"expired", "silent"}
    assert set(run.echoes) == {None}


def test_as_numbers_of_the_report_are_kept() -> None:
    run = from_report("", (DATA / "udp-ecmp-dns-asn.csv").read_bytes())
    assert ("10.0.1.1", 64500) in run.systems


@given(st.binary(max_size=200))
def test_any_octets_are_a_run_or_unreadable(data: bytes) -> None:
    try:
        assert from_report("app", data).host == "app"
    except Unreadable as fault:
        assert str(fault)


def test_an_empty_report_is_refused() -> None:
    with pytest.raises(Unreadable, match="empty"):
        from_report("app", b"")


def test_a_report_without_any_hop_is_refused() -> None:
    data = b'{"report":{"mtr":{"src":"a","dst":"app","tests":"5"},"hubs":[]}}'
    with pytest.raises(Unreadable, match="no hops"):
        from_report("app", data)
