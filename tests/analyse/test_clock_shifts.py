"""Offsets that have a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.clock_shifts import named_shift
from bothsides.model.interval import Interval

WEEKS = 1024 * 7 * 86400


@pytest.mark.parametrize(
    ("offset", "half", "seconds", "words"),
    [
        (18.1, 0.5, 18, "GPS time"),
        (17.9, 0.01, 18, "GPS time"),
        (37.0, 0.5, 37, "TAI"),
        (27.3, 0.5, 27, "right/"),
        (-18.0, 0.5, -18, "subtracted where it was to be added"),
        (-WEEKS + 0.4, 0.5, -WEEKS, "1024 weeks: a GPS receiver"),
        (-2 * WEEKS - 20, 0.5, -2 * WEEKS, "2048 weeks: a GPS receiver"),
        (86400.2, 0.5, 86400, "wrong by 1 day"),
        (-365 * 86400 - 3, 0.5, -365 * 86400, "wrong by 365 days"),
    ],
)
def test_an_offset_is_named(offset: float, half: float, seconds: int, words: str) -> None:
    found = named_shift(Interval(offset - half, offset + half))
    assert found is not None
    assert found.seconds == seconds
    assert words in found.words


@pytest.mark.parametrize(
    ("offset", "half"),
    [(0.0, 0.5), (20.0, 0.5), (42.0, 0.5), (18.0, 3.0), (86600.0, 0.5), (37, 95)],
)
def test_others_are_not(offset: float, half: float) -> None:
    assert named_shift(Interval(offset - half, offset + half)) is None


@given(st.floats(-1e10, 1e10), st.floats(0, 1e5))
def test_what_is_left_is_small(middle: float, half: float) -> None:
    found = named_shift(Interval(middle - half, middle + half))
    assert found is None or abs(middle - found.seconds) <= 90 + half
