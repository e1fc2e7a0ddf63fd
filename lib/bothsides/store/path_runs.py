"""Runs over a path as they are remembered, shown and handed to a provider."""

import heapq
import math
from itertools import groupby
from operator import attrgetter

from bothsides.base.types import Iterable, Iterator, NamedTuple, Sequence
from bothsides.parse import Unreadable
from bothsides.parse.mtr.model import Hop, Host, Trace
from bothsides.store.sqlite import History, Record

EVIDENCE = 400 * 86400.0  # seconds that what proves an incident is kept
_SEVERAL = 1000  # runs whose hops are held before they are summed up
_LARGEST = 1e11  # no moment, time or count of ours is larger


class Seen(NamedTuple):
    """One hop of one run: who answered (most frequent first), whose the first is, probes and delays in seconds."""

    ttl: int
    hosts: tuple[str, ...]
    owner: str
    asked: int
    lost: int
    best: float | None
    avg: float | None
    worst: float | None


class Entry(NamedTuple):
    """One run. at: UTC seconds; state and word: the check's verdict, words: in a sentence; sent and lost:
    echoes to the target; flows: who answered, by flow and from hop 1 on; role: what it proves of an
    incident ("last good", "first bad", "worst", "after"), or nothing."""

    at: float
    host: str
    target: str
    source: str
    engine: str
    state: str
    word: str
    words: str
    sent: int
    lost: int
    rta: float | None
    hops: tuple[Seen, ...]
    flows: dict[str, tuple[str, ...]]
    role: str = ""


_FIELDS = frozenset(Entry._fields)
_NEEDED = _FIELDS - Entry._field_defaults.keys()


def keep(history: History, entry: Entry) -> None:
    """Keeps a run, and what proves an incident for longer: last good, first bad, worst and after."""
    from bothsides.base.record import to_json

    key = f"run {entry.target}"
    before = [_entry(record) for record in history.past(key, limit=1, before=entry.at)]
    last = before[-1] if before else None
    history.keep(key, entry.at, to_json(entry))
    bad, was = (
        entry.state in ("WARNING", "CRITICAL"),
        last is not None and last.state in ("WARNING", "CRITICAL"),
    )
    proofs: list[tuple[str, Entry]] = []
    if bad and not was:
        proofs = [("last good", last)] if last is not None else []
        proofs.append(("first bad", entry))
    elif was and not bad:
        proofs = [("worst", worst) for worst in _worst(history, key, entry.at)] + [("after", entry)]
    for role, proof in proofs:
        history.keep(
            f"evidence {entry.target}", proof.at, to_json(proof._replace(role=role)), EVIDENCE
        )


def _worst(history: History, key: str, before: float) -> list[Entry]:
    """The run with the most loss among the bad ones just before a moment."""
    bad: list[Entry] = []
    for record in reversed(history.past(key, limit=500, before=before)):
        entry = _entry(record)
        if entry is None or entry.state not in ("WARNING", "CRITICAL"):
            break
        bad.append(entry)
    return sorted(bad, key=lambda entry: (entry.lost / max(1, entry.sent), entry.rta or 0.0))[-1:]


def entries(history: History, target: str, since: float, until: float) -> Iterator[Entry]:
    """The runs of a target in a span of time, evidence of older incidents included, one by one, oldest first."""
    for _, records in _moments(history, target, since, until):
        same = [entry for entry in map(_entry, records) if entry is not None]
        if same:
            yield same[-1]._replace(role=", ".join(entry.role for entry in same if entry.role))


def nearest(history: History, target: str, at: float) -> Entry | None:
    """The run that is nearest to a moment."""
    found = []
    for key in (f"run {target}", f"evidence {target}"):
        found += [
            _first(history.rows(key, before=at, newest=True)),
            _first(history.rows(key, since=at)),
        ]
    near = min(
        (entry.at for entry in found if entry is not None),
        key=lambda moment: abs(moment - at),
        default=None,
    )
    return (
        None
        if near is None
        else next(entries(history, target, near, math.nextafter(near, math.inf)), None)
    )


class Tally(NamedTuple):
    """The runs of a target in numbers: how many, how many of them bad, and UTC seconds of the first and the last."""

    runs: int
    bad: int
    first: float
    last: float


def tally(history: History, target: str) -> Tally:
    """Counts the runs without looking closely at each: of two weeks there may be twenty thousand."""
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
    since, until = max(since, 0.0), min(until, _LARGEST)
    kinds = [history.rows(f"{kind} {target}", since, until) for kind in ("evidence", "run")]
    return groupby(heapq.merge(*kinds, key=attrgetter("at")), key=attrgetter("at"))


