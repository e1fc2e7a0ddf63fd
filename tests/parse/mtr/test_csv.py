"""mtr's CSV."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.mtr.csv import from_csv
from bothsides.parse.mtr.detect import from_mtr
from bothsides.parse.mtr.model import (
    Host,
)
from tests.support.process import HOUSE

DATA = HOUSE / "tests/data/mtr"


def test_rows_of_further_routers_add_no_probes() -> None:
    trace = from_mtr((DATA / "0.95/sim-mpls-8way.wide.csv").read_bytes())[0]
    assert [host.address for host in trace.hops[5].hosts] == [
        "52.93.128.7",
        "52.93.128.5",
        "52.93.128.3",
        "52.93.128.1",
    ]
    assert (trace.hops[5].sent, trace.hops[5].received) == (10, 10)


def test_commas_in_a_name_stay_in_the_name() -> None:
    text = "Mtr_Version,Start_Time,Status,Host,Hop,Ip,Loss%,Snt, ,Last,Avg,Best,Wrst,StDev,\n"
    text += "MTR.0.95,1795182176,OK,t,1,a,b;c,0.00,4,0,1.0,1.0,1.0,1.0,0.00\n"
    assert from_mtr(text)[0].hops[0].hosts == (Host("", "a,b;c"),)


def test_the_oldest_form_has_only_a_last_time() -> None:
    text = "MTR.0.85;1795182473;OK;app;1;10.0.1.1;92\nMTR.0.85;1795182473;OK;app;2;???;0\n"
    (trace,) = from_csv(text)
    assert (trace.version, trace.target, trace.started) == ("0.85", "app", 1795182473.0)
    assert [hop.last for hop in trace.hops] == [pytest.approx(0.092e-3), None]


@given(st.text(max_size=80))
def test_any_row_is_read_or_refused_with_its_line(row: str) -> None:
    try:
        from_csv(f"Mtr_Version,Start_Time,Status,Host,Hop,Ip,Loss%,Snt,\nMTR.1,{row}")
    except Unreadable as fault:
        assert str(fault).startswith("line ")
