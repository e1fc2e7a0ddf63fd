"""Statistics that every check shares: quantiles, loss with its confidence, jitter, bursts."""

import itertools
import math

from bothsides.base.types import Iterable, NamedTuple, Sequence, TypeVar
from bothsides.model.interval import Interval

T = TypeVar("T")
_quantiles: dict[float, float] = {}  # of the standard normal distribution, as computed so far


class Bursts(NamedTuple):
    """Runs of consecutive losses (RFC 3357)."""

    number: int  # of runs
    longest: int  # packets in the longest run


def frequencies(values: Iterable[T]) -> dict[T, int]:
    """How often each value occurs, the most frequent first; among equals the one met first."""
    counts: dict[T, int] = {}
    for value in values:  # not collections.Counter, which costs 1.1 ms to import
        counts[value] = counts.get(value, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: -pair[1]))


def mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean; None of nothing."""
    return math.fsum(values) / len(values) if values else None


def deviation(values: Sequence[float]) -> float | None:
    """The standard deviation of all values (divided by n, as ping's mdev); None of nothing."""
    centre = mean(values)
    if centre is None:
        return None
    return math.sqrt(math.fsum((value - centre) ** 2 for value in values) / len(values))


def quantile(values: Iterable[float], share: float) -> float | None:
    """The value that `share` (0 to 1) of all do not exceed; one that was measured."""
    ranked = sorted(values)
    if not ranked:
        return None
    # the product may be a hair above a whole number: 0.95 * 20 must be rank 19, not 20
    return ranked[max(1, math.ceil(share * len(ranked) - 1e-9)) - 1]


def median(values: Iterable[float]) -> float | None:
    """The middle value; the mean of the two middle ones of an even number."""
    ranked = sorted(values)
    if not ranked:
        return None
    half = len(ranked) // 2
    return ranked[half] if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) / 2


def upper_median(values: Iterable[float]) -> float | None:
    """SmokePing's median: the upper one of the two middle values, never their mean."""
    ranked = sorted(values)
    return ranked[len(ranked) // 2] if ranked else None


def jitter(transits: Iterable[float]) -> float | None:
    """The interarrival jitter (RFC 3550, section 6.4.1) of transit times in the order of arrival.

    The transits may come from clocks that differ by any constant. None for fewer than two.
    """
    smooth = 0.0
    last: float | None = None
    steps = 0
    for transit in transits:
        if last is not None:
            smooth += (abs(transit - last) - smooth) / 16
            steps += 1
        last = transit
    return smooth if steps else None


def variation(transits: Sequence[float]) -> float | None:
    """The median of the absolute differences of neighbours (RFC 3393); None for fewer than two."""
    return median(abs(late - early) for early, late in itertools.pairwise(transits))


def bursts(arrived: Iterable[bool]) -> Bursts:
    """Runs of False in the order of sending."""
    number = longest = length = 0
    for came in arrived:
        length = 0 if came else length + 1
        number += length == 1
        longest = max(longest, length)
    return Bursts(number, longest)


def wilson(hits: int, trials: int, confidence: float = 0.95) -> Interval:
    """Wilson's score interval: where the true share (0 to 1) is, at the given confidence (0 to 1).

    Unlike the textbook interval it is right for 0 of n and for small n. Without trials it is 0 to
    1.
    """
    if trials <= 0:
        return Interval(0.0, 1.0)
    z = normal(0.5 + confidence / 2)
    share = hits / trials
    scale = 1 + z * z / trials
    centre = (share + z * z / (2 * trials)) / scale
    reach = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / scale
    low = 0.0 if hits == 0 else max(0.0, centre - reach)
    return Interval(low, 1.0 if hits == trials else min(1.0, centre + reach))


def at_least(hits: int, trials: int, share: float) -> float:
    """The binomial probability of `hits` or more in `trials`, each with the probability `share`."""
    if hits <= 0:
        return 1.0
    if share <= 0 or hits > trials:
        return 0.0
    if share >= 1:
        return 1.0
    logs = (_log_binomial(k, trials, share) for k in range(hits, trials + 1))
    return min(1.0, math.fsum(math.exp(log) for log in logs))


def normal(probability: float) -> float:
    """The quantile of the standard normal distribution."""
    if probability not in _quantiles:
        _quantiles[probability] = _bisected(probability)
    return _quantiles[probability]


def _bisected(probability: float) -> float:
    """The same by bisection of erf to 1e-12, without a table or an import."""
    low, high = -10.0, 10.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        if 0.5 * (1 + math.erf(middle / math.sqrt(2))) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _log_binomial(hits: int, trials: int, share: float) -> float:
    ways = math.lgamma(trials + 1) - math.lgamma(hits + 1) - math.lgamma(trials - hits + 1)
    return ways + hits * math.log(share) + (trials - hits) * math.log1p(-share)
