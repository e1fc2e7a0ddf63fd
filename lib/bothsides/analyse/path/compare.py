"""Two looks at a path laid side by side: which flows differ, from which hop on, and whether that is a change.

A path is seen along several flows with fixed ports, because a router that balances load sends each
flow its own way for ever. So flows are compared with themselves, never hop lists with hop lists
(on a healthy network with three diamonds those differ in 98 of 99 runs). Silence equals everything.
"""

from collections import Counter

from bothsides.base.types import Callable, Iterable, Mapping, NamedTuple

Hops = Mapping[int, tuple[str, ...]]
"""Addresses by TTL: who answered there; several where a router balances packet by packet."""


class Walk(NamedTuple):
    """What one pass saw. flows: addresses by flow and TTL; lengths: where a flow reached the target."""

    flows: Mapping[int, Hops]
    lengths: Mapping[int, int]


class Path(NamedTuple):
    """A path as learnt: times in UTC seconds, runs that fitted it, and every address ever met at a TTL."""

    first: float
    last: float
    runs: int
    flows: Mapping[int, Hops]
    lengths: Mapping[int, int]
    members: Hops

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
        """Whether the address has been met at this TTL, or at a neighbouring one of flows of unequal length."""
        reach = self.spread()
        return any(
            address in self.members.get(near, ()) for near in range(ttl - reach, ttl + reach + 1)
        )


class Turn(NamedTuple):
    """Where one flow leaves its learnt path.

    ttl: the first hop that differs; common: the last hop before it that is the same (0: none);
    old, new: who was and who is there; rejoin: the TTL from which the flow is on its old way again
    (0: never); longer: hops more (or, negative, less) than before.
    """

    flow: int
    ttl: int
    common: int
    old: str
    new: str
    rejoin: int
    longer: int


class Comparison(NamedTuple):
    """verdict: "same", "reshuffled", "sibling", "unconfirmed" or "changed"; flows: how many could be compared;
    turns: the flows that differ, each once; fresh: (ttl, address) that were never met before."""

    verdict: str
    flows: int
    turns: tuple[Turn, ...] = ()
    fresh: tuple[tuple[int, str], ...] = ()


Kin = Callable[[str, str], bool]
"""Whether two addresses may belong to the same network; True when nobody knows."""


def join(one: Walk, other: Walk) -> Walk:
    """What two passes saw together."""
    flows: dict[int, dict[int, tuple[str, ...]]] = {}
    for walk in (one, other):
        for flow, hops in walk.flows.items():
            mine = flows.setdefault(flow, {})
            for ttl, hosts in hops.items():
                mine[ttl] = tuple(dict.fromkeys((*mine.get(ttl, ()), *hosts)))
    return Walk(flows, {**one.lengths, **other.lengths})


def compare(
    path: Path, first: Walk, second: Walk | None = None, kin: Kin = lambda one, other: True
) -> Comparison:
    """What the passes of one run say against a learnt path.

    A difference counts only when the second pass confirms it, or, where a hop has spent its answers,
    when two flows agree. Without a second pass everything that differs is "unconfirmed".
    """
    both = first if second is None else join(first, second)
    compared = [flow for flow in first.flows if flow in path.flows]
    differing = {flow: spots for flow in compared if (spots := _spots(path, both, flow))}
    if not differing:
        fresh = _fresh(path, both)
        return Comparison("sibling" if fresh else "same", len(compared), (), fresh)
    sure = {}
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
        _kind(path, both, sure, kin), _concerned(path, both, turns), turns, _fresh(path, both)
    )


def _concerned(path: Path, walk: Walk, turns: tuple[Turn, ...]) -> int:
    """How many flows could be compared at the hop where most of them turn off."""
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
    """The TTLs at which a flow meets nobody whom it used to meet.

    Where it ends is no spot of its own: a target that loses one probe answers the next, one hop on.
    """
    old, new = path.flows[flow], walk.flows[flow]
    return tuple(
        ttl for ttl in sorted(old.keys() & new.keys()) if not set(old[ttl]) & set(new[ttl])
    )


def _confirmed(path: Path, first: Walk, second: Walk, flow: int, spots: tuple[int, ...]) -> bool:
    """Whether both passes see the flow off its path, or one pass does and another flow agrees with it."""
    one, other = first.flows.get(flow, {}), second.flows.get(flow, {})
    for ttl in spots:
        if ttl in one and ttl in other:
            return True
        news = set(one.get(ttl, ())) | set(other.get(ttl, ()))
        agreeing = sum(bool(news & set(hops.get(ttl, ()))) for hops in first.flows.values())
        if news and agreeing >= 2:
            return True
    return False


