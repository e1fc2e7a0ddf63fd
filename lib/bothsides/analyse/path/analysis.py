"""All that one run proves about a path, computed once for the judge, the memory and the tables."""

from collections import Counter

from bothsides.analyse.path import baseline_classic
from bothsides.analyse.path.baseline import Baseline, Verdict, decide
from bothsides.analyse.path.baseline_classic import ClassicBaseline, Counts
from bothsides.analyse.path.compare import SameNetwork, Walk, join
from bothsides.analyse.path.hops import HopSummary, summarise_hop
from bothsides.analyse.path.loss_location import Segment, locate_loss
from bothsides.analyse.path.ownership import (
    Owner,
    Systems,
    name_owners,
    networks,
    owners_along,
)
from bothsides.analyse.path.past import Past, look_up
from bothsides.analyse.path.walk import both_walks, echo_times, walk
from bothsides.analyse.statistics import mean
from bothsides.base.types import Mapping, NamedTuple
from bothsides.model.path import ECHO, Plan, ProbeResult, Run
from bothsides.parse.mtr.model import is_address


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


class Analysis(NamedTuple):
    """All that one run proves."""

    run: Run
    past: Past
    baseline: Baseline  # what was known of the path, along fixed flows
    classic: ClassicBaseline  # what was known of the path, along flows that vary
    walk: Walk  # both looks together
    looks: tuple[Walk, Walk | None]  # the first and the second look
    counts: Counts  # answers by hop and router
    verdict: Verdict
    reached: bool  # whether the target answered
    length: int  # hops to the target, or to the last one that answered
    line: tuple[str | None, ...]  # router of most flows, hop by hop; None: silent
    owners: Mapping[str, Owner]  # by address
    networks: tuple[Owner, ...]  # networks that the path passes, in order
    other_networks: bool  # whether they certainly differ from those of the normal path
    hops: tuple[HopSummary, ...]  # up to `length`
    routers: Mapping[int, tuple[str, ...]]  # all that answered by TTL, that of most flows first
    segment: Segment | None  # where loss begins
    refusal: ProbeResult | None  # the first answer of a router that refuses to forward
    loop: tuple[str, ...]  # routers between which packets circle
    echoes: Echoes
    figures: PathFigures
    systems: Systems  # AS numbers of addresses, as looked up
    trouble: str  # why memory or AS numbers are not known


def analyse(plan: Plan, run: Run, past: Past) -> Analysis:
    """All that a run proves, given what is known from before."""
    known = past.path_to(run.target)
    looks = both_walks(plan, run)
    both = join(looks[0], looks[1] or Walk({}, {}))
    asked = look_up(past.as_source, run, known.fixed)
    owners = name_owners(_addresses(both, known.fixed), past.maps, asked.systems, dict(run.systems))
    counts = classic_counts(run)
    if run.fixed:
        same = may_share_network(owners)
        verdict = decide(known.fixed, *looks, run.at, same, past.sticky)
    else:
        verdict = baseline_classic.decide(known.classic, counts, run.at)
    length = _length(plan, run, both)
    routers = _routers(both)
    line = tuple(next(iter(routers.get(ttl, ())), None) for ttl in range(1, length + 1))
    along = owners_along(line, owners)
    owners = owners | {host: owner for host, owner in zip(line, along, strict=True) if host}
    passed = tuple(networks(owners_along(line, owners)))
    reached = bool(both.lengths) or bool(echo_times(run))
    echoes = _echoes(run)
    return Analysis(
        run=run,
        past=past,
        baseline=known.fixed,
        classic=known.classic,
        walk=both,
        looks=looks,
        counts=counts,
        verdict=verdict,
        reached=reached,
        length=length,
        line=line,
        owners=owners,
        networks=passed,
        other_networks=_other_networks(known.fixed, owners, passed),
        hops=_hops(run, both, routers, length),
        routers=routers,
        segment=_segment(run, length),
        refusal=None if reached else _refusal(run),
        loop=() if reached else _loop(both),
        echoes=echoes,
        figures=_figures(run, known.fixed, both, verdict, passed, length, reached, echoes),
        systems=asked.systems,
        trouble=past.trouble or asked.trouble,
    )


def classic_counts(run: Run) -> Counts:
    """Answers by hop and router, of a run whose flows vary."""
    return baseline_classic.counted(
        (result.ttl, result.host) for result in run.first if result.flow != ECHO and result.host
    )


def may_share_network(owners: Mapping[str, Owner]) -> SameNetwork:
    """Whether two addresses may be of one network, as far as owners are known."""

    def same(address: str, other: str) -> bool:
        asn, other_asn = owners.get(address, Owner()).asn, owners.get(other, Owner()).asn
        return not (asn and other_asn) or asn == other_asn

    return same