def targets(history: History) -> dict[str, Entry]:
    """The addresses of which runs are kept that can be read, each with its last run."""
    last = {
        key.removeprefix("run "): _first(history.rows(key, newest=True))
        for key in history.keys("run ")
    }
    return {address: entry for address, entry in last.items() if entry is not None}


def _first(records: Iterable[Record]) -> Entry | None:
    return next((entry for entry in map(_entry, records) if entry is not None), None)


def to_trace(entry: Entry) -> Trace:
    """A run in mtr's own terms. The figures of the echoes are the target's alone: where the last hop is somebody
    else, who may have answered everything, a hop of the target's own follows."""
    seen = list(entry.hops)
    last = seen[-1].hosts if seen else ()  # none: a hop that is not compared
    if entry.sent and entry.target in last:
        seen[-1] = seen[-1]._replace(asked=entry.sent, lost=entry.lost)
    elif entry.sent:
        seen = seen if last else seen[:-1]
        hosts = (entry.target,) if entry.lost < entry.sent else ()
        ttl = seen[-1].ttl + 1 if seen else 1
        seen.append(Seen(ttl, hosts, "", entry.sent, entry.lost, entry.rta, entry.rta, entry.rta))
    hops = [
        Hop(
            hop.ttl,
            tuple(Host(host) for host in hop.hosts),
            hop.asked,
            hop.asked - hop.lost,
            hop.lost / hop.asked if hop.asked else None,
            hop.avg,
            hop.avg,
            hop.best,
            hop.worst,
            0.0 if hop.avg is not None else None,
        )
        for hop in seen
    ]
    return Trace("raw", "", entry.source, entry.target, entry.at, tuple(hops))


def _entry(record: Record) -> Entry | None:
    """The run of a record; None for what another version, or somebody else, has written."""
    from bothsides.base.record import from_json

    try:
        made = from_json(Entry, record.body)
    except (Unreadable, TypeError, OverflowError, RecursionError):
        return None
    entry = made._replace(at=record.at) if isinstance(made, Entry) else None
    return entry if entry is not None and _possible(entry) else None


def _possible(entry: Entry) -> bool:
    """Whether a run can have been like that: a TTL of a billion would be shown hop by hop."""
    counts = [(entry.sent, entry.lost), *((hop.asked, hop.lost) for hop in entry.hops)]
    times = [
        entry.at,
        entry.rta,
        *(time for hop in entry.hops for time in (hop.best, hop.avg, hop.worst)),
    ]
    return (
        all(0 <= lost <= asked <= _LARGEST for asked, lost in counts)
        and all(time is None or 0 <= time <= _LARGEST for time in times)
        and all(0 < hop.ttl <= 255 for hop in entry.hops)
    )


class Span(NamedTuple):
    """Several runs together. words: the window; runs; hops: as in Seen, summed up; rta and loss of the target."""

    words: str
    runs: int
    hops: tuple[Seen, ...]
    sent: int
    lost: int
    rta: float | None


def together(words: str, runs: Iterable[Entry]) -> Span:
    """What the runs of a window saw."""
    hops: dict[int, list[Seen]] = {}
    times: list[float] = []
    number, sent, lost = 0, 0, 0
    for entry in runs:
        number, sent, lost = number + 1, sent + entry.sent, lost + entry.lost
        times += [] if entry.rta is None else [entry.rta]
        for seen in entry.hops:
            several = hops.setdefault(seen.ttl, [])
            several.append(seen)
            if len(several) > _SEVERAL:
                several[:] = [_summed(seen.ttl, several)]
    summed = tuple(_summed(ttl, several) for ttl, several in sorted(hops.items()))
    return Span(words, number, summed, sent, lost, sum(times) / len(times) if times else None)


def _summed(ttl: int, several: Sequence[Seen]) -> Seen:
    hosts = tuple(dict.fromkeys(host for seen in several for host in seen.hosts))
    delays = [(seen.avg, seen.asked - seen.lost) for seen in several if seen.avg is not None]
    weight = sum(count for _, count in delays)
    return Seen(
        ttl,
        hosts,
        next((seen.owner for seen in several if seen.owner), ""),
        sum(seen.asked for seen in several),
        sum(seen.lost for seen in several),
        min((seen.best for seen in several if seen.best is not None), default=None),
        sum(avg * count for avg, count in delays) / weight if weight else None,
        max((seen.worst for seen in several if seen.worst is not None), default=None),
    )
