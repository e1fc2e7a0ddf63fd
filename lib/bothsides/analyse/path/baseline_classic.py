"""Baseline for classic (non-paris) traces: tests whether new routers at a hop mean a new path.

Plain mtr sends every probe along another flow, so balanced hops show other routers in every run.
Whether a new one is a new path is a question of chance: the share of answers that unseen routers
may give is at most (f1 + 1) / (N + 2) after N answers, f1 of them from routers seen once (Good and
Turing).
"""

from bothsides.analyse.path.baseline import LEARNING, PROMOTED, Verdict
from bothsides.analyse.path.compare import Comparison, SameNetwork, Turn
from bothsides.analyse.statistics import at_least
from bothsides.base.types import Iterable, Literal, Mapping, NamedTuple

_SUSPECT, _SURE = 1e-2, 1e-3  # chances below which a change is suspected, and certain
Counts = Mapping[int, Mapping[str, int]]
"""Answers by TTL and router."""


class ClassicBaseline(NamedTuple):
    """What earlier runs taught about a path whose flows vary."""

    runs: int = 0  # runs on the normal path
    counts: Counts = {}  # their answers
    other_runs: int = 0  # runs on the path in use since the last change
    other: Counts = {}  # their answers
    since: float = 0.0  # s, UTC, when the path in use began
    doubt: Mapping[int, float] = {}  # TTL: chance that the last runs' new routers fit the path
    beside_runs: int = 0  # the last runs, all by a new router that may be one of a parallel path
    beside: Counts = {}  # their answers
    beside_since: float = 0.0  # s, UTC, when the first of them was


def counted(hosts: Iterable[tuple[int, str]]) -> dict[int, dict[str, int]]:
    """Answers by TTL and router, from (ttl, router) of every answer."""
    counts: dict[int, dict[str, int]] = {}
    for ttl, host in hosts:
        routers = counts.setdefault(ttl, {})
        routers[host] = routers.get(host, 0) + 1
    return counts


def _unknown(address: str, other: str) -> None:
    return None


def decide(
    baseline: ClassicBaseline, seen: Counts, at: float, same_network: SameNetwork = _unknown
) -> Verdict:
    """The verdict on a run: unconfirmed below a chance of 1 %, changed below 0.1 %.

    A sibling is a new router that may be one of a parallel path, where all probes take one way.
    When only that router is met run after run, no balancer explains it, and it is a change.
    """
    nothing = Comparison("same", 0)
    if not seen:
        return Verdict("silent", nothing, None, baseline.since, False, (), 0)
    if baseline.runs < LEARNING:
        return Verdict("learning", nothing, None, baseline.since or at, False, (), 0)
    doubt = _doubts(baseline, seen)
    ttl = min((ttl for ttl, chance in doubt.items() if chance < _SURE), default=0)
    suspect = min((ttl for ttl, chance in doubt.items() if chance < _SUSPECT), default=0)
    if not ttl and not suspect:
        back = baseline.other_runs > 0
        return Verdict(
            "same", Comparison("same", 1), None, at if back else baseline.since, back, (), int(back)
        )
    turn = _turn(baseline, seen, ttl or suspect)
    fresh = baseline.other_runs == 0
    began = at
    if fresh and _may_be_parallel(baseline.counts, seen, same_network):
        if not _outlasts_a_balancer(baseline, turn):
            comparison = Comparison("sibling", 1, (turn,))
            return Verdict("sibling", comparison, turn, baseline.since, False, (), 0)
        began = baseline.beside_since
    word: Literal["changed", "unconfirmed"] = "changed" if ttl else "unconfirmed"
    return Verdict(
        word="promoted" if ttl and baseline.other_runs + 1 >= PROMOTED else word,
        comparison=Comparison(word, 1, (turn,)),
        turn=turn,
        since=began if fresh else baseline.since,
        switched=fresh and bool(ttl),
        quiet=(),
        switches=int(fresh),
    )


def _may_be_parallel(known: Counts, seen: Counts, same_network: SameNetwork) -> bool:
    from bothsides.analyse.path.same_routers import may_be_parallel

    old = {ttl: (*hosts,) for ttl, hosts in known.items()}
    new = {ttl: (*hosts,) for ttl, hosts in seen.items()}
    return may_be_parallel(old, new, same_network)


def _is_again(baseline: ClassicBaseline, turn: Turn) -> bool:
    """Whether the runs before this one have left the path by the same new router."""
    return turn.new in baseline.beside.get(turn.ttl, {})