def _kind(path: Path, walk: Walk, differing: Mapping[int, tuple[int, ...]], kin: Kin) -> str:
    """Whether the flows that differ merely changed places, met a new member of a balanced hop, or were rerouted."""
    strange = {
        flow: new
        for flow, spots in differing.items()
        if (new := _strangers(path, walk, flow, spots))
    }
    if not strange:
        return "reshuffled"
    tame = all(_tame(path, walk, flow, ttls, kin) for flow, ttls in strange.items())
    if tame and len(strange) * 2 <= len(differing) and len(differing) > 1:
        return "reshuffled"
    alive = all(_alive(path, walk, flow, ttl) for flow, ttls in strange.items() for ttl in ttls)
    return "sibling" if tame and alive else "changed"


def _strangers(path: Path, walk: Walk, flow: int, spots: Iterable[int]) -> tuple[int, ...]:
    """The spots where nobody in the flow's new hop was ever met there."""
    hops = walk.flows[flow]
    return tuple(
        ttl for ttl in spots if not any(path.knows(host, ttl) for host in hops.get(ttl, ()))
    )


def _tame(path: Path, walk: Walk, flow: int, ttls: tuple[int, ...], kin: Kin) -> bool:
    """Whether strangers stand at balanced hops only, between known neighbours and in the same network.

    Branches may be several routers long, so the neighbours are those around the strangers.
    """
    hops = walk.flows[flow]
    around = {ttl + step for ttl in ttls for step in (-1, 1)} - {*ttls}
    for near in around & hops.keys() & path.members.keys():
        if not any(path.knows(host, near) for host in hops[near]):
            return False
    return all(
        path.balanced(ttl)
        and all(kin(host, member) for host in hops.get(ttl, ()) for member in path.members[ttl])
        for ttl in ttls
    )


def _alive(path: Path, walk: Walk, flow: int, ttl: int) -> bool:
    """Whether the router whose place the stranger took is still met by another flow, or places are drawn anyway."""
    gone = set(path.flows[flow].get(ttl, ()))
    return path.scattered(ttl) or any(gone & set(hops.get(ttl, ())) for hops in walk.flows.values())


def _fresh(path: Path, walk: Walk) -> tuple[tuple[int, str], ...]:
    """Who was never met at his TTL before, where somebody was."""
    met = {
        (ttl, host) for hops in walk.flows.values() for ttl, hosts in hops.items() for host in hosts
    }
    return tuple(
        sorted(
            (ttl, host) for ttl, host in met if ttl in path.members and not path.knows(host, ttl)
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
        flow, ttl, common, "/".join(old.get(ttl, ())), "/".join(new.get(ttl, ())), rejoin, longer
    )


def divergence(turns: Iterable[Turn]) -> Turn | None:
    """The turn that most flows share."""
    known = list(turns)
    if not known:
        return None
    ttl = Counter(turn.ttl for turn in known).most_common(1)[0][0]
    there = [turn for turn in known if turn.ttl == ttl]
    pair = Counter((turn.old, turn.new) for turn in there).most_common(1)[0][0]
    return next(turn for turn in there if (turn.old, turn.new) == pair)


class Row(NamedTuple):
    """Two hops that belong side by side; 0: there is none on that side."""

    old: int
    new: int
    same: bool


def align(old: Hops, new: Hops) -> tuple[Row, ...]:
    """Hops of two paths side by side, so that one inserted hop shifts the rest and stands alone itself.

    The best sum of weights wins (dynamic programming): the same router counts most, silence a little,
    two different routers next to nothing.
    """
    lefts, rights = max(old, default=0), max(new, default=0)
    best = [[0.0] * (rights + 1) for _ in range(lefts + 1)]
    for left in range(lefts - 1, -1, -1):
        for right in range(rights - 1, -1, -1):
            weight = _weight(old.get(left + 1, ()), new.get(right + 1, ()))
            best[left][right] = max(
                best[left + 1][right], best[left][right + 1], best[left + 1][right + 1] + weight
            )
    rows: list[Row] = []
    left = right = 0
    while left < lefts or right < rights:
        pair = left < lefts and right < rights
        here, there = (old.get(left + 1, ()), new.get(right + 1, ())) if pair else ((), ())
        if pair and best[left][right] == best[left + 1][right + 1] + _weight(here, there):
            left, right = left + 1, right + 1
            rows.append(Row(left, right, bool(set(here) & set(there))))
        elif left < lefts and (right >= rights or best[left][right] == best[left + 1][right]):
            left += 1
            rows.append(Row(left, 0, False))
        else:
            right += 1
            rows.append(Row(0, right, False))
    return tuple(rows)


def _weight(here: tuple[str, ...], there: tuple[str, ...]) -> float:
    if here and there:
        return 1.0 if set(here) & set(there) else 0.01
    return 0.05 if here or there else 0.3
