"""Where a path has become slower: the first hop that answers later than usual, as all behind it do.

A hop's answer may return by another way than the target's, so a section is proved only where the
one-way delays of a reflector show that the way out has become slower.
"""

from bothsides.analyse.path.delay_memory import Delays, growth, least_by_hop, least_of_target
from bothsides.analyse.path.ownership import Owner
from bothsides.analyse.path.router_owner import Router, Section, section
from bothsides.analyse.statistics import median
from bothsides.base.types import Mapping, NamedTuple, Sequence
from bothsides.model.path import LossDirection, Plan, Run

_FEWEST = 3  # runs from which on one-way delays are known
_MOST = 0.6  # share of the target's growth that a hop behind the place shows at least
_LITTLE = 0.3  # share that a hop before it, or the other way, shows at most


class Slower(NamedTuple):
    """A path that has become slower."""

    growth: float  # s, of the target's least round trip
    direction: LossDirection  # the way that is slower
    place: Section | None  # where, as far as it is proved
    echoes_alone: bool = False  # whether the target answers the flows as fast as usual


def locate_delay(
    plan: Plan, run: Run, delays: Delays, routers: Sequence[Router], own: Owner | None
) -> Slower | None:
    """Where a target's round trip has grown; None: it has not, or nothing is known from before."""
    grown = growth(delays.target, least_of_target(run))
    if not grown:
        return None
    direction = _slower_way(plan, run, delays, grown)
    now, length = least_by_hop(run), len(routers)
    usual = median(delays.hops.get(length, ()))
    if usual is not None and length in now and now[length] - usual <= _LITTLE * grown:
        return Slower(grown, direction, None, echoes_alone=True)
    span = _span(delays, now, length, grown)
    proved = span is not None and (direction == "out" or span == (0, 1))
    place = section(routers, *span, own) if proved and span is not None else None
    return Slower(grown, direction, place)


def _span(
    delays: Delays, now: Mapping[int, float], length: int, grown: float
) -> tuple[int, int] | None:
    """The last hop that is as fast as usual, and the first from which on all are slower."""
    shares: dict[int, float] = {}
    for ttl in range(1, length):
        usual = median(delays.hops.get(ttl, ()))
        if usual is not None and ttl in now:
            shares[ttl] = (now[ttl] - usual) / grown
    slow = length
    for ttl in sorted(shares, reverse=True):
        if shares[ttl] < _MOST:
            break
        slow = ttl
    fast = max((ttl for ttl in shares if ttl < slow and shares[ttl] <= _LITTLE), default=0)
    if any(shares[ttl] > _LITTLE for ttl in shares if ttl < fast):
        return None  # hops before it are slower too: their own answers are
    return fast, slow


def _slower_way(plan: Plan, run: Run, delays: Delays, grown: float) -> LossDirection:
    """Which way has become slower, by the least one-way delays of a reflector."""
    if plan.direction != "unknown":
        return plan.direction
    now = run.reflection.delays if run.reflection is not None else None
    usual = [median(way[place] for way in delays.ways) for place in (0, 1)]
    if now is None or len(delays.ways) < _FEWEST or usual[0] is None or usual[1] is None:
        return "unknown"
    out, back = ((now[0] - usual[0]) / grown, (now[1] - usual[1]) / grown)
    if out >= _MOST and abs(back) <= _LITTLE:
        return "out"
    if back >= _MOST and abs(out) <= _LITTLE:
        return "back"
    return "both" if out > _LITTLE and back > _LITTLE else "unknown"
