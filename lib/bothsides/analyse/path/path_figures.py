"""The figures of a traced path, named as in the performance data."""

from bothsides.analyse.path.baseline import Baseline, Verdict
from bothsides.analyse.path.compare import Walk
from bothsides.analyse.path.ownership import Owner
from bothsides.analyse.path.walk import echo_times, routers_by_ttl
from bothsides.analyse.statistics import mean
from bothsides.base.types import NamedTuple
from bothsides.model.path import ECHO, Run


class Echoes(NamedTuple):
    """The echo requests to the target."""

    sent: int
    lost: int
    times: tuple[float, ...]  # s, round trips of the look itself, without those that locate loss


class PathFigures(NamedTuple):
    """The figures of the path, named as in the performance data; None: not measured."""

    rta: float | None  # s
    pl: float | None  # %
    rtmax: float | None  # s
    rtmin: float | None  # s
    hops: int  # to the target, or to the last hop that answers
    as_hops: int | None  # networks on the path
    flows: int  # flows that answered
    flows_changed: int  # flows that left the normal path
    path_changed: int  # 1: not the normal path
    path_age: float  # s since the present path began
    known_paths: int
    switches_24h: int
    balanced_hops: int
    silent_hops: int
    diverge_hop: int  # TTL; 0: none
    reached: int  # 1: the target answered
    probes: int


def path_figures(
    run: Run,
    baseline: Baseline,
    both: Walk,
    verdict: Verdict,
    passed: tuple[Owner, ...],
    length: int,
    reached: bool,
    echoes: Echoes,
) -> PathFigures:
    """The figures of one run."""
    changed = verdict.word in ("changed", "known")
    answering = {ttl for hops in both.flows.values() for ttl in hops}
    known = (baseline.normal, baseline.other)
    sent = (run.first, run.second or (), run.echoes, run.segments)
    turns = () if verdict.word == "unconfirmed" else verdict.comparison.turns
    first_flows = {result.flow for result in run.first if result.ttl == 1}
    return PathFigures(
        rta=mean(echoes.times),
        pl=_loss(echoes, reached, baseline),
        rtmax=max(echoes.times, default=None),
        rtmin=min(echoes.times, default=None),
        hops=length,
        as_hops=len(passed) or None,
        flows=len(first_flows & {flow for flow, hops in both.flows.items() if hops}),
        flows_changed=len({turn.flow for turn in turns}),
        path_changed=int(changed),
        path_age=max(0.0, run.at - verdict.since),
        known_paths=len(baseline.known) + sum(path is not None for path in known),
        switches_24h=verdict.switches,
        balanced_hops=_balanced(baseline, both),
        silent_hops=sum(ttl not in answering for ttl in range(1, length)),
        diverge_hop=verdict.turn.ttl if verdict.turn and changed else 0,
        reached=int(reached),
        probes=sum(map(len, sent)),
    )


def _loss(echoes: Echoes, reached: bool, baseline: Baseline) -> float | None:
    """Lost echoes in percent; None for a target that answers UDP but never answered an echo."""
    if not echoes.sent or (not echoes.times and reached and not baseline.echo):
        return None
    return 100.0 * echoes.lost / echoes.sent


def _balanced(baseline: Baseline, both: Walk) -> int:
    """How many hops several routers share, in this run or on the normal path."""
    balanced = {ttl for ttl, hosts in routers_by_ttl(both).items() if len(hosts) > 1}
    if baseline.normal is not None:
        balanced |= {ttl for ttl in baseline.normal.members if baseline.normal.balanced(ttl)}
    return len(balanced)


def count_echoes(run: Run) -> Echoes:
    """Every echo request, those that locate loss included."""
    times = [
        *run.echoes,
        *(result.rtt for result in run.segments if (result.flow, result.ttl) == (ECHO, 0)),
    ]
    lost = sum(time is None for time in times)
    return Echoes(len(times), lost, tuple(echo_times(run)))
