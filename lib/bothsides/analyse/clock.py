"""All that one run, and the runs before it, prove about the clocks of its hosts."""

from bothsides.analyse.clock_offset import Freshness, Knowledge, knowledge, zone_apart
from bothsides.analyse.interval_sets import intersection, largest_agreement
from bothsides.base.types import TYPE_CHECKING, Literal, NamedTuple, Sequence
from bothsides.model.clock import Earlier, Host, Look, Past, Plan, Run
from bothsides.model.interval import Interval
from bothsides.model.local_clock import LocalClock, Reference

if TYPE_CHECKING:
    from bothsides.analyse.clock_drift import Course

_GREATEST_DOUBT = 3600.0  # s by which no clock is off that anybody would measure by
_AT_BOOT, _DRIFT = 300.0, 500e-6  # s, and s per s: how far off a clock without account may be
_ALIKE = 0.5  # s either way: clocks within a second agree, where there is no better measure
_FEWEST_ALIKE = 3  # clocks that are off by the same: a sign that not theirs is wrong


class Scale(NamedTuple):
    """The clock that offsets are measured from."""

    kind: Literal["own", "reference", "others"]  # others: what most of the remote clocks agree on
    ahead: Interval  # s by which it is ahead of our own clock
    name: str = ""  # of the reference
    account: str = ""  # who knows the error of our own clock, or why nobody does
    answered: bool = True  # False for a reference whose time is not known
    doubt: float = 0.0  # s by which our own clock may be off besides, where nobody knows its error


class HostAnalysis(NamedTuple):
    """What is known of one clock."""

    host: Host
    scale: Scale
    alone: Knowledge | None  # what this run alone proves; None without a sample that shows a time
    known: Knowledge | None  # the same beside the last run, which may show that it stands still
    still_for: float | None  # s for which the value has not changed; None where it changes
    zone: int | None  # minutes east by which the offset looks like a mistaken time zone
    zoneless: bool  # whether the value is a local time, and nobody has named its zone
    without_zone: Interval | None  # s, the offset without those minutes
    course: "Course | None"  # since earlier runs; None without one, or without an offset
    course_without_zone: "Course | None"  # the same for the offset without the zone
    rtt: float | None  # s, the shortest round-trip time
    age: float | None  # s, the greatest age that the agent's value may have had


class Agreement(NamedTuple):
    """An offset that most clocks share: maybe the clock that they are measured by is wrong."""

    alike: int  # clocks that share it
    offset: Interval  # s
    hosts: tuple[HostAnalysis, ...]  # every host, measured by what those clocks agree on


class Analysis(NamedTuple):
    """What is known of all clocks of a run."""

    hosts: tuple[HostAnalysis, ...]
    local: LocalClock
    reference: Reference | None
    scale: Scale
    agreement: Agreement | None  # only where there are several hosts
    stopped: bool  # whether the run ended early
    past: Past
    resolver: tuple[str, ...] = ()  # what is wrong with our resolver, though it found the names


def analyse(plan: Plan, run: Run, past: Past) -> Analysis:
    """What the samples of a run prove, beside what earlier runs found."""
    scale = _scale(run.local, run.reference)
    raw = tuple(_raw_knowledge(host) for host in run.hosts)
    earlier = tuple(_earlier(host, past) for host in run.hosts)
    hosts = tuple(map(_host_analysis, run.hosts, raw, earlier, [scale] * len(run.hosts)))
    agreement = _agreement(hosts, _ALIKE if scale.doubt else 0.0)
    if agreement is not None:
        others = Scale("others", scale.ahead.plus(agreement.offset))
        moved = map(_host_analysis, run.hosts, raw, earlier, [others] * len(run.hosts))
        agreement = agreement._replace(hosts=tuple(moved))
    return Analysis(
        hosts=hosts,
        local=run.local,
        reference=run.reference,
        scale=scale,
        agreement=agreement,
        stopped=run.stopped is not None,
        past=past,
        resolver=run.resolver,
    )


def _scale(local: LocalClock, reference: Reference | None) -> Scale:
    """The clock that counts: the reference that was named, else our own."""
    if reference is None:
        error, doubt = local.error or 0.0, 0.0 if local.synchronised else _doubt(local)
        return Scale("own", Interval(-error, error), account=local.account, doubt=doubt)
    answered = reference.ahead is not None
    ahead = reference.ahead or Interval(0.0, 0.0)
    return Scale("reference", ahead, name=reference.name, answered=answered)


def _doubt(local: LocalClock) -> float:
    """Seconds by which a clock that nobody synchronises is taken to be off at most.

    A battery clock starts it, mostly within minutes; then it drifts, at 500 ppm at most.
    """
    if local.since_boot is None:
        return _GREATEST_DOUBT
    return min(_GREATEST_DOUBT, _AT_BOOT + local.since_boot * _DRIFT)


