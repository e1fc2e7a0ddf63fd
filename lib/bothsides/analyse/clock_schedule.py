"""When to look at a remote clock again: as often as its limits and the precision are worth it.

A clock of whole seconds says most at the instant at which its second changes. The next look is
aimed at the instant at which a clock with an offset just beside a limit would change: the answer
then tells on which side of the limit the offset lies.
"""

from bothsides.analyse.clock_offset import Knowledge, changes, knowledge
from bothsides.analyse.interval_sets import severity, thresholds, undecided
from bothsides.base.types import Sequence
from bothsides.model.clock import Look, Wish
from bothsides.model.interval import Interval
from bothsides.parse.range import Range

_FINEST_HALF = 0.0005  # s: no more is asked for beyond what a coarse clock leaves open
_MOST = 3  # looks that a limit inside the interval is worth
_PRECISE = 60  # looks that --precision is worth
_PRECISE_TIME = 3_700_000_000  # ns after which it begins no other second
_FINE = 50_000_000  # ns: a clock that shows less than this is just asked again
_SOON = 4_000_000  # ns: time to compute and send
_GLANCE = 250_000_000  # ns between looks at a value that stands still
_PATIENCE = 7_000_000_000  # ns: how long such a value is watched
_GLANCES = 3  # looks at a value of a known cache before it expires


def moved_by(wish: Wish, ahead: float) -> Wish:
    """The wish for offsets from our clock, where it is meant for one `ahead` seconds of ours."""

    def moved(limits: Range | None) -> Range | None:
        if limits is None:
            return None
        return Range(limits.start + ahead, limits.end + ahead, limits.inside)

    return Wish(moved(wish.warning), moved(wish.critical), wish.precision)


def next_look(looks: Sequence[Look], wish: Wish, remembered: bool = False) -> int | None:
    """When to send the next query, ns on our clock; None when there is nothing left to gain.

    remembered: whether it is worth while to prove for how long the agent keeps values.
    """
    known, last = knowledge(looks), looks[-1]
    offset = known.trusted or known.offset
    inside = undecided(offset, thresholds((wish.warning, wish.critical)))
    spare = 0
    if last.unsure and last.kept is None:
        if changes(looks) < 1 + remembered:
            return _until_it_changes(looks)
        spare = len(looks) - 1  # what it took is no look at a limit
    elif known.freshness == "stuck" or (known.freshness == "cached" and not last.cache):
        return _watched(looks, known, bool(inside))
    if inside and last.cache and changes(looks) == 0:
        at = _before_expiry(looks, inside, wish)
        if at is not None:
            return at
    if inside and len(looks) < _MOST + spare + (_GLANCES if last.cache else 0):
        earliest = _after_cache(looks) if last.cache else _after_change(looks)
        at = _aimed(looks, _aims(inside[0], offset, looks), earliest)
        if at is not None:
            return at
    if last.cache:
        return None
    if _is_too_wide(offset, last, wish):
        return _closer(looks, offset)
    alarms = severity(offset, wish.warning, wish.critical)[0]
    most = _MOST + spare + (not last.live)
    return _proof_of_life(looks) if alarms and len(looks) < most else None


def _until_it_changes(looks: Sequence[Look]) -> int | None:
    """The next look at a value that nobody knows: only a change proves how old it may be."""
    first, last = looks[0], looks[-1]
    if last.received - first.sent > _PATIENCE:
        return None
    if last.grain < _FINE and len(looks) <= _MOST:
        return last.received + last.grain  # at once: the closer, the narrower
    return last.received + _GLANCE


def _before_expiry(looks: Sequence[Look], inside: Sequence[float], wish: Wish) -> int | None:
    """A look before a known cache expires, where the same value or a new one would decide.

    A value that is still the same was made at most the time of the cache ago, so it excludes
    offsets far ahead, more of them the later it is seen. Offsets far behind are excluded by a new
    value, which comes soon where the old one was old. None: the cache has to be waited out.
    """
    last = looks[-1]
    kept = round((last.cache + last.program) * 1e9)
    limits = wish.warning, wish.critical
    moments = []
    for limit in inside:
        above, below = (
            severity(Interval(limit + side, limit + side), *limits)[0] for side in (2e-6, -2e-6)
        )
        if above > below:
            decides = last.shown + last.grain + last.slack + kept - round(limit * 1e9)
            moments.append(max(last.received, decides) + _SOON)
        elif len(looks) <= _GLANCES:
            moments.append(last.received + _GLANCE * 2 ** (len(looks) - 1))
    at = min(moments, default=None)
    return at if at is not None and at < _after_cache(looks) else None


