"""Compares a run with a learnt path: which flows differ, from which hop on, and how.

A path is traced along several flows with fixed ports, because a router that balances load keeps
each flow on one way. So each flow is compared with itself, never hop list with hop list (on a
healthy network with three balanced sections those differ in 98 of 99 runs). Silence equals
everything.
"""

from bothsides.analyse.path.alignment import Hops, align
from bothsides.analyse.statistics import frequencies
from bothsides.base.types import Callable, Iterable, Literal, Mapping, NamedTuple


class Walk(NamedTuple):
    """What one pass over a path saw."""

    flows: Mapping[int, Hops]  # by flow
    lengths: Mapping[int, int]  # TTL at which a flow reached the target, by flow


class Path(NamedTuple):
    """A path as learnt from earlier runs."""

    first: float  # s, UTC, the first run on it
    last: float  # s, UTC, the last run on it
    runs: int  # runs that fitted it
    flows: Mapping[int, Hops]  # by flow
    lengths: Mapping[int, int]  # TTL of the target, by flow
    members: Hops  # every address ever seen, by TTL

    def balanced(self, ttl: int) -> bool:
        """Whether several routers are known at this TTL."""
        return len(self.members.get(ttl, ())) > 1

    def scattered(self, ttl: int) -> bool:
        """Whether even one flow meets several routers there: balancing packet by packet."""
        return any(len(hops.get(ttl, ())) > 1 for hops in self.flows.values())

    def spread(self) -> int:
        """By how many hops the flows' lengths differ."""
        lengths = self.lengths.values()
        return max(lengths) - min(lengths) if lengths else 0

    def knows(self, address: str, ttl: int) -> bool:
        """Whether the address was seen at this TTL, or near it where flows differ in length."""
        reach = self.spread()
        return any(
            address in self.members.get(near, ()) for near in range(ttl - reach, ttl + reach + 1)
        )


class Turn(NamedTuple):
    """Where one flow leaves its learnt path."""

    flow: int
    ttl: int  # the first hop that differs
    common: int  # the last hop before it that is the same; 0: none
    old: str  # addresses there before, joined by "/"
    new: str  # addresses there now
    rejoin: int  # TTL from which the flow is on its old path again; 0: never
    longer: int  # hops more, or (negative) fewer, than before


Difference = Literal[
    "same", "reshuffled", "sibling", "readdressed", "tunnelled", "unconfirmed", "changed"
]
"""What a comparison proves.

sibling: a balanced hop has a new member; readdressed: a router answers from another address;
tunnelled: a tunnel hides hops, or shows them again.
"""


class Comparison(NamedTuple):
    """A run against a learnt path."""

    verdict: Difference
    flows: int  # flows that could be compared
    turns: tuple[Turn, ...] = ()  # one for each flow that differs
    fresh: tuple[tuple[int, str], ...] = ()  # (TTL, address) pairs that were never seen before


SameNetwork = Callable[[str, str], bool | None]
"""Whether two addresses belong to the same network; None where an owner is unknown."""


def _unknown(address: str, other: str) -> None:
    return None


def join(first: Walk, second: Walk) -> Walk:
    """Both passes as one."""
    flows: dict[int, dict[int, tuple[str, ...]]] = {}
    for walk in (first, second):
        for flow, hops in walk.flows.items():
            mine = flows.setdefault(flow, {})
            for ttl, hosts in hops.items():
                mine[ttl] = tuple(dict.fromkeys((*mine.get(ttl, ()), *hosts)))
    lengths = {
        flow: min(walk.lengths[flow] for walk in (first, second) if flow in walk.lengths)
        for flow in {**first.lengths, **second.lengths}
    }
    return Walk(
        {
            flow: {ttl: hosts for ttl, hosts in hops.items() if ttl <= lengths.get(flow, ttl)}
            for flow, hops in flows.items()
        },
        lengths,
    )


def compare(
    path: Path, first: Walk, second: Walk | None = None, same_network: SameNetwork = _unknown
) -> Comparison:
    """Compares the passes of one run with a learnt path.

    A difference counts only when the second pass confirms it or, where a hop's rate limit keeps it
    silent, when two flows agree. Without a second pass every difference is "unconfirmed".
    """
    both = first if second is None else join(first, second)
    compared = [flow for flow in first.flows if flow in path.flows]
    differing = {flow: spots for flow in compared if (spots := _spots(path, both, flow))}
    if not differing:
        fresh = new_members(path, both)
        return Comparison("sibling" if fresh else "same", len(compared), (), fresh)
    sure: dict[int, tuple[int, ...]] = {}
    if second is not None:
        sure = {
            flow: spots
            for flow, spots in differing.items()
            if _confirmed(path, first, second, flow, spots)
        }
    if not sure:
        turns = _turns(path, both, differing)
        return Comparison("unconfirmed", _concerned(path, both, turns), turns)
    turns = _turns(path, both, sure)
    return Comparison(
        _kind(path, both, sure, same_network),
        _concerned(path, both, turns),
        turns,
        new_members(path, both),
    )


def _concerned(path: Path, walk: Walk, turns: tuple[Turn, ...]) -> int:
    """How many flows could be compared at the hop where most of them leave the path."""
    turn = divergence(turns)
    ttl = turn.ttl if turn else 0
    return len(
        {turn.flow for turn in turns}
        | {
            flow
            for flow, hops in walk.flows.items()
            if ttl in hops and ttl in path.flows.get(flow, {})
        }
    )


def _spots(path: Path, walk: Walk, flow: int) -> tuple[int, ...]:
    """The TTLs at which none of a flow's routers was there before.

    Where a flow ends is not compared: a target that loses one probe answers the next, one hop on.
    """
    old, new = path.flows[flow], walk.flows[flow]
    return tuple(
        ttl for ttl in sorted(old.keys() & new.keys()) if not set(old[ttl]) & set(new[ttl])
    )


