"""Several intervals together, and intervals beside limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.interval_sets import (
    intersection,
    largest_agreement,
    severity,
    thresholds,
    undecided,
)
from bothsides.model.interval import Interval
from bothsides.parse.range import Range
from tests.support.far_clock import LIMITS


@pytest.mark.parametrize(
    ("known", "states"),
    [
        (Interval(-1, 1), (0, 0)),
        (Interval(4.9997, 5.0003), (0, 1)),
        (Interval(5.1, 5.3), (1, 1)),
        (Interval(4, 70), (0, 2)),
        (Interval(-60.5, -60), (1, 2)),
        (Interval(-31, 0.1), (0, 1)),
    ],
)
def test_the_states_that_bounds_allow(known: Interval, states: tuple[int, int]) -> None:
    assert severity(known, *LIMITS) == states


ENDS = st.floats(-100, 100)
INTERVALS = st.tuples(ENDS, ENDS).map(lambda pair: Interval(min(pair), max(pair)))


@given(st.lists(INTERVALS, min_size=1, max_size=6), ENDS)
def test_the_intersection_holds_what_all_intervals_hold(
    intervals: list[Interval], value: float
) -> None:
    both = intersection(intervals)
    inside = both is not None and both.low <= value <= both.high
    assert inside == all(each.low <= value <= each.high for each in intervals)


@given(st.lists(INTERVALS, max_size=6))
def test_the_largest_agreement_is_one(intervals: list[Interval]) -> None:
    group = largest_agreement(intervals)
    if intervals:
        assert intersection(intervals[place] for place in group) is not None
    for end in (each.low for each in intervals):
        assert len(group) >= sum(each.low <= end <= each.high for each in intervals)


def test_thresholds_are_the_finite_ends_of_the_ranges() -> None:
    assert thresholds((Range(-5, 5), None, Range(0, float("inf")))) == (-5, 0, 5)
    assert thresholds((None, None)) == ()


@given(INTERVALS, st.lists(ENDS, max_size=5))
def test_what_is_undecided_lies_inside_nearest_the_middle_first(
    interval: Interval, values: list[float]
) -> None:
    open_ones = undecided(interval, values)
    assert all(interval.low <= value <= interval.high for value in open_ones)
    distances = [abs(value - interval.middle) for value in open_ones]
    assert distances == sorted(distances)


@given(INTERVALS, st.floats(0, 1))
def test_no_value_of_an_interval_is_more_or_less_severe_than_said(
    interval: Interval, share: float
) -> None:
    limits = Range(-5, 5), Range(-60, 60)
    value = interval.low + share * (interval.high - interval.low)
    least, most = severity(interval, *limits)
    assert least <= severity(Interval(value, value), *limits)[0] <= most
