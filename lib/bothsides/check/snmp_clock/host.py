"""Findings about one clock, and about the clock that it is measured by."""

from bothsides.analyse.clock import Analysis, HostAnalysis
from bothsides.analyse.clock_offset import Knowledge
from bothsides.analyse.interval_sets import severity
from bothsides.base.types import TYPE_CHECKING, Iterator, NamedTuple
from bothsides.check.snmp_clock import text
from bothsides.check.snmp_clock.limits import Limits, overlap_words
from bothsides.check.snmp_clock.scale import (
    NOBODY,
    REMEDY,
    doubt_words,
    is_doubtful,
    is_measure,
    judge_scale,
)
from bothsides.parse.rounding import rounded_up
from bothsides.parse.text import to_words
from bothsides.plugin.finding import Part, Ranges, Remark, State, Table

if TYPE_CHECKING:
    from bothsides.analyse.clock_drift import Course

SEVERITIES = (State.OK, State.WARNING, State.CRITICAL)
_NEVER_SET = 978_307_200 * 10**9  # ns, 2001-01-01: a clock that shows less was never set
_LEAST_SHIFT = 15  # s: no smaller offset has a name
_MISSING = ("noSuchObject", "noSuchInstance", "noSuchName", "endOfMibView")


def judge_host(host: HostAnalysis, analysis: Analysis, limits: Limits) -> Iterator[Part]:
    """All findings about one host, as if it had been asked alone."""
    yield from judge_failure(host, limits, analysis.stopped)
    yield from judge_clock(host, limits, analysis)
    words = overlap_words(limits.ranges)
    if words:
        yield Remark(State.OK, words)


def judge_failure(host: HostAnalysis, limits: Limits, late: bool) -> Iterator[Part]:
    """Why the host did not answer. late: whether time ran out."""
    failure = host.host.failure
    if failure is not None:
        words = f"{failure.words}{text.address_words(host.host)}"
        yield Remark(limits.state(failure.blame), words, late)


class _View(NamedTuple):
    """What is known of a clock, without the zone that is guessed where the options allow it."""

    known: Knowledge  # of the offset
    course: "Course | None"  # since earlier runs
    guessed: bool  # whether a zone was guessed


def judge_clock(host: HostAnalysis, limits: Limits, analysis: Analysis) -> Iterator[Part]:
    """What the samples say about the clock, the most telling first."""
    view = _view(host, limits)
    if host.host.samples and not is_doubtful(analysis, limits, host.scale):
        beside = (
            "" if view is None or not view.known.moves else text.offset_words(view.known.offset)
        )
        yield from judge_scale(analysis, limits, host.scale, beside)
    if view is not None:
        yield from _offset(host, view, limits, analysis)
    if host.host.samples and is_doubtful(analysis, limits, host.scale):
        yield from judge_scale(analysis, limits, host.scale)
    if view is not None:
        yield from _zone(host, view)
        yield from _freshness(host, view.known)
    yield from _last_answer(host, limits)
    yield from _own_ntp(host, limits)
    if view is not None and view.course is not None:
        yield from _since_last(view.course, view.known, limits.ranges)
    if host.host.elsewhere:
        yield Remark(State.OK, f"replies come from {host.host.elsewhere}, not from the one asked")
    yield from _readings(host, view, limits.ranges)
    if view is not None:
        yield Table(text.table(host, view.known))
        yield Table(tuple(text.sample_line(sample) for sample in host.host.samples), 2)


def _view(host: HostAnalysis, limits: Limits) -> _View | None:
    """What is known of the clock; None without a sample that shows a time."""
    if host.known is None:
        return None
    if limits.guess_zone and host.zoneless and host.without_zone is not None:
        known = host.known.moved(host.without_zone)
        return _View(known, host.course_without_zone, guessed=True)
    return _View(host.known, host.course, guessed=False)


