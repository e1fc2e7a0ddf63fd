"""Least round trips of earlier runs: what is usual for a target and for each hop.

A mean grows by chance, a minimum does not: only least round trips are remembered and compared.
"""

from bothsides.analyse.statistics import median
from bothsides.base.types import Mapping, NamedTuple, Sequence
from bothsides.model.path import ECHO, Run

_KEPT = 12  # runs whose least round trips are remembered
_FEWEST = 3  # runs from which on there is a usual value
_LEAST = 0.002  # s that a least round trip grows by chance
_SHARE = 0.1  # of the usual round trip that it may grow besides
_SPREADS = 3  # deviations of earlier runs that are their noise


class Delays(NamedTuple):
    """Least round trips of the last runs on the normal path, in seconds, the newest last."""

    target: tuple[float, ...] = ()
    hops: Mapping[int, tuple[float, ...]] = {}  # by TTL
    ways: tuple[tuple[float, float], ...] = ()  # least one-way delays, with the clocks' offset


def remember(delays: Delays, run: Run) -> Delays:
    """The delays with those of one more run on the normal path."""
    now = least_by_hop(run)
    hops = {
        ttl: (*delays.hops.get(ttl, ()), round(least, 6))[-_KEPT:] for ttl, least in now.items()
    }
    target = least_of_target(run)
    ways = delays.ways
    if run.reflection is not None and run.reflection.delays is not None:
        forward, backward = run.reflection.delays
        ways = (*ways, (round(forward, 6), round(backward, 6)))[-_KEPT:]
    return Delays(
        target=delays.target if target is None else (*delays.target, round(target, 6))[-_KEPT:],
        hops={**delays.hops, **hops},
        ways=ways,
    )


def least_of_target(run: Run) -> float | None:
    """The least round trip of the echo requests, in seconds."""
    return min((echo for echo in run.echoes if echo is not None), default=None)


def least_by_hop(run: Run) -> dict[int, float]:
    """The least round trip to each hop, in seconds."""
    least: dict[int, float] = {}
    for result in (*run.first, *(run.second or ()), *run.segments):
        if result.flow != ECHO and result.rtt is not None:
            least[result.ttl] = min(result.rtt, least.get(result.ttl, result.rtt))
    return least


def growth(usual: Sequence[float], now: float | None) -> float | None:
    """By how much a least round trip has grown beyond noise; 0: not; None: nothing to compare."""
    centre = median(usual)
    if now is None or centre is None or len(usual) < _FEWEST:
        return None
    spread = median(abs(value - centre) for value in usual) or 0.0
    grown = now - centre
    return grown if grown > max(_LEAST, _SHARE * centre, _SPREADS * spread) else 0.0