def _watched(looks: Sequence[Look], known: Knowledge, is_open: bool) -> int | None:
    """The next look at a value that something unknown keeps."""
    last = looks[-1]
    worth_it = known.freshness == "stuck" or is_open
    patient = last.received - looks[0].sent < _PATIENCE
    return last.received + _GLANCE if patient and worth_it else None


def _is_too_wide(offset: Interval, last: Look, wish: Wish) -> bool:
    """Whether a precision is asked for that is not reached, though it can be."""
    if wish.precision is None:
        return False
    return offset.half > max(wish.precision, last.slack / 2e9 + _FINEST_HALF)


def _rtt(looks: Sequence[Look]) -> int:
    """The shortest round-trip time, ns."""
    return min(look.received - look.sent for look in looks)


def _aims(limit: float, offset: Interval, looks: Sequence[Look]) -> list[float]:
    """Offsets beside a limit to aim at, s: a clock beyond one proves on which side it is.

    A clock that has changed proves `shown - received`, which a slow way back spoils; one that has
    not yet proves `shown + grain + slack - sent`. A kept value comes at once, but the next one may
    need a program to be started. The last look, and one that has to wait for a cache, is for the
    side that alarms.
    """
    cache, slack = looks[-1].cache, looks[-1].slack / 1e9
    rtt = _rtt(looks) / 1e9
    slowest = max(look.received - look.sent for look in looks) / 1e9
    spare = 0.03 if cache else 0.006
    held_up = max(0.0, 0.024 - rtt / 4)  # what may delay an answer on a path that seems short
    above, below = limit + slowest - rtt / 4 + spare + held_up, limit - rtt / 2 - slack - spare
    reach = 0.75 * rtt + slack + 0.001  # closer to an end, an answer would prove nothing new
    useful = [above] if above < offset.high - reach else []
    useful += [below] if below > offset.low + reach else []
    alarming = [aim for aim in useful if (aim == above) == (limit >= 0)]
    if cache:
        return alarming
    return alarming or useful if len(looks) == _MOST - 1 else useful


def _aimed(looks: Sequence[Look], offsets: Sequence[float], not_before: int) -> int | None:
    """The soonest instant at which a clock with one of these offsets changes as we ask."""
    last, rtt = looks[-1], _rtt(looks)
    if last.grain < _FINE:
        return not_before + _SOON
    ticks = [next_tick(offset, last.grain, not_before + rtt // 2) - rtt // 2 for offset in offsets]
    return min(ticks, default=None)


def _closer(looks: Sequence[Look], offset: Interval) -> int | None:
    """The next look for a precision that is asked for: soon in the narrowest interval.

    No finer steps than one answer takes: the next look would come too late for them, and the chance
    to halve the interval comes once a second.
    """
    last = looks[-1]
    if last.received - looks[0].sent > _PRECISE_TIME or len(looks) >= _PRECISE:
        return None
    if last.grain < _FINE:
        return last.received + (last.grain if last.unsure else _SOON)
    width = offset.high - offset.low - last.slack / 1e9
    rtt = _rtt(looks)
    parts = max(2, min(8, int(width * 1e9) // (rtt + _SOON // 4)))
    offsets = [offset.low + width * part / parts for part in range(1, parts)]
    earliest = last.received + rtt // 2 + _SOON // 4
    return min(next_tick(each, last.grain, earliest) - rtt // 2 for each in offsets)


def _after_cache(looks: Sequence[Look]) -> int:
    """When a known cache has expired for sure.

    Our own query then makes the new value, unless others ask too (`packets` of the looks tells).
    """
    last = looks[-1]
    since = next(look.sent for look in looks if look.shown == last.shown)
    return max(last.received, since + round(last.cache * 1e9) + _GLANCE // 5)


def _after_change(looks: Sequence[Look]) -> int:
    """Before this, a look is of less use: the last one must also show whether the clock runs."""
    if len(looks) == _MOST - 1 and looks[0].shown == looks[-1].shown:
        return max(_must_have_changed(looks), looks[-1].received)
    return looks[-1].received


def _must_have_changed(looks: Sequence[Look]) -> int:
    """From when on a clock that runs must show something else than at the first look."""
    first = looks[0]
    return first.received + first.grain + first.slack + _SOON // 4


def _proof_of_life(looks: Sequence[Look]) -> int | None:
    """When a running clock must show something else: one that stands still raises no alarm."""
    first, last = looks[0], looks[-1]
    changed = _must_have_changed(looks)
    if last.sent >= changed or last.shown - first.shown > first.grain:
        return None
    return max(changed, last.received + _SOON)


def next_tick(offset: float, grain: int, not_before: int) -> int:
    """The first instant of our clock, ns, at which a clock with this offset changes by one grain.

    An answer read just then tells whether the true offset lies above or below.
    """
    shift = round(offset * 1e9)
    return not_before + (-(not_before + shift)) % grain
