"""Which probes a run still needs, by the baseline and by what the first look left unclear."""

from bothsides.analyse.path.baseline import LEARNING, MOST_FLOWS, Baseline
from bothsides.analyse.path.compare import Comparison, Path, Walk, compare, new_members
from bothsides.analyse.path.walk import counts_by_ttl, echo_times, walk, whole_walk
from bothsides.base.types import Iterator, Mapping, NamedTuple, Sequence
from bothsides.model.path import ECHO, Plan, ProbeResult, Run

_EACH_WHILE_LEARNING, _EACH = 6, 2  # further probes a run for each balanced hop
_LEARNING_RUNS = 12  # runs in which balanced hops are learnt faster
_WIDE = 16  # flows that probe balanced hops once when a path is new
_ECHOES = 10  # echo requests to a target that did not answer the first look
_SEGMENT = 32  # probes a hop that locate where loss begins (binomial test, 5 %)
_RATE = 100  # probes a second
PATIENCE = (0.5, 1.0)  # seconds that an answer may take after the last probe: at least, and at most
_SLACK = 0.5  # s that a busy host may be late with its probes, so that no answer is cut off
# Flows that exclude one more router behind k known ones with 99 %: the stopping points of the
# Multipath Detection Algorithm (coupon collector with k + 1 equal coupons).
_STOP = (0, 8, 15, 21, 28, 36, 43, 51, 58, 66, 74, 82, 90, 96)

Job = tuple[int, int]
"""One probe: flow (or ECHO) and TTL."""


class SecondLook(NamedTuple):
    """What a second look has to probe."""

    stage: str  # in words, for whoever is interrupted in it
    jobs: tuple[Job, ...]
    echoes: int = 0  # echo requests to the target
    length: int | None = None  # trace the whole path again, this long; None: only the jobs


def patience(slowest: float) -> float:
    """Seconds that answers are waited for: several round trips of the slowest that came.

    Without any answer, slowest is the longest patience.
    """
    return min(PATIENCE[1], max(PATIENCE[0], 0.3 + 3 * slowest))


def known_length(baseline: Baseline) -> int:
    """The length of the path in use as learnt; 0: not known."""
    path = baseline.normal if baseline.other is None else baseline.other
    if path is None:
        return 0
    return max(path.lengths.values(), default=0) or max(path.members, default=0)


def further_probes(baseline: Baseline, flows: int) -> Iterator[Job]:
    """Further probes at balanced hops of the path in use, a few for each hop.

    New flows until all routers there are likely known; then flows that are known to pass those
    routers which the usual flows do not, in turn, so that each is probed every few runs.
    """
    path = baseline.normal if baseline.other is None else baseline.other
    each = _EACH_WHILE_LEARNING if baseline.runs < _LEARNING_RUNS else _EACH
    if path is None:
        return
    for ttl, members in sorted(path.members.items()):
        if len(members) < 2 or path.scattered(ttl):
            continue
        router = {flow: hops[ttl][0] for flow, hops in path.flows.items() if ttl in hops}
        unprobed = sorted(set(members) - {host for flow, host in router.items() if flow < flows})
        wanted = _STOP[min(len(members), len(_STOP) - 1)] - len(router)
        if wanted > 0:
            beyond = max([flows - 1, *router]) + 1
            last = min(beyond + min(each, wanted), MOST_FLOWS)
            yield from ((flow, ttl) for flow in range(beyond, last))
        for turn in range(min(each, len(unprobed))):
            host = unprobed[(baseline.runs * each + turn) % len(unprobed)]
            yield from [(flow, ttl) for flow, there in router.items() if there == host][:1]


def widening_probes(plan: Plan, run: Run, results: Sequence[ProbeResult]) -> list[Job]:
    """On a new path: more flows at every hop, and the same ones again at balanced hops.

    Six flows overlook one of two balanced routers once in 64 times; it must not look new later.
    """
    seen = walk(results, plan, run.target)
    routers: dict[int, set[str]] = {}
    for hops in seen.flows.values():
        for ttl, hosts in hops.items():
            routers.setdefault(ttl, set()).update(hosts)
    ends = max(seen.lengths.values(), default=max(routers, default=0) + 1)
    return [
        (flow, ttl)
        for ttl, hosts in sorted(routers.items())
        if ttl < ends
        for flow in range(0 if len(hosts) > 1 else plan.flows, _WIDE)
    ]


