"""The path when flows cannot be held fixed: how surprising routers are that were never met before.

Plain mtr sends every probe along another flow, so balanced hops show other routers in every run. Whether
a new one is a new path is a question of chance: the share of answers that routers never met so far may
give is at most (f1 + 1) / (N + 2) after N answers, f1 of them from routers met once (Good and Turing).
"""

from collections import Counter

from bothsides.analyse.path.baseline import LEARNING, PROMOTED, Verdict, number, to_ttl, whole
from bothsides.analyse.path.compare import Comparison, Turn
from bothsides.analyse.statistics import at_least
from bothsides.base.types import Any, Iterable, Mapping, NamedTuple

_SUSPECT, _SURE = 1e-2, 1e-3
Counts = Mapping[int, Mapping[str, int]]
"""Answers by TTL and router."""


class Loose(NamedTuple):
    """What is known: runs and answers of the usual path, and of the one that seems to be walked since `since`;
    doubt: by TTL, how improbable the new routers of the last runs together are."""

    runs: int = 0
    counts: Mapping[int, Mapping[str, int]] = {}
    other_runs: int = 0
    other: Mapping[int, Mapping[str, int]] = {}
    since: float = 0.0
    doubt: Mapping[int, float] = {}


def counted(hosts: Iterable[tuple[int, str]]) -> dict[int, dict[str, int]]:
    """Answers by TTL and router, from (ttl, router) of every answer."""
    counts: dict[int, Counter[str]] = {}
    for ttl, host in hosts:
        counts.setdefault(ttl, Counter())[host] += 1
    return {ttl: dict(met) for ttl, met in counts.items()}


def decide(memory: Loose, seen: Counts, at: float) -> Verdict:
    """The verdict on a run: learning, same, unconfirmed (improbable, below 1 %), changed (below 0.1 %)."""
    nothing = Comparison("same", 0)
    if not seen:
        return Verdict("silent", nothing, None, memory.since, False, (), 0)
    if memory.runs < LEARNING:
        return Verdict("learning", nothing, None, memory.since or at, False, (), 0)
    doubt = _doubts(memory, seen)
    ttl = min((ttl for ttl, chance in doubt.items() if chance < _SURE), default=0)
    suspect = min((ttl for ttl, chance in doubt.items() if chance < _SUSPECT), default=0)
    if not ttl and not suspect:
        back = memory.other_runs > 0
        return Verdict(
            "same", Comparison("same", 1), None, at if back else memory.since, back, (), int(back)
        )
    turn = _turn(memory, seen, ttl or suspect)
    word = "changed" if ttl else "unconfirmed"
    if ttl and memory.other_runs + 1 >= PROMOTED:
        word = "promoted"
    fresh = memory.other_runs == 0
    return Verdict(
        word,
        Comparison(word, 1, (turn,)),
        turn,
        at if fresh else memory.since,
        fresh and bool(ttl),
        (),
        int(fresh),
    )


def learnt(memory: Loose, verdict: Verdict, seen: Counts) -> Loose:
    """The memory after a run."""
    if verdict.word == "silent":
        return memory
    if verdict.word == "unconfirmed":
        return memory._replace(doubt=_doubts(memory, seen))
    if verdict.word == "promoted":
        return Loose(memory.other_runs + 1, _sum(memory.other, seen), 0, {}, verdict.since)
    if verdict.word == "changed":
        runs, other = memory.other_runs + 1, _sum(memory.other, seen)
        return memory._replace(
            other_runs=runs, other=other, since=verdict.since, doubt=_doubts(memory, seen)
        )
    return Loose(memory.runs + 1, _sum(memory.counts, seen), 0, {}, verdict.since)


def _doubts(memory: Loose, seen: Counts) -> dict[int, float]:
    doubts = {}
    for ttl, met in seen.items():
        known = memory.counts.get(ttl, {})
        answers, strange = (
            sum(met.values()),
            sum(count for host, count in met.items() if host not in known),
        )
        total = sum(known.values())
        if strange and total:
            unseen = (sum(count == 1 for count in known.values()) + 1) / (total + 2)
            doubts[ttl] = memory.doubt.get(ttl, 1.0) * at_least(strange, answers, unseen)
    return doubts


def _turn(memory: Loose, seen: Counts, ttl: int) -> Turn:
    known, met = memory.counts.get(ttl, {}), seen[ttl]
    new = [host for host in sorted(met, key=lambda host: -met[host]) if host not in known]
    common = max(
        (
            near
            for near in seen
            if near < ttl and set(seen[near]) & set(memory.counts.get(near, ()))
        ),
        default=0,
    )
    old = max(known, key=lambda host: known[host], default="")
    longer = max(seen) - max(memory.counts, default=0)
    return Turn(0, ttl, common, old, new[0] if new else "", 0, longer)


def _sum(one: Counts, other: Counts) -> dict[int, dict[str, int]]:
    summed = {ttl: Counter(met) for ttl, met in one.items()}
    for ttl, met in other.items():
        summed.setdefault(ttl, Counter()).update(met)
    return {ttl: dict(met.most_common(64)) for ttl, met in summed.items()}


def to_document(memory: Loose) -> dict[str, Any]:
    """The memory in terms of JSON."""
    named = {
        name: {str(ttl): value for ttl, value in getattr(memory, name).items()}
        for name in ("counts", "other", "doubt")
    }
    return {
        "version": 1,
        "runs": memory.runs,
        "other_runs": memory.other_runs,
        "since": memory.since,
        **named,
    }


def from_document(document: Mapping[str, Any] | None) -> Loose:
    """The memory of a document; an empty one for None or for what is not ours."""
    if not document or document.get("version") != 1:
        return Loose()
    try:
        counts, other = (
            {
                to_ttl(ttl): {host: whole(count) for host, count in met.items()}
                for ttl, met in document[name].items()
            }
            for name in ("counts", "other")
        )
        doubt = {to_ttl(ttl): number(chance, 1.0) for ttl, chance in document["doubt"].items()}
        runs, other_runs = whole(document["runs"]), whole(document["other_runs"])
        return Loose(runs, counts, other_runs, other, number(document["since"]), doubt)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return Loose()
