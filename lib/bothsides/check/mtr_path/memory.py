"""What check_mtr_path remembers: baselines, addresses of a name, owners of addresses, and runs."""

import os
import time

from bothsides.analyse.path import baseline_classic
from bothsides.analyse.path.analysis import Analysis, may_share_network
from bothsides.analyse.path.baseline import Verdict, accept_current, decide, learn
from bothsides.analyse.path.baseline_document import (
    from_classic_document,
    from_document,
    to_classic_document,
    to_document,
    whole,
)
from bothsides.analyse.path.delay_memory import remember
from bothsides.analyse.path.ownership import Systems
from bothsides.analyse.path.past import Archive, AsSource, Keeping, Past, Remembered
from bothsides.analyse.path.walk import counts_by_ttl
from bothsides.base.errors import Unable
from bothsides.base.types import Iterator, Sequence
from bothsides.check.left_evidence import leave_path
from bothsides.check.mtr_path.text import owner_of, verdict_words
from bothsides.check.owner_files import maps_of
from bothsides.model.path import Plan, Reflection
from bothsides.parse.mtr.model import is_address
from bothsides.plugin.finding import Finding, Remark, State, Target
from bothsides.plugin.memory_options import Mode, mode_of
from bothsides.plugin.parser import Namespace
from bothsides.store import path_runs, udp_direction
from bothsides.store.path_memory import (
    addresses_of,
    classic_key,
    name_key,
    owners_key,
    path_key,
    to_addresses,
)
from bothsides.store.place import place
from bothsides.store.sqlite import Body, History, opened

_PRINTING = 0.3  # seconds before the deadline that are left for judging, keeping and printing
_MONTH = 30 * 86400
_LAST_AS = 2**32 - 1
_MOST_HOSTS = 8  # routers of a hop that are kept with a run
_MOST_OWNERS = 2000  # addresses whose owners are remembered


def recall(options: Namespace, plan: Plan) -> Past:
    """What is remembered about the paths to a host, and what says whose its hops are."""
    mode = mode_of(options)
    past = Past(maps=maps_of(options), sticky=options.sticky, keeping=_keeping(options, plan, mode))
    known: Systems = {}
    if mode != "off" and not options.input:
        try:
            with opened(place(options.state_dir), write=False) as store:
                addresses = addresses_of(store.document(name_key(plan.host)))
                past = past._replace(
                    addresses=addresses,
                    paths=_paths(store, plan, addresses),
                    directions=_directions(store, plan, addresses),
                )
                known = _known_owners(options, store)
        except Unable as fault:
            # a run that writes mends the memory, or says itself why it cannot
            past = past._replace(trouble="" if mode == "rw" else str(fault))
    return past._replace(as_source=_as_source(options, known))


def _keeping(options: Namespace, plan: Plan, mode: Mode) -> Keeping | None:
    """Where a run is kept; a replay and an old report are not."""
    if options.input or options.replay:
        return None
    archive = Archive(
        folder=options.archive,
        name=options.archive_name or plan.host,
        tree=options.archive_tree,
        age=options.keep,
    )
    return Keeping(
        directory=options.state_dir,
        learns=mode == "rw",
        accept=options.accept,
        owners_key=owners_key(options.as_file or options.asn),
        owners_stamp=_stamp(options),
        archive=archive if options.archive else None,
    )


def _paths(store: History, plan: Plan, addresses: Sequence[str]) -> dict[str, Remembered]:
    """The baselines of every address that the host may have.

    A name that was never asked for before may have an address that is known from elsewhere.
    """
    targets = dict.fromkeys(addresses)
    if is_address(plan.host):
        targets[plan.host] = None
    elif not addresses:
        targets |= dict.fromkeys(key.partition(" ")[2] for key in store.keys("path "))
        targets |= dict.fromkeys(key.partition(" ")[2] for key in store.keys("loose "))
    return {
        target: Remembered(
            from_document(store.document(path_key(target))),
            from_classic_document(store.document(classic_key(target))),
        )
        for target in targets
    }


def _directions(store: History, plan: Plan, addresses: Sequence[str]) -> dict[str, Reflection]:
    """What check_udp_loss has found lately about the addresses that the host may have."""
    document, now = store.document(udp_direction.KEY), time.time()
    if not document:
        return {}
    directions = (
        udp_direction.from_document(document, address, now)
        for address in ((plan.host, *addresses) if addresses else document)
    )
    return {
        each.address: Reflection(
            host=each.host,
            port=each.port,
            address=each.address,
            sent=each.sent,
            answered=each.answered,
            forward=each.forward,
            backward=each.backward,
            age=round(now - each.at, 3),
        )
        for each in directions
        if each is not None
    }


def _as_source(options: Namespace, known: Systems) -> AsSource | None:
    if not options.as_file and not options.asn:
        return None
    from bothsides.probe.net.asn_table import AsTable

    seconds = options.timeout - _PRINTING
    return AsTable(options.as_file, options.asn == "dns", known, seconds)


