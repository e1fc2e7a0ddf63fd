"""What check_mtr_path remembers of a path, of its runs and of the owners of addresses."""

import os
import time

from bothsides.analyse.path import baseline_classic
from bothsides.analyse.path.baseline import (
    Memory,
    accepted,
    decide,
    from_document,
    learnt,
    to_document,
    whole,
)
from bothsides.analyse.path.compare import Walk, join
from bothsides.analyse.path.ownership import is_special, looked_up
from bothsides.analyse.statistics import mean
from bothsides.base.errors import Unable
from bothsides.base.types import Any, Iterable, Iterator, Mapping
from bothsides.check.mtr_path.options import FIGURES, limits
from bothsides.check.mtr_path.view import (
    Past,
    View,
    entry_of,
    heard,
    kin,
    loss_of,
    met,
    view_of,
    walks,
)
from bothsides.parse.mtr.model import is_address
from bothsides.plugin.finding import Finding, Ranges, Remark, State
from bothsides.probe.mtr import measure
from bothsides.probe.mtr.session import Answer, Plan, Run
from bothsides.store import path_runs, sqlite

_DNS = 1.0  # seconds that asking the DNS for owners may take
_PRINTING = 0.3  # seconds before the deadline that are left for judging, keeping and printing
_MONTH = 30 * 86400
_SYSTEMS = 2**32 - 1  # the last AS number


def recall(options: Any, plan: Plan, run: Run) -> Past:
    """What is remembered about the target of the run, and whose the addresses on the way are."""
    mode = sqlite.mode(options)
    past = Past()
    known: dict[str, tuple[int, str]] = {}
    if mode != "off" and run.target and not options.input:
        try:
            with sqlite.opened(sqlite.place(options.state_dir), write=False) as store:
                past = Past(
                    from_document(store.document(measure.path_key(run.target))),
                    measure.known_addresses(store, run.host),
                    baseline_classic.from_document(store.document(f"loose {run.target}")),
                )
                known = _remembered(store.document(_table(options)), _stamp(options))
        except Unable as fault:
            past = Past(
                trouble="" if mode == "rw" else str(fault)
            )  # a writer mends it, or says so himself
    addresses = _met(run, past.memory)
    wanted = [address for address in addresses if address not in known]
    if options.as_file and wanted:
        try:
            known = {**known, **dict.fromkeys(wanted, (0, "")), **_systems(options.as_file, wanted)}
        except Unable as fault:
            past = past._replace(trouble=past.trouble or str(fault))
    if options.asn == "dns":
        unknown = [
            address
            for address in addresses
            if not known.get(address, (0, ""))[0] and not is_special(address)
        ]
        known = {**known, **_from_dns(unknown, options, run)}
    return past._replace(systems=known if options.as_file or options.asn else {})


def _from_dns(addresses: list[str], options: Any, run: Run) -> Mapping[str, tuple[int, str]]:
    """What the DNS knows within a second, and within the deadline."""
    from bothsides.probe.net.cymru import origins

    left = options.timeout - _PRINTING - (0.0 if options.replay else run.took)
    return (
        origins(addresses, min(_DNS, left))
        if addresses and left > 0 and run.stopped is None
        else {}
    )


def _table(options: Any) -> str:
    """The memory's key of the owners that this table, or the DNS, has told."""
    return f"owners {options.as_file or options.asn}"


