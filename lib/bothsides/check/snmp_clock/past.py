"""What earlier runs found about a clock: drift, steps, restarts, and values that stand still."""

from bothsides.analyse.clock_offset import Bounds, cuts
from bothsides.base.types import Iterator, NamedTuple, Sequence
from bothsides.model.clock import Host
from bothsides.parse.text import to_words
from bothsides.plugin.finding import Finding, Ranges, Remark, State

_FASTEST = 500e-6  # seconds a second: what adjtime(3) slews at; more is a step
_WILDEST = 0.1  # seconds a second: what chrony slews at, about; clocks in containers may run nearly as wrong
_NARROW = 200.0  # parts per million: a drift that is known less exactly is not worth a word
_SPAN = 7 * 86400.0  # seconds over which a drift is measured
_WRAP = 2**32 / 100  # seconds after which sysUpTime starts again


class Before(NamedTuple):
    """What one earlier run found. at: UTC seconds; low, high: the offset's bounds; shown: what the clock showed, ns;
    uptime, running: since when agent and host ran, seconds."""

    at: float
    low: float
    high: float
    shown: int
    uptime: float | None = None
    running: float | None = None


class Drift(NamedTuple):
    """Parts per million by which the far clock runs faster, and how exactly that is known."""

    ppm: float
    bound: float

    @property
    def words(self) -> str:
        size = f"{self.ppm:+.0f}" if abs(self.ppm) >= 100 else f"{self.ppm:+.3g}"
        return f"drifts {size} ppm (+-{self.bound:.2g})"


def still(past: Sequence[Before], host: Host) -> bool:
    """Whether the clock shows the same as in the last run, although it should have gone on since."""
    look = host.samples[-1].look if host.samples else None
    if not past or look is None:
        return False
    return (
        look.shown == past[-1].shown
        and look.received / 1e9 - past[-1].at > 2 * look.grain / 1e9 + look.cache + 1
    )


def drift(past: Sequence[Before], host: Host, now: Bounds) -> Drift | None:
    """The change since the oldest run after the last step; None when that says too little."""
    at = host.samples[-1].received / 1e9
    even = _since_step(past, at, now)
    if not even or at - even[0].at < 1:
        return None
    first, span = even[0], at - even[0].at
    then = Bounds(first.low, first.high)
    found = Drift((now.middle - then.middle) / span * 1e6, (now.half + then.half) / span * 1e6)
    return found if found.bound <= _NARROW or abs(found.ppm) > 2 * found.bound else None


def _since_step(past: Sequence[Before], at: float, now: Bounds) -> list[Before]:
    """The runs, oldest first, since which the clock was not set."""
    even: list[Before] = []
    rate = _rate(past, at, now)
    for before in reversed(past):
        if before.at < at - _SPAN or not _follows(before, at, now, rate):
            break
        even.insert(0, before)
    return even


def _follows(before: Before, at: float, now: Bounds, rate: float) -> bool:
    """Whether a running clock can have come from there to here. rate: seconds a second by which it is known to run wrong."""
    span = at - before.at
    reach, shift = abs(span) * _FASTEST + 0.001, span * rate
    return before.low + shift - reach <= now.high and now.low <= before.high + shift + reach


def _rate(past: Sequence[Before], at: float, now: Bounds) -> float:
    """Seconds a second that a clock runs wrong, where that is too fast for a drift but the last three runs lie on one line."""
    if len(past) < 2:
        return 0.0
    (one, two), last = past[-2:], Bounds(past[-1].low, past[-1].high)
    first = Bounds(one.low, one.high)
    spans = two.at - one.at, at - two.at
    if min(spans) < 1:
        return 0.0
    rates = (last.middle - first.middle) / spans[0], (now.middle - last.middle) / spans[1]
    unsure = (first.half + last.half) / spans[0] + (last.half + now.half) / spans[1]
    even = abs(rates[0] - rates[1]) <= unsure + _FASTEST and rates[0] * rates[1] > 0
    return sum(rates) / 2 if even and _FASTEST < abs(sum(rates) / 2) < _WILDEST else 0.0


def since_last(
    past: Sequence[Before], host: Host, now: Bounds, moving: Drift | None, limits: Ranges
) -> Iterator[Finding]:
    """What has happened since the last run, and where the drift leads."""
    if past:
        last, at = past[-1], host.samples[-1].received / 1e9
        if not _follows(last, at, now, _rate(past, at, now)):
            moved = now.middle - (last.low + last.high) / 2
            yield Remark(
                State.OK,
                f"the far clock was set by {moved:+.3f} s since the last run, {to_words(at - last.at)} ago",
            )
        sample = host.samples[-1]
        if _restarted(last.running, sample.running, at - last.at):
            yield Remark(State.OK, f"the host was restarted {to_words(sample.running)} ago")
        elif _restarted(last.uptime, sample.uptime, at - last.at):
            yield Remark(State.OK, f"the agent was restarted {to_words(sample.uptime)} ago")
    if moving is not None and abs(moving.ppm) > moving.bound:
        yield Remark(State.OK, moving.words + _reaches(now.middle, moving.ppm / 1e6, limits))


def _restarted(before: float | None, now: float | None, span: float) -> bool:
    """Whether a count of seconds began again; after 497 days it does so by itself."""
    return (
        before is not None and now is not None and before + span < _WRAP and now < before + span - 2
    )


def _reaches(offset: float, drift: float, limits: Ranges) -> str:
    """When the next limit is reached if nothing changes."""
    ends = cuts((limits.warning.get("offset"), limits.critical.get("offset")))
    ahead = [(end - offset) / drift for end in ends if (end - offset) / drift > 0]
    if not ahead or min(ahead) > 366 * 86400:
        return ""
    soonest = min(ahead)
    return f": reaches {offset + drift * soonest:+g} s in {to_words(soonest)}"
