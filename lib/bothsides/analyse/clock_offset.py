"""Offset of a remote clock: the interval that the looks at it prove, and how fresh its value is.

A look that shows S (and stands for S up to S + grain), read by the far end somewhere between
`oldest` and `received` on our clock, proves that offset = remote - local lies in

    [S - received, S + grain - oldest]

whatever the path does. `oldest` is when we asked, unless something between keeps values: then it is
as much earlier as a value may be kept, or, when the value is another one than before, when we had
asked before. Where the intervals of all looks have nothing in common, something keeps values, or
the clock was set. Sources: Cristian 1989; intersection of intervals as in Marzullo 1984.
"""

from bothsides.analyse.interval_sets import intersection
from bothsides.base.types import Literal, NamedTuple, Sequence
from bothsides.model.clock import Look
from bothsides.model.interval import Interval

Freshness = Literal["fresh", "cached", "stuck", "seen once", "stepped"]
"""cached: values are kept for a while; stuck: the value has not moved at all; seen once: nobody
knows whether it moves; stepped: the clock was set in between, the interval is that since then."""

_INFINITY = float("inf")
_FINE = 50_000_000  # ns: a value of a coarser grain says little more by having changed
_QUARTER = 900.0  # s: all time zones are a multiple of it away from UTC
_FARTHEST_ZONE = 14 * 60  # minutes from UTC
_ZONE_REST = 90  # s that a clock with a mistaken zone may be off besides


class Knowledge(NamedTuple):
    """What all looks at one clock prove together."""

    offset: Interval  # s, remote minus local; high is infinite where a value is stuck
    freshness: Freshness
    trusted: Interval | None = None  # s, the same if an agent that nobody knows keeps no values

    @property
    def moves(self) -> bool:
        """Whether the value was seen to change, or is known to; without that it says little."""
        return self.freshness not in ("stuck", "seen once")

    def moved(self, offset: Interval) -> "Knowledge":
        """The same with its offset replaced by one that was only shifted."""
        if self.trusted is None:
            return self._replace(offset=offset)
        low, high = offset.low - self.offset.low, offset.high - self.offset.high
        trusted = Interval(self.trusted.low + low, self.trusted.high + high)
        return self._replace(offset=offset, trusted=trusted)


def knowledge(looks: Sequence[Look]) -> Knowledge:
    """Combines the looks, oldest first; there must be one at least."""
    offset = intersection(_proven(looks, trusting=True))
    if offset is not None and not _is_unproven(looks[-1]):
        return Knowledge(offset, "cached" if looks[-1].cache else "fresh")
    doubtful = _proven(looks, trusting=False)
    if changes(looks) == 0:
        low = max(each.low for each in doubtful)
        span = looks[-1].sent - looks[0].received
        once = _is_unproven(looks[-1]) and span <= looks[0].grain + looks[0].slack
        return Knowledge(Interval(low, _INFINITY), "seen once" if once else "stuck")
    hard = intersection(doubtful)
    if hard is not None:
        is_coarse = looks[-1].grain > _FINE and _runs_evenly(looks)
        freshness: Freshness = "cached" if offset is None else "fresh"
        return Knowledge(hard, freshness, offset if is_coarse else None)
    return Knowledge(_proven(looks[-1:], trusting=True)[0], "stepped")


def changes(looks: Sequence[Look]) -> int:
    """How often the value was another one than at the look before."""
    places = range(1, len(looks))
    return sum(looks[place].shown != looks[place - 1].shown for place in places)


def kept_at_most(looks: Sequence[Look]) -> float | None:
    """Seconds for which the agent keeps a value at most; None where two changes were not seen.

    A value that came after one look and was gone at a later one was kept for no longer than the
    time between these two looks.
    """
    places = [
        place for place in range(1, len(looks)) if looks[place].shown != looks[place - 1].shown
    ]
    if len(places) < 2:
        return None
    first, second = places[0], places[1]
    return (looks[second].received - looks[first - 1].sent) / 1e9


def _is_unproven(look: Look) -> bool:
    """Whether only a change of its value says how old it may be."""
    return look.unsure and look.kept is None


def _runs_evenly(looks: Sequence[Look]) -> bool:
    """Whether the value was watched for as long as it takes to move by one grain."""
    return looks[-1].received - looks[0].sent >= looks[0].grain


def _proven(looks: Sequence[Look], trusting: bool) -> list[Interval]:
    """The interval of each look; without trust the agent may have kept a value for ever."""
    proven = []
    for place, look in enumerate(looks):
        oldest: float = look.sent - _kept(look) if trusting else -_INFINITY
        if place and look.shown != looks[place - 1].shown:
            before = looks[place - 1]
            oldest = max(oldest, look.sent if _is_only_query(before, look) else before.sent)
        low = (look.shown - look.received) / 1e9
        proven.append(Interval(low, (look.shown + look.grain + look.slack - oldest) / 1e9))
    return proven


def _kept(look: Look) -> int:
    """How old a value of a known cache may be, ns."""
    if look.cache:
        return round((look.cache + look.program) * 1e9)
    return round((look.kept or 0.0) * 1e9)


def _is_only_query(before: Look, look: Look) -> bool:
    """Whether nobody else asked the agent in between: then our query made the new value.

    Asked once: of several tries a lost one may have made it, or a stranger's packet have taken its
    place.
    """
    if before.packets is None or look.packets is None or look.asked - before.asked != 1:
        return False
    return (look.packets - before.packets) % 2**32 == 1


def zone_apart(offset: Interval) -> int | None:
    """Minutes by which the offset looks like a mistaken time zone, None where it does not.

    A zone mistake is a multiple of 15 min up to 14 h and leaves the clock itself within 90 s.
    """
    quarters = round(offset.middle / _QUARTER) if abs(offset.middle) < 15 * 3600 else 0
    near = abs(offset.middle - quarters * _QUARTER) <= _ZONE_REST and offset.half < _ZONE_REST
    return quarters * 15 if quarters and near and abs(quarters * 15) <= _FARTHEST_ZONE else None
