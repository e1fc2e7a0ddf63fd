"""Evidence of a world with lossy links, counted by chance instead of measured: cheap, thousands.

The packets take the ways of the world's table, as do the replies of its routers. A world with a
tunnel or with hidden routers is not simulated.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from bothsides.analyse.path.ownership import Maps, name_owners
from bothsides.incident.case import addresses_of
from bothsides.model.evidence import (
    VERSION,
    Evidence,
    FlowLoss,
    HopCount,
    Look,
    PathEvidence,
    PeerEvidence,
    UdpEvidence,
)
from bothsides.model.interval import Interval
from bothsides.model.path import ECHO
from bothsides.model.whose_fault import NamedOwner, Run
from bothsides.parse.ip_owners import from_exchanges, from_map
from tests.support.side.catalogue import main_steps
from tests.support.side.faults import Place, on_link
from tests.support.side.routing import next_hops
from tests.support.side.table import World, exchanges_text, link_of, map_text, own_address

SHARES = (0.05, 0.1, 0.2, 0.3, 0.4)
"""Shares that links lose."""

_AT = 1_800_000_000.0
_FLOWS, _PACKETS = 16, 200  # of one measurement by UDP
_FOLLOWED = 6  # flows that a trace follows first
_PER_HOP = 0.00002  # s, that a router takes


class Lossy(NamedTuple):
    """A directed link that loses a share of its packets."""

    start: str  # node
    end: str  # node
    share: float
    at_start: bool  # whether the router before it does it; False: the one behind

    def place(self, world: World) -> Place:
        """The truth about it."""
        return on_link(world, self.start, self.end, self.at_start)


class _Net:
    """The packets of one world with these faults."""

    def __init__(self, world: World, faults: Sequence[Lossy], draw: random.Random) -> None:
        self.world = world
        self._draw = draw
        self._losses: dict[tuple[str, str], float] = {}
        for each in faults:
            key = each.start, each.end
            self._losses[key] = 1 - (1 - self._losses.get(key, 0.0)) * (1 - each.share)
        self._members: dict[tuple[str, str, object], str] = {}

    def way(self, start: str, end: str, flow: object) -> list[str]:
        """The nodes of a flow's packets from a node to an end, both included."""
        hops, target = next_hops(self.world, end), self.world.end(end).node
        line = [start]
        while line[-1] != target:
            here = line[-1]
            key = here, end, flow
            if key not in self._members:
                self._members[key] = self._draw.choice(hops[here])
            line.append(self._members[key])
        return line

    def passes(self, line: Sequence[str]) -> float:
        """The share of packets that get along these nodes."""
        left = 1.0
        for step in pairwise(line):
            left *= 1 - self._losses.get(step, 0.0)
        return left

    def seconds(self, line: Sequence[str]) -> float:
        """How long a packet takes along these nodes."""
        ms = sum(link_of(self.world, *step).ms for step in pairwise(line))
        return ms / 1000 + _PER_HOP * len(line)

    def arrived(self, sent: int, share: float) -> int:
        """How many of these packets get through."""
        return sum(self._draw.random() < share for _ in range(sent))


def run_of(
    world: World,
    faults: Sequence[Lossy],
    draw: random.Random,
    views: Sequence[tuple[str, str]] | None = None,
) -> Run:
    """What check_whose_fault would have read; views: who checks whom, all of the world's if None.

    A view whose own measurement lost nothing traces as briefly as a check does.
    """
    broken, well = _Net(world, faults, draw), _Net(world, (), draw)
    well._members = broken._members
    documents = []
    asked = world.views if views is None else views
    for start in dict.fromkeys(start for start, _ in asked):
        peers = []
        for target in (other for one, other in asked if one == start):
            now = _look(broken, start, target)
            before = _look(well, start, target)
            peers.append(PeerEvidence(target, world.end(target).address, now, before))
        documents.append(Evidence(VERSION, start, _AT, None, (), tuple(peers)))
    maps = Maps(from_map(map_text(world)), from_exchanges(exchanges_text(world)))
    owners = name_owners(addresses_of(documents), maps, {})
    named = tuple(NamedOwner(address, *owner) for address, owner in owners.items())
    return Run("A to B", "A", "B", tuple(documents), named, ())


def truth_of(world: World, faults: Sequence[Lossy]) -> Mapping[str, object]:
    """What truth.json of the recorder would say."""
    places = [each.place(world) for each in faults]
    sides = dict.fromkeys(place.side for place in places)
    return {
        "kind": "double" if len(faults) > 1 else "loss",
        "side": list(sides),
        "places": [place._asdict() for place in places],
    }


