"""Course of a remote clock over several runs: drift, steps, restarts, values that stand still."""

from bothsides.base.types import NamedTuple, Sequence
from bothsides.model.clock import Earlier, Host
from bothsides.model.interval import Interval

_FASTEST = 500e-6  # s per s: what adjtime(3) slews at; more is a step
_WILDEST = 0.1  # s per s: what chrony slews at, about; clocks in containers may run nearly as wrong
_SLACK = 0.001  # s by which two offsets may differ besides
_NARROW = 200.0  # ppm: a drift that is known less exactly is not worth a word
_SPAN = 7 * 86400.0  # s over which a drift is measured
_WRAP = 2**32 / 100  # s after which sysUpTime starts again
_SHORTEST = 1.0  # s between two runs whose difference says anything about a rate


class Drift(NamedTuple):
    """How much faster than the clock it is measured by a remote clock runs."""

    ppm: float  # parts per million; below 0 it runs slower
    bound: float  # ppm: how far the true drift is from it at most


class Course(NamedTuple):
    """What has happened to a clock since earlier runs."""

    since_last: float | None  # s since the last run; None where none is remembered
    set_by: float | None  # s by which the clock was set since then; None where it was not
    host_restarted: float | None  # s since the host was restarted after the last run
    agent_restarted: float | None  # s since the agent alone was restarted after the last run
    drift: Drift | None  # since the oldest run after the last step; None where that proves little


def stands_still(earlier: Sequence[Earlier], host: Host) -> bool:
    """Whether the clock shows the same as in the last run, although it should have changed."""
    look = host.samples[-1].look if host.samples else None
    if not earlier or look is None or look.shown != earlier[-1].shown:
        return False
    return look.received / 1e9 - earlier[-1].at > 2 * look.grain / 1e9 + look.cache + 1


def course(earlier: Sequence[Earlier], host: Host, offset: Interval) -> Course:
    """What earlier runs and this one's offset show together; the host has a sample."""
    sample = host.samples[-1]
    at = sample.received / 1e9
    if not earlier:
        return Course(None, None, None, None, None)
    last = earlier[-1]
    span = at - last.at
    of_host = _restarted(last.running, sample.running, span)
    of_agent = _restarted(last.uptime, sample.uptime, span)
    return Course(
        since_last=span,
        set_by=_step(earlier, at, offset),
        host_restarted=of_host,
        agent_restarted=of_agent if of_host is None else None,
        drift=_drift(earlier, at, offset),
    )


def _offset_of(run: Earlier) -> Interval:
    return Interval(run.low, run.high)


def _step(earlier: Sequence[Earlier], at: float, offset: Interval) -> float | None:
    """Seconds by which the clock was set since the last run; None where it was not."""
    last = earlier[-1]
    if _follows(last, at, offset, _rate(earlier, at, offset)):
        return None
    return offset.middle - _offset_of(last).middle


def _drift(earlier: Sequence[Earlier], at: float, offset: Interval) -> Drift | None:
    """The change since the oldest run after the last step; None where that says too little."""
    even = _since_step(earlier, at, offset)
    if not even or at - even[0].at < _SHORTEST:
        return None
    first, span = _offset_of(even[0]), at - even[0].at
    ppm = (offset.middle - first.middle) / span * 1e6
    bound = (offset.half + first.half) / span * 1e6
    return Drift(ppm, bound) if bound <= _NARROW or abs(ppm) > 2 * bound else None


def _since_step(earlier: Sequence[Earlier], at: float, offset: Interval) -> list[Earlier]:
    """The runs, oldest first, since which the clock was not set."""
    even: list[Earlier] = []
    rate = _rate(earlier, at, offset)
    for run in reversed(earlier):
        if run.at < at - _SPAN or not _follows(run, at, offset, rate):
            break
        even.insert(0, run)
    return even


def _follows(run: Earlier, at: float, offset: Interval, rate: float) -> bool:
    """Whether a running clock can have come from there to here.

    rate: seconds a second by which it is known to run wrong.
    """
    span = at - run.at
    reach, shift = abs(span) * _FASTEST + _SLACK, span * rate
    return run.low + shift - reach <= offset.high and offset.low <= run.high + shift + reach


def _rate(earlier: Sequence[Earlier], at: float, offset: Interval) -> float:
    """Seconds a second that a clock runs wrong; 0.0 for one that may be slewed.

    Only where that is too fast for a drift, but the last three runs lie on one line, and the two
    before this one show the rate by themselves: else a step would pass for it.
    """
    if len(earlier) < 2:
        return 0.0
    first, last = _offset_of(earlier[-2]), _offset_of(earlier[-1])
    spans = earlier[-1].at - earlier[-2].at, at - earlier[-1].at
    if min(spans) < _SHORTEST:
        return 0.0
    rates = (last.middle - first.middle) / spans[0], (offset.middle - last.middle) / spans[1]
    unsure = (first.half + last.half) / spans[0], (last.half + offset.half) / spans[1]
    if abs(rates[0]) <= unsure[0]:
        return 0.0
    even = abs(rates[0] - rates[1]) <= sum(unsure) + _FASTEST and rates[0] * rates[1] > 0
    return sum(rates) / 2 if even and _FASTEST < abs(sum(rates) / 2) < _WILDEST else 0.0


def _restarted(before: float | None, now: float | None, span: float) -> float | None:
    """Seconds since a count of seconds began again, None where it went on.

    After 497 days it begins again by itself.
    """
    if before is None or now is None or before + span >= _WRAP or now >= before + span - 2:
        return None
    return now
