"""Whether our own resolver lives, asked of each of its name servers with a packet of our own."""

import errno
import os
import socket
import struct
import time

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.base.poll import ready
from bothsides.base.types import NamedTuple

_CONFIGURATION = "/etc/resolv.conf"
_PORT = 53
_A, _NS, _IN = 1, 2, 1
_ANSWERS = (
    0,
    3,
)  # NOERROR and NXDOMAIN: it can look things up; SERVFAIL and REFUSED: it cannot, for us


class Resolver(NamedTuple):
    """The name servers that we have, and those of them that could answer."""

    servers: tuple[str, ...]
    alive: tuple[str, ...]


def ask(
    name: str,
    deadline: Deadline,
    patience: float = 1.0,
    port: int = _PORT,
    path: str = _CONFIGURATION,
) -> Resolver:
    """Asks every name server for the root's name servers, or for the name where one is given.

    getaddrinfo(3) says EAI_AGAIN both for a resolver of ours that is dead and for a target whose
    name servers are; this tells the two apart. Raises Unable when there is no descriptor left to ask with.
    """
    deadline.enter("asking whether our resolver lives")
    servers = configured(path)
    until = time.monotonic() + min(patience, deadline.left())
    number = os.urandom(2)
    sockets: dict[socket.socket, str] = {}
    try:
        for server in servers:
            family = socket.AF_INET6 if ":" in server else socket.AF_INET
            try:
                opened = socket.socket(family, socket.SOCK_DGRAM)
            except (
                OSError
            ) as fault:  # a family that this kernel does not have, or no descriptor left
                if fault.errno in (errno.EMFILE, errno.ENFILE):
                    raise Unable(
                        f"cannot ask whether our resolver lives: {fault.strerror}"
                    ) from None
                continue
            sockets[opened] = server
            try:
                # A link-local address is one only with its scope, which connect() takes as a number.
                opened.connect(
                    socket.getaddrinfo(
                        server, port, family, socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST
                    )[0][4]
                )
                opened.send(question(number, name))
            except OSError:
                continue
        return Resolver(servers, tuple(_answers(sockets, number, until)))
    finally:
        for opened in sockets:
            opened.close()


def _answers(sockets: dict[socket.socket, str], number: bytes, until: float) -> list[str]:
    """The servers that answer in time; the first is enough."""
    waiting = set(sockets)
    while waiting and time.monotonic() < until:
        heard = ready(waiting, until - time.monotonic())
        for one in [one for one in waiting if one.fileno() in heard]:
            try:
                reply = one.recv(4096)
            except OSError:
                waiting.discard(one)
                continue
            if reply[:2] == number and len(reply) >= 12:
                if reply[3] & 15 in _ANSWERS:
                    return [sockets[one]]
                waiting.discard(one)
    return []


def question(number: bytes, name: str) -> bytes:
    """A DNS query (RFC 1035 section 4.1) with recursion desired: the root's NS, or a name's A."""
    labels = [label.encode("ascii", "replace")[:63] for label in name.split(".") if label]
    encoded = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return (
        number
        + struct.pack("!HHHHH", 0x0100, 1, 0, 0, 0)
        + encoded
        + struct.pack("!HH", _A if labels else _NS, _IN)
    )


def configured(path: str = _CONFIGURATION) -> tuple[str, ...]:
    """The name servers of resolv.conf(5); without any, the one on this machine."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = [line.split() for line in file]
    except OSError:
        lines = []
    return tuple(line[1] for line in lines if len(line) > 1 and line[0] == "nameserver")[:3] or (
        "127.0.0.1",
    )
