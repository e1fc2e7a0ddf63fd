"""What one pass of probes saw, flow by flow and hop by hop."""

from bothsides.analyse.path.compare import Walk, join
from bothsides.analyse.statistics import frequencies
from bothsides.base.types import Iterable, Sequence
from bothsides.model.path import ECHO, Plan, ProbeResult, Run

_AGAIN = 2  # times that a flow meets a router once more before its packets circle


def walk(results: Iterable[ProbeResult], plan: Plan, target: str) -> Walk:
    """What the flows of one pass saw; a reply of the target from any address counts as its own."""
    flows: dict[int, dict[int, tuple[str, ...]]] = {}
    lengths: dict[int, int] = {}
    first_names = {second: first for first, second in plan.alike}
    for result in results:
        if result.flow == ECHO:
            continue
        hops = flows.setdefault(result.flow, {})
        replied = result.kind == "reply" or (result.host == target and result.kind != "silent")
        if replied:
            lengths[result.flow] = min(result.ttl, lengths.get(result.flow, result.ttl))
        if (replied or result.kind == "expired") and result.ttl not in plan.ignored:
            host = target if replied else first_names.get(result.host, result.host)
            hops[result.ttl] = tuple(dict.fromkeys((*hops.get(result.ttl, ()), host)))
    shortest = min(lengths.values(), default=0)
    for flow, length in lengths.items():
        hops = flows[flow]
        if shortest < length and not any(ttl in hops for ttl in range(shortest, length)):
            # the target lost a probe at its own hop: it is no further away
            hops[shortest] = hops.get(length, (target,))
            lengths[flow] = length = shortest
        flows[flow] = {ttl: hosts for ttl, hosts in hops.items() if ttl <= length}
    return Walk(flows, lengths)


def both_walks(plan: Plan, run: Run) -> tuple[Walk, Walk | None]:
    """What the first and the second look of a run saw."""
    second = None if run.second is None else walk(run.second, plan, run.target)
    return walk(run.first, plan, run.target), second


def whole_walk(plan: Plan, run: Run) -> Walk:
    """What both looks of a run saw together."""
    first, second = both_walks(plan, run)
    return first if second is None else join(first, second)


def echo_times(run: Run) -> list[float]:
    """The round trips of the echo requests that the target answered, in seconds."""
    return [echo for echo in run.echoes if echo is not None]


def counts_by_ttl(results: Iterable[ProbeResult]) -> dict[int, tuple[int, int]]:
    """Probes sent and answers received, by TTL."""
    counts: dict[int, tuple[int, int]] = {}
    for result in results:
        sent, answered = counts.get(result.ttl, (0, 0))
        counts[result.ttl] = (sent + 1, answered + (result.kind != "silent"))
    return counts


def circle(routers: Sequence[str]) -> tuple[str, ...]:
    """The routers of one flow that came again, twice at least, with others in between."""
    for place, host in enumerate(routers):
        again = [later for later in range(place + 2, len(routers)) if routers[later] == host]
        if len(again) >= _AGAIN:
            return tuple(dict.fromkeys(routers[place : again[0]]))
    return ()


def routers_by_ttl(both: Walk) -> dict[int, tuple[str, ...]]:
    """Every router by TTL, the one of most flows first."""
    answers: dict[int, list[str]] = {}
    for hops in both.flows.values():
        for ttl, hosts in hops.items():
            answers.setdefault(ttl, []).extend(hosts)
    return {ttl: tuple(frequencies(hosts)) for ttl, hosts in answers.items()}
