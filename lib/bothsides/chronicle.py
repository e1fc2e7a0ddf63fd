"""Runs over a path as they are remembered, shown and handed to a provider."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bothsides.history import History
from bothsides.parse import Unreadable
from bothsides.parse.trace import Hop, Host, Trace

EVIDENCE = 400 * 86400.0  # seconds that what proves an incident is kept


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


def keep(history: History, entry: Entry) -> None:
    """Keeps a run, and what proves an incident for longer: last good, first bad, worst and after."""
    from bothsides.record import to_json

    key = f"run {entry.target}"
    before = [_entry(record.body) for record in history.past(key, limit=1, before=entry.at)]
    last = before[-1] if before else None
    history.keep(key, entry.at, to_json(entry))
    bad, was = entry.state in ("WARNING", "CRITICAL"), last is not None and last.state in ("WARNING", "CRITICAL")
    proofs: list[tuple[str, Entry]] = []
    if bad and not was:
        proofs = [("last good", last)] if last is not None else []
        proofs.append(("first bad", entry))
    elif was and not bad:
        proofs = [("worst", worst) for worst in _worst(history, key, entry.at)] + [("after", entry)]
    for role, proof in proofs:
        history.keep(f"evidence {entry.target}", proof.at, to_json(proof._replace(role=role)), EVIDENCE)


def _worst(history: History, key: str, before: float) -> list[Entry]:
    """The run with the most loss among the bad ones just before a moment."""
    bad: list[Entry] = []
    for record in reversed(history.past(key, limit=500, before=before)):
        entry = _entry(record.body)
        if entry is None or entry.state not in ("WARNING", "CRITICAL"):
            break
        bad.append(entry)
    return sorted(bad, key=lambda entry: (entry.lost / max(1, entry.sent), entry.rta or 0.0))[-1:]


def entries(history: History, target: str, since: float, until: float, limit: int = 5000) -> tuple[Entry, ...]:
    """The runs of a target in a span of time, evidence of older incidents included, oldest first."""
    found: dict[float, Entry] = {}
    for kind in ("evidence", "run"):
        for record in history.past(f"{kind} {target}", limit, since, until):
            entry = _entry(record.body)
            if entry is not None:
                before = found[entry.at].role if entry.at in found else ""
                found[entry.at] = entry._replace(role=", ".join(filter(None, (before, entry.role))))
    return tuple(found[at] for at in sorted(found))


def targets(history: History) -> dict[str, str]:
    """The addresses of which runs are kept, with the name that they were last asked by."""
    found = {}
    for key in history.keys("run "):
        last = [_entry(record.body) for record in history.past(key, limit=1)]
        found[key.removeprefix("run ")] = last[0].host if last and last[0] else ""
    return found


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


def _entry(body: Mapping[str, Any]) -> Entry | None:
    from bothsides.record import from_json

    try:
        made = from_json(Entry, body)
    except (Unreadable, TypeError):
        return None
    return made if isinstance(made, Entry) else None


class Span(NamedTuple):
    """Several runs together. words: the window; runs; hops: as in Seen, summed up; rta and loss of the target."""

    words: str
    runs: int
    hops: tuple[Seen, ...]
    sent: int
    lost: int
    rta: float | None


def together(words: str, runs: Sequence[Entry]) -> Span:
    """What the runs of a window saw."""
    hops: dict[int, list[Seen]] = {}
    for entry in runs:
        for seen in entry.hops:
            hops.setdefault(seen.ttl, []).append(seen)
    times = [entry.rta for entry in runs if entry.rta is not None]
    return Span(
        words,
        len(runs),
        tuple(_summed(ttl, several) for ttl, several in sorted(hops.items())),
        sum(entry.sent for entry in runs),
        sum(entry.lost for entry in runs),
        sum(times) / len(times) if times else None,
    )


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