def _look(net: _Net, start: str, target: str) -> Look:
    udp = _udp(net, start, target)
    return Look(udp, _path(net, start, target, brief=udp.lost == 0))


def _udp(net: _Net, start: str, target: str) -> UdpEvidence:
    world, flows = net.world, []
    first, last = world.end(start).node, world.end(target).node
    for flow in range(_FLOWS):
        sent = _PACKETS // _FLOWS + (flow < _PACKETS % _FLOWS)
        there = net.way(first, target, (start, flow, "udp"))
        here = net.way(last, start, (target, flow, "udp"))
        arrived = net.arrived(sent, net.passes(there))
        answered = net.arrived(arrived, net.passes(here))
        fastest = net.seconds(there) + net.seconds(here) if answered else None
        gone = sent - arrived
        flows.append(FlowLoss(sent, sent - answered, Interval(gone, gone), fastest))
    forward = sum(flow.forward.low for flow in flows if flow.forward)
    lost = sum(flow.lost for flow in flows)
    one, other = net.seconds(there), net.seconds(here)
    return UdpEvidence(
        at=_AT, lasted=2.0, sent=_PACKETS, lost=lost, forward=Interval(forward, forward),
        flows=tuple(flows), dead_flows=(), rtt=Interval(one + other, one + other + 0.0002),
        owd=Interval(one, other), protocol="stamp",
    )  # fmt: skip


def _path(net: _Net, start: str, target: str, brief: bool) -> PathEvidence:
    world = net.world
    first = world.end(start).node
    line = net.way(first, target, (start, 0, "trace"))
    rounds = {flow: 1 if brief or flow >= _FOLLOWED else 2 for flow in range(_FLOWS)}
    asked = [flow for flow in rounds if flow < _FOLLOWED or not brief]
    hops = [
        _hop(net, start, target, flow, ttl, rounds[flow])
        for ttl in range(1, len(line))
        for flow in asked
    ]
    count = 0 if brief else len(line)
    echo_hops = tuple(_echo_hop(net, start, target, ttl) for ttl in range(1, count))
    echoes = 20 if brief else 36
    echo = _echo_hop(net, start, target, len(line) - 1, echoes)
    lost = echo.lost
    reached = any(hop.ttl == len(line) - 1 and hop.host for hop in hops) or lost < echoes
    return PathEvidence(
        at=_AT, target=world.end(target).address, source=world.end(start).address, fixed=True,
        flows=tuple(range(_FOLLOWED)), length=len(line) - 1 if reached else 0, hops=tuple(hops),
        echoes=echoes, echoes_lost=lost, echo_best=echo.best, echo_hops=echo_hops,
    )  # fmt: skip


def _hop(net: _Net, start: str, target: str, flow: int, ttl: int, sent: int) -> HopCount:
    world = net.world
    line = net.way(world.end(start).node, target, (start, flow, "trace"))[: ttl + 1]
    back = net.way(line[-1], start, (start, line[-1], "errors"))
    got = net.arrived(sent, net.passes(line) * net.passes(back))
    host = own_address(world, line[-1], line[-2])
    best = net.seconds(line) + net.seconds(back)
    return HopCount(flow, ttl, sent, sent - got, host if got else "", best if got else None)


def _echo_hop(net: _Net, start: str, target: str, ttl: int, sent: int = 16) -> HopCount:
    """Echo requests, which are one more flow; routers' errors have no ports to be told apart."""
    world = net.world
    line = net.way(world.end(start).node, target, (start, "echo"))[: ttl + 1]
    back = net.way(line[-1], start, (start, line[-1], "errors"))
    got = net.arrived(sent, net.passes(line) * net.passes(back))
    best = net.seconds(line) + net.seconds(back)
    host = own_address(world, line[-1], line[-2])
    return HopCount(ECHO, ttl, sent, sent - got, host if got else "", best if got else None)


def pairs_of_faults(world: World, draw: random.Random) -> Iterator[tuple[Lossy, ...]]:
    """Two faults of links that all flows pass, without end."""
    steps = [step for step in main_steps(world) if step.share == 1]
    while True:
        one, other = draw.sample(steps, 2)
        yield tuple(
            Lossy(
                step.start, step.end, draw.choice((0.05, 0.1, 0.2, 0.3, 0.4)), draw.random() < 0.5
            )
            for step in (one, other)
        )
