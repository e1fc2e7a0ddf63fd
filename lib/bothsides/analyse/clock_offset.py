"""What answers of a clock prove about its offset: hard bounds, their meeting, and when to ask next.

An answer that shows S (and stands for S up to S + grain), read by the far end somewhere between
`oldest` and `received` on our clock, proves that offset = remote - local lies in

    [S - received, S + grain - oldest]

whatever the path does. `oldest` is when we asked, unless something between keeps values: then it is
as much earlier as a value may be kept, or, when the value is another one than before, when we had
asked before. An empty meeting of all bounds proves that something keeps values, or a step.
Sources: Cristian 1989; the meeting of intervals as in Marzullo 1984.
"""

from bothsides.base.types import Iterable, NamedTuple, Sequence
from bothsides.parse.range import Range

_INFINITY = float("inf")
_FINEST = 1e-6  # what perfdata show; the step beside a limit at which states are tried
_FINEST_HALF = (
    0.0005  # seconds: no more than that is asked for beyond what a coarse clock leaves open
)
_QUARTER = 900.0  # seconds: all time zones are a multiple of it away from UTC
_MOST = 3  # looks that a limit inside the bounds is worth
_PRECISE = 60  # looks that --precision is worth
_PRECISE_TIME = 3_700_000_000  # ns after which it begins no other second
_FINE = 50_000_000  # ns: a clock that shows less than this is just asked again
_SOON = 4_000_000  # ns: time to compute and send
_GLANCE = 250_000_000  # ns between looks at a value that stands still
_PATIENCE = 6_000_000_000  # ns: how long one watches


