"""All that one run proves about a path, computed once for the judge, the memory and the tables."""

from bothsides.analyse.path import baseline_classic
from bothsides.analyse.path.baseline import Baseline, Verdict, decide
from bothsides.analyse.path.baseline_classic import ClassicBaseline, Counts
from bothsides.analyse.path.compare import SameNetwork, Walk, join
from bothsides.analyse.path.faults import Faults, Seen, find_faults
from bothsides.analyse.path.hops import HopSummary, summarise_hop
from bothsides.analyse.path.ownership import (
    Owner,
    Systems,
    is_network,
    name_owners,
    networks,
    own_network,
    owners_along,
    same_network,
)
from bothsides.analyse.path.past import Past, Remembered, look_up
from bothsides.analyse.path.path_figures import Echoes, PathFigures, count_echoes, path_figures
from bothsides.analyse.path.walk import both_walks, echo_times, routers_by_ttl, walk
from bothsides.analyse.statistics import frequencies
from bothsides.base.types import Mapping, NamedTuple
from bothsides.model.path import ECHO, Plan, Run
from bothsides.parse.mtr.model import is_address


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
    entered: tuple[Owner, ...]  # networks of them that the normal path does not pass
    hops: tuple[HopSummary, ...]  # up to `length`
    routers: Mapping[int, tuple[str, ...]]  # all that answered by TTL, that of most flows first
    faults: Faults  # what is wrong with the path, and whose routers that concerns
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
    owners = name_owners(_addresses(run, both, known), past.maps, asked.systems, dict(run.systems))
    counts = classic_counts(run)
    same = may_share_network(owners)
    if run.fixed:
        verdict = decide(known.fixed, *looks, run.at, same, past.sticky)
    else:
        verdict = baseline_classic.decide(known.classic, counts, run.at, same)
    length = _length(plan, run, both)
    routers = routers_by_ttl(both)
    line = tuple(next(iter(routers.get(ttl, ())), None) for ttl in range(1, length + 1))
    along = owners_along(line, owners)
    owners = owners | {host: owner for host, owner in zip(line, along, strict=True) if host}
    passed = tuple(networks(owners_along(line, owners)))
    reached = _is_reached(run, both)
    echoes = count_echoes(run)
    before = _usual_networks(known.fixed, owners)
    seen = Seen(run, both, line, reached, not verdict.comparison.turns)
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
        other_networks=_other_networks(before, passed),
        entered=_entered(before, passed),
        hops=_hops(run, both, routers, length),
        routers=routers,
        faults=find_faults(plan, seen, known.fixed, owners, echoes, _own(run, past)),
        echoes=echoes,
        figures=path_figures(run, known.fixed, both, verdict, passed, length, reached, echoes),
        systems=asked.systems,
        trouble=past.trouble or asked.trouble,
    )


def _own(run: Run, past: Past) -> Owner | None:
    """The network of this host where it is a gateway: its address may be the provider's."""
    return own_network(past.maps) if run.gateway else None


def _is_reached(run: Run, both: Walk) -> bool:
    """Whether the target answered anything: a flow, an echo request, or by its reflector."""
    seen = run.reflection
    by_reflector = seen is not None and seen.answered > 0 and seen.address == run.target
    return bool(both.lengths) or bool(echo_times(run)) or by_reflector


def classic_counts(run: Run) -> Counts:
    """Answers by hop and router, of a run whose flows vary."""
    return baseline_classic.counted(
        (result.ttl, result.host) for result in run.first if result.flow != ECHO and result.host
    )


def may_share_network(owners: Mapping[str, Owner]) -> SameNetwork:
    """Whether two addresses are of one network; None where an owner is unknown."""

    def same(address: str, other: str) -> bool | None:
        one, second = owners.get(address, Owner()), owners.get(other, Owner())
        known = is_network(one) and is_network(second)
        return same_network(one, second) if known else None

    return same


def _addresses(run: Run, both: Walk, known: Remembered) -> list[str]:
    hosts = {host for hops in both.flows.values() for there in hops.values() for host in there}
    for path in (known.fixed.normal, known.fixed.other):
        hosts |= {host for there in path.members.values() for host in there} if path else set()
    if not run.fixed:
        hosts |= {host for there in known.classic.counts.values() for host in there}
    hosts |= {run.target, *(each.host for each in (*run.first, *run.refusals))}
    return sorted(host for host in hosts if is_address(host))


def _length(plan: Plan, run: Run, both: Walk) -> int:
    """Hops to the target, or to the last one that answered."""
    if ends := frequencies(both.lengths.values()):
        length = next(iter(ends))
    else:
        length = max((ttl for hops in both.flows.values() for ttl in hops), default=0)
    # a target that lost replies may have seemed further away
    return min([length, *walk(run.segments, plan, run.target).lengths.values()])


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


def _usual_networks(baseline: Baseline, owners: Mapping[str, Owner]) -> tuple[Owner, ...]:
    """The networks that the normal path passes."""
    path = baseline.normal
    length = max(path.members, default=0) if path is not None else 0
    members = path.members if path is not None else {}
    line = [next(iter(members.get(ttl, ())), None) for ttl in range(1, length + 1)]
    return tuple(networks(owners_along(line, owners)))


def _other_networks(before: tuple[Owner, ...], passed: tuple[Owner, ...]) -> bool:
    """Whether the path passes other networks than before, as far as they are certain."""
    sure = [[owner.asn or owner.label for owner in each if owner.sure] for each in (before, passed)]
    return bool(before) and sure[0] != sure[1]


def _entered(before: tuple[Owner, ...], passed: tuple[Owner, ...]) -> tuple[Owner, ...]:
    """The networks that the path passes now and did not before."""
    new = (owner for owner in passed if not any(same_network(owner, each) for each in before))
    return tuple(new) if before else ()
