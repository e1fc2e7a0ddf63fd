"""How far the clock of an SNMP agent is off, with the uncertainty stated."""

from bothsides.base.types import Any, Iterator, NamedTuple, NoReturn, Sequence
from bothsides.check.snmp_clock import memory
from bothsides.check.snmp_clock.judge import FIGURES, Rules, findings, scale_of, where
from bothsides.check.snmp_clock.memory import Past
from bothsides.check.snmp_clock.options import add_options, plan
from bothsides.model.clock import Plan, Run
from bothsides.parse import Unreadable
from bothsides.parse.range import Range, from_range
from bothsides.plugin.check import Check
from bothsides.plugin.finding import Finding, Ranges, Remark, State
from bothsides.plugin.main import run
from bothsides.probe.net.local_clock import LocalClock, Reference
from bothsides.probe.snmp.measure import measure


def rules(options: Any, limits: Ranges) -> Rules:
    """The rules of the options."""
    return Rules(limits, options.local_sync, options.timezone == "auto", options.precision)


def short(items: Sequence[str]) -> dict[str, Range]:
    """`5` is 5 s either way, on the offset; a range with `:` or `@` counts with its signs."""
    if len(items) > 1:
        raise Unreadable("one range for the offset, please; others as LABEL=RANGE")
    try:
        limits = from_range(items[0], "s")
    except Unreadable as fault:
        raise Unreadable(f"limit of the offset: {fault}") from None
    if ":" not in items[0] and "@" not in items[0]:
        limits = Range(-limits.end, limits.end)
    return {"offset": limits}


class Analysis(NamedTuple):
    """What happened, and what earlier runs found, by the host's name."""

    run: Run
    past: Past


def analyse(plan: Plan, run: Run, past: Past) -> Analysis:
    """All that is known, for the judge."""
    return Analysis(run, past)


def judge(analysis: Analysis, rules: Rules) -> Iterator[Finding]:
    """What the answers mean."""
    run = analysis.run
    before = memory.before(analysis.past, run)
    scale = scale_of(run.local, run.reference, rules.local_sync)
    for host in run.hosts:
        if host.failure is not None and len(run.hosts) == 1:
            yield Remark(
                State.UNKNOWN, f"{host.failure.words}{where(host)}", run.stopped is not None
            )
    if any(host.samples for host in run.hosts):
        yield from _about_scale(run.local, run.reference, rules.local_sync)
    if len(run.hosts) == 1:
        yield from findings(run.hosts[0], scale, rules, before.get(run.hosts[0].name, ()))
    else:
        from bothsides.check.snmp_clock.many import fleet

        yield from fleet(run, scale, rules, before)


def _about_scale(local: LocalClock, reference: Reference | None, policy: str) -> Iterator[Finding]:
    """What is wrong with the clock that the far ones are measured by."""
    if local.stepped:
        yield Remark(
            State.UNKNOWN,
            f"our own clock was moved by {local.stepped:+.3f} s during the check: nothing can be said",
        )
    if reference is not None:
        if reference.failure is not None:
            yield Remark(State.UNKNOWN, f"reference {reference.name}: {reference.failure.words}")
        return
    if local.synchronised or policy == "ignore":
        return
    words = f"our own clock is not synchronised ({local.told or 'nobody knows its error'})"
    yield Remark(State.WARNING if policy == "warn" else State.UNKNOWN, words)
    if policy != "warn":
        yield Remark(
            State.OK,
            "--reference ntp:HOST takes another clock than ours, --local-sync ignore ours all the same",
        )


def libraries() -> str:
    """For --version."""
    from importlib.metadata import version

    return f"pysnmp {version('pysnmp')}, cryptography {version('cryptography')}"


SNMP_CLOCK = CHECK = Check(
    name="SNMP_CLOCK",
    summary="How far the clock of an SNMP agent is off, with the uncertainty stated.",
    figures=FIGURES,
    options=add_options,
    plan=plan,
    measure=lambda plan, past, deadline: measure(plan, deadline),
    analyse=analyse,
    judge=judge,
    plan_type=Plan,
    run_type=Run,
    short=short,
    warning="5",
    critical="60",
    limits=rules,
    recall=memory.recall,
    keep=lambda analysis, state: memory.keep(analysis.run, analysis.past),
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
    """The script's entry."""
    run(CHECK)
