"""Stored runs of a path: keep, read back, summarise."""

import math

from bothsides.base.types import Iterable, Iterator, NamedTuple, Sequence
from bothsides.parse import Unreadable
from bothsides.parse.mtr.model import Hop, Host, Trace
from bothsides.store.sqlite import History, Record

EVIDENCE = 400 * 86400.0  # seconds that what proves an incident is kept
_SEVERAL = 1000  # runs whose hops are held before they are summarised
_LARGEST = 1e11  # no moment, time or count of ours is larger


class StoredHop(NamedTuple):
    """One hop of one run, or of several runs together."""

    ttl: int
    hosts: tuple[str, ...]  # routers that answered, the most frequent one first
    owner: str  # network of the first router; "": not known
    asked: int  # probes
    lost: int  # probes without an answer
    best: float | None  # s
    avg: float | None  # s
    worst: float | None  # s


class StoredRun(NamedTuple):
    """One run of check_mtr_path, under the names that the memory and the exports have."""

    at: float  # s, UTC
    host: str  # target as it was asked for
    target: str  # its address
    source: str  # address of the measuring host
    engine: str  # what probed, in words
    state: str  # of the whole check: OK, WARNING, CRITICAL or UNKNOWN
    word: str  # verdict on the path, as baseline.Word
    words: str  # verdict in a sentence
    sent: int  # echo requests to the target
    lost: int  # echo requests without a reply
    rta: float | None  # s, mean round trip of the target
    hops: tuple[StoredHop, ...]
    flows: dict[str, tuple[str, ...]]  # routers from hop 1 on, by flow
    role: str = ""  # in an incident: "last good", "first bad", "worst", "after", or nothing


_FIELDS = frozenset(StoredRun._fields)
_NEEDED = _FIELDS - StoredRun._field_defaults.keys()


def keep(history: History, run: StoredRun) -> None:
    """Keeps a run and, for longer, evidence of an incident: last good, first bad, worst, after."""
    from bothsides.base.record import to_json

    key = f"run {run.target}"
    before = [_entry(record) for record in history.past(key, limit=1, before=run.at)]
    last = before[-1] if before else None
    history.keep(key, run.at, to_json(run))
    bad, was_bad = is_bad(run), last is not None and is_bad(last)
    proofs: list[tuple[str, StoredRun]] = []
    if bad and not was_bad:
        proofs = [("last good", last)] if last is not None else []
        proofs.append(("first bad", run))
    elif was_bad and not bad:
        proofs = [("worst", worst) for worst in _worst(history, key, run.at)] + [("after", run)]
    for role, proof in proofs:
        history.keep(
            f"evidence {run.target}", proof.at, to_json(proof._replace(role=role)), EVIDENCE
        )


def is_bad(run: StoredRun) -> bool:
    """Whether a run alarmed."""
    return run.state in ("WARNING", "CRITICAL")


def _worst(history: History, key: str, before: float) -> list[StoredRun]:
    """The run with the most loss among the bad ones just before a moment."""
    bad: list[StoredRun] = []
    for record in reversed(history.past(key, limit=500, before=before)):
        run = _entry(record)
        if run is None or not is_bad(run):
            break
        bad.append(run)
    return sorted(bad, key=lambda run: (run.lost / max(1, run.sent), run.rta or 0.0))[-1:]


def entries(history: History, target: str, since: float, until: float) -> Iterator[StoredRun]:
    """The runs of a target in a window of time, older evidence included, oldest first."""
    for _, records in _moments(history, target, since, until):
        same = [run for run in map(_entry, records) if run is not None]
        if same:
            yield same[-1]._replace(role=", ".join(run.role for run in same if run.role))


def nearest(history: History, target: str, at: float) -> StoredRun | None:
    """The run that is nearest to a moment."""
    runs = []
    for key in (f"run {target}", f"evidence {target}"):
        runs += [
            _first(history.rows(key, before=at, newest=True)),
            _first(history.rows(key, since=at)),
        ]
    near = min(
        (run.at for run in runs if run is not None),
        key=lambda moment: abs(moment - at),
        default=None,
    )
    return (
        None
        if near is None
        else next(entries(history, target, near, math.nextafter(near, math.inf)), None)
    )


class Tally(NamedTuple):
    """The runs of a target in numbers."""

    runs: int
    bad: int  # WARNING or CRITICAL
    first: float  # s, UTC
    last: float  # s, UTC


def tally(history: History, target: str) -> Tally:
    """Counts the runs without reading each: of two weeks there may be twenty thousand."""
    runs, bad, first, last = 0, 0, math.inf, -math.inf
    for at, records in _moments(history, target, -math.inf, math.inf):
        bodies = [record.body for record in records if _NEEDED <= record.body.keys() <= _FIELDS]
        if bodies:
            runs, bad = runs + 1, bad + (bodies[-1]["state"] in ("WARNING", "CRITICAL"))
            first, last = min(first, at), max(last, at)
    return Tally(runs, bad, first, last)


