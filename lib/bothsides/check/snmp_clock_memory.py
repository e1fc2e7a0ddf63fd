"""Keeps what runs found about clocks, and brings it back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bothsides import history
from bothsides.check.snmp_clock_host import known_of, scale_of
from bothsides.check.snmp_clock_past import Before
from bothsides.finding import Finding, Remark, State
from bothsides.probe import Unable
from bothsides.probe.snmp_plan import Host, Plan, Run

_RECORDS = 400


def mode(options: Any) -> str:
    """Only with --state-dir or --state: one clock is well judged without a past, and cheaper."""
    return history.mode(options) if options.state_dir or options.state in ("rw", "ro") else "off"


def _key(host: Host) -> str:
    return f"snmp_clock {host.name} {host.port} {'.'.join(map(str, host.source.oid))}"


def recall(options: Any, plan: Plan, run: Run) -> Mapping[str, Sequence[Before]]:
    """What earlier runs found, by the host's name."""
    if mode(options) == "off":
        return {}
    try:
        with history.opened(history.place(options.state_dir), write=False) as past:
            return {host.name: tuple(_read(past.past(_key(host), _RECORDS), host)) for host in run.hosts}
    except Unable:
        return {}  # keep says so


def _read(records: Iterable[history.Record], host: Host) -> Iterator[Before]:
    """The records that can be read, up to this run."""
    now = host.samples[-1].received / 1e9 if host.samples else float("inf")
    for at, body in records:
        try:
            counts = (None if body.get(name) is None else float(body[name]) for name in ("uptime", "running"))
            before = Before(at, float(body["low"]), float(body["high"]), int(body["shown"]), *counts)
        except (KeyError, TypeError, ValueError):
            continue
        if at < now:
            yield before


def keep(options: Any, plan: Plan, run: Run, past: Any, findings: list[Finding]) -> Iterator[Finding]:
    """Keeps what this run found."""
    if mode(options) != "rw":
        return
    scale = scale_of(run.local, run.reference, options.local_sync)
    try:
        with history.opened(history.place(options.state_dir)) as store:
            for host in run.hosts:
                known = known_of(host, scale, ())
                look = host.samples[-1].look if host.samples else None
                if known is not None and look is not None and known.trust != "stuck":
                    body = {"low": known.bounds.low, "high": known.bounds.high, "shown": look.shown}
                    since = {"uptime": host.samples[-1].uptime, "running": host.samples[-1].running}
                    store.keep(_key(host), look.received / 1e9, body | since)
            if store.mended:
                yield Remark(State.WARNING, store.mended)
    except Unable as fault:
        yield Remark(State.UNKNOWN, f"nothing remembered: {fault}")
