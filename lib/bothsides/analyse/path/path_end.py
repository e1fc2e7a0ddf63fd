"""Where the answers along a path end, and what that proves: a refusal, a ring, or a stop.

That answers end at a hop proves nothing of the hop behind it: the way back of all that lies
behind may be the broken one. A router that refuses or sends packets round has them, so the way
out up to there is sound.
"""

from bothsides.analyse.path.baseline import Baseline
from bothsides.analyse.path.compare import Walk
from bothsides.analyse.path.ownership import Owner, is_network, same_network
from bothsides.analyse.path.router_owner import Router, Section, section
from bothsides.analyse.path.walk import circle
from bothsides.base.types import Container, Mapping, NamedTuple, Sequence
from bothsides.model.path import LossDirection, Run

_ANSWERS = 0.8  # share of its probes that a hop answers which usually answers
_PROBES = 6  # probes that tell how often a hop answers
_EDGES = ("us", "far end")  # networks that no other one buys transit from


class Refusal(NamedTuple):
    """A router that refuses to forward."""

    host: str  # its address
    ttl: int  # its place on the path; 0: not known
    owners: tuple[Owner, ...]  # who may operate it


class PathEnd(NamedTuple):
    """Where the answers of a path end whose target is silent."""

    last: int  # TTL of the last hop that answers; 0: none
    following: int  # the next hop that usually answers; 0: not known
    length: int  # hops to the target as learnt; 0: not known
    place: Section | None  # where packets are lost, where that is proved


def answering_hops(baseline: Baseline, both: Walk) -> frozenset[int]:
    """Hops that answer in this run or usually do."""
    now = {ttl for hops in both.flows.values() for ttl in hops}
    return frozenset(now | usually_answering(baseline))


def usually_answering(baseline: Baseline) -> frozenset[int]:
    """Hops that answered nearly all probes of earlier runs."""
    return frozenset(
        ttl
        for ttl, (probes, answers) in baseline.replies.items()
        if probes >= _PROBES and answers >= _ANSWERS * probes
    )


def path_end(
    baseline: Baseline,
    both: Walk,
    routers: Sequence[Router],
    direction: LossDirection,
    same_path: bool,
    own: Owner | None = None,
) -> PathEnd:
    """The end of a path whose target is silent; same_path: as far as seen it is the learnt one."""
    last = max((ttl for hops in both.flows.values() for ttl in hops), default=0)
    usual = usually_answering(baseline) if same_path else frozenset()
    path = baseline.normal
    length = max(path.lengths.values(), default=0) if path is not None and same_path else 0
    following = min((ttl for ttl in usual if ttl > last), default=0)
    if not following and length > last and (direction == "out"):
        following = length
    place = None
    if following and (direction == "out" or (last == 0 and following == 1)):
        place = section(routers[:length] if length else routers, last, following, own)
    return PathEnd(last, following, length, place)


def find_refusal(
    run: Run,
    routers: Sequence[Router],
    operators: Mapping[str, tuple[Owner, ...]],
    owners: Mapping[str, Owner],
    followed: Container[str],
) -> Refusal | None:
    """The router that refuses to forward: its place on the path, not the TTL of the probe.

    operators: of routers on the path, by address; owners: of any address; followed: addresses
    behind which the path is known. The last known address of a provider may be a customer's router.
    """
    looks = (*run.first, *(run.second or ()), *run.refusals)
    refused = [each for each in looks if each.kind == "refused" and each.host != run.target]
    if not refused:
        return None
    host = refused[0].host
    seen = [each.ttl for each in run.first if each.host == host and each.kind == "expired"]
    known = [router.ttl for router in routers if router.address == host]
    ttl = min(seen or known, default=0)
    own = owners.get(host, Owner())
    sure = own.role in _EDGES or same_network(own, owners.get(run.target, Owner()))
    if operators.get(host):
        sure = sure or host in followed or _is_first(routers, host, own)
        return Refusal(host, ttl, operators[host] if sure else ())
    first = min((each.ttl for each in refused if each.ttl and each.host == host), default=0)
    return Refusal(host, ttl or max(0, first - 1), (own,) if is_network(own) and sure else ())


def _is_first(routers: Sequence[Router], host: str, own: Owner) -> bool:
    """Whether a router is the first with an address of its network: it was entered by its link."""
    place = next((place for place, router in enumerate(routers) if router.address == host), 0)
    before = routers[place - 1].owners if place else ()
    return bool(before) and not any(same_network(own, owner) for owner in before)


def find_loop(both: Walk) -> tuple[str, ...]:
    """The routers between which packets circle: seen again with others in between."""
    for hops in both.flows.values():
        if routers := circle([hops[ttl][0] for ttl in sorted(hops)]):
            return routers
    return ()