def _moments(
    history: History, target: str, since: float, until: float
) -> Iterator[tuple[float, Iterator[Record]]]:
    """What is kept of each moment: evidence first, then the run itself."""
    import heapq  # 0.6 ms with `operator`, for readers of the past
    from itertools import groupby
    from operator import attrgetter

    since, until = max(since, 0.0), min(until, _LARGEST)
    kinds = [history.rows(f"{kind} {target}", since, until) for kind in ("evidence", "run")]
    return groupby(heapq.merge(*kinds, key=attrgetter("at")), key=attrgetter("at"))


def targets(history: History) -> dict[str, StoredRun]:
    """The addresses with readable runs, each with its last run."""
    last = {
        key.removeprefix("run "): _first(history.rows(key, newest=True))
        for key in history.keys("run ")
    }
    return {address: run for address, run in last.items() if run is not None}


def _first(records: Iterable[Record]) -> StoredRun | None:
    return next((run for run in map(_entry, records) if run is not None), None)


def to_trace(run: StoredRun) -> Trace:
    """A run in mtr's own terms.

    The figures of the echoes are the target's alone: where the last hop is another router, which
    may have answered every probe, a hop of the target's own follows.
    """
    seen = list(run.hops)
    last = seen[-1].hosts if seen else ()  # empty: a hop that is not compared
    if run.sent and run.target in last:
        seen[-1] = seen[-1]._replace(asked=run.sent, lost=run.lost)
    elif run.sent:
        seen = seen if last else seen[:-1]
        hosts = (run.target,) if run.lost < run.sent else ()
        ttl = seen[-1].ttl + 1 if seen else 1
        seen.append(StoredHop(ttl, hosts, "", run.sent, run.lost, run.rta, run.rta, run.rta))
    return Trace(
        format="raw",
        version="",
        source=run.source,
        target=run.target,
        started=run.at,
        hops=tuple(_to_hop(hop) for hop in seen),
    )


def _to_hop(hop: StoredHop) -> Hop:
    return Hop(
        ttl=hop.ttl,
        hosts=tuple(Host(host) for host in hop.hosts),
        sent=hop.asked,
        received=hop.asked - hop.lost,
        loss=hop.lost / hop.asked if hop.asked else None,
        last=hop.avg,
        avg=hop.avg,
        best=hop.best,
        worst=hop.worst,
        stdev=0.0 if hop.avg is not None else None,
    )


def _entry(record: Record) -> StoredRun | None:
    """The run of a record; None for what another version, or another program, has written."""
    from bothsides.base.record import from_json

    try:
        made = from_json(StoredRun, record.body)
    except (Unreadable, TypeError, OverflowError, RecursionError):
        return None
    run = made._replace(at=record.at) if isinstance(made, StoredRun) else None
    return run if run is not None and _possible(run) else None


def _possible(run: StoredRun) -> bool:
    """Whether a run can have been like that: a TTL of a billion would be shown hop by hop."""
    counts = [(run.sent, run.lost), *((hop.asked, hop.lost) for hop in run.hops)]
    times = [
        run.at,
        run.rta,
        *(time for hop in run.hops for time in (hop.best, hop.avg, hop.worst)),
    ]
    return (
        all(0 <= lost <= asked <= _LARGEST for asked, lost in counts)
        and all(time is None or 0 <= time <= _LARGEST for time in times)
        and all(0 < hop.ttl <= 255 for hop in run.hops)
    )


class WindowSummary(NamedTuple):
    """All runs of one window of time together."""

    words: str  # the window, for people
    runs: int
    hops: tuple[StoredHop, ...]
    sent: int  # echo requests to the target
    lost: int  # echo requests without a reply
    rta: float | None  # s, mean of the runs' mean round trips


def summarise(words: str, runs: Iterable[StoredRun]) -> WindowSummary:
    """The runs of a window together; `words`: the window, for people."""
    hops: dict[int, list[StoredHop]] = {}
    times: list[float] = []
    number, sent, lost = 0, 0, 0
    for run in runs:
        number, sent, lost = number + 1, sent + run.sent, lost + run.lost
        times += [] if run.rta is None else [run.rta]
        for seen in run.hops:
            several = hops.setdefault(seen.ttl, [])
            several.append(seen)
            if len(several) > _SEVERAL:
                several[:] = [_summed(seen.ttl, several)]
    summed = tuple(_summed(ttl, several) for ttl, several in sorted(hops.items()))
    rta = sum(times) / len(times) if times else None
    return WindowSummary(words=words, runs=number, hops=summed, sent=sent, lost=lost, rta=rta)


def _summed(ttl: int, several: Sequence[StoredHop]) -> StoredHop:
    hosts = tuple(dict.fromkeys(host for seen in several for host in seen.hosts))
    delays = [(seen.avg, seen.asked - seen.lost) for seen in several if seen.avg is not None]
    weight = sum(count for _, count in delays)
    return StoredHop(
        ttl=ttl,
        hosts=hosts,
        owner=next((seen.owner for seen in several if seen.owner), ""),
        asked=sum(seen.asked for seen in several),
        lost=sum(seen.lost for seen in several),
        best=min((seen.best for seen in several if seen.best is not None), default=None),
        avg=sum(avg * count for avg, count in delays) / weight if weight else None,
        worst=max((seen.worst for seen in several if seen.worst is not None), default=None),
    )
