"""The memory of check_snmp_clock: what runs found about each clock, one record a run."""

from bothsides.analyse.clock import Analysis, HostAnalysis
from bothsides.analyse.clock_offset import kept_at_most
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
            optional = {name: _number(body.get(name)) for name in ("uptime", "running")}
            optional |= {name: _number(body.get(name)) for name in ("kept", "proved")}
            low, high, shown = float(body["low"]), float(body["high"]), int(body["shown"])
        except (KeyError, TypeError, ValueError):
            continue
        yield Earlier(at=at, low=low, high=high, shown=shown, **optional)


def _number(value: object) -> float | None:
    """A number of a record; ValueError for anything else."""
    if value is None:
        return None
    if not isinstance(value, int | float):
        raise ValueError
    return float(value)


def keep(analysis: Analysis, targets: Sequence[Target]) -> Iterator[Finding]:
    """Remembers what this run alone proves about each clock, but for values that stand still."""
    past = analysis.past
    if past.mode != "rw":
        return
    try:
        with sqlite.opened(place(past.directory)) as store:
            for host in analysis.hosts:
                body = _body(host, past)
                if body is not None:
                    received = host.host.samples[-1].received
                    store.keep(_key(host.host), received / 1e9, body)
            if store.mended:
                yield Remark(State.WARNING, store.mended)
    except Unable as fault:
        yield Remark(State.UNKNOWN, f"nothing remembered: {fault}")


def _body(host: HostAnalysis, past: Past) -> dict[str, float | None] | None:
    """What is remembered of one clock; None where its value stands still or shows no time."""
    sample = host.host.samples[-1] if host.host.samples else None
    look = sample.look if sample is not None else None
    if sample is None or look is None or host.alone is None or not host.alone.moves:
        return None
    low, high = host.alone.offset
    body = {"low": low, "high": high, "shown": look.shown}
    kept, proved = _kept(host, past)
    since = {"uptime": sample.uptime, "running": sample.running, "kept": kept, "proved": proved}
    return body | since


def _kept(host: HostAnalysis, past: Past) -> tuple[float | None, float | None]:
    """For how long the agent keeps the value at most, and since when that is proved."""
    looks = [sample.look for sample in host.host.samples if sample.look is not None]
    if looks[-1].kept is None:
        kept = kept_at_most(looks) if looks[-1].unsure else None
        return kept, None if kept is None else looks[-1].received / 1e9
    earlier = past.clocks.get((host.host.name, host.host.source.oid), ())
    return looks[-1].kept, next((run.proved for run in reversed(earlier)), None)