class Bounds(NamedTuple):
    """The offset lies between low and high, seconds, remote minus local; high may be infinite."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2

    @property
    def half(self) -> float:
        """Half the width: the uncertainty of the middle."""
        return (self.high - self.low) / 2

    def widened(self, seconds: float) -> "Bounds":
        """Wider by so much on either side."""
        return Bounds(self.low - seconds, self.high + seconds)

    def moved(self, seconds: float) -> "Bounds":
        """Moved by so much."""
        return Bounds(self.low + seconds, self.high + seconds)

    def against(self, reference: "Bounds") -> "Bounds":
        """The offset from a clock that is ahead of ours by what `reference` says."""
        return Bounds(self.low - reference.high, self.high - reference.low)


class Look(NamedTuple):
    """One look at a remote clock; times in ns, `sent` and `received` on our clock.

    shown, grain: it showed something from `shown` up to shown + grain; slack: how late its second may
    change (time(2) reads a coarse clock); cache: seconds for which the agent keeps values, as far as
    known; packets: how many the agent had got by then, None where it does not say; asked: how many of
    them were ours; live: whether the agent is known to make the value anew for every question.
    """

    sent: int
    received: int
    shown: int
    grain: int
    slack: int = 0
    cache: float = 0.0
    packets: int | None = None
    asked: int = 0
    live: bool = False


class Knowledge(NamedTuple):
    """What all looks together prove.

    trust: "fresh"; "cached": values are kept for a while; "stuck": the value has not moved at all;
    "stepped": the clock was set in between, the bounds are those since then.
    """

    bounds: Bounds
    trust: str


def knowledge(looks: Sequence[Look]) -> Knowledge:
    """Puts the looks together, oldest first; there must be one at least."""
    met = meeting(_proven(looks, trusting=True))
    if met is not None:
        return Knowledge(met, "cached" if looks[-1].cache else "fresh")
    if len({look.shown for look in looks}) == 1:
        return Knowledge(
            Bounds(max(b.low for b in _proven(looks, trusting=False)), _INFINITY), "stuck"
        )
    met = meeting(_proven(looks, trusting=False))
    if met is not None:
        return Knowledge(met, "cached")
    return Knowledge(_proven(looks[-1:], trusting=True)[0], "stepped")


def _proven(looks: Sequence[Look], trusting: bool) -> list[Bounds]:
    """The bounds of each look; without trust the agent may have kept a value for ever."""
    found = []
    for place, look in enumerate(looks):
        oldest: float = look.sent - _kept(look) if trusting else -_INFINITY
        if place and look.shown != looks[place - 1].shown:
            oldest = max(
                oldest, look.sent if _alone(looks[place - 1], look) else looks[place - 1].sent
            )
        found.append(
            Bounds(
                (look.shown - look.received) / 1e9,
                (look.shown + look.grain + look.slack - oldest) / 1e9,
            )
        )
    return found


def _kept(look: Look) -> int:
    """How old a value of a known cache may be, ns; a second more for the program that makes it."""
    return round((look.cache + 1) * 1e9) if look.cache else 0


def _alone(before: Look, look: Look) -> bool:
    """Whether nobody else asked the agent in between: then it was our question that made the new value.

    Asked once: of several tries a lost one may have made it, or a stranger's packet have taken its place.
    """
    if before.packets is None or look.packets is None or look.asked - before.asked != 1:
        return False
    return (look.packets - before.packets) % 2**32 == 1


def meeting(all_bounds: Iterable[Bounds]) -> Bounds | None:
    """What all of them allow, None when they contradict each other."""
    known = list(all_bounds)
    low, high = max(b.low for b in known), min(b.high for b in known)
    return Bounds(low, high) if low <= high else None


def cuts(ranges: Iterable[Range | None]) -> tuple[float, ...]:
    """The offsets at which the state may change: all finite ends of the ranges."""
    ends = {end for limits in ranges if limits is not None for end in (limits.start, limits.end)}
    return tuple(sorted(end for end in ends if abs(end) != float("inf")))


def open_cuts(known: Bounds, limits: Sequence[float]) -> tuple[float, ...]:
    """The cuts that lie inside the bounds, nearest to the middle first: those that leave the state open."""
    inside = [
        cut for cut in limits if known.low <= cut < known.high or known.low < cut <= known.high
    ]
    return tuple(sorted(inside, key=lambda cut: abs(cut - known.middle)))


def severity(known: Bounds, warning: Range | None, critical: Range | None) -> tuple[int, int]:
    """The least and the greatest severity (0 fine, 1 warning, 2 critical) that the bounds allow."""
    tried = [known.low, known.middle, known.high]
    for cut in cuts((warning, critical)):
        tried += [
            offset
            for offset in (cut - _FINEST, cut, cut + _FINEST)
            if known.low <= offset <= known.high
        ]
    found = [
        _severity(offset, warning, critical) for offset in tried if abs(offset) != float("inf")
    ]
    return min(found), max(found)


def _severity(offset: float, warning: Range | None, critical: Range | None) -> int:
    if critical is not None and critical.alerts(offset):
        return 2
    return 1 if warning is not None and warning.alerts(offset) else 0


class Wish(NamedTuple):
    """What the looks are for: the limits that must not lie within the bounds, and the precision, in s."""

    warning: Range | None = None
    critical: Range | None = None
    precision: float | None = None


def seen_from(wish: Wish, ahead: float) -> Wish:
    """The wish for offsets from our clock, when it was meant for a clock that is `ahead` of ours."""

    def moved(limits: Range | None) -> Range | None:
        return (
            None
            if limits is None
            else Range(limits.start + ahead, limits.end + ahead, limits.inside)
        )

    return Wish(moved(wish.warning), moved(wish.critical), wish.precision)


def next_look(looks: Sequence[Look], wish: Wish) -> int | None:
    """When to send the next question, ns on our clock; None when there is nothing left to gain."""
    known, last = knowledge(looks), looks[-1]
    inside = open_cuts(known.bounds, cuts((wish.warning, wish.critical)))
    if known.trust == "stuck" or (known.trust == "cached" and not last.cache):
        patient = last.received - looks[0].sent < _PATIENCE and (known.trust == "stuck" or inside)
        return last.received + _GLANCE if patient else None
    if inside and len(looks) < _MOST:
        at = _aimed(
            looks,
            _aims(inside[0], known.bounds, looks),
            _renewed(looks) if last.cache else _telling(looks),
        )
        if at is not None:
            return at
    if last.cache:
        return None
    if wish.precision is not None and known.bounds.half > max(
        wish.precision, last.slack / 2e9 + _FINEST_HALF
    ):
        return _closer(looks, known.bounds)
    if (
        len(looks) < _MOST + (not last.live)
        and severity(known.bounds, wish.warning, wish.critical)[0]
    ):
        return _later(looks)
    return None


def _rtt(looks: Sequence[Look]) -> int:
    return min(look.received - look.sent for look in looks)


def _aims(cut: float, known: Bounds, looks: Sequence[Look]) -> list[float]:
    """Offsets on either side of a limit to aim at, s: a far clock beyond one of them proves on which side it is.

    One that has gone on proves `shown - received`, which a slow way back spoils; one that has not yet
    proves `shown + grain + slack - sent`. A kept value comes at once, but the next one may need a
    program to be started. The last look, and one that has to wait for a cache, is for the side that alarms.
    """
    cache, slack = looks[-1].cache, looks[-1].slack / 1e9
    rtt = _rtt(looks) / 1e9
    slowest = max(look.received - look.sent for look in looks) / 1e9
    spare = 0.03 if cache else 0.006
    held_up = max(0.0, 0.024 - rtt / 4)  # what may hold up an answer on a path that seems short
    above, below = cut + slowest - rtt / 4 + spare + held_up, cut - rtt / 2 - slack - spare
    reach = (
        0.75 * rtt + slack + 0.001
    )  # closer to the end of the bounds, an answer would prove nothing new
    useful = [above] if above < known.high - reach else []
    useful += [below] if below > known.low + reach else []
    alarming = [aim for aim in useful if (aim == above) == (cut >= 0)]
    if cache:
        return alarming
    return alarming or useful if len(looks) == _MOST - 1 else useful


def _aimed(looks: Sequence[Look], offsets: Sequence[float], not_before: int) -> int | None:
    """The soonest instant at which a clock with one of these offsets goes on while our question is there."""
    last, rtt = looks[-1], _rtt(looks)
    if last.grain < _FINE:
        return not_before + _SOON
    ticks = [next_tick(offset, last.grain, not_before + rtt // 2) - rtt // 2 for offset in offsets]
    return min(ticks, default=None)


def _closer(looks: Sequence[Look], known: Bounds) -> int | None:
    """The next look for a precision that is asked for: soon in the narrowest interval, within reason.

    No finer steps than one answer takes: the next look would come too late for them, and the chance
    to halve the interval comes once a second.
    """
    last = looks[-1]
    if last.received - looks[0].sent > _PRECISE_TIME or len(looks) >= _PRECISE:
        return None
    if last.grain < _FINE:
        return last.received + _SOON
    width = known.high - known.low - last.slack / 1e9
    rtt = _rtt(looks)
    parts = max(2, min(8, int(width * 1e9) // (rtt + _SOON // 4)))
    offsets = [known.low + width * part / parts for part in range(1, parts)]
    return min(
        next_tick(offset, last.grain, last.received + rtt // 2 + _SOON // 4) - rtt // 2
        for offset in offsets
    )


def _renewed(looks: Sequence[Look]) -> int:
    """When a known cache has run out for sure.

    One's own question then makes the new value, unless others ask too (see `_alone`).
    """
    last = looks[-1]
    since = next(look.sent for look in looks if look.shown == last.shown)
    return max(last.received, since + round(last.cache * 1e9) + _GLANCE // 5)


def _telling(looks: Sequence[Look]) -> int:
    """Before what a look at a limit is of less use: the last one must also show whether the clock runs at all."""
    if len(looks) == _MOST - 1 and looks[0].shown == looks[-1].shown:
        return max(_moved(looks), looks[-1].received)
    return looks[-1].received


def _moved(looks: Sequence[Look]) -> int:
    """From when on a clock that runs must show something else than at the first look."""
    first = looks[0]
    return first.received + first.grain + first.slack + _SOON // 4


def _later(looks: Sequence[Look]) -> int | None:
    """When a clock that runs must show something else: an alarm is not raised on a value that stands still."""
    first, last = looks[0], looks[-1]
    moved = _moved(looks)
    return (
        None
        if last.sent >= moved or last.shown - first.shown > first.grain
        else max(moved, last.received + _SOON)
    )


def shared(all_bounds: Sequence[Bounds]) -> tuple[int, ...]:
    """The places of the largest group of bounds that have an offset in common."""
    best: tuple[int, ...] = ()
    for each in all_bounds:  # a largest group has the highest of its lower ends in common
        group = tuple(
            place for place, other in enumerate(all_bounds) if other.low <= each.low <= other.high
        )
        best = max(best, group, key=len)
    return best


def zone_apart(known: Bounds) -> int | None:
    """Minutes by which the offset looks like a mistaken time zone: a quarter of an hour times n, up to 14 h.

    A zone mistake leaves the clock itself within 90 s; None where the offset is none.
    """
    quarters = round(known.middle / _QUARTER) if abs(known.middle) < 15 * 3600 else 0
    near = abs(known.middle - quarters * _QUARTER) <= 90 and known.half < 90
    return quarters * 15 if quarters and near and abs(quarters) <= 56 else None


def next_tick(offset: float, grain: int, not_before: int) -> int:
    """The first instant of our clock, in ns, at which a clock with this offset goes on by one grain.

    An answer read just then tells whether the true offset lies above or below.
    """
    shift = round(offset * 1e9)
    return not_before + (-(not_before + shift)) % grain
