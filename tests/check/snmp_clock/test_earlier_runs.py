"""Findings that need earlier runs of one clock.

Drift, steps, restarts, a value that stands still.
"""

import re
from typing import Any

import pytest

from bothsides.check.snmp_clock.limits import Limits
from bothsides.model.clock import Earlier, Run
from bothsides.plugin.finding import Reading, State
from tests.support.clocks import (
    GOOD,
    RANGES,
    START,
    earlier,
    host,
    judged,
    local_time,
    remarks,
    sample,
    states,
)


def with_past(offset: float, *past: Earlier) -> list[Any]:
    return judged(Run("web1", (host(sample(offset)),), GOOD), Limits(RANGES), {"web1": past})


def drift_of(found: list[Any]) -> float | None:
    return next(
        finding.value
        for finding in found
        if isinstance(finding, Reading) and finding.figure.label == "drift"
    )


def test_drift_is_told_with_its_bound_and_where_it_leads() -> None:
    found = with_past(1.0, earlier(3600, 0.64), earlier(60, 0.994))
    assert drift_of(found) == pytest.approx(100, abs=0.5)
    assert remarks(found) == [(State.OK, "drifts +99.9 ppm (+-0.46): reaches +5 s in 11.1 h")]


def test_a_step_since_the_last_run_ends_the_drift_and_is_told() -> None:
    found = with_past(3.0, earlier(7200, 0.0), earlier(3600, 0.0))
    assert drift_of(found) is None
    assert remarks(found) == [
        (State.OK, "the far clock was set by +3.000 s since the last run, 60 min ago")
    ]


def test_a_restart_of_the_agent_is_seen() -> None:
    assert remarks(with_past(0.0, earlier(60, 0.0, uptime=1000.0))) == [
        (State.OK, "the agent was restarted 12.5 s ago")
    ]
    assert remarks(with_past(0.0, earlier(5, 0.0, uptime=7.5))) == []


def test_a_restart_of_the_host_is_told_from_one_of_the_agent() -> None:
    now = host(sample(0.0, running=20.0))
    past = (earlier(60, 0.0, uptime=1000.0)._replace(running=90000.0),)
    found = judged(Run("web1", (now,), GOOD), Limits(RANGES), {"web1": past})
    assert remarks(found) == [(State.OK, "the host was restarted 20 s ago")]


def test_a_value_that_is_the_same_as_in_the_last_run_says_nothing() -> None:
    found = with_past(-300.0, earlier(300, 0.0, shown=START - 300 * 10**9))
    assert remarks(found)[0][0] is State.UNKNOWN
    assert "stands still: no change in 5 min" in remarks(found)[0][1]
    assert states(found)["offset"] is State.OK


def test_a_clock_that_runs_wildly_but_evenly_is_not_set_in_every_run() -> None:
    """A container that counts its own ticks: 1000 ppm."""
    found = with_past(0.6, earlier(600, 0.0), earlier(300, 0.3))
    assert drift_of(found) == pytest.approx(1000, abs=20)
    assert not any("was set" in words for _, words in remarks(found))
    assert any(
        re.match(r"drifts \+(99[0-9]|100[0-9]) ppm .*: reaches \+5 s in", words)
        for _, words in remarks(found)
    ), remarks(found)


def test_two_steps_one_after_the_other_are_no_drift() -> None:
    found = with_past(0.6, earlier(600, 0.0), earlier(300, 3.0))
    assert drift_of(found) is None
    assert any("was set by -2.400 s" in words for _, words in remarks(found))


def test_where_a_drift_leads_is_told_without_the_guessed_zone() -> None:
    far = local_time(7200.2)
    past = [
        Earlier(START / 1e9 - seconds, 7200.2 + change, 7200.2001 + change, 1)
        for seconds, change in ((900, -0.27), (600, -0.18), (300, -0.09))
    ]
    limits = Limits(RANGES, "require", guess_zone=True)
    shifted = [before._replace(low=before.low - 7200, high=before.high - 7200) for before in past]
    found = judged(Run("web1", (far,), GOOD), limits, {"web1": shifted})
    assert any("reaches +5 s in" in words for _, words in remarks(found)), remarks(found)


def test_an_earlier_run_with_the_guessed_zone_is_compared_without_it() -> None:
    """The memory keeps offsets as they were measured, with the zone that nobody named."""
    far = local_time(7200.2)
    past = [
        Earlier(START / 1e9 - seconds, 7200.2 + change, 7200.2001 + change, 1)
        for seconds, change in ((900, -0.27), (600, -0.18), (300, -0.09))
    ]
    limits = Limits(RANGES, "require", guess_zone=True)
    found = judged(Run("web1", (far,), GOOD), limits, {"web1": past})
    assert drift_of(found) == pytest.approx(300, abs=5)
    assert not any("was set" in words for _, words in remarks(found))


def test_a_missing_variable_and_a_stuck_value_have_classes_of_their_own() -> None:
    limits = Limits(RANGES, states={"missing": State.OK, "stuck": State.WARNING})
    missing = host(sample(0, fault="noSuchInstance"))
    assert remarks(judged(Run("web1", (missing,), GOOD), limits))[0][0] is State.OK
    same = with_past(-300.0, earlier(300, 0.0, shown=START - 300 * 10**9))
    assert remarks(same)[0][0] is State.UNKNOWN
