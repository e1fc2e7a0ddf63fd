"""Which variables an agent is asked for, and what happens when it does not have them."""

import pytest

from bothsides.model.clock import Plan, Version
from bothsides.parse.snmp import (
    HR_SYSTEM_DATE,
    HR_SYSTEM_UPTIME,
    IN_PACKETS,
    SYS_UPTIME,
    UCD_VERSION_DATE,
    Oid,
    Value,
    from_source,
)
from bothsides.probe.snmp.message import Response
from bothsides.probe.snmp.variables import Variables

PASSED = from_source(".1.3.6.1.4.1.9999.1.0")
EXTEND = from_source("extend:a")


def refused(place: int) -> Response:
    return Response(request=1, error=2, place=place, names=(), values=())


def missing(*oids: Oid) -> Response:
    values = tuple(Value("noSuchObject") for _ in oids)
    return Response(request=1, error=0, place=0, names=oids, values=values)


def test_the_time_is_asked_for_last() -> None:
    assert Variables(Plan(())).wanted(7) == (SYS_UPTIME, HR_SYSTEM_DATE)
    restarts = Variables(Plan((), restarts=True))
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
    for response in (refused(2), refused(0), missing(SYS_UPTIME, HR_SYSTEM_DATE)):
        variables = Variables(Plan(()))
        assert variables.adapted(response, variables.wanted(7))
        assert variables.source.oid == UCD_VERSION_DATE
        assert not variables.adapted(response, variables.wanted(8))
        variables.gave_up()
        assert variables.source.oid == HR_SYSTEM_DATE


def test_what_was_asked_for_by_name_is_not_replaced() -> None:
    variables = Variables(Plan((), source=from_source("hrSystemDate")))
    assert not variables.adapted(missing(SYS_UPTIME, HR_SYSTEM_DATE), variables.wanted(7))
    variables.gave_up()
    assert variables.source.oid == HR_SYSTEM_DATE
