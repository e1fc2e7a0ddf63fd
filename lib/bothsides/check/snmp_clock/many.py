"""Many clocks in one run: which are off, and whether the clock they are measured by is wrong."""

from bothsides.analyse.clock import Agreement, Analysis, HostAnalysis
from bothsides.analyse.interval_sets import severity
from bothsides.base.types import Callable, Iterator, Mapping, Sequence
from bothsides.check.many import Line, Wording, combined, summarised
from bothsides.check.snmp_clock.figures import FIGURES
from bothsides.check.snmp_clock.host import judge_clock, judge_failure
from bothsides.check.snmp_clock.limits import Limits
from bothsides.check.snmp_clock.scale import REMEDY, is_doubtful, judge_scale
from bothsides.check.snmp_clock.text import offset_words
from bothsides.plugin.finding import Finding, Part, Reading, Remark, State, Table, Target, worst

_NAMED = 4  # hosts that line 1 names

_COMBINED: Mapping[str, Callable[[Sequence[float]], float]] = {
    "offset": lambda values: max(values, key=abs),
    "queries": sum,
    "uptime": min,
    "drift": lambda values: max(values, key=abs),
}
"""How a figure of many hosts becomes one; the largest where nothing else is said."""


def judge_many(analysis: Analysis, limits: Limits) -> Iterator[Finding]:
    """A summary, a line for each host that is not OK, combined figures, and a report per host."""
    hosts, agreement = analysis.hosts, analysis.agreement
    scale, off = analysis.scale, agreement is not None and _is_off(agreement, limits)
    doubtful = is_doubtful(analysis, limits, scale)
    if agreement is not None and (off or doubtful):
        hosts = agreement.hosts
        scale = hosts[0].scale
        if off:
            yield Remark(State.UNKNOWN, _agreement_words(analysis, agreement))
    said: tuple[Part, ...] = ()
    if any(host.host.samples for host in hosts):
        said = tuple(judge_scale(analysis, limits, scale))
    lines = [_line(host, analysis, limits) for host in hosts]
    in_doubt = doubtful and scale.kind == "own"
    if not in_doubt:
        yield from said
    yield from summarised(lines, Wording(trouble=_trouble_words, well=_well_words, good=False))
    if in_doubt and said:
        yield from said
        yield Remark(State.OK, f"to judge all by another clock: {REMEDY}")
    values = combined((line.target for line in lines), FIGURES, _COMBINED)
    for label, value in values.items():  # limits were applied host by host
        yield limits.ranges.reading(label, value)._replace(certain=State.OK)
    yield Table(tuple(f"{line.name:<24} {line.state.value:<9} {line.words}" for line in lines))


def _is_off(agreement: Agreement, limits: Limits) -> bool:
    """Whether what the clocks agree on is beyond the limits."""
    ranges = limits.ranges
    warning, critical = ranges.warning.get("offset"), ranges.critical.get("offset")
    return severity(agreement.offset, warning, critical)[0] > 0


def _agreement_words(analysis: Analysis, agreement: Agreement) -> str:
    wrong = "the clock of this monitor"
    if analysis.reference is not None:
        wrong = f"the clock of the reference {analysis.reference.name}"
    count = f"{agreement.alike} of {len(analysis.hosts)} clocks"
    return f"{count} are {offset_words(agreement.offset)} alike: {wrong} is wrong, not theirs"


def _trouble_words(lines: Sequence[Line]) -> str:
    """The worst hosts by name."""
    bad = [line for line in lines if line.state is not State.OK]
    names = ", ".join(
        f"{line.name} {_shortest(line.words).removeprefix(f'{line.name} ')}"
        for line in bad[:_NAMED]
    )
    more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
    return f"{len(bad)} of {len(lines)}: {names}{more}"


def _shortest(words: str) -> str:
    """The offset alone, without what it took to find it."""
    alone, closed, _ = words.partition(")")
    return f"{alone})" if closed and "(+-" in alone else words.split(",")[0]


def _well_words(lines: Sequence[Line]) -> str:
    return f"{len(lines)} clocks are within their limits"


def _line(host: HostAnalysis, analysis: Analysis, limits: Limits) -> Line:
    """The report on one host, and what one line says about it.

    The report is that of a host which is asked alone, but for the clock that the others agree on.
    The line leaves out what is wrong with the clock that measures all.
    """
    failure = tuple(judge_failure(host, limits, analysis.stopped))
    clock = tuple(judge_clock(host, limits, analysis))
    target = Target(host.host.name, host.host.address, (*failure, *clock))
    common = set(judge_scale(analysis, limits, host.scale)) if host.host.samples else set()
    stated = [
        part
        for part in (*failure, *clock)
        if isinstance(part, Reading | Remark) and part not in common
    ]
    state = worst(part.state for part in stated)
    alike = (part.words for part in stated if part.state is state)
    words = next((words for words in alike if words), "nothing measured")
    late = analysis.stopped and host.host.failure is not None
    return Line(target, target.name, state, words, late)
