"""Arithmetic of intervals: whatever the true values are, the result holds them."""

from hypothesis import given
from hypothesis import strategies as st

from bothsides.model.interval import Interval

ENDS = st.integers(-1000, 1000)
INTERVALS = st.tuples(ENDS, ENDS).map(lambda pair: Interval(min(pair), max(pair)))


def inside(interval: Interval, share: float) -> float:
    """A value within the interval: its low end at 0, its high end at 1."""
    return interval.low + share * (interval.high - interval.low)


@given(INTERVALS, INTERVALS, st.sampled_from((0, 0.5, 1)), st.sampled_from((0, 0.5, 1)))
def test_sum_and_difference_hold_every_sum_and_difference(
    one: Interval, other: Interval, first: float, second: float
) -> None:
    left, right = inside(one, first), inside(other, second)
    total, difference = one.plus(other), one.minus(other)
    assert total.low <= left + right <= total.high
    assert difference.low <= left - right <= difference.high


@given(INTERVALS, st.integers(0, 100))
def test_the_middle_stays_and_the_half_grows_when_an_interval_is_widened(
    interval: Interval, amount: int
) -> None:
    wider = interval.widened(amount)
    assert wider.middle == interval.middle
    assert wider.half == interval.half + amount
    assert interval.moved(amount) == Interval(interval.low + amount, interval.high + amount)
