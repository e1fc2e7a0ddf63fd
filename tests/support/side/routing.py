"""What follows from a world's ways: next hops, a pair's directed links, the table's mistakes."""

import functools
from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from tests.support.side.table import World, link_of, neighbours, owner_of

Hops = dict[str, tuple[str, ...]]
"""For each node its next hops, several for an ECMP group."""


class Step(NamedTuple):
    """A directed link on the way of a pair; share: of the pair's flows, 1 where all pass it."""

    start: str
    end: str
    share: float

    def __str__(self) -> str:
        return f"{self.start}>{self.end}"


def groups(way: str) -> list[tuple[str, ...]]:
    """The places of a way, each with its alternatives."""
    return [tuple(place.split("|")) for place in way.split()]


@functools.cache
def next_hops(world: World, end: str, extra: tuple[str, ...] = ()) -> Hops:
    """The next hops of every node towards an end; the ways in `extra` replace earlier ones."""
    target = world.end(end).node
    near = neighbours(world)
    hops: Hops = {}
    for way in (*extra, *(way for way in world.ways if groups(way)[-1] == (target,))):
        for node, linked in _linked(near, way):
            hops.setdefault(node, linked)
    known = deque([target, *hops])
    seen = set(known)
    while known:
        node = known.popleft()
        if node in world.hosts and node != target:
            continue  # hosts do not forward
        for other in near[node]:
            if other not in seen and other not in world.hosts:
                seen.add(other)
                hops[other] = (node,)
                known.append(other)
    for host in world.hosts:
        if host not in hops and host != target:
            hops[host] = tuple(near[host])[:1]
    return hops


def _linked(near: dict[str, dict[str, str]], way: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The next nodes of each node of a way; an alternative of another length has its own way."""
    for here, there in pairwise(groups(way)):
        for node in here:
            linked = tuple(other for other in there if other in near[node])
            if linked:
                yield node, linked


@functools.cache
def steps(world: World, start: str, end: str) -> tuple[Step, ...]:
    """The directed links of a pair, in order; a tunnel's is followed by those that carry it."""
    target = world.end(end).node
    hops = next_hops(world, end)
    shares = {world.end(start).node: 1.0}
    found: list[Step] = []
    for _ in range(len(owner_of(world))):
        following: dict[str, float] = {}
        for node, share in shares.items():
            for other in hops[node] if node != target else ():
                part = share / len(hops[node])
                following[other] = following.get(other, 0.0) + part
                found += _carried(world, Step(node, other, part))
        shares = following
        if not shares:
            return tuple(_merged(found))
    raise ValueError(f"{world.name}: the way from {start} to {end} does not end")


@functools.cache
def direct_links(world: World, start: str, end: str) -> frozenset[str]:
    """The directed links, as `i3>n1`, and nodes of a pair's way; not those that carry a tunnel."""
    hops, target = next_hops(world, end), world.end(end).node
    found: set[str] = set()
    nodes = {world.end(start).node}
    while nodes - {target}:
        links = {f"{node}>{other}" for node in nodes - {target} for other in hops[node]}
        nodes = {link.partition(">")[2] for link in links}
        found |= links | nodes
    return frozenset(found)


def _carried(world: World, step: Step) -> list[Step]:
    """The step, and for a tunnel the directed links of the carrier's way."""
    link = link_of(world, step.start, step.end)
    if link.kind != "vxlan":
        return [step]
    ends = {end.node: end.name for end in world.ends}
    inner = steps(world, ends[step.start], ends[step.end])
    return [step, *(Step(one.start, one.end, one.share * step.share) for one in inner)]


def _merged(found: list[Step]) -> list[Step]:
    """Each directed link once, with the sum of its shares."""
    shares: dict[tuple[str, str], float] = {}
    for step in found:
        shares[step[:2]] = shares.get(step[:2], 0.0) + step.share
    return [Step(*key, share) for key, share in shares.items()]


def pairs_over(world: World, start: str, end: str) -> tuple[str, ...]:
    """The pairs of ends whose packets pass a directed link, as `A>B`."""
    found = []
    for pair in directions(world):
        if any(step[:2] == (start, end) for step in steps(world, *pair.split(">"))):
            found.append(pair)
    return tuple(found)


def directions(world: World) -> tuple[str, ...]:
    """Every pair of ends between which packets of a view go, each direction once."""
    pairs = [f"{one}>{other}" for view in world.views for one, other in (view, view[::-1])]
    return tuple(dict.fromkeys(pairs))


def mistakes(world: World) -> list[str]:
    """What is wrong with a world's table, in words; none for a sound one."""
    labels = {owner.label for owner in world.owners}
    found = [f"{label} is no owner" for label, _ in world.nodes if label not in labels]
    addresses = [held for link in world.links for held in (link.address, link.peer)]
    found += [f"{held} is on two nodes" for held in set(addresses) if _is_doubled(world, held)]
    near = neighbours(world)
    starts = {way.split()[0] for way in world.ways}  # these have a way of their own
    for way in (*world.ways, *(detour.way for detour in world.detours)):
        for here, there in pairwise(groups(way)):
            pairs = [(one, other) for one in here for other in there]
            linked = [pair for pair in pairs if pair[1] in near.get(pair[0], {})]
            lonely = {*here, *there} - starts - {node for pair in linked for node in pair}
            found += [f"{way}: no link {'-'.join(pair)}" for pair in pairs if {*pair} & lonely]
    for pair in directions(world) if not found else ():
        start, end = pair.split(">")
        declared = [way for way in world.ways if (way.split()[0], way.split()[-1]) == (start, end)]
        passed = {node for step in steps(world, start, end) for node in step[:2]}
        for way in declared:
            wanted = {node for place in groups(way) for node in place}
            if wanted - passed:
                found.append(f"{way}: packets do not pass {sorted(wanted - passed)}")
    return found


def _is_doubled(world: World, address: str) -> bool:
    """Whether two nodes have the same address."""
    nodes = {link.one for link in world.links if link.address == address}
    nodes |= {link.other for link in world.links if link.peer == address}
    return len(nodes) > 1
