"""Whether our own resolver lives, asked of each of its name servers with a packet of our own."""

import errno
import os
import socket
import time

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.base.poll import ready
from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.dns import NAME_ERROR, NO_ERROR, NS, A, from_header, to_question
from bothsides.probe.net.name_servers import name_servers

_CONFIGURATION = "/etc/resolv.conf"
_LOCAL = ("127.0.0.1",)  # the server that resolv.conf(5) names where the file names none
_PORT = 53
_HEALTHY = (NO_ERROR, NAME_ERROR)  # it can look names up; SERVFAIL and REFUSED: it cannot, for us


class Resolver(NamedTuple):
    """Our name servers, and which of them can look names up."""

    servers: tuple[str, ...]  # addresses
    alive: tuple[str, ...]  # the first that answered; nothing where none did


def ask(
    name: str,
    deadline: Deadline,
    patience: float = 1.0,
    port: int = _PORT,
    path: str = _CONFIGURATION,
) -> Resolver:
    """Asks every name server for the root's name servers, or for the name where one is given.

    getaddrinfo(3) says EAI_AGAIN both for a resolver of ours that is dead and for a target whose
    name servers are; this tells the two apart. patience: s. Raises Unable when there is no
    descriptor left to ask with.
    """
    deadline.enter("asking whether our resolver lives")
    servers = name_servers(path) or _LOCAL
    until = time.monotonic() + min(patience, deadline.left())
    number = int.from_bytes(os.urandom(2), "big")
    query = to_question(number, name, A if name.strip(".") else NS)
    sockets: dict[socket.socket, str] = {}
    try:
        for server in servers:
            opened = _opened(server)
            if opened is not None:
                sockets[opened] = server
                _send(opened, server, port, query)
        return Resolver(servers, tuple(_healthy(sockets, number, until)))
    finally:
        for opened in sockets:
            opened.close()


def _opened(server: str) -> socket.socket | None:
    """A socket for a server; None for a family that this kernel does not have."""
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    try:
        return socket.socket(family, socket.SOCK_DGRAM)
    except OSError as fault:
        if fault.errno in (errno.EMFILE, errno.ENFILE):
            raise Unable(f"cannot ask whether our resolver lives: {fault.strerror}") from None
        return None


def _send(opened: socket.socket, server: str, port: int, query: bytes) -> None:
    """Sends the query; a server that cannot be reached just does not answer.

    A link-local address is one only with its scope, which connect() takes as a number.
    """
    try:
        kind = opened.family, socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST
        opened.connect(socket.getaddrinfo(server, port, *kind)[0][4])
        opened.send(query)
    except OSError:
        pass


def _healthy(sockets: dict[socket.socket, str], number: int, until: float) -> list[str]:
    """The first server that can look names up, where one answers in time."""
    waiting = set(sockets)
    while waiting and time.monotonic() < until:
        readable = ready(waiting, until - time.monotonic())
        for each in [each for each in waiting if each.fileno() in readable]:
            try:
                header = from_header(each.recv(4096))
            except OSError:
                waiting.discard(each)
                continue
            except Unreadable:
                continue
            if header.number == number:
                if header.code in _HEALTHY:
                    return [sockets[each]]
                waiting.discard(each)
    return []
