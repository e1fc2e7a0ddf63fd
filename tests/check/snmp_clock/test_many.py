"""Findings about many clocks of one run."""

from typing import Any

import pytest

from bothsides.check.snmp_clock.limits import Limits
from bothsides.model.clock import Run
from bothsides.model.failure import Failure
from bothsides.model.interval import Interval
from bothsides.model.local_clock import LocalClock, Reference
from bothsides.plugin.finding import Reading, Remark, State, Target
from tests.support.clocks import (
    GOOD,
    RANGES,
    findings,
    host,
    judged,
    local_time,
    named,
    remarks,
    sample,
)


def test_three_clocks_that_are_off_alike_mean_that_ours_is_wrong() -> None:
    found = findings(named("a", 42.0), named("b", 42.0001), named("c", 41.9999), named("d", 0.0))
    told = remarks(found)
    assert told[0] == (
        State.UNKNOWN,
        "3 of 4 clocks are 41.9995 s ahead (+-0.0004 s) alike:"
        " the clock of this monitor is wrong, not theirs",
    )
    assert told[1][0] is State.WARNING
    assert told[1][1].startswith("1 of 4: d 42.0000 s behind")


def test_two_clocks_that_are_off_alike_mean_nothing() -> None:
    told = remarks(findings(named("a", 42.0), named("b", 42.0), named("c", 0.0)))
    assert told[0] == (
        State.WARNING,
        "2 of 3: a 41.9995 s ahead (+-0.0005 s), b 41.9995 s ahead (+-0.0005 s)",
    )


def test_a_fleet_that_is_right_is_told_in_one_line() -> None:
    found = findings(named("a", 0.1), named("b", -0.2), host(sample(0.0)))
    assert remarks(found) == [(State.OK, "3 clocks are within their limits")]
    values = {
        finding.figure.label: finding.value for finding in found if isinstance(finding, Reading)
    }
    assert values["offset"] == pytest.approx(-0.2005)
    assert values["queries"] == 3


def test_a_silent_host_of_a_fleet_is_named() -> None:
    told = remarks(findings(named("a", 0.0), host(failure=Failure("server", "no answer"))))
    assert told[0] == (State.UNKNOWN, "1 of 2: web1 no answer (192.0.2.7)")


def test_a_host_is_not_named_twice() -> None:
    failure = Failure("dns", "web1 has no address")
    told = remarks(findings(named("a", 0.0), host(failure=failure)))
    assert told[0][1].startswith("1 of 2: web1 has no address")


def test_hosts_of_one_zone_that_they_do_not_tell_are_no_sign_of_a_wrong_clock_here() -> None:
    hosts = [local_time(7200.3)._replace(name=f"web{number}") for number in range(4)]
    found = judged(Run("4 hosts", tuple(hosts), GOOD), Limits(RANGES, "require", guess_zone=True))
    assert not any("this monitor" in words for _, words in remarks(found))
    assert not [state for state, _ in remarks(found) if state is not State.OK]


def test_when_many_are_off_alike_from_a_reference_the_reference_is_wrong() -> None:
    run = Run(
        "3 hosts",
        tuple(named(f"web{n}", 100.0) for n in range(3)),
        GOOD,
        Reference("ntp1", Interval(0.0, 0.0), 2),
    )
    found = judged(run, Limits(RANGES, "require"))
    assert any(
        "the clock of the reference ntp1 is wrong, not theirs" in words
        for _, words in remarks(found)
    )


def targets_of(found: list[Any]) -> dict[str, Target]:
    return {each.name: each for each in found if isinstance(each, Target)}


def test_every_host_has_the_report_that_it_has_alone() -> None:
    hosts = named("a", 0.1), host(failure=Failure("server", "no answer")), named("c", -75.0)
    for local in (GOOD, LocalClock(None), LocalClock(0.0, 1.5)):
        targets = targets_of(findings(*hosts, local=local))
        for asked in hosts:
            target = targets[asked.name]
            assert target.address == asked.address
            assert [target, *target.findings] == findings(asked, local=local)


def test_by_the_others_a_host_is_judged_by_what_they_agree_on() -> None:
    targets = targets_of(
        findings(named("a", 42.0), named("b", 42.0), named("c", 42.0), named("d", 0.0))
    )
    assert [targets[name].state for name in "abcd"] == [State.OK] * 3 + [State.WARNING]
    (offset, *_) = (each for each in targets["d"].findings if isinstance(each, Reading))
    assert offset.words.endswith("by the others")


def test_a_clock_of_ours_that_is_no_measure_is_said_for_every_host() -> None:
    found = findings(named("a", 0.0), named("b", 0.0), local=LocalClock(None))
    for target in targets_of(found).values():
        assert target.state is State.UNKNOWN
        words = next(each.words for each in target.findings if isinstance(each, Remark))
        assert "of our own clock, which is not synchronised" in words
