"""What is known of the clocks, by the limits: findings about one host, or about many."""

from bothsides.analyse.clock import Analysis
from bothsides.base.types import Iterator
from bothsides.check.snmp_clock.host import judge_host
from bothsides.check.snmp_clock.limits import Limits, overlap_words
from bothsides.plugin.finding import Finding, Remark, State, Target, alone


def judge(analysis: Analysis, limits: Limits) -> Iterator[Finding]:
    """Findings about all hosts of a run."""
    if len(analysis.hosts) == 1:
        host = analysis.hosts[0]
        findings = tuple(judge_host(host, analysis, limits))
        yield from alone(Target(host.host.name, host.host.address, findings))
    else:
        yield from _many(analysis, limits)
    yield from (Remark(State.OK, words) for words in analysis.resolver)


def _many(analysis: Analysis, limits: Limits) -> Iterator[Finding]:
    from bothsides.check.snmp_clock.many import judge_many

    yield from judge_many(analysis, limits)
    words = overlap_words(limits.ranges)
    if words:
        yield Remark(State.OK, words)