def _outlasts_a_balancer(baseline: ClassicBaseline, turn: Turn) -> bool:
    """Whether no balancer explains a router that N runs never met, and the last K runs always.

    Whatever share of the runs a balancer gives to it, the chance of that is at most
    (N / (N + K))^N (K / (N + K))^K: below 0.1 % after 3 runs in a row where 10 were known
    before, after 10 where 3 were. Fewer than 3 are never enough: a balancer may deal rarely.
    """
    known, runs = baseline.runs, baseline.beside_runs + 1
    if runs < LEARNING or not _is_again(baseline, turn):
        return False
    share = runs / (known + runs)
    return (1 - share) ** known * share**runs < _SURE


def learn(baseline: ClassicBaseline, verdict: Verdict, seen: Counts, at: float) -> ClassicBaseline:
    """The baseline after a run that began at `at` (s, UTC)."""
    if verdict.word == "silent":
        return baseline
    if verdict.word == "unconfirmed":
        return baseline._replace(doubt=_doubts(baseline, seen))
    if verdict.word == "promoted":
        return ClassicBaseline(
            baseline.other_runs + 1, _sum(baseline.other, seen), 0, {}, verdict.since
        )
    if verdict.word == "changed":
        runs, other = baseline.other_runs + 1, _sum(baseline.other, seen)
        doubt = _doubts(baseline, seen)
        since = verdict.since
        return ClassicBaseline(baseline.runs, baseline.counts, runs, other, since, doubt)
    if verdict.word == "sibling" and verdict.turn is not None:
        return _beside(baseline, verdict.turn, seen, at)
    if baseline.beside_runs and not _is_back(baseline, seen):
        return baseline._replace(runs=baseline.runs + 1, counts=_sum(baseline.counts, seen))
    known = _with_beside(baseline)
    return ClassicBaseline(known.runs + 1, _sum(known.counts, seen), 0, {}, verdict.since)


def _beside(baseline: ClassicBaseline, turn: Turn, seen: Counts, at: float) -> ClassicBaseline:
    """The baseline after a run by a router that may be one of a parallel path."""
    if baseline.beside_runs and _is_again(baseline, turn):
        return baseline._replace(
            beside_runs=baseline.beside_runs + 1, beside=_sum(baseline.beside, seen)
        )
    known = _with_beside(baseline)  # another one again: a balancer deals
    return known._replace(beside_runs=1, beside=_sum({}, seen), beside_since=at)


def _with_beside(baseline: ClassicBaseline) -> ClassicBaseline:
    """The baseline once the parallel path is known to be one."""
    runs, counts = baseline.runs + baseline.beside_runs, _sum(baseline.counts, baseline.beside)
    return baseline._replace(runs=runs, counts=counts, beside_runs=0, beside={}, beside_since=0.0)


def _is_back(baseline: ClassicBaseline, seen: Counts) -> bool:
    """Whether a known router answers again where a new one did; silence there tells nothing."""
    for ttl, routers in baseline.beside.items():
        known = baseline.counts.get(ttl, {})
        if routers.keys() - known.keys() and known.keys() & seen.get(ttl, {}).keys():
            return True
    return False


def _doubts(baseline: ClassicBaseline, seen: Counts) -> dict[int, float]:
    doubts = {}
    for ttl, routers in seen.items():
        known = baseline.counts.get(ttl, {})
        answers, strange = (
            sum(routers.values()),
            sum(count for host, count in routers.items() if host not in known),
        )
        total = sum(known.values())
        if strange and total:
            unseen = (sum(count == 1 for count in known.values()) + 1) / (total + 2)
            doubts[ttl] = baseline.doubt.get(ttl, 1.0) * at_least(strange, answers, unseen)
    return doubts


def _turn(baseline: ClassicBaseline, seen: Counts, ttl: int) -> Turn:
    known, routers = baseline.counts.get(ttl, {}), seen[ttl]
    new = [host for host in sorted(routers, key=lambda host: -routers[host]) if host not in known]
    common = max(
        (
            near
            for near in seen
            if near < ttl and set(seen[near]) & set(baseline.counts.get(near, ()))
        ),
        default=0,
    )
    old = max(known, key=lambda host: known[host], default="")
    longer = max(seen) - max(baseline.counts, default=0)
    return Turn(
        flow=0,
        ttl=ttl,
        common=common,
        old=old,
        new=new[0] if new else "",
        rejoin=0,
        longer=longer,
    )


def _sum(one: Counts, other: Counts) -> dict[int, dict[str, int]]:
    summed = {ttl: dict(routers) for ttl, routers in one.items()}
    for ttl, routers in other.items():
        both = summed.setdefault(ttl, {})
        for host, answers in routers.items():
            both[host] = both.get(host, 0) + answers
    return {ttl: _most(routers) for ttl, routers in summed.items()}


def _most(routers: Mapping[str, int]) -> dict[str, int]:
    """The 64 routers of most answers, those first."""
    return dict(sorted(routers.items(), key=lambda pair: -pair[1])[:64])
