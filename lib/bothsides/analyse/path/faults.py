"""What is wrong with a path: loss, a stop, a refusal or a ring, and whose routers that concerns."""

from bothsides.analyse.path.baseline import Baseline
from bothsides.analyse.path.compare import Walk
from bothsides.analyse.path.delay_memory import growth, least_of_target
from bothsides.analyse.path.ownership import Owner
from bothsides.analyse.path.path_figures import Echoes
from bothsides.analyse.path.router_owner import Router, routers_along
from bothsides.base.types import TYPE_CHECKING, Iterable, Mapping, NamedTuple, Sequence
from bothsides.model.path import Plan, Run

if TYPE_CHECKING:  # what a sound path never needs is loaded where it is needed
    from bothsides.analyse.path.delay_location import Slower
    from bothsides.analyse.path.loss_place import Loss
    from bothsides.analyse.path.path_end import PathEnd, Refusal


class Seen(NamedTuple):
    """What a run saw of a path."""

    run: Run
    walk: Walk  # both looks together
    line: tuple[str | None, ...]  # router of most flows, hop by hop; None: silent
    reached: bool  # whether the target answered
    same_path: bool  # as far as seen it is the learnt path


class Faults(NamedTuple):
    """What is wrong with a path."""

    way: tuple[Router, ...]  # whose routers the hops are, those that are silent now from memory
    loss: "Loss | None"  # of a target that answers: its way, and where it begins
    slower: "Slower | None"  # a round trip that has grown, and where
    end: "PathEnd | None"  # of a target that does not answer
    refusal: "Refusal | None"  # the router that refuses to forward
    loop: tuple[str, ...]  # routers between which packets circle
    operators: Mapping[str, tuple[Owner, ...]]  # who may operate a router, by its address


def find_faults(
    plan: Plan,
    seen: Seen,
    baseline: Baseline,
    owners: Mapping[str, Owner],
    echoes: Echoes,
    own: Owner | None,
) -> Faults:
    """The faults of a run's path; owners: by address; own: the network of this host."""
    way = routers_along(_whole_line(seen, baseline), owners)
    usual = routers_along(_usual_line(seen, baseline), owners)
    operators = _operators((*way, *usual))
    faults = Faults(way, None, None, None, None, (), operators)
    if not seen.reached:
        followed = _followed(way) | _followed(usual)
        return _unreached(faults, plan, seen, baseline, owners, own, followed)
    if seen.same_path and growth(baseline.delays.target, least_of_target(seen.run)):
        from bothsides.analyse.path.delay_location import locate_delay

        faults = faults._replace(slower=locate_delay(plan, seen.run, baseline.delays, way, own))
    if echoes.lost:
        from bothsides.analyse.path.loss_place import locate
        from bothsides.analyse.path.path_end import answering_hops

        answering = answering_hops(baseline, seen.walk)
        loss = locate(plan, seen.run, way, answering, (echoes.sent, echoes.lost), own)
        faults = faults._replace(loss=loss)
    return faults


def _unreached(
    faults: Faults,
    plan: Plan,
    seen: Seen,
    baseline: Baseline,
    owners: Mapping[str, Owner],
    own: Owner | None,
    followed: set[str],
) -> Faults:
    from bothsides.analyse.path.loss_place import loss_direction
    from bothsides.analyse.path.path_end import find_loop, find_refusal, path_end

    direction = loss_direction(plan, seen.run, reached=False)
    return faults._replace(
        end=path_end(baseline, seen.walk, faults.way, direction, seen.same_path, own),
        refusal=find_refusal(seen.run, faults.way, faults.operators, owners, followed),
        loop=find_loop(seen.walk),
    )


def _followed(routers: Sequence[Router]) -> set[str]:
    """The addresses behind which a router of a known network follows."""
    known = [place for place, router in enumerate(routers) if router.owners]
    return {router.address for router in routers[: max(known, default=0)] if router.address}


def _operators(routers: Iterable[Router]) -> dict[str, tuple[Owner, ...]]:
    """Who may operate the router with an address; the last place in which it stands counts."""
    return {router.address: router.owners for router in routers if router.address}


def _usual_line(seen: Seen, baseline: Baseline) -> tuple[str | None, ...]:
    """The routers of the normal path, up to the target."""
    members = baseline.normal.members if baseline.normal is not None else {}
    line = [next(iter(members.get(ttl, ())), None) for ttl in range(1, max(members, default=0) + 1)]
    lengths = baseline.normal.lengths.values() if baseline.normal is not None else ()
    return (*line[: max(lengths, default=0)],)


def _whole_line(seen: Seen, baseline: Baseline) -> tuple[str | None, ...]:
    """The router of each hop up to the target; silent ones from memory of the same path."""
    run, line = seen.run, seen.line
    path = baseline.normal if seen.same_path else None
    known = path.members if path is not None else {}
    usual = max(path.lengths.values(), default=0) if path is not None else 0
    # a target without lengths answers echo requests alone, or not at all
    length = len(line) if seen.walk.lengths else max(usual, len(line) + seen.reached)
    hosts = [
        (line[ttl - 1] if ttl <= len(line) else None) or next(iter(known.get(ttl, ())), None)
        for ttl in range(1, length + 1)
    ]
    if hosts and (seen.reached or usual):
        hosts[-1] = run.target
    return tuple(hosts)
