"""How far the clock of an SNMP agent is off, with the uncertainty stated."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from bothsides import cli
from bothsides.check import snmp_clock_memory
from bothsides.check.snmp_clock_host import FIGURES, Rules, findings, scale_of, where
from bothsides.check.snmp_clock_options import add_options, plan
from bothsides.check.snmp_clock_past import Before
from bothsides.clock import Wish
from bothsides.declaration import Check
from bothsides.finding import Finding, Limits, Remark, State
from bothsides.parse import Unreadable
from bothsides.parse.range import Range, from_range
from bothsides.probe.localclock import LocalClock, Reference
from bothsides.probe.snmp import measure
from bothsides.probe.snmp_plan import Plan, Run


def rules(options: Any, limits: Limits) -> Rules:
    """The rules of the options; the measurement is told the limits too, so that it knows when it may stop."""
    options.wish = Wish(limits.warning.get("offset"), limits.critical.get("offset"), options.precision)
    return Rules(limits, options.local_sync, options.timezone == "auto")


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


def judge(run: Run, rules: Rules, past: Mapping[str, Sequence[Before]] | tuple[()]) -> Iterator[Finding]:
    """What the answers mean. past: what earlier runs found, by the host's name; may be empty."""
    before = past or {}
    scale = scale_of(run.local, run.reference, rules.local_sync)
    for host in run.hosts:
        if host.failure is not None and len(run.hosts) == 1:
            yield Remark(State.UNKNOWN, f"{host.failure.words}{where(host)}", run.stopped is not None)
    if any(host.samples for host in run.hosts):
        yield from _about_scale(run.local, run.reference, rules.local_sync)
    if len(run.hosts) == 1:
        yield from findings(run.hosts[0], scale, rules, before.get(run.hosts[0].name, ()))
    else:
        from bothsides.check.snmp_clock_fleet import fleet

        yield from fleet(run, scale, rules, before)


def _about_scale(local: LocalClock, reference: Reference | None, policy: str) -> Iterator[Finding]:
    """What is wrong with the clock that the far ones are measured by."""
    if local.stepped:
        yield Remark(State.UNKNOWN, f"our own clock was moved by {local.stepped:+.3f} s during the check: nothing can be said")
    if reference is not None:
        if reference.failure is not None:
            yield Remark(State.UNKNOWN, f"reference {reference.name}: {reference.failure.words}")
        return
    if local.synchronised or policy == "ignore":
        return
    words = f"our own clock is not synchronised ({local.told or 'nobody knows its error'})"
    yield Remark(State.WARNING if policy == "warn" else State.UNKNOWN, words)
    if policy != "warn":
        yield Remark(State.OK, "--reference ntp:HOST takes another clock than ours, --local-sync ignore ours all the same")


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
    measure=measure,
    judge=judge,
    plan_type=Plan,
    run_type=Run,
    short=short,
    warning="5",
    critical="60",
    limits=rules,
    recall=snmp_clock_memory.recall,
    keep=snmp_clock_memory.keep,
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
    cli.main(CHECK)
