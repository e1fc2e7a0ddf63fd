"""Keeps what runs found about clocks, and brings it back."""

from bothsides.base.errors import Unable
from bothsides.base.types import Any, Iterable, Iterator, Mapping, NamedTuple, Sequence
from bothsides.check.snmp_clock.judge import known_of, scale_of
from bothsides.check.snmp_clock.past import Before
from bothsides.model.clock import Host, Plan, Run
from bothsides.plugin.finding import Finding, Remark, State
from bothsides.store import sqlite

_RECORDS = 400


def mode(options: Any) -> str:
    """Only with --state-dir or --state: one clock is well judged without a past, and cheaper."""
    return sqlite.mode(options) if options.state_dir or options.state in ("rw", "ro") else "off"


def _key(host: Host) -> str:
    return f"snmp_clock {host.name} {host.port} {'.'.join(map(str, host.source.oid))}"


class Past(NamedTuple):
    """What earlier runs found, and where this run is to be remembered."""

    rows: Mapping[str, Sequence[Before]]  # by the key of the store, oldest first
    directory: str = ""
    mode: str = "off"  # "rw", "ro" or "off"
    local_sync: str = "require"


def recall(options: Any, plan: Plan) -> Past:
    """What earlier runs found, by the host's name."""
    past = Past({}, options.state_dir, mode(options), options.local_sync)
    if past.mode == "off":
        return past
    try:
        with sqlite.opened(sqlite.place(options.state_dir), write=False) as store:
            keys = [
                key for name in plan.hosts for key in store.keys(f"snmp_clock {name} {plan.port} ")
            ]
            rows = {key: tuple(_read(store.past(key, _RECORDS))) for key in keys}
    except Unable:
        return past  # keep says so
    return past._replace(rows=rows)


def before(past: Past, run: Run) -> dict[str, Sequence[Before]]:
    """What runs before this one found, by the host's name."""
    return {
        host.name: [
            row
            for row in past.rows.get(_key(host), ())
            if not host.samples or row.at < host.samples[-1].received / 1e9
        ]
        for host in run.hosts
    }


def _read(records: Iterable[sqlite.Record]) -> Iterator[Before]:
    """The records that can be read."""
    for at, body in records:
        try:
            counts = (
                None if body.get(name) is None else float(body[name])
                for name in ("uptime", "running")
            )
            yield Before(at, float(body["low"]), float(body["high"]), int(body["shown"]), *counts)
        except (KeyError, TypeError, ValueError):
            continue


def keep(run: Run, past: Past) -> Iterator[Finding]:
    """Keeps what this run found."""
    if past.mode != "rw":
        return
    scale = scale_of(run.local, run.reference, past.local_sync)
    try:
        with sqlite.opened(sqlite.place(past.directory)) as store:
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