def _raw_knowledge(host: Host) -> Knowledge | None:
    """What the samples prove about the offset from our own clock, as if that were perfect."""
    looks = [sample.look for sample in host.samples if sample.look is not None]
    return knowledge(looks) if looks else None


def _earlier(host: Host, past: Past) -> Sequence[Earlier]:
    """What runs before this one found, oldest first."""
    runs = past.clocks.get((host.name, host.source.oid), ())
    return [run for run in runs if not host.samples or run.at < host.samples[-1].received / 1e9]


def _host_analysis(
    host: Host, raw: Knowledge | None, earlier: Sequence[Earlier], scale: Scale
) -> HostAnalysis:
    """What is known of one clock, measured by this scale."""
    alone = None if raw is None else raw.moved(raw.offset.minus(scale.ahead))
    known, still_for = _beside_last_run(host, alone, earlier)
    offset = None if known is None else known.offset
    zone = None if offset is None else zone_apart(offset)
    rest = None if offset is None or zone is None else offset.moved(-zone * 60)
    moving = offset if known is not None and known.moves else None
    return HostAnalysis(
        host=host,
        scale=scale,
        alone=alone,
        known=known,
        still_for=still_for,
        zone=zone,
        zoneless=_is_zoneless(host),
        without_zone=rest,
        course=_course(earlier, host, moving),
        course_without_zone=_course([_zoneless(run) for run in earlier], host, rest),
        rtt=min(((each.received - each.sent) / 1e9 for each in host.samples), default=None),
        age=None if known is None else _age(host, known.freshness),
    )


def _beside_last_run(
    host: Host, alone: Knowledge | None, earlier: Sequence[Earlier]
) -> tuple[Knowledge | None, float | None]:
    """What is known with the last run in mind, and for how long the value has stood still."""
    if alone is None:
        return None, None
    still = _stands_still(earlier, host)
    if not still and alone.freshness != "stuck":
        return alone, None
    since = earlier[-1].at if still else host.samples[0].sent / 1e9
    stuck = Knowledge(Interval(alone.offset.low, float("inf")), "stuck")
    return stuck, host.samples[-1].received / 1e9 - since


def _stands_still(earlier: Sequence[Earlier], host: Host) -> bool:
    if not earlier:
        return False
    from bothsides.analyse.clock_drift import stands_still

    return stands_still(earlier, host)


def _course(earlier: Sequence[Earlier], host: Host, offset: Interval | None) -> "Course | None":
    """What has happened since earlier runs, where there are any and the offset is known."""
    if not earlier or offset is None:
        return None
    from bothsides.analyse.clock_drift import course

    return course(earlier, host, offset)


def _zoneless(run: Earlier) -> Earlier:
    """An earlier run without the zone that its offset looked like."""
    offset = Interval(run.low, run.high)
    rest = offset.moved(-(zone_apart(offset) or 0) * 60)
    return run._replace(low=rest.low, high=rest.high)


def _is_zoneless(host: Host) -> bool:
    moment = host.samples[-1].moment if host.samples else None
    return moment is not None and moment.zone is None and not host.zone


def _age(host: Host, freshness: Freshness) -> float | None:
    """How old the value may have been: what the agent keeps, and what was seen to be kept."""
    looks = [sample.look for sample in host.samples if sample.look is not None]
    last = looks[-1]
    if freshness in ("fresh", "stepped"):
        return last.cache or (_unproven_age(looks) if last.unsure else 0.0)
    first = next(look for look in looks if look.shown == looks[-1].shown)
    return max(looks[-1].cache, (looks[-1].received - first.sent) / 1e9)


def _unproven_age(looks: Sequence[Look]) -> float:
    """How old the last value may have been, where only its changes say so."""
    last = looks[-1]
    if last.kept is not None:
        return last.kept
    first = next(place for place, look in enumerate(looks) if look.shown == last.shown)
    return (last.received - looks[max(0, first - 1)].sent) / 1e9


def _agreement(hosts: Sequence[HostAnalysis], slack: float) -> Agreement | None:
    """The offset that most clocks share, where they are enough to say anything.

    slack: s by which each of them may be off all the same.
    """
    known = [offset for host in hosts if (offset := _comparable(host)) is not None]
    offsets = [offset.widened(slack) for offset in known]
    group = largest_agreement(offsets)
    if len(group) < _FEWEST_ALIKE or 2 * len(group) <= len(offsets):
        return None
    offset = intersection(offsets[place] for place in group)
    return None if offset is None else Agreement(len(group), offset, ())


def _comparable(host: HostAnalysis) -> Interval | None:
    """Its offset, where it says anything about the other clocks.

    Many hosts of one zone that their values do not name are no sign of a wrong clock.
    """
    alone = host.alone
    if alone is None or not alone.moves:
        return None
    return None if host.zoneless and zone_apart(alone.offset) is not None else alone.offset
