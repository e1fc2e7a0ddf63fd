"""Which variables an agent is asked for, and what happens when it does not have them."""

import pytest

from bothsides.model.clock import Plan, Version
from bothsides.parse.ntp_status import CISCO_STATUS, NTP_STATUS
from bothsides.parse.snmp import (
    HR_SYSTEM_DATE,
    HR_SYSTEM_UPTIME,
    IN_PACKETS,
    SYS_OBJECT_ID,
    SYS_UPTIME,
    UCD_VERSION_DATE,
    Oid,
    Response,
    Value,
    from_source,
)
from bothsides.probe.snmp.variables import Variables

PASSED = from_source(".1.3.6.1.4.1.9999.1.0")
EXTEND = from_source("extend:a")


def refused(place: int) -> Response:
    return Response(request=1, error=2, place=place, names=(), values=())


def missing(*oids: Oid) -> Response:
    values = tuple(Value("noSuchObject") for _ in oids)
    return Response(request=1, error=0, place=0, names=oids, values=values)


def test_the_time_is_asked_for_last() -> None:
    assert Variables(Plan((), version="1")).wanted(7) == (SYS_UPTIME, HR_SYSTEM_DATE)
    assert Variables(Plan(())).wanted(7) == (SYS_UPTIME, *NTP_STATUS[:1], HR_SYSTEM_DATE)
    restarts = Variables(Plan((), version="1", restarts=True))
    assert restarts.wanted(7) == (SYS_UPTIME, HR_SYSTEM_UPTIME, HR_SYSTEM_DATE)


def test_of_an_extend_line_its_cache_and_exit_code_are_asked_for_too() -> None:
    wanted = Variables(Plan((), source=EXTEND)).wanted(7)
    assert wanted == (
        SYS_UPTIME,
        EXTEND.column(2, 1, 5),
        EXTEND.column(3, 1, 4),
        IN_PACKETS,
        *EXTEND.described,
        EXTEND.oid,
    )


def test_a_script_behind_pass_is_made_to_run_again() -> None:
    assert Variables(Plan((), source=PASSED)).wanted(7)[-2:] == ((*PASSED.oid, 7), PASSED.oid)


@pytest.mark.parametrize(
    ("version", "source", "first"), [("1", PASSED, True), ("2c", PASSED, False), ("1", None, False)]
)
def test_version_1_asks_beside_in_a_query_of_its_own(
    version: Version, source: object, first: bool
) -> None:
    variables = Variables(Plan((), version=version, source=PASSED if source else None))
    assert variables.asks_beside_first is first
    if version == "1":
        assert len(variables.wanted(7)) == 2


def test_what_is_refused_is_left_out_the_next_time() -> None:
    variables = Variables(Plan((), source=EXTEND))
    oids = variables.wanted(7)
    assert variables.adapted(refused(2), oids)
    assert variables.wanted(8) == (oids[0], *oids[2:])


def test_an_agent_that_refuses_what_lies_beside_is_asked_without_it() -> None:
    variables = Variables(Plan((), source=PASSED))
    assert variables.adapted(refused(2), variables.wanted(7))
    assert variables.wanted(8) == (SYS_UPTIME, PASSED.oid)


def test_without_hr_system_date_the_version_table_may_have_the_time() -> None:
    for response in (refused(3), refused(0), missing(SYS_UPTIME, HR_SYSTEM_DATE)):
        variables = Variables(Plan(()))
        assert variables.adapted(response, variables.wanted(7))
        assert variables.source.oid == UCD_VERSION_DATE
        assert SYS_OBJECT_ID in variables.wanted(8), "for advice that fits the product"
        last = refused(4) if response.error and response.place else response
        assert not variables.adapted(last, variables.wanted(8))
        variables.gave_up()
        assert variables.source.oid == HR_SYSTEM_DATE


def test_what_was_asked_for_by_name_is_not_replaced() -> None:
    variables = Variables(Plan((), source=from_source("hrSystemDate")))
    none = missing(SYS_UPTIME, HR_SYSTEM_DATE)
    assert variables.adapted(none, variables.wanted(7)), "once more, for the product"
    assert variables.wanted(8)[1] == SYS_OBJECT_ID
    assert variables.source.oid == HR_SYSTEM_DATE
    assert not variables.adapted(none, variables.wanted(8))
    variables.gave_up()
    assert variables.source.oid == HR_SYSTEM_DATE


def test_version_1_asks_for_the_product_by_itself_where_nothing_has_the_time() -> None:
    variables = Variables(Plan((), version="1"))
    assert variables.adapted(refused(2), variables.wanted(7))
    assert variables.wanted(8) == (SYS_UPTIME, UCD_VERSION_DATE)
    assert variables.adapted(refused(2), variables.wanted(8))
    oids = variables.wanted(9)
    assert oids == (SYS_UPTIME, SYS_OBJECT_ID)
    assert variables.adapted(named("1.3.6.1.4.1.9.1.1745", *oids), oids)
    assert variables.system[-3:] == (9, 1, 1745)
    assert variables.wanted(10) == (SYS_UPTIME, UCD_VERSION_DATE)
    assert not variables.adapted(refused(2), variables.wanted(10))


def named(product: str, *oids: Oid) -> Response:
    """A response in which the agent names its product, and has everything."""
    values = [
        Value("ObjectIdentifier", product.encode())
        if oid == SYS_OBJECT_ID
        else Value("Integer32", 5)
        for oid in oids
    ]
    return Response(request=1, error=0, place=0, names=oids, values=tuple(values))


def test_the_product_decides_where_the_clock_is_read() -> None:
    variables = Variables(Plan((), automatic=True))
    oids = variables.wanted(7)
    assert oids[1] == SYS_OBJECT_ID
    assert oids[-1] == HR_SYSTEM_DATE
    assert variables.adapted(named("1.3.6.1.4.1.9.1.1745", *oids), oids)
    assert variables.source.words == "cntpSysClock"
    assert variables.wanted(8) == (SYS_UPTIME, *CISCO_STATUS, variables.source.oid)
    oids = variables.wanted(8)
    assert not variables.adapted(named("", *oids), oids)
    assert variables.adapted(missing(*oids), oids), "else hrSystemDate"
    assert variables.source.oid == HR_SYSTEM_DATE


def test_a_product_with_hr_system_date_is_asked_once() -> None:
    variables = Variables(Plan((), automatic=True))
    oids = variables.wanted(7)
    assert not variables.adapted(named("1.3.6.1.4.1.8072.3.2.10", *oids), oids)
    assert variables.source.oid == HR_SYSTEM_DATE


def test_date_and_time_of_two_variables_are_asked_for_together() -> None:
    source = from_source("mconfigClockTime")
    wanted = Variables(Plan((), source=source)).wanted(7)
    assert wanted[-2:] == (source.date, source.oid)