def _addresses(both: Walk, baseline: Baseline) -> list[str]:
    hosts = {host for hops in both.flows.values() for known in hops.values() for host in known}
    for path in (baseline.normal, baseline.other):
        hosts |= {host for known in path.members.values() for host in known} if path else set()
    return sorted(host for host in hosts if is_address(host))


def _length(plan: Plan, run: Run, both: Walk) -> int:
    """Hops to the target, or to the last one that answered."""
    ends = Counter(both.lengths.values()).most_common(1)
    if ends:
        length = ends[0][0]
    else:
        length = max((ttl for hops in both.flows.values() for ttl in hops), default=0)
    # a target that lost replies may have seemed further away
    return min([length, *walk(run.segments, plan, run.target).lengths.values()])


def _routers(both: Walk) -> dict[int, tuple[str, ...]]:
    """Every router by TTL, the one of most flows first."""
    counts: dict[int, Counter[str]] = {}
    for hops in both.flows.values():
        for ttl, hosts in hops.items():
            counts.setdefault(ttl, Counter()).update(hosts)
    return {ttl: tuple(host for host, _ in hosts.most_common()) for ttl, hosts in counts.items()}


def _hops(
    run: Run, both: Walk, routers: Mapping[int, tuple[str, ...]], length: int
) -> tuple[HopSummary, ...]:
    results = (*run.first, *(run.second or ()), *run.segments)
    summaries = []
    for ttl in range(1, length + 1):
        there = {flow: hops.get(ttl, ()) for flow, hops in sorted(both.flows.items())}
        flows = {
            host: tuple(flow for flow, hosts in there.items() if host in hosts)
            for host in routers.get(ttl, ())
        }
        summaries.append(summarise_hop(ttl, results, flows))
    return tuple(summaries)


def _segment(run: Run, length: int) -> Segment | None:
    if not run.segments:
        return None
    counts: dict[int, tuple[int, int]] = {}
    for result in (*run.first, *run.segments):
        sent, lost = counts.get(result.ttl, (0, 0))
        if result.flow != ECHO:
            counts[result.ttl] = (sent + 1, lost + (result.kind == "silent"))
    echoes = _echoes(run)
    return locate_loss(counts, (echoes.sent, echoes.lost), length)


def _echoes(run: Run) -> Echoes:
    """Every echo request, those that locate loss included."""
    times = [*run.echoes, *(result.rtt for result in run.segments if result.flow == ECHO)]
    lost = sum(time is None for time in times)
    return Echoes(len(times), lost, tuple(echo_times(run)))


def _refusal(run: Run) -> ProbeResult | None:
    """The first answer of a router that refuses to forward, at the hop where it is first seen."""
    looks = (*run.first, *(run.second or ()))
    refusal = next((result for result in looks if result.kind == "refused"), None)
    if refusal is None:
        return None
    ttls = (result.ttl for result in run.first if result.host == refusal.host)
    return refusal._replace(ttl=min(ttls, default=refusal.ttl))


def _loop(both: Walk) -> tuple[str, ...]:
    """The routers between which packets circle: seen again with others in between."""
    for hops in both.flows.values():
        line = [hops[ttl][0] for ttl in sorted(hops)]
        for place, host in enumerate(line):
            again = [later for later in range(place + 2, len(line)) if line[later] == host]
            if len(again) >= 2:
                return tuple(dict.fromkeys(line[place : again[0]]))
    return ()


def _other_networks(
    baseline: Baseline, owners: Mapping[str, Owner], passed: tuple[Owner, ...]
) -> bool:
    """Whether the path passes other networks than the normal one, as far as they are certain."""
    path = baseline.normal
    if path is None:
        return False
    length = max(path.members, default=0)
    line = [next(iter(path.members.get(ttl, ())), None) for ttl in range(1, length + 1)]
    before = [owner for owner in networks(owners_along(line, owners)) if owner.sure]
    now = [owner for owner in passed if owner.sure]
    return [owner.asn or owner.label for owner in before] != [
        owner.asn or owner.label for owner in now
    ]


def _figures(
    run: Run,
    baseline: Baseline,
    both: Walk,
    verdict: Verdict,
    passed: tuple[Owner, ...],
    length: int,
    reached: bool,
    echoes: Echoes,
) -> PathFigures:
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
    balanced = {ttl for ttl, hosts in _routers(both).items() if len(hosts) > 1}
    if baseline.normal is not None:
        balanced |= {ttl for ttl in baseline.normal.members if baseline.normal.balanced(ttl)}
    return len(balanced)