def _stamp(options: Any) -> str:
    """What changes when the table does; answers of the DNS are good for a month."""
    if not options.as_file:
        return str(int(time.time() // _MONTH))
    try:
        found = os.stat(options.as_file)
        return f"{found.st_mtime_ns}.{found.st_size}"
    except OSError:
        return ""


def _remembered(document: Mapping[str, Any] | None, stamp: str) -> dict[str, tuple[int, str]]:
    """Owners that an earlier run has looked up in this very table: a million lines take more than a second."""
    if not document or document.get("stamp") != stamp:
        return {}
    try:
        known = {
            address: (whole(asn, _SYSTEMS), name)
            for address, (asn, name) in document["known"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return {}
    return known if all(isinstance(name, str) for _, name in known.values()) else {}


def _met(run: Run, memory: Memory) -> list[str]:
    hosts = {answer.host for answer in (*run.first, *(run.second or ())) if answer.host} | {
        run.target
    }
    for path in (memory.normal, memory.other):
        hosts |= {host for known in path.members.values() for host in known} if path else set()
    return sorted(host for host in hosts if is_address(host))


def _systems(path: str, addresses: list[str]) -> Mapping[str, tuple[int, str]]:
    """AS numbers and names from a table of any of the usual kinds."""
    try:
        if path.endswith(".mmdb"):
            return _from_mmdb(path, addresses)
        if path.endswith(".gz"):
            import gzip

            with gzip.open(path, "rt", encoding="utf-8", errors="replace") as packed:
                return looked_up(addresses, packed)
        with open(path, encoding="utf-8", errors="replace") as file:
            return looked_up(addresses, file)
    except (OSError, EOFError) as fault:
        raise Unable(f"cannot read {path}: {getattr(fault, 'strerror', None) or fault}") from None


def _from_mmdb(path: str, addresses: list[str]) -> Mapping[str, tuple[int, str]]:
    try:
        import maxminddb
    except ImportError:
        raise Unable(f"{path} needs maxminddb; run pip install maxminddb") from None
    found = {}
    try:
        with maxminddb.open_database(path) as database:
            six = database.metadata().ip_version == 6
            for address in addresses:
                row = database.get(address.partition("%")[0]) if six or ":" not in address else None
                number = row.get("autonomous_system_number") if isinstance(row, dict) else None
                if isinstance(row, dict) and isinstance(number, int):
                    found[address] = (number, str(row.get("autonomous_system_organization", "")))
    except maxminddb.InvalidDatabaseError as fault:
        raise Unable(f"cannot read {path}: {fault}") from None
    return found


def keep(options: Any, plan: Plan, run: Run, past: Past, state: State) -> Iterator[Finding]:
    """Lets the memory learn from the run, keeps the run itself and archives it."""
    if options.input or not run.target or run.failure or run.stopped or options.replay:
        return
    terms = limits(options, Ranges(FIGURES, {}, {}))
    view = view_of(run, terms, past)
    entry = entry_of(view, state.value)
    if options.archive:
        from bothsides.store import path_reports

        try:
            path_reports.keep(
                options.archive,
                entry,
                options.archive_name or run.host,
                options.archive_tree,
                options.keep,
            )
        except Unable as fault:
            yield Remark(State.UNKNOWN, str(fault))
    if sqlite.mode(options) == "rw":
        yield from _learn(options, run, view, entry)


def _learn(options: Any, run: Run, view: View, entry: path_runs.Entry) -> Iterator[Finding]:
    first, second = walks(run)

    def learned(document: dict[str, Any] | None) -> dict[str, Any]:
        memory = from_document(document)
        if heard(run) or first.lengths:  # half a path teaches nothing
            verdict = decide(memory, first, second, run.at, kin(view.owners), options.sticky)
            both, loss = join(first, second or Walk({}, {})), loss_of(view) if heard(run) else None
            memory = learnt(memory, verdict, both, run.at, mean(heard(run)), asked(run.first), loss)
        memory = accepted(memory) if options.accept else memory
        return to_document(memory._replace(echo=memory.echo or bool(heard(run))))

    def met_again(document: dict[str, Any] | None) -> dict[str, Any]:
        memory = baseline_classic.from_document(document)
        return baseline_classic.to_document(
            baseline_classic.learnt(
                memory, baseline_classic.decide(memory, met(run), run.at), met(run)
            )
        )

    def addressed(document: dict[str, Any] | None) -> dict[str, Any]:
        return {
            "addresses": list(
                dict.fromkeys((run.target, *run.aliases, *measure.addresses_of(document)))
            )[:8]
        }

    systems = {address: list(found) for address, found in list(view.past.systems.items())[-2000:]}
    try:
        with sqlite.opened(sqlite.place(options.state_dir)) as store:
            if systems and systems != (store.document(_table(options)) or {}).get("known"):
                store.change(
                    _table(options), lambda _: {"stamp": _stamp(options), "known": systems}
                )
            if run.fixed:
                store.change(measure.path_key(run.target), learned)
            else:
                store.change(f"loose {run.target}", met_again)
            store.change(f"target {run.host}", addressed)
            path_runs.keep(store, entry)
            if store.mended:
                yield Remark(State.WARNING, store.mended)
    except Unable as fault:
        yield Remark(State.UNKNOWN, f"nothing learnt: {fault}")


def asked(answers: Iterable[Answer]) -> dict[int, tuple[int, int]]:
    """Probes asked and answered by TTL."""
    counts: dict[int, tuple[int, int]] = {}
    for answer in answers:
        probes, replies = counts.get(answer.ttl, (0, 0))
        counts[answer.ttl] = (probes + 1, replies + (answer.kind != "silent"))
    return counts
