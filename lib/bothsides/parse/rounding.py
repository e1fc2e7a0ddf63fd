"""Rounds measured intervals outward, so that what is printed contains what was measured."""

from math import ceil, floor, inf

from bothsides.base.types import NamedTuple

_NOISE = 1e-8  # an end that misses a step by less lies on the step


class Rounded(NamedTuple):
    """A value with its uncertainty in whole steps of a power of ten."""

    middle: int  # steps
    half: int  # steps; middle - half to middle + half contains the interval
    places: int  # decimal places of a step


def rounded_up(value: float, digits: int) -> float:
    """The least number of so many significant digits that is not below a positive value."""
    if not 0 < value < inf:
        return value
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    near = float(f"{mantissa}e{exponent}")
    if near >= value * (1 - 1e-12):
        return near
    step = 10 ** (int(exponent) - digits + 1)
    return float(f"{near + step:.{digits - 1}e}")


def outward(low: float, high: float, places: int) -> tuple[float, float]:
    """Both ends of an interval with so many decimal places, none of them nearer to the middle."""
    scale = 10**places
    least = low if low == -inf else floor((low + _NOISE) * scale) / scale
    most = high if high == inf else ceil((high - _NOISE) * scale) / scale
    return least, most


def with_half(low: float, high: float, finest: int = 6) -> Rounded:
    """An interval as middle and half width with one or two digits of uncertainty, rounded outward.

    It also contains the interval that the two figures of performance data make, which are rounded
    to `finest` decimal places each. Two digits are kept where the first is a 1: `+-1.5`, not `+-2`.
    """
    scale = 10**finest
    figure, spread = (  # as they are printed: 4.5 steps may be 4 or 5 of them
        round(float(f"{part / 2:.{finest}f}") * scale) for part in (low + high, high - low)
    )
    least = min(floor((low + _NOISE) * scale), figure - spread)
    most = max(ceil((high - _NOISE) * scale), figure + spread)
    places = finest
    while places and most - least >= 4 * 10 ** (finest - places + 1):
        places -= 1
    step = 10 ** (finest - places)
    middle = (least + most + step) // (2 * step)
    half = -(-max(most - middle * step, middle * step - least) // step)
    return Rounded(middle, max(1, half), places)
