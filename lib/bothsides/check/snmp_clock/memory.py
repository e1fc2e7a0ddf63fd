"""The memory of check_snmp_clock: what runs found about each clock, one record a run."""

from bothsides.analyse.clock import Analysis
from bothsides.base.errors import Unable
from bothsides.base.types import Iterable, Iterator, Sequence
from bothsides.model.clock import Earlier, Host, MemoryMode, Past, Plan
from bothsides.parse import Unreadable
from bothsides.parse.snmp import Oid, from_oid, to_oid
from bothsides.plugin.finding import Finding, Remark, State, Target
from bothsides.plugin.memory_options import asked_of, mode_of
from bothsides.plugin.parser import Namespace
from bothsides.store import sqlite
from bothsides.store.place import place

_MOST = 400  # records of one clock that are read


def mode(options: Namespace) -> MemoryMode:
    """Only with --state-dir or --memory: one clock is well judged without a past, and cheaper."""
    if not options.state_dir and asked_of(options) not in ("rw", "ro"):
        return "off"
    return mode_of(options)


def _prefix(name: str, port: int) -> str:
    """The beginning of the keys of a host, as they stand in the store."""
    return f"snmp_clock {name} {port} "


def _key(host: Host) -> str:
    return _prefix(host.name, host.port) + to_oid(host.source.oid)[1:]


def recall(options: Namespace, plan: Plan) -> Past:
    """What earlier runs found about the hosts of the plan, and where this run is to be kept."""
    past = Past(directory=options.state_dir, mode=mode(options))
    if past.mode == "off":
        return past
    clocks: dict[tuple[str, Oid], Sequence[Earlier]] = {}
    try:
        with sqlite.opened(place(options.state_dir), write=False) as store:
            for name in plan.hosts:
                prefix = _prefix(name, plan.port)
                for key in store.keys(prefix):
                    oid = _oid(key.removeprefix(prefix))
                    clocks[name, oid] = tuple(_earlier(store.past(key, _MOST)))
    except Unable:
        return past  # `keep` says so
    return past._replace(clocks=clocks)


def _oid(text: str) -> Oid:
    """The OID at the end of a key; none where it was not written by this check."""
    try:
        return from_oid(text)
    except Unreadable:
        return ()


def _earlier(records: Iterable[sqlite.Record]) -> Iterator[Earlier]:
    """The records that can be read."""
    for at, body in records:
        try:
            uptime, running = (
                None if body.get(name) is None else float(body[name])
                for name in ("uptime", "running")
            )
            low, high, shown = float(body["low"]), float(body["high"]), int(body["shown"])
        except (KeyError, TypeError, ValueError):
            continue
        yield Earlier(at=at, low=low, high=high, shown=shown, uptime=uptime, running=running)


def keep(analysis: Analysis, targets: Sequence[Target]) -> Iterator[Finding]:
    """Remembers what this run alone proves about each clock, but for values that stand still."""
    past = analysis.past
    if past.mode != "rw":
        return
    try:
        with sqlite.opened(place(past.directory)) as store:
            for host in analysis.hosts:
                sample = host.host.samples[-1] if host.host.samples else None
                look = sample.look if sample is not None else None
                if sample is None or look is None or host.alone is None:
                    continue
                if host.alone.freshness != "stuck":
                    low, high = host.alone.offset
                    body = {"low": low, "high": high, "shown": look.shown}
                    since = {"uptime": sample.uptime, "running": sample.running}
                    store.keep(_key(host.host), look.received / 1e9, body | since)
            if store.mended:
                yield Remark(State.WARNING, store.mended)
    except Unable as fault:
        yield Remark(State.UNKNOWN, f"nothing remembered: {fault}")