def _offset(host: HostAnalysis, view: _View, limits: Limits, analysis: Analysis) -> Iterator[Part]:
    """The offset, judged by what is certain: no alarm while it may be within the limits."""
    offset = view.known.offset
    if not view.known.moves:
        once = view.known.freshness == "seen once"
        words = text.once_words(host) if once else text.stuck_words(host)
        yield Remark(limits.state("stuck"), words)
        return
    if is_doubtful(analysis, limits, host.scale):
        yield from _doubtful(host, view, limits)
        return
    reading = limits.ranges.reading("offset", offset.middle, text.offset_line(host, view.known))
    if not is_measure(analysis, limits, host.scale):  # another remark says so
        value = reading.value if host.scale.answered else None
        yield reading._replace(value=value, words="", certain=State.OK)
        return
    if _is_open_zone(host, view):  # an offset that depends on a zone nobody named
        yield reading._replace(words="", certain=State.OK)
        return
    least, most = severity(offset, reading.warning, reading.critical)
    if view.known.trusted is not None:
        trusted, _ = severity(view.known.trusted, reading.warning, reading.critical)
        if trusted > least:
            yield reading._replace(certain=SEVERITIES[trusted])
            words = "this holds if the agent keeps no values; else the offset lies within"
            yield Remark(State.OK, f"{words} {text.bounds_words(offset)}")
            return
    yield reading._replace(certain=SEVERITIES[least])
    if most > least:
        words = f"cannot tell whether it is {SEVERITIES[most].value}: the offset lies within"
        yield Remark(State.OK, f"{words} {text.bounds_words(offset)}")


def _is_open_zone(host: HostAnalysis, view: _View) -> bool:
    """Whether the offset looks like a zone that the value does not tell and nobody has named."""
    return host.zone is not None and host.zoneless and not view.guessed


def _doubtful(host: HostAnalysis, view: _View, limits: Limits) -> Iterator[Part]:
    """The offset from our own clock, which nobody synchronises: judged where that cannot matter."""
    offset = view.known.offset
    words = f"{text.offset_words(offset)} {NOBODY}"
    reading = limits.ranges.reading("offset", offset.middle)
    sure = offset.widened(host.scale.doubt)
    least, _ = severity(sure, reading.warning, reading.critical)
    if least == 0 or _is_open_zone(host, view):
        yield Remark(State.UNKNOWN, f"{words}; {REMEDY}")
        yield reading._replace(certain=State.OK)
        return
    yield reading._replace(words=words, certain=SEVERITIES[least])
    yield Remark(State.OK, doubt_words(host.scale))


def _zone(host: HostAnalysis, view: _View) -> Iterator[Part]:
    """An offset that looks like a mistaken time zone."""
    if host.zone is None or host.without_zone is None:
        yield from _named_shift(view)
        return
    zone = text.zone_words(host.zone)
    if view.guessed:
        yield Remark(State.OK, f"taken for a zone of {zone}, which the value does not tell")
        return
    words = f"zone {zone}, the clock itself is {text.offset_words(host.without_zone)}"
    if host.zoneless:
        advice = "the value has no time zone: name it with --timezone, or --timezone auto"
        yield Remark(State.UNKNOWN, f"looks like {words}; {advice}")
    else:
        yield Remark(State.OK, f"looks like a zone mistake: {words}")


def _named_shift(view: _View) -> Iterator[Part]:
    """An offset that is that of another time scale, or of whole days."""
    offset = view.known.trusted or view.known.offset
    if not view.known.moves or abs(offset.middle) < _LEAST_SHIFT:
        return
    from bothsides.analyse.clock_shifts import named_shift

    shift = named_shift(offset)
    if shift is not None:
        rest = text.offset_words(offset.moved(-shift.seconds))
        yield Remark(State.OK, f"looks like {shift.words}; without that it is {rest}")


def _freshness(host: HostAnalysis, known: Knowledge) -> Iterator[Part]:
    """What keeps the value, and the line of snmpd.conf that makes it fresh."""
    sample = host.host.samples[-1]
    if known.freshness == "stepped":
        words = "the far clock was set during the check; the offset is that since then"
        yield Remark(State.UNKNOWN, words)
    elif sample.look is not None and sample.look.cache:
        yield Remark(State.OK, text.cache_words(host.host.source, sample))
    elif known.freshness == "cached":
        words = f"something at the agent keeps this value for a while; {text.FRESH}"
        yield Remark(State.OK, words)


