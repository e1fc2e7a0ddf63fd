"""The records of a world: owners, nodes, links and ways. A world is one value of `World`."""

import functools
import ipaddress
from typing import Literal, NamedTuple

Role = Literal["us", "isp", "exchange", "transit", "cloud", "hoster", "tunnel", "far end"]
Kind = Literal["veth", "cable", "vxlan"]

FAR_END = "far end"
MONITOR = "monitor"


class Owner(NamedTuple):
    """A network of the world: its label in the owner map, its role and its prefixes."""

    label: str
    role: Role
    prefixes: tuple[str, ...]


class Link(NamedTuple):
    """A link between two nodes, with the address of each side.

    ms: one-way delay of a cable in each direction; a veth has none. jitter: on top of it, at most.
    """

    one: str  # node
    other: str  # node
    address: str  # of the first node
    peer: str  # of the second node
    kind: Kind = "veth"
    ms: float = 0.0  # ms, one way
    jitter: float = 0.0  # ms


class Detour(NamedTuple):
    """Another way from a node to an end, through another network."""

    node: str  # where the way turns off
    end: str  # whose address is routed
    way: str  # the nodes from there to the end


class End(NamedTuple):
    """A place that checks and is checked: a host, or a router that measures too."""

    name: str
    node: str
    address: str


class World(NamedTuple):
    """A network as a table.

    A way is a line of nodes, `A gw i1 a|b B`; alternatives are members of one ECMP group. The last
    node is an end. Nodes without a way to an end take the shortest one to a node that has a way.
    An end behind a router that translates has that router's outer address.
    """

    name: str
    owners: tuple[Owner, ...]
    exchanges: tuple[str, ...]  # labels of owners whose prefixes are exchange networks
    nodes: tuple[tuple[str, str], ...]  # label of an owner, its nodes
    links: tuple[Link, ...]
    ends: tuple[End, ...]
    ways: tuple[str, ...]
    views: tuple[tuple[str, str], ...]  # from, to: who checks whom
    detours: tuple[Detour, ...] = ()
    hidden: tuple[str, ...] = ()  # routers that take nothing off a packet's TTL, as MPLS may
    translators: tuple[tuple[str, str], ...] = ()  # router, the end behind it: as at home
    ever: tuple[tuple[str, str, str], ...] = ()  # node, hook and rule of nftables, always there

    @property
    def family(self) -> int:
        """4 or 6: every world has one family of addresses at its ends."""
        return ipaddress.ip_address(self.ends[0].address).version

    @property
    def hosts(self) -> tuple[str, ...]:
        """The ends that are hosts of their own, not routers."""
        return tuple(end.name for end in self.ends if end.name == end.node)

    def end(self, name: str) -> End:
        """The end of that name."""
        return next(end for end in self.ends if end.name == name)


@functools.cache
def owner_of(world: World) -> dict[str, str]:
    """For each node the label of its owner."""
    return {node: label for label, nodes in world.nodes for node in nodes.split()}


@functools.cache
def neighbours(world: World) -> dict[str, dict[str, str]]:
    """For each node its neighbours, each with the address that the neighbour has on their link."""
    found: dict[str, dict[str, str]] = {node: {} for node in owner_of(world)}
    for link in world.links:
        found[link.one][link.other] = link.peer
        found[link.other][link.one] = link.address
    return found


def link_of(world: World, one: str, other: str) -> Link:
    """The link between two nodes."""
    for link in world.links:
        if {link.one, link.other} == {one, other}:
            return link
    raise KeyError(f"{world.name}: no link between {one} and {other}")


def own_address(world: World, node: str, neighbour: str) -> str:
    """The address of a node on its link to a neighbour."""
    return neighbours(world)[neighbour][node]


def label_of(world: World, address: str) -> str:
    """What the owner map says: the label of the narrowest prefix with an address, "" for none."""
    number = ipaddress.ip_address(address)
    found = [
        (network.prefixlen, owner.label)
        for owner in world.owners
        for network in map(ipaddress.ip_network, owner.prefixes)
        if network.version == number.version and number in network
    ]
    return max(found)[1] if found else ""


def node_of(world: World, address: str) -> str:
    """The node that has an address, "" for none."""
    number = ipaddress.ip_address(address)
    for link in world.links:
        for node, held in ((link.one, link.address), (link.other, link.peer)):
            if ipaddress.ip_address(held) == number:
                return node
    return next((end.node for end in world.ends if ipaddress.ip_address(end.address) == number), "")


def role_of(world: World, label: str) -> Role:
    """The role of the owner with that label."""
    return next(owner.role for owner in world.owners if owner.label == label)


def map_text(world: World, known: tuple[str, ...] = ()) -> str:
    """The owner map in the format of check_mtr_path's --map.

    known: the roles that the installed reader accepts, none for all; other roles are written as the
    nearest accepted one.
    """
    nearest = {"hoster": "cloud", "tunnel": "us"}
    lines = []
    for owner in world.owners:
        role = owner.role if not known or owner.role in known else nearest.get(owner.role, "us")
        lines += [f"{prefix} = {owner.label}, {role}\n" for prefix in owner.prefixes]
    return "".join(lines)


def exchanges_text(world: World) -> str:
    """The exchange networks in the format of check_mtr_path's --exchanges; "" without any."""
    owners = [owner for owner in world.owners if owner.label in world.exchanges]
    return "".join(f"{prefix} {owner.label}\n" for owner in owners for prefix in owner.prefixes)
