"""Many clocks in one run: which are off, and whether the clock they are measured by is wrong."""

from bothsides.analyse.clock import Agreement, Analysis, HostAnalysis
from bothsides.analyse.interval_sets import severity
from bothsides.base.types import Callable, Iterator, Mapping, NamedTuple, Sequence
from bothsides.check.snmp_clock.figures import FIGURES
from bothsides.check.snmp_clock.host import is_trusted, judge_clock, judge_failure, judge_host
from bothsides.check.snmp_clock.limits import Limits
from bothsides.check.snmp_clock.text import offset_words
from bothsides.plugin.finding import Finding, Reading, Remark, State, Table, Target, worst

_NAMED = 4  # hosts that line 1 names
_RANK = (State.CRITICAL, State.WARNING, State.UNKNOWN, State.OK)


class _Verdict(NamedTuple):
    """The judgement of one of many hosts."""

    name: str
    failed: bool  # whether it did not answer
    state: State
    words: str  # the worst finding
    values: Mapping[str, float]  # measured figures by label


def judge_many(analysis: Analysis, limits: Limits) -> Iterator[Finding]:
    """A summary, a line for each host that is not OK, combined figures, and a report per host."""
    hosts = analysis.hosts
    agreement = analysis.agreement
    if agreement is not None and _is_off(agreement, limits):
        yield Remark(State.UNKNOWN, _agreement_words(analysis, agreement))
        hosts = agreement.hosts
    trusted = is_trusted(analysis, limits)
    verdicts = [_verdict(host, limits, trusted, analysis.stopped) for host in hosts]
    bad = sorted(
        (verdict for verdict in verdicts if verdict.state is not State.OK),
        key=lambda verdict: _RANK.index(verdict.state),
    )
    yield _summary(bad, len(verdicts))
    for verdict in bad:
        late = analysis.stopped and verdict.failed
        yield Remark(verdict.state, f"{verdict.name}: {verdict.words}", late)
    yield from _readings(verdicts, limits)
    yield Table(tuple(f"{each.name:<24} {each.state.value:<9} {each.words}" for each in verdicts))
    yield from (_target(host, analysis, limits) for host in hosts)


def _is_off(agreement: Agreement, limits: Limits) -> bool:
    """Whether what the clocks agree on is beyond the limits."""
    ranges = limits.ranges
    warning, critical = ranges.warning.get("offset"), ranges.critical.get("offset")
    return severity(agreement.offset, warning, critical)[0] > 0


def _agreement_words(analysis: Analysis, agreement: Agreement) -> str:
    wrong = "this monitor's clock"
    if analysis.reference is not None:
        wrong = f"the clock of the reference {analysis.reference.name}"
    count = f"{agreement.alike} of {len(analysis.hosts)} clocks"
    return f"{count} are {offset_words(agreement.offset)} alike: {wrong} is wrong, not theirs"


def _summary(bad: Sequence[_Verdict], count: int) -> Remark:
    """One line about all of them."""
    if not bad:
        return Remark(State.OK, f"{count} clocks are within their limits")
    names = ", ".join(f"{each.name} {each.words.split(',')[0]}" for each in bad[:_NAMED])
    more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
    return Remark(worst(each.state for each in bad), f"{len(bad)} of {count}: {names}{more}")


def _verdict(host: HostAnalysis, limits: Limits, trusted: bool, late: bool) -> _Verdict:
    """What the judge of single clocks finds."""
    findings = [*judge_failure(host, late), *judge_clock(host, limits, trusted)]
    stated = [finding for finding in findings if isinstance(finding, Reading | Remark)]
    state = worst(finding.state for finding in stated)
    words = next(
        (finding.words for finding in stated if finding.state is state and finding.words),
        "nothing measured",
    )
    values = {
        finding.figure.label: finding.value
        for finding in stated
        if isinstance(finding, Reading) and finding.value is not None
    }
    return _Verdict(host.host.name, host.host.failure is not None, state, words, values)


def _target(host: HostAnalysis, analysis: Analysis, limits: Limits) -> Target:
    """The report on one host: as if asked alone, but by the clock that the others agree on."""
    findings = judge_host(host, analysis, limits)
    own = tuple(finding for finding in findings if not isinstance(finding, Target))
    return Target(host.host.name, host.host.address, own)


_COMBINED: Mapping[str, Callable[[Sequence[float]], float]] = {
    "offset": lambda values: max(values, key=abs),
    "queries": sum,
    "uptime": min,
    "drift": lambda values: max(values, key=abs),
}
"""How a figure of many hosts becomes one; the largest where nothing else is said."""


def _readings(verdicts: Sequence[_Verdict], limits: Limits) -> Iterator[Finding]:
    """One reading of each figure for all hosts; its limits were applied host by host."""
    for figure in FIGURES:
        values = [each.values[figure.label] for each in verdicts if figure.label in each.values]
        value = _COMBINED.get(figure.label, max)(values) if values else None
        yield limits.ranges.reading(figure.label, value)._replace(certain=State.OK)