def _last_answer(host: HostAnalysis, limits: Limits) -> Iterator[Part]:
    """What is wrong with the last answer, if anything."""
    if not host.host.samples:
        return
    sample, source = host.host.samples[-1], host.host.source
    if sample.status:
        words = f"the command behind {source.words} failed with exit code {sample.status}"
        yield Remark(State.UNKNOWN, words)
    if sample.fault in _MISSING:
        words = f"the agent has no {source.words} for us ({sample.fault})"
        yield Remark(limits.state("missing"), words)
        yield Remark(State.OK, text.remedy(source, host.host.system))
    elif sample.fault:
        yield Remark(State.UNKNOWN, f"{source.words}: {sample.fault}")
    elif sample.moment is not None and sample.moment.ns < _NEVER_SET:
        words = f"the clock was never set: it shows {text.instant(sample.moment.ns)}"
        yield Remark(State.CRITICAL, words)


def _own_ntp(host: HostAnalysis, limits: Limits) -> Iterator[Part]:
    """What the far host's own NTP says of itself."""
    ntp = host.host.samples[-1].ntp if host.host.samples else None
    if ntp is None:
        return
    if ntp.synchronised is False:
        stratum = "" if ntp.stratum is None else f", stratum {ntp.stratum}"
        words = f"its own NTP says that it is {ntp.words}{stratum}"
        yield Remark(limits.state("unsynchronised", State.WARNING), words)
    if ntp.leap:
        yield Remark(State.OK, f"its own NTP says that {ntp.leap}")


def _since_last(course: "Course", known: Knowledge, ranges: Ranges) -> Iterator[Part]:
    """What has happened since the last run, and where the drift leads."""
    if course.set_by is not None:
        words = f"the far clock was set by {course.set_by:+.3f} s since the last run"
        yield Remark(State.OK, f"{words}, {to_words(course.since_last)} ago")
    if course.host_restarted is not None:
        yield Remark(State.OK, f"the host was restarted {to_words(course.host_restarted)} ago")
    if course.agent_restarted is not None:
        yield Remark(State.OK, f"the agent was restarted {to_words(course.agent_restarted)} ago")
    drift = course.drift
    if drift is not None and abs(drift.ppm) > drift.bound:
        reach = text.reach_words(known.offset.middle, drift, ranges)
        yield Remark(State.OK, text.drift_words(drift) + reach)


def _readings(host: HostAnalysis, view: _View | None, ranges: Ranges) -> Iterator[Part]:
    """All figures but an offset that is known, which is judged before."""
    half = None
    if view is None or not view.known.moves:
        # why it is not known is said elsewhere
        yield ranges.reading("offset", None)._replace(certain=State.OK)
    else:
        half = view.known.offset.half
    yield ranges.reading(
        "uncertainty", half, f"uncertainty {to_words(half and rounded_up(half, 3))}"
    )
    yield ranges.reading("rtt", host.rtt, f"rtt {to_words(host.rtt)}")
    queries = host.host.queries
    yield ranges.reading("queries", queries, f"{queries} queries")
    yield ranges.reading("cache_age", host.age, f"the value may have been {to_words(host.age)} old")
    uptime = host.host.samples[-1].uptime if host.host.samples else None
    yield ranges.reading("uptime", uptime, f"agent up for {to_words(uptime)}")
    drift = view.course.drift if view is not None and view.course is not None else None
    if drift is None:
        yield ranges.reading("drift", None)
    else:
        yield ranges.reading("drift", drift.ppm, text.drift_words(drift))
    ntp = host.host.samples[-1].ntp if host.host.samples else None
    stratum, dispersion = (None, None) if ntp is None else (ntp.stratum, ntp.dispersion)
    yield ranges.reading("stratum", stratum, f"stratum {stratum}")
    words = f"root dispersion {to_words(dispersion)}"
    yield ranges.reading("root_dispersion", dispersion, words)
