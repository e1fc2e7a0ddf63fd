"""Asks who says that a host cannot be reached: a router, the host itself, or our own kernel."""

import _socket as socket
import struct

from bothsides.base.deadline import spare
from bothsides.base.poll import ready
from bothsides.base.types import NamedTuple
from bothsides.probe.net.kernel_counters import counted
from bothsides.probe.net.kernel_socket import IP_RECVERR, IP_TTL, IPV6_RECVERR, offender, prefer
from bothsides.probe.net.next_hop import next_hop

_PATIENCE = 1.0  # s
_ROOM = 512  # octets of control data
_ERROR = struct.Struct("@IBBBxII")  # sock_extended_err of linux/errqueue.h
_ICMP, _ICMP6 = 2, 3  # origins of an error
_MOST = 8  # errors to read: some of a socket have no source
_WORDS = {  # by origin, ICMP type and code
    (_ICMP, 3, 0): "network unreachable",
    (_ICMP, 3, 1): "host unreachable",
    (_ICMP, 3, 3): "port unreachable (a firewall?)",
    (_ICMP, 3, 9): "network administratively prohibited",
    (_ICMP, 3, 10): "host administratively prohibited",
    (_ICMP, 3, 13): "administratively prohibited",
    (_ICMP, 11, 0): "TTL exceeded (a loop?)",
    (_ICMP6, 1, 0): "no route",
    (_ICMP6, 1, 1): "administratively prohibited",
    (_ICMP6, 1, 3): "host unreachable",
    (_ICMP6, 1, 4): "port unreachable (a firewall?)",
    (_ICMP6, 1, 5): "source address not allowed",
    (_ICMP6, 1, 6): "route rejected",
    (_ICMP6, 3, 0): "hop limit exceeded (a loop?)",
}


_RECEIVED: list[int | None] = []
"""IP packets that were delivered on this host when the watch began."""


class Refusal(NamedTuple):
    """Who says that there is no way, and how."""

    source: str  # address of the sender of the ICMP message; "": our own kernel
    words: str
    gateway: str = ""  # of our own kernel: which router does not answer; "": the host itself


def who_refuses(host: str, port: int) -> Refusal | None:
    """Connects once more and listens to ICMP; None where nobody says anything (Linux 5.9)."""
    first = next_hop(host)
    if first is not None and first.missing:
        return Refusal("", "no answer to ARP or neighbour discovery", first.gateway)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        opened = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return None
    try:
        if family == socket.AF_INET6:
            prefer(opened, socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
        else:
            prefer(opened, socket.IPPROTO_IP, IP_RECVERR, 1)
        opened.setblocking(False)
        _begin(opened, host, port)
        ready((opened,), spare(_PATIENCE))
        return _read(opened)
    except OSError:
        return None
    finally:
        opened.close()


def filtered_here(host: str, port: int) -> bool:
    """Whether our own firewall drops a UDP packet to there; the packet goes no further than a hop.

    The kernel says so of UDP at once, of TCP's first packet never.
    """
    six = ":" in host
    try:
        opened = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM)
    except OSError:
        return False
    try:
        if six:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 1)
        else:
            opened.setsockopt(socket.IPPROTO_IP, IP_TTL, 1)
        opened.setblocking(False)
        opened.sendto(b"", (host, port))
    except PermissionError:
        return True
    except OSError:
        return False
    finally:
        opened.close()
    return False


def _begin(opened: socket.socket, host: str, port: int) -> None:
    """Sends the first packet."""
    try:
        opened.connect((host, port))
    except BlockingIOError:
        pass


def _read(opened: socket.socket) -> Refusal | None:
    for _ in range(_MOST):
        _, control, _, _ = opened.recvmsg(_ROOM, _ROOM, socket.MSG_ERRQUEUE)
        for _, _, octets in control:
            if len(octets) < _ERROR.size:
                continue
            _, origin, kind, code, _, _ = _ERROR.unpack_from(octets)
            source = offender(octets[_ERROR.size :])
            if origin in (_ICMP, _ICMP6) and source:
                words = _WORDS.get((origin, kind, code), f"ICMP type {kind} code {code}")
                return Refusal(source, words)
    return None


def watch() -> None:
    """Begins to watch whether anything at all is received on this host."""
    if not _RECEIVED:
        _RECEIVED.append(_delivered())


def nothing_received() -> bool:
    """Whether this host has received nothing from anybody since `watch`; False without it."""
    return bool(_RECEIVED) and _RECEIVED[0] is not None and _RECEIVED[0] == _delivered()


def _delivered() -> int | None:
    """IP packets of both versions that were delivered so far; None where Linux does not say."""
    return counted("Ip", "InDelivers")
