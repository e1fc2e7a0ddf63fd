"""What one response shows."""

import time
from collections.abc import Mapping

import pytest

from bothsides.base.deadline import Deadline
from bothsides.base.secret import Secret
from bothsides.model.clock import Look, Plan, Sample
from bothsides.parse.clock_value import Moment
from bothsides.parse.snmp import (
    HR_SYSTEM_UPTIME,
    IN_PACKETS,
    SYS_UPTIME,
    Oid,
    Source,
    Value,
    from_source,
)
from bothsides.probe.snmp.measure import measure
from bothsides.probe.snmp.sample import to_sample
from bothsides.probe.snmp.variables import Variables
from tests.support.agent import answer as agent_answer
from tests.support.snmp import scripted


def test_tenths_of_a_second_may_come_from_a_clock_that_is_coarser_still() -> None:
    """Windows' clock goes on every 15.6 ms."""
    time.sleep((0.15 - time.time()) % 1.0)  # a value of no tenths looks like one that has none
    with scripted(lambda octets: [agent_answer(octets)]) as port:
        (host,) = measure(Plan(("127.0.0.1",), port, community=Secret("x")), Deadline(3)).hosts
    (sample,) = host.samples
    assert sample.look is not None
    assert (sample.look.grain, sample.look.slack) == (10**8, 20_000_000)


NOW = 1_795_210_673


def sampled(source: Source, values: Mapping[Oid, Value], refused: bool = False) -> Sample:
    variables = Variables(Plan((), source=source))
    return to_sample(
        variables, values, refused, NOW * 10**9, NOW * 10**9 + 1000, queries=3, zone=None
    )


def test_a_response_becomes_a_sample() -> None:
    source = from_source("extend:a")
    name, command = source.described
    sample = sampled(
        source,
        {
            SYS_UPTIME: Value("TimeTicks", 1250),
            HR_SYSTEM_UPTIME: Value("TimeTicks", 7000),
            IN_PACKETS: Value("Counter32", 9),
            source.column(2, 1, 5): Value("Integer32", -1),
            source.column(3, 1, 4): Value("Integer32", 0),
            name: Value("OctetString", b"/bin/date"),
            command: Value("OctetString", b"+%s"),
            source.oid: Value("OctetString", b"1795210673.5"),
        },
    )
    assert sample == Sample(
        value=Value("OctetString", b"1795210673.5"),
        moment=Moment(NOW * 10**9 + 5 * 10**8, 10**8, "epoch as text"),
        look=Look(
            sent=NOW * 10**9,
            received=NOW * 10**9 + 1000,
            shown=NOW * 10**9 + 5 * 10**8,
            grain=10**8,
            slack=20_000_000,
            cache=0.0,
            packets=9,
            asked=3,
            live=True,
            program=0.3,
        ),
        fault="",
        uptime=12.5,
        status=0,
        sent=NOW * 10**9,
        received=NOW * 10**9 + 1000,
        running=70.0,
        line="/bin/date +%s",
    )


@pytest.mark.parametrize(
    ("source", "slack", "cache", "live"),
    [
        ("hrSystemDate", 10_000_000, 0.0, True),
        (".1.3.6.1.4.1.9999.1.0", 5_000_000, 0.0, False),
        (".1.3.6.1.4.1.2021.8.1.101.1", 5_000_000, 5.0, False),
        ("extend:a", 5_000_000, 5.0, False),
    ],
)
def test_what_makes_the_value_decides_how_late_and_how_old_it_may_be(
    source: str, slack: int, cache: float, live: bool
) -> None:
    oid = from_source(source)
    look = sampled(oid, {oid.oid: Value("Integer32", NOW)}).look
    assert look is not None
    assert (look.slack, look.cache, look.live) == (slack, cache, live)


@pytest.mark.parametrize(
    ("source", "value", "refused", "fault"),
    [
        ("hrSystemDate", Value("noSuchInstance"), False, "noSuchInstance"),
        ("hrSystemDate", Value("Null"), True, "noSuchName"),
        ("hrSystemDate", Value("OctetString", b""), False, "the value is empty"),
        ("mtxrDate", Value("Gauge32", 0), False,
         "it is 0, which is no time from a GPS receiver; use hrSystemDate"),
    ],
)  # fmt: skip
def test_what_shows_no_time_says_why(source: str, value: Value, refused: bool, fault: str) -> None:
    oid = from_source(source)
    sample = sampled(oid, {oid.oid: value}, refused)
    assert (sample.fault, sample.moment, sample.look) == (fault, None, None)