def _confirmed(path: Path, first: Walk, second: Walk, flow: int, spots: tuple[int, ...]) -> bool:
    """Whether both passes see the flow off its path, or one does and another flow agrees."""
    before, after = first.flows.get(flow, {}), second.flows.get(flow, {})
    for ttl in spots:
        if ttl in before and ttl in after:
            return True
        news = set(before.get(ttl, ())) | set(after.get(ttl, ()))
        agreeing = sum(bool(news & set(hops.get(ttl, ()))) for hops in first.flows.values())
        if news and agreeing >= 2:
            return True
    return False


def _kind(
    path: Path, walk: Walk, differing: Mapping[int, tuple[int, ...]], same_network: SameNetwork
) -> Difference:
    """Whether the flows changed places, met a new member of a balanced hop, or were rerouted."""
    strange = {
        flow: new
        for flow, spots in differing.items()
        if (new := _unknown_spots(path, walk, flow, spots))
    }
    if not strange:
        return "reshuffled"
    fits = all(
        _fits_balancing(path, walk, flow, ttls, same_network) for flow, ttls in strange.items()
    )
    if fits and len(strange) * 2 <= len(differing) and len(differing) > 1:
        return "reshuffled"
    in_use = all(
        _still_in_use(path, walk, flow, ttl) for flow, ttls in strange.items() for ttl in ttls
    )
    if fits and in_use:
        return "sibling"
    kept = {flow: _kept_routers(path, walk, flow, same_network) for flow in differing}
    if all("readdressed" in kept[flow] for flow in strange):
        return "readdressed"
    return "tunnelled" if all("tunnelled" in kept[flow] for flow in kept) else "changed"


def _kept_routers(path: Path, walk: Walk, flow: int, same_network: SameNetwork) -> set[str]:
    """By which explanations a flow that differs meets the same routers as before."""
    from bothsides.analyse.path.same_routers import is_readdressed, is_tunnelled

    new, lengths = walk.flows[flow], (path.lengths.get(flow, 0), walk.lengths.get(flow, 0))
    readdressed = is_readdressed(path.flows[flow], new, lengths, same_network)
    tunnelled = is_tunnelled(path.members, new, lengths, same_network)
    return {*["readdressed"] * readdressed, *["tunnelled"] * tunnelled}


def _unknown_spots(path: Path, walk: Walk, flow: int, spots: Iterable[int]) -> tuple[int, ...]:
    """The TTLs at which none of the flow's routers was ever seen by any flow."""
    hops = walk.flows[flow]
    return tuple(
        ttl for ttl in spots if not any(path.knows(host, ttl) for host in hops.get(ttl, ()))
    )


def _fits_balancing(
    path: Path, walk: Walk, flow: int, ttls: tuple[int, ...], same_network: SameNetwork
) -> bool:
    """Whether new routers are at balanced hops only, between known ones of the same network.

    Branches may be several routers long, so the neighbours are those around all new routers.
    """
    hops = walk.flows[flow]
    around = {ttl + step for ttl in ttls for step in (-1, 1)} - {*ttls}
    for near in around & hops.keys() & path.members.keys():
        if not any(path.knows(host, near) for host in hops[near]):
            return False
    return all(
        path.balanced(ttl)
        and all(
            any(same_network(host, member) is not False for member in path.members[ttl])
            for host in hops.get(ttl, ())
        )
        for ttl in ttls
    )


def _still_in_use(path: Path, walk: Walk, flow: int, ttl: int) -> bool:
    """Whether another flow still meets the replaced router, or packets are balanced one by one."""
    gone = set(path.flows[flow].get(ttl, ()))
    return path.scattered(ttl) or any(gone & set(hops.get(ttl, ())) for hops in walk.flows.values())


def new_members(path: Path, walk: Walk) -> tuple[tuple[int, str], ...]:
    """(TTL, address) pairs never seen before, at TTLs where some router is known."""
    seen = {
        (ttl, host) for hops in walk.flows.values() for ttl, hosts in hops.items() for host in hosts
    }
    return tuple(
        sorted(
            (ttl, host) for ttl, host in seen if ttl in path.members and not path.knows(host, ttl)
        )
    )


def _turns(path: Path, walk: Walk, differing: Mapping[int, tuple[int, ...]]) -> tuple[Turn, ...]:
    return tuple(_turn(path, walk, flow, spots[0]) for flow, spots in differing.items())


def _turn(path: Path, walk: Walk, flow: int, ttl: int) -> Turn:
    old, new = path.flows[flow], walk.flows[flow]
    common = max((near for near in old.keys() & new.keys() if near < ttl), default=0)
    ends = path.lengths.get(flow), walk.lengths.get(flow)
    longer = 0 if None in ends else (ends[1] or 0) - (ends[0] or 0)
    rejoin = next((row.new for row in align(old, new) if row.same and row.new > ttl), 0)
    return Turn(
        flow=flow,
        ttl=ttl,
        common=common,
        old="/".join(old.get(ttl, ())),
        new="/".join(new.get(ttl, ())),
        rejoin=rejoin,
        longer=longer,
    )


def divergence(turns: Iterable[Turn]) -> Turn | None:
    """The turn that most flows share."""
    known = list(turns)
    if not known:
        return None
    ttl = next(iter(frequencies(turn.ttl for turn in known)))
    there = [turn for turn in known if turn.ttl == ttl]
    pair = next(iter(frequencies((turn.old, turn.new) for turn in there)))
    return next(turn for turn in there if (turn.old, turn.new) == pair)
