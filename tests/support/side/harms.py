"""Changes to a built network, each with the way back: filters, routes, cables, addresses."""

import contextlib
import ipaddress
import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from tests.support.side.build import Net
from tests.support.side.routing import next_hops
from tests.support.side.table import link_of, neighbours, owner_of

_NEIGHBOURS = "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept"
_OUTER = {4: ("10.255.77.1", "10.255.77.2"), 6: ("fd00:77::1", "fd00:77::2")}
_PRIORITY = {"prerouting": -350, "forward": -10, "postrouting": -10, "input": -10, "output": -10}


class Services(Protocol):
    """The far ends' daemons, as a harm uses them."""

    def stop(self, end: str, service: str) -> None:
        """Ends a daemon."""

    def start(self, end: str, service: str) -> None:
        """Starts a daemon that was ended, in its usual manner."""

    def pause(self, end: str, service: str, stopped: bool) -> None:
        """Stops a daemon without ending it, or lets it go on."""

    def slow(self, end: str) -> None:
        """Starts the web server again so that it sends slowly."""


class Ground(NamedTuple):
    """What a harm acts on: the network and the daemons of its ends."""

    net: Net
    services: Services


class Harm(Protocol):
    """One change; `undo` also works when `do` broke off."""

    def do(self, ground: Ground) -> None:
        """Makes the change."""

    def undo(self, ground: Ground) -> None:
        """Takes the change back."""


class Filter(NamedTuple):
    """A rule of nftables at a node, with a counter, as in `iifname "to_a" counter drop`."""

    node: str
    hook: str
    rule: str

    def do(self, ground: Ground) -> None:
        head = (
            f"add table inet harm\nadd chain inet harm {self.hook} "
            f"{{ type filter hook {self.hook} priority {_PRIORITY[self.hook]} ; }}\n"
        )
        rules = f"add rule inet harm {self.hook} "
        text = head + rules + _NEIGHBOURS + "\n" + rules + self.rule + "\n"
        ground.net.run(self.node, "nft", "-f", "-", text=text)

    def undo(self, ground: Ground) -> None:
        with contextlib.suppress(RuntimeError):  # another filter of the same node took the table
            ground.net.run(self.node, "nft", "delete", "table", "inet", "harm")


class Settings(NamedTuple):
    """sysctl settings of a node while the harm lasts, and those afterwards."""

    node: str
    during: tuple[str, ...]
    after: tuple[str, ...]

    def do(self, ground: Ground) -> None:
        ground.net.sysctl(self.node, *self.during)

    def undo(self, ground: Ground) -> None:
        ground.net.sysctl(self.node, *self.after)


class Reroute(NamedTuple):
    """An end is reached by another way."""

    end: str
    way: str

    def do(self, ground: Ground) -> None:
        for node in self._changed(ground.net):
            ground.net.batch(node, [ground.net.route(node, self.end, (self.way,))])

    def undo(self, ground: Ground) -> None:
        for node in self._changed(ground.net):
            ground.net.batch(node, [ground.net.route(node, self.end)])

    def _changed(self, net: Net) -> list[str]:
        usual, now = (next_hops(net.world, self.end, extra) for extra in ((), (self.way,)))
        return [node for node in now if node in usual and usual[node] != now[node]]


class NoRoute(NamedTuple):
    """A node has no route to some ends. word: unreachable, blackhole or prohibit."""

    node: str
    ends: tuple[str, ...]
    word: str = "unreachable"

    def do(self, ground: Ground) -> None:
        _override(ground.net, self.node, self.ends, self.word, "")

    def undo(self, ground: Ground) -> None:
        _restore(ground.net, self.node, self.ends)


class Back(NamedTuple):
    """A node sends packets to some ends back to a neighbour: a loop."""

    node: str
    ends: tuple[str, ...]
    neighbour: str

    def do(self, ground: Ground) -> None:
        via = neighbours(ground.net.world)[self.node][self.neighbour]
        _override(ground.net, self.node, self.ends, "", f" via {via} dev to_{self.neighbour}")

    def undo(self, ground: Ground) -> None:
        _restore(ground.net, self.node, self.ends)


def _override(net: Net, node: str, ends: Sequence[str], word: str, via: str) -> None:
    """Another route to some ends. IPv6 keeps the usual one, behind a better metric."""
    metric = " metric 5" if net.world.family == 6 else ""
    for end in ends:
        address = net.world.end(end).address
        net.batch(node, [f"route replace {word} {address}{via}{metric}"])


def _restore(net: Net, node: str, ends: Sequence[str]) -> None:
    """The usual routes again."""
    for end in ends:
        if net.world.family == 6:
            with contextlib.suppress(RuntimeError):
                net.batch(node, [f"route del {net.world.end(end).address} metric 5"])
        net.batch(node, [net.route(node, end)])


class Cable(NamedTuple):
    """Another manner of one direction of a cable; `ms` comes on top of the cable's own delay."""

    node: str
    neighbour: str
    manner: tuple[tuple[str, float], ...]

    def do(self, ground: Ground) -> None:
        usual = link_of(ground.net.world, self.node, self.neighbour)
        manner = {"jitter": usual.jitter} | dict(self.manner)
        manner["ms"] = usual.ms + manner.get("ms", 0.0)
        ground.net.order(self.node, self.neighbour, **manner)

    def undo(self, ground: Ground) -> None:
        usual = link_of(ground.net.world, self.node, self.neighbour)
        ground.net.order(self.node, self.neighbour, ms=usual.ms, jitter=usual.jitter)