def _stamp(options: Namespace) -> str:
    """What changes when the table does; answers of the DNS are good for a month."""
    if not options.as_file:
        return str(int(time.time() // _MONTH))
    try:
        status = os.stat(options.as_file)
        return f"{status.st_mtime_ns}.{status.st_size}"
    except OSError:
        return ""


def _known_owners(options: Namespace, store: History) -> Systems:
    """AS numbers that an earlier run found in this very table: a million lines take a second."""
    if not options.as_file and not options.asn:
        return {}
    document = store.document(owners_key(options.as_file or options.asn))
    if not document or document.get("stamp") != _stamp(options):
        return {}
    try:
        known = {
            address: (whole(asn, _LAST_AS), name)
            for address, (asn, name) in document["known"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return {}
    return known if all(isinstance(name, str) for _, name in known.values()) else {}


def keep(analysis: Analysis, targets: Sequence[Target]) -> Iterator[Finding]:
    """Archives the run, lets the memory learn from it, and keeps it there."""
    run, keeping = analysis.run, analysis.past.keeping
    if keeping is None or not run.target or run.failure or run.stopped:
        return
    stored = to_stored(analysis, targets[0].state)
    if keeping.archive is not None:
        from bothsides.store import path_reports

        archive = keeping.archive
        try:
            path_reports.keep(archive.folder, stored, archive.name, archive.tree, archive.age)
        except Unable as fault:
            yield Remark(State.UNKNOWN, str(fault))
    if keeping.learns:
        yield from _learn(analysis, keeping, stored)


def _learn(analysis: Analysis, keeping: Keeping, stored: path_runs.StoredRun) -> Iterator[Finding]:
    run = analysis.run
    owners = {address: list(owner) for address, owner in analysis.systems.items()}
    owners = dict(list(owners.items())[-_MOST_OWNERS:])
    owners_document = {"stamp": keeping.owners_stamp, "known": owners}
    try:
        with opened(place(keeping.directory)) as store:
            if owners and owners != (store.document(keeping.owners_key) or {}).get("known"):
                store.change(keeping.owners_key, lambda _: owners_document)
            if run.fixed:
                store.change(path_key(run.target), lambda known: _learnt(analysis, known))
            else:
                store.change(
                    classic_key(run.target), lambda known: _classic_learnt(analysis, known)
                )
            store.change(
                name_key(run.host),
                lambda known: to_addresses(run.target, *run.aliases, *addresses_of(known)),
            )
            path_runs.keep(store, stored)
            leave_path(store, run, stored.state, stored.word)
            if store.mended:
                yield Remark(State.WARNING, store.mended)
    except Unable as fault:
        yield Remark(State.UNKNOWN, f"nothing learnt: {fault}")


def _learnt(analysis: Analysis, document: Body | None) -> Body:
    """The baseline's document after the run."""
    run, figures = analysis.run, analysis.figures
    baseline = from_document(document)
    answers = bool(analysis.echoes.times)
    if answers or analysis.looks[0].lengths:  # half a path teaches nothing
        verdict = analysis.verdict
        if baseline != analysis.baseline:  # another run has learnt in the meantime
            same = may_share_network(analysis.owners)
            verdict = decide(baseline, *analysis.looks, run.at, same, analysis.past.sticky)
        loss = figures.pl if answers else None
        probes = counts_by_ttl(run.first)
        baseline = learn(baseline, verdict, analysis.walk, run.at, figures.rta, probes, loss)
        if baseline.other is None and verdict.word not in ("silent", "unconfirmed"):
            baseline = baseline._replace(delays=remember(baseline.delays, run))
    if analysis.past.keeping is not None and analysis.past.keeping.accept:
        baseline = accept_current(baseline)
    return to_document(baseline._replace(echo=baseline.echo or answers))


def _classic_learnt(analysis: Analysis, document: Body | None) -> Body:
    """The document of the baseline for classic traces after the run."""
    baseline = from_classic_document(document)
    verdict: Verdict = analysis.verdict
    if baseline != analysis.classic:  # another run has learnt in the meantime
        same = may_share_network(analysis.owners)
        verdict = baseline_classic.decide(baseline, analysis.counts, analysis.run.at, same)
    learnt = baseline_classic.learn(baseline, verdict, analysis.counts, analysis.run.at)
    return to_classic_document(learnt)


def to_stored(analysis: Analysis, state: State) -> path_runs.StoredRun:
    """The run as it is kept; `state`: of the whole check."""
    run = analysis.run
    hops = tuple(
        path_runs.StoredHop(
            ttl=hop.ttl,
            hosts=hop.hosts[:_MOST_HOSTS],
            owner=owner_of(analysis, hop.hosts[0]) if hop.hosts else "",
            asked=hop.sent,
            lost=hop.lost,
            best=hop.best,
            avg=hop.mean,
            worst=hop.worst,
        )
        for hop in analysis.hops
    )
    return path_runs.StoredRun(
        at=run.at,
        host=run.host,
        target=run.target,
        source=run.source,
        engine=run.engine,
        state=state.value,
        word=analysis.verdict.word,
        words=_words(analysis),
        sent=analysis.echoes.sent,
        lost=analysis.echoes.lost,
        rta=analysis.figures.rta,
        hops=hops,
        flows=_routers_by_flow(analysis),
    )


def _words(analysis: Analysis) -> str:
    """What the run says of itself."""
    if analysis.reached and analysis.faults.loss is None:
        return verdict_words(analysis)
    from bothsides.check.mtr_path.place_text import result_words

    return result_words(analysis)


def _routers_by_flow(analysis: Analysis) -> dict[str, tuple[str, ...]]:
    """The routers from hop 1 on of every flow that was followed."""
    ttls = range(1, analysis.length + 1)
    followed = sorted({result.flow for result in analysis.run.first if result.ttl == 1})
    walk = analysis.walk.flows
    return {
        str(flow): tuple("/".join(walk.get(flow, {}).get(ttl, ())) for ttl in ttls)
        for flow in followed
    }
