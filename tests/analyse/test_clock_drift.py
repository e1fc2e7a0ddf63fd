"""The course of a clock over several runs: equality of values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.clock_drift import Course, course, stands_still
from bothsides.model.clock import Earlier
from bothsides.model.interval import Interval
from tests.support.clocks import START, earlier, host, sample

NOW = START / 1e9 + 0.001


def test_without_earlier_runs_nothing_is_known() -> None:
    nothing = Course(None, None, None, None, None)
    assert course((), host(sample(0.0)), Interval(0.0, 0.0)) == nothing


@given(st.floats(-400, 400), st.floats(60, 80000), st.floats(0, 0.001))
def test_the_true_drift_lies_within_the_bound(ppm: float, span: float, half: float) -> None:
    now = ppm * 1e-6 * span
    past = [Earlier(at=NOW - span, low=-half, high=half, shown=1)]
    drift = course(past, host(sample(now)), Interval(now - half, now + half)).drift
    assert drift is None or abs(drift.ppm - ppm) <= drift.bound + 1e-6
    assert drift is not None or half / span * 2e6 > 200


def test_a_drift_begins_anew_after_a_step() -> None:
    past = (earlier(7200, 5.0), earlier(3600, 0.0), earlier(60, 0.354))
    seen = course(past, host(sample(0.36)), Interval(0.3599, 0.3601))
    assert seen.set_by is None
    assert seen.drift is not None
    assert seen.drift.ppm == pytest.approx(100, abs=0.1)


def test_a_step_is_the_change_since_the_last_run() -> None:
    seen = course((earlier(60, 0.0),), host(sample(3.0)), Interval(2.999, 3.001))
    assert seen.set_by == pytest.approx(3.0)
    assert seen.since_last == pytest.approx(60.001)
    assert seen.drift is None


def rough(seconds: float, offset: float) -> Earlier:
    """A run so long ago that knew the offset to half a second, as of hrSystemDate."""
    return Earlier(at=NOW - seconds, low=offset - 0.5, high=offset + 0.5, shown=1)


def test_a_step_is_no_drift_that_earlier_runs_are_too_rough_to_show() -> None:
    past = (rough(51, 3.1), rough(47, 3.0), rough(43, 2.9))
    seen = course(past, host(sample(0.0)), Interval(-0.5, 0.5))
    assert seen.set_by == pytest.approx(-2.9)
    assert seen.drift is None


def test_a_wild_drift_that_earlier_runs_show_is_no_step() -> None:
    past = (rough(600, 42.0), rough(300, 21.0))
    seen = course(past, host(sample(0.0)), Interval(-0.5, 0.5))
    assert seen.set_by is None
    assert seen.drift is not None
    assert seen.drift.ppm == pytest.approx(-70000, rel=0.01)


@pytest.mark.parametrize(
    ("before", "now", "restarted"),
    [
        (1000.0, 12.5, 12.5),
        (1000.0, 1060.0, None),
        (1000.0, 1058.5, None),
        (None, 12.5, None),
        (1000.0, None, None),
        (2**32 / 100 - 30, 30.0, None),
    ],
)
def test_a_count_of_seconds_that_begins_again_is_a_restart(
    before: float | None, now: float | None, restarted: float | None
) -> None:
    run = earlier(60, 0.0, uptime=before)
    agent = course((run,), host(sample(0.0, uptime=now)), Interval(0.0, 0.0))
    assert (agent.agent_restarted, agent.host_restarted) == (restarted, None)
    of_host = run._replace(running=before)
    both = host(sample(0.0, uptime=now, running=now))
    machine = course((of_host,), both, Interval(0.0, 0.0))
    assert (machine.agent_restarted, machine.host_restarted) == (None, restarted)


def test_only_a_value_that_should_have_changed_stands_still() -> None:
    far = host(sample(0.0))
    assert not stands_still((), far)
    assert not stands_still((earlier(300, 0.0, shown=1),), far)
    assert stands_still((earlier(300, 0.0, shown=START),), far)
    assert not stands_still((earlier(0.5, 0.0, shown=START),), far)
    assert not stands_still((earlier(300, 0.0),), host())