def second_look(plan: Plan, run: Run, baseline: Baseline) -> SecondLook | None:
    """What to probe again: what differs from the baseline, or a target that did not answer."""
    first = walk(run.first, plan, run.target)
    path = baseline.normal
    silent = not first.lengths and not any(echo is not None for echo in run.echoes)
    echoes = _ECHOES if silent else 0
    differing = Comparison("same", 0) if path is None else _differing(path, baseline, first)
    if silent and not differing.turns:
        last = max((result.ttl for result in run.first), default=1)
        flows = sorted({result.flow for result in run.first})[: plan.flows]
        jobs = tuple((flow, last) for flow in flows)
        return SecondLook("asking a silent target again", jobs, echoes)
    if path is None or not (differing.turns or (differing.fresh and baseline.runs >= LEARNING)):
        return None
    checks = _checks(plan, run, path, differing, first)
    if not any(turn.flow < plan.flows for turn in differing.turns):
        return SecondLook("looking again at balanced hops", checks, echoes)
    length = max(first.lengths.values(), default=0)
    length = length or max((result.ttl for result in run.first), default=0)
    return SecondLook("looking again at what differs", checks, echoes, length)


def _checks(
    plan: Plan, run: Run, path: Path, differing: Comparison, first: Walk
) -> tuple[Job, ...]:
    """The single probes of a second look."""
    probed = {(result.flow, result.ttl) for result in run.first}
    spots = {ttl: {host} for ttl, host in differing.fresh}
    checks = list(witness_probes(path, spots, probed))
    checks += [
        (flow, ttl)
        for flow, hops in first.flows.items()
        for ttl, host in differing.fresh
        if host in hops.get(ttl, ())
    ]
    checks += [(turn.flow, turn.ttl) for turn in differing.turns if turn.flow >= plan.flows]
    return tuple(checks)


def _differing(path: Path, baseline: Baseline, first: Walk) -> Comparison:
    """The difference from the path in use: a change that is known needs no second look."""
    comparison = compare(path, first)
    if comparison.verdict == "unconfirmed" and baseline.other is not None:
        other = compare(baseline.other, first)
        return comparison if other.turns else other
    if comparison.turns:
        return comparison._replace(fresh=new_members(path, first))
    return comparison


def witness_probes(path: Path, spots: Mapping[int, set[str]], probed: set[Job]) -> Iterator[Job]:
    """At balanced hops with a new router: one flow for each known router, whether it stays."""
    for ttl in sorted(spots):
        if not path.balanced(ttl):
            continue
        for host in path.members[ttl][:16]:
            known = (
                flow
                for flow, hops in sorted(path.flows.items(), reverse=True)
                if hops.get(ttl) == (host,)
            )
            yield from [(flow, ttl) for flow in known if (flow, ttl) not in probed][:1]


def segment_probes(plan: Plan, run: Run, baseline: Baseline, seconds: float) -> list[Job]:
    """Probes that locate where a target's loss begins: as many to every hop as the time allows.

    Echo requests, as it is they that are lost, and the flows beside them: routers send them over
    parallel paths, and targets limit their answers to some of them. A path that loses packets by
    another measurement, or of the flows, is probed though every echo was answered: echoes take one
    parallel path.
    """
    lost = sum(echo is None for echo in run.echoes)
    seen = whole_walk(plan, run)
    length = _target_ttl(seen)
    answers = bool(seen.lengths) or lost < len(run.echoes)
    wanted = lost > 0 or plan.lossy or _flows_lose(plan, run, length)
    if not wanted or not answers or not (baseline.echo or lost < len(run.echoes)):
        return []
    slowest = max((each.rtt or 0.0 for each in run.first), default=PATIENCE[1])
    probes = int((seconds - patience(max(slowest, *echo_times(run), 0.0)) - _SLACK) * _RATE)
    flows = range(max(_WIDE, plan.flows) if run.fixed else plan.flows)
    again = probes < _SEGMENT * 2 * length  # few rounds: it is the target's own loss that is placed
    rounds = min(_SEGMENT, probes // (2 * length + again))
    jobs: list[Job] = []
    for turn in range(rounds):
        for ttl in range(1, length + 1):
            jobs += [(ECHO, ttl if ttl < length else 0), (turn % len(flows), ttl)]
        jobs += [(ECHO, 0)] * again
    return jobs


def _flows_lose(plan: Plan, run: Run, length: int) -> bool:
    """Whether the target, and a router before it, answered some flows of the first look only.

    One of both alone may be a limit of its answers.
    """
    counts = counts_by_ttl(result for result in run.first if 0 <= result.flow < plan.flows)
    partly = {ttl for ttl, (sent, here) in counts.items() if 0 < here < sent and ttl <= length}
    return length in partly and len(partly) > 1


def _target_ttl(seen: Walk) -> int:
    """Hops to the target: flows that lost a reply seem to end later; else behind the last hop."""
    last = max((ttl for hops in seen.flows.values() for ttl in hops), default=0)
    return min(seen.lengths.values(), default=last + 1)
