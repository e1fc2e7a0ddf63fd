"""Builds a world's network in namespaces, and takes it away whatever happens in between."""

import contextlib
import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support import need
from tests.support.side.routing import next_hops
from tests.support.side.table import (
    Link,
    World,
    neighbours,
    own_address,
    owner_of,
)

HOUSE = Path(__file__).resolve().parents[3]
NAMES = Path("/etc/netns")
_SILENT = {4: "127.0.0.53", 6: "::1"}
_SERIAL = itertools.count()
_INNER, _OUTER = 1500, 2000  # octets, MTU of hosts' links and tunnels, and of links between routers
_QUIET = (
    "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0",
    "net.ipv4.icmp_ratelimit=0",
    "net.ipv4.icmp_msgs_per_sec=100000", "net.ipv4.icmp_msgs_burst=10000",
    "net.ipv4.icmp_errors_use_inbound_ifaddr=1", "net.ipv4.fib_multipath_hash_policy=1",
    "net.ipv6.fib_multipath_hash_policy=1", "net.ipv6.icmp.ratelimit=0",
    "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0",
    "net.ipv6.conf.default.accept_ra=0",
)  # fmt: skip
_FORWARD = ("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")


class Net:
    """The namespaces of one world; their names begin with a prefix of this run."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.prefix = f"sd{os.getpid()}x{next(_SERIAL)}"
        self.cables: subprocess.Popen[str] | None = None

    def name(self, node: str) -> str:
        """The kernel's name of a node's namespace."""
        return f"{self.prefix}{node}"

    def inside(self, node: str) -> list[str]:
        """The words in front of a command that is to run in a node."""
        return ["/usr/sbin/ip", "netns", "exec", self.name(node)]

    def run(self, node: str, *words: str, text: str | None = None) -> str:
        """Runs a command in a node; its stdout, RuntimeError when it fails."""
        return command(*self.inside(node), *words, text=text)

    def batch(self, node: str, lines: list[str]) -> None:
        """Several `ip` commands in a node."""
        command("ip", "-n", self.name(node), "-batch", "-", text="\n".join(lines) + "\n")

    def sysctl(self, node: str, *settings: str) -> None:
        """sysctl settings in a node."""
        self.run(node, "sysctl", "-q", "-w", *settings)

    def route(self, node: str, end: str, extra: tuple[str, ...] = (), source: str = "") -> str:
        """The `ip` command that routes an end's address at a node as the ways say."""
        world = self.world
        hops = next_hops(world, end, extra)[node]
        near = neighbours(world)[node]
        if world.family == 6 and not source:
            source = self._source(node, end)
        address = world.end(end).address
        gates = {hop: f"via {near[hop]} " if near[hop] != address else "" for hop in hops}
        vias = [f"{gates[hop]}dev {device(hop)}" for hop in hops]
        line = vias[0] if len(vias) == 1 else " ".join(f"nexthop {via}" for via in vias)
        return f"route replace {address}{f' src {source}' if source else ''} {line}"

    def _source(self, node: str, end: str) -> str:
        """The address from which an IPv6 router answers: the one that faces its other ends.

        IPv4 has a setting for it. The probes of an end come from where its ways lead to the node.
        """
        world = self.world
        if node in world.hosts:
            return next(one.address for one in world.ends if one.node == node)
        for other in (one.name for one in world.ends if one.name != end):
            hops = next_hops(world, other)
            at = world.end(end).node
            for _ in range(len(hops)):
                following = hops.get(at, ())
                if node in following:
                    return own_address(world, node, at)
                if not following:
                    break
                at = following[0]
        return own_address(world, node, next_hops(world, end)[node][0])

    def routes(self, node: str) -> list[str]:
        """The `ip` commands for all routes of a node."""
        return [
            self.route(node, end.name)
            for end in self.world.ends
            if end.node != node and node in next_hops(self.world, end.name)
        ]

    def names(self, node: str, known: bool) -> None:
        """A node knows all ends by name, as `b.side.test`, or no name and no resolver."""
        folder = NAMES / self.name(node)
        folder.mkdir(parents=True, exist_ok=True)
        ends = [f"{end.address} {end.name.lower()}.side.test\n" for end in self.world.ends]
        text = "".join(["127.0.0.1 localhost\n::1 localhost\n", *(ends if known else ())])
        (folder / "hosts").write_text(text)
        (folder / "resolv.conf").write_text(f"nameserver {_SILENT[self.world.family]}\n")

    def order(self, node: str, neighbour: str, **manner: float) -> None:
        """Tells the cables' process how packets from a node to a neighbour are to be treated."""
        order: dict[str, Any] = {
            "namespace": self.name(node),
            "device": device(neighbour),
            **manner,
        }
        if self.cables is None or self.cables.stdin is None or self.cables.stdout is None:
            raise RuntimeError(f"{self.world.name} has no cables")
        self.cables.stdin.write(json.dumps(order) + "\n")
        self.cables.stdin.flush()
        if self.cables.stdout.readline() != "done\n":
            raise RuntimeError(f"the cables refused {order}")


def device(neighbour: str) -> str:
    """The name of a node's interface to a neighbour."""
    return f"to_{neighbour}"