class Readdress(NamedTuple):
    """A router answers from another address of its owner."""

    node: str

    def do(self, ground: Ground) -> None:
        net, new = ground.net, self.address(ground.net)
        if net.world.family == 4:
            net.sysctl(self.node, "net.ipv4.icmp_errors_use_inbound_ifaddr=0")
        more = " nodad" if ":" in new else ""
        ends = [end.name for end in net.world.ends]
        routed = [end for end in ends if self.node in next_hops(net.world, end)]
        lines = [net.route(self.node, end, source=new) for end in routed]
        net.batch(self.node, [f"address add {new} dev lo{more}", *lines])

    def undo(self, ground: Ground) -> None:
        net = ground.net
        net.sysctl(self.node, "net.ipv4.icmp_errors_use_inbound_ifaddr=1")
        net.batch(self.node, net.routes(self.node))
        with contextlib.suppress(RuntimeError):
            net.batch(self.node, [f"address del {self.address(net)} dev lo"])

    def address(self, net: Net) -> str:
        """The new address: far back in the owner's first prefix."""
        label = owner_of(net.world)[self.node]
        owner = next(owner for owner in net.world.owners if owner.label == label)
        places = list(owner_of(net.world))
        prefix = ipaddress.ip_network(owner.prefixes[0])
        return str(prefix.network_address + prefix.num_addresses - 100 - places.index(self.node))


class Service(NamedTuple):
    """A daemon of a far end: stopped, paused or slow."""

    end: str
    service: str
    manner: str

    def do(self, ground: Ground) -> None:
        if self.manner == "slow":
            ground.services.slow(self.end)
        elif self.manner == "paused":
            ground.services.pause(self.end, self.service, True)
        else:
            ground.services.stop(self.end, self.service)

    def undo(self, ground: Ground) -> None:
        if self.manner == "paused":
            ground.services.pause(self.end, self.service, False)
        ground.services.start(self.end, self.service)


class DeadResolver(NamedTuple):
    """An end knows no names, and its resolver does not answer."""

    node: str

    def do(self, ground: Ground) -> None:
        ground.net.names(self.node, known=False)

    def undo(self, ground: Ground) -> None:
        ground.net.names(self.node, known=True)


class Hidden(NamedTuple):
    """A tunnel between two routers hides the router between them on the way to some ends."""

    start: str
    middle: str
    end: str
    ends: tuple[str, ...]

    def do(self, ground: Ground) -> None:
        net, near = ground.net, neighbours(ground.net.world)
        outer = _OUTER[net.world.family]
        more = " nodad" if net.world.family == 6 else ""
        sides = (self.start, self.end)
        for node, mine in zip(sides, outer, strict=True):
            net.batch(node, [f"address add {mine} dev lo{more}"])
            via = near[self.middle][node]
            net.batch(self.middle, [f"route replace {mine} via {via} dev to_{node}"])
        for place, node in enumerate(sides):
            mine, theirs = outer[place], outer[1 - place]
            held, peer = near[self.middle][node], near[self.middle][sides[1 - place]]
            via = f"via {near[node][self.middle]} dev to_{self.middle}"
            tunnel = f"vxlan id 77 dstport 4790 local {mine} remote {theirs} nolearning"
            lines = [
                f"route replace {theirs} {via} src {mine}",
                f"link add hidden type {tunnel}",
                "link set hidden mtu 1900 up",
                f"address add {held} peer {peer} dev hidden metric 9000{more}",
            ]
            net.batch(node, lines)
        peer = near[self.middle][self.end]
        for end in self.ends:
            address = net.world.end(end).address
            net.batch(self.start, [f"route replace {address} via {peer} dev hidden"])

    def undo(self, ground: Ground) -> None:
        net = ground.net
        outer = _OUTER[net.world.family]
        for node, mine in zip((self.start, self.end), outer, strict=True):
            for line in ("link del hidden", f"address del {mine} dev lo"):
                with contextlib.suppress(RuntimeError):
                    net.batch(node, [line])
        net.batch(self.start, net.routes(self.start))


@contextlib.contextmanager
def harmed(ground: Ground, harms: Sequence[Harm]) -> Iterator[None]:
    """The network with these changes; all of them are taken back afterwards."""
    with contextlib.ExitStack() as stack:
        for harm in harms:
            stack.callback(harm.undo, ground)
            harm.do(ground)
        yield


def dropped(net: Net, node: str) -> int:
    """How many packets the filters of a node have counted."""
    try:
        listing = net.run(node, "nft", "-j", "list", "table", "inet", "harm")
    except RuntimeError:
        return 0
    rules = [item["rule"]["expr"] for item in json.loads(listing)["nftables"] if "rule" in item]
    return sum(
        part["counter"]["packets"]
        for rule in rules
        for part in rule
        if isinstance(part, dict) and isinstance(part.get("counter"), dict)
    )
