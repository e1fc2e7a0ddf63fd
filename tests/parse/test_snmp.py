"""Object identifiers and the names of variables that hold the time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.snmp import HR_SYSTEM_DATE, Value, from_oid, from_source, to_oid


def test_oids_and_names_lead_to_the_same_place() -> None:
    assert (
        from_source("hrSystemDate").oid
        == from_source(".1.3.6.1.2.1.25.1.2.0").oid
        == HR_SYSTEM_DATE
    )
    assert from_source("1.3.6.1.2.1.25.1.2.0").words == "hrSystemDate"
    epoch = from_source("extend:epoch")
    assert to_oid(epoch.oid) == ".1.3.6.1.4.1.8072.1.3.2.3.1.1.5.101.112.111.99.104"
    assert to_oid(epoch.column(2, 1, 5)) == ".1.3.6.1.4.1.8072.1.3.2.2.1.5.5.101.112.111.99.104"
    assert from_source(to_oid(epoch.oid)).extend == "epoch"


@pytest.mark.parametrize(
    "text", ["", "1", "3.1", "1.40", "1..3", "1.3.x", "1.3.4294967296", "extend:", "1.03", "-1.3"]
)
def test_what_is_no_oid_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        from_oid(text) if not text.startswith("extend") else from_source(text)


oids = st.lists(st.integers(0, 2**32 - 1), max_size=20).map(lambda parts: (1, 3, *parts))


@given(oids)
def test_every_oid_is_read_back(oid: tuple[int, ...]) -> None:
    assert from_oid(to_oid(oid)) == from_oid(to_oid(oid)[1:]) == oid
    assert from_source(to_oid(oid)).oid == oid


@given(st.text(alphabet="0123456789.x\u0662 ", max_size=30))
def test_any_text_is_an_oid_or_unreadable(text: str) -> None:
    try:
        oid = from_oid(text)
    except Unreadable:
        return
    assert to_oid(oid) == "." + text.removeprefix(".")


def test_an_exec_line_is_described_by_its_own_row() -> None:
    source = from_source(".1.3.6.1.4.1.2021.8.1.101.7")
    assert source.executed
    assert [to_oid(oid)[-4:] for oid in source.described] == [".2.7", ".3.7"]
    assert from_source("hrSystemDate").described == ()


@pytest.mark.parametrize(
    ("kind", "missing"),
    [("noSuchObject", True), ("noSuchInstance", True), ("endOfMibView", True), ("Null", False)],
)
def test_what_an_agent_does_not_have_is_missing(kind: str, missing: bool) -> None:
    assert Value(kind).missing is missing