def command(*words: str, text: str | None = None) -> str:
    """Runs a command that must succeed; its stdout."""
    done = subprocess.run(
        words, input=text, stdin=None if text is not None else subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


@contextlib.contextmanager
def built(world: World) -> Iterator[Net]:
    """The network of a world."""
    need.root()
    need.program("ip", "iproute2")
    need.program("nft", "nftables")
    need.program("mtr-packet", "mtr-tiny")
    if world.hidden:
        need.program("iptables", "iptables")
    if not Path("/dev/net/tun").exists():
        need.missing("needs /dev/net/tun: modprobe tun")
    net = Net(world)
    with contextlib.ExitStack() as stack:
        for node in owner_of(world):
            stack.callback(_forget, net.name(node))
            command("ip", "netns", "add", net.name(node))
            settings = _QUIET if node in world.hosts else (*_QUIET, *_FORWARD)
            net.sysctl(node, *settings)
        stack.enter_context(_cables(net))
        _connect(net)
        for end in world.ends:
            net.names(end.node, known=True)
        yield net


def _forget(name: str) -> None:
    """Takes a namespace and its files away."""
    subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)
    shutil.rmtree(NAMES / name, ignore_errors=True)


def _connect(net: Net) -> None:
    """Makes the links, then addresses and routes, node by node."""
    lines: dict[str, list[str]] = {node: ["link set lo up"] for node in owner_of(net.world)}
    pairs = [
        f"link add {device(link.other)} netns {net.name(link.one)} type veth "
        f"peer name {device(link.one)} netns {net.name(link.other)}"
        for link in net.world.links
        if link.kind == "veth"
    ]
    command("ip", "-batch", "-", text="\n".join(pairs) + "\n")
    for link in net.world.links:
        for node, other, held, peer in (
            (link.one, link.other, link.address, link.peer),
            (link.other, link.one, link.peer, link.address),
        ):
            name = device(other)
            if link.kind == "vxlan":
                lines[node].append(_vxlan(net.world, link, node, other))
            more = " nodad" if ":" in held else ""
            lines[node] += [
                f"link set {name} mtu {_mtu(net.world, link)} up",
                f"address add {held} peer {peer} dev {name}{more}",
            ]
            if link.kind == "vxlan":  # one way that is lost must not take the other's ARP with it
                far = _mac(net.world, link, other)
                lines[node].append(f"neigh replace {peer} lladdr {far} dev {name} nud permanent")
    for node, commands in lines.items():
        net.batch(node, commands)
    for node in net.world.hidden:  # it gives back what forwarding will take
        net.run(node, "iptables", "-t", "mangle", "-A", "PREROUTING", "-j", "TTL", "--ttl-inc", "1")
    _rules(net)
    for node in lines:  # an IPv6 gateway must be up before a route names it
        net.batch(node, net.routes(node))


def _rules(net: Net) -> None:
    """What routers do with packets at all times: rules of the world, and translated addresses."""
    for number, (node, hook, rule) in enumerate(net.world.ever):
        chain = f"{hook}{number}"
        text = (
            f"add table inet ever\nadd chain inet ever {chain} "
            f"{{ type filter hook {hook} priority -20 ; }}\nadd rule inet ever {chain} {rule}\n"
        )
        net.run(node, "nft", "-f", "-", text=text)
    for router, end in net.world.translators:
        outer = net.world.end(end).address
        inner = own_address(net.world, net.world.end(end).node, router)
        text = (
            "add table ip translate\n"
            "add chain ip translate in { type nat hook prerouting priority -100 ; }\n"
            "add chain ip translate out { type nat hook postrouting priority 100 ; }\n"
            f"add rule ip translate in ip daddr {outer} dnat to {inner}\n"
            f"add rule ip translate out ip saddr {inner} snat to {outer}\n"
        )
        net.run(router, "nft", "-f", "-", text=text)


def _mtu(world: World, link: Link) -> int:
    """1500 octets to hosts and in tunnels; routers' links are larger, as carriers' are."""
    return _INNER if link.kind == "vxlan" or {link.one, link.other} & set(world.hosts) else _OUTER


def _vxlan(world: World, link: Link, node: str, other: str) -> str:
    """The command that makes one side of a tunnel between two ends of the underlay."""
    outer = {end.node: end.address for end in world.ends}
    number = 100 + world.links.index(link)
    ends = f"local {outer[node]} remote {outer[other]} nolearning"
    kind = f"address {_mac(world, link, node)} type vxlan id {number} dstport 4789"
    return f"link add {device(other)} {kind} {ends}"


def _mac(world: World, link: Link, node: str) -> str:
    """The hardware address of one side of a tunnel."""
    return f"02:00:00:00:{world.links.index(link):02x}:{1 + (node == link.one):02x}"


@contextlib.contextmanager
def _cables(net: Net) -> Iterator[None]:
    """The process that carries the world's cables."""
    cables = [
        (
            (net.name(link.one), device(link.other)),
            (net.name(link.other), device(link.one)),
            link.ms,
            link.jitter,
        )
        for link in net.world.links
        if link.kind == "cable"
    ]
    words = [sys.executable, "-m", "tests.support.side.cable"]
    with subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=HOUSE,
    ) as process:
        net.cables = process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(cables) + "\n")
            process.stdin.flush()
            if process.stdout.readline() != "ready\n":
                raise RuntimeError("the cables are not ready")
            yield
        finally:
            process.terminate()
