"""Intervals rounded outward."""

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bothsides.parse.rounding import outward, rounded_up, with_half

ends = st.floats(-1e6, 1e6)
NS = Fraction(2, 10**8)


@given(ends, st.floats(0, 1e6))
@example(-0.840374, 1.0)
@example(-1.49, 2.98)
def test_the_rounded_interval_contains_the_measured_one(low: float, width: float) -> None:
    high = low + width
    rounded = with_half(low, high)
    step = Fraction(1, 10**rounded.places)
    assert (rounded.middle - rounded.half) * step <= Fraction(low) + NS
    assert (rounded.middle + rounded.half) * step >= Fraction(high) - NS


@given(ends, st.floats(0, 1e6))
@example(3e-06, 3e-06)
def test_it_contains_what_the_two_figures_say_together(low: float, width: float) -> None:
    high = low + width
    middle, half = Fraction(f"{(low + high) / 2:.6f}"), Fraction(f"{(high - low) / 2:.6f}")
    rounded = with_half(low, high)
    step = Fraction(1, 10**rounded.places)
    assert (rounded.middle - rounded.half) * step <= middle - half
    assert (rounded.middle + rounded.half) * step >= middle + half


@given(ends, st.floats(1e-5, 1e6))
def test_it_is_at_most_half_as_wide_again(low: float, width: float) -> None:
    rounded = with_half(low, low + width)
    assert rounded.half / 10**rounded.places <= 0.75 * width + 2e-6


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-0.340374 - 0.5, -0.340374 + 0.5, (-3, 6, 1)),
        (-1.49, 1.49, (0, 15, 1)),
        (41.999, 42.0, (419995, 5, 4)),
        (42.0, 42.0, (42000000, 1, 6)),
    ],
)
def test_examples(low: float, high: float, expected: tuple[int, int, int]) -> None:
    assert with_half(low, high) == expected


@given(st.floats(1e-9, 1e9), st.integers(1, 4))
def test_rounding_up_never_goes_below(value: float, digits: int) -> None:
    up = rounded_up(value, digits)
    assert value * (1 - 1e-9) <= up <= value * (1 + 10.0 ** (1 - digits)) * (1 + 1e-9)


@given(ends, st.floats(0, 1e6), st.integers(0, 6))
def test_both_ends_go_outward(low: float, width: float, places: int) -> None:
    least, most = outward(low, low + width, places)
    assert least <= low + 2e-8
    assert most >= low + width - 2e-8


def test_infinity_stays() -> None:
    assert outward(-1.5, float("inf"), 0) == (-2.0, float("inf"))
    assert rounded_up(float("inf"), 3) == float("inf")
    assert rounded_up(0.0, 3) == 0.0
