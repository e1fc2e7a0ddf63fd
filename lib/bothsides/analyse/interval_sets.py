"""Intervals beside each other and beside limits: what they have in common, what is open."""

from bothsides.base.types import Iterable, Sequence
from bothsides.model.interval import Interval
from bothsides.parse.range import Range

_INFINITY = float("inf")
_FINEST = 1e-6  # what performance data show; the step beside a limit at which states are tried


def intersection(intervals: Iterable[Interval]) -> Interval | None:
    """The values that all of them allow, None where they contradict each other."""
    known = list(intervals)
    low, high = max(each.low for each in known), min(each.high for each in known)
    return Interval(low, high) if low <= high else None


def largest_agreement(intervals: Sequence[Interval]) -> tuple[int, ...]:
    """The places of the largest group of intervals that have a value in common."""
    best: tuple[int, ...] = ()
    for each in intervals:  # a largest group has the highest of its lower ends in common
        group = tuple(
            place for place, other in enumerate(intervals) if other.low <= each.low <= other.high
        )
        best = max(best, group, key=len)
    return best


def thresholds(ranges: Iterable[Range | None]) -> tuple[float, ...]:
    """The values at which the severity may change: all finite ends of the ranges."""
    ends = {end for limits in ranges if limits is not None for end in (limits.start, limits.end)}
    return tuple(sorted(end for end in ends if abs(end) != _INFINITY))


def undecided(interval: Interval, values: Sequence[float]) -> tuple[float, ...]:
    """The thresholds inside the interval, nearest the middle first: they leave it open."""
    inside = [
        value
        for value in values
        if interval.low <= value < interval.high or interval.low < value <= interval.high
    ]
    return tuple(sorted(inside, key=lambda value: abs(value - interval.middle)))


def severity(interval: Interval, warning: Range | None, critical: Range | None) -> tuple[int, int]:
    """The least and the greatest severity (0 none, 1 warning, 2 critical) that it allows."""
    tried = [interval.low, interval.middle, interval.high]
    for end in thresholds((warning, critical)):
        tried += [
            value
            for value in (end - _FINEST, end, end + _FINEST)
            if interval.low <= value <= interval.high
        ]
    possible = [_severity(value, warning, critical) for value in tried if abs(value) != _INFINITY]
    return min(possible), max(possible)


def _severity(value: float, warning: Range | None, critical: Range | None) -> int:
    if critical is not None and critical.alerts(value):
        return 2
    return 1 if warning is not None and warning.alerts(value) else 0
