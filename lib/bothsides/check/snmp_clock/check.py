"""check_snmp_clock: how far the clock of an SNMP agent is off, with the uncertainty stated.

It asks the agent for a variable that shows the time, mostly hrSystemDate, notes when the query left
and when the answer came, and gives the offset as an interval that cannot be wrong, whatever the
network did:

    07 EA 0B 14 15 25 35 00 2B 00 00    the agent's answer: 2026-11-20 21:37:53.0 UTC
    42.003 s behind (+-0.004 s), hrSystemDate, 2 queries, rtt 0.42 ms

-H and --targets name the hosts, -o the variable, -P -C -U -A -X how to ask; -w and -c are limits of
the offset, --precision asks until it is known so closely; --reference and --local-sync decide what
the offset is measured by, --timezone what a time without a zone means, --state-dir where runs are
remembered, for drift and steps. Start at `options.py` for what may be asked, at
`analyse/clock_offset.py` for what an answer proves, at `host.py` for what that means.
"""

from bothsides.analyse.clock import Analysis, analyse
from bothsides.base.deadline import Deadline
from bothsides.base.types import Iterable, NoReturn
from bothsides.check import around, deliveries
from bothsides.check.snmp_clock.figures import FIGURES
from bothsides.check.snmp_clock.judge import judge
from bothsides.check.snmp_clock.limits import Limits, limits, short
from bothsides.check.snmp_clock.memory import keep, recall
from bothsides.check.snmp_clock.options import options, plan
from bothsides.model.clock import Past, Plan, Run
from bothsides.plugin.check import Check
from bothsides.plugin.finding import Finding
from bothsides.plugin.main import run
from bothsides.probe.snmp.measure import measure


def measured(plan: Plan, past: Past, deadline: Deadline) -> Run:
    """The run; earlier ones may have proved for how long an agent keeps its values."""
    return measure(plan, deadline, past)


def _without(analysis: Analysis, limits: Limits, names: frozenset[str]) -> Iterable[Finding]:
    """The judgement without some hosts; what the clocks agree on stays."""
    left = tuple(each for each in analysis.hosts if each.host.name not in names)
    agreement = analysis.agreement
    if agreement is not None:
        hosts = tuple(each for each in agreement.hosts if each.host.name not in names)
        agreement = agreement._replace(hosts=hosts)
    return judge(analysis._replace(hosts=left, agreement=agreement), limits)


def libraries() -> str:
    """For --version."""
    from importlib.metadata import version

    return f"pysnmp {version('pysnmp')}, cryptography {version('cryptography')}"


CHECK = Check(
    name="SNMP_CLOCK",
    summary="How far the clock of an SNMP agent is off, with the uncertainty stated.",
    figures=FIGURES,
    options=options,
    short=short,
    limits=limits,
    plan=plan,
    recall=recall,
    measure=measured,
    analyse=analyse,
    judge=judge,
    around=around(_without),
    keep=keep,
    plan_type=Plan,
    run_type=Run,
    warning="5",
    critical="60",
    examples=(
        "-H 192.0.2.7 -C public",
        "-H 192.0.2.7 -o extend:epochns -w 0.5 -c 5",
        "-H 192.0.2.7 -U mon --extra-opts=clock@/etc/snmp.ini",
        "-H 192.0.2.7 -w -2:5 -c 60 --precision 5ms -v",
        "--targets /etc/hosts.snmp --reference ntp:192.0.2.123",
    ),
    libraries=libraries,
)


def main() -> NoReturn:
    """The entry of the script."""
    run(CHECK, prepare=deliveries)
