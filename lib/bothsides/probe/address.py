"""A host name to its addresses, within the deadline; whose fault it is when that fails."""

import _socket as socket  # the C half has all that is asked for; the other half's import costs 2 ms of CPU
import _thread
import os
import select
from typing import Any, NamedTuple

from bothsides.deadline import Deadline
from bothsides.probe import Failure

_FAMILIES = {0: socket.AF_UNSPEC, 4: socket.AF_INET, 6: socket.AF_INET6}
_NO_SUCH_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", -5), getattr(socket, "EAI_ADDRFAMILY", -9))


class Address(NamedTuple):
    """One resolved address. family: 4 or 6; host: numeric, with %scope where it has one."""

    family: int
    host: str

    def sockaddr(self, port: int) -> tuple[Any, ...]:
        """What `socket.connect` takes."""
        kind = socket.AF_INET6 if self.family == 6 else socket.AF_INET
        return socket.getaddrinfo(self.host.encode(), port, kind, socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST)[0][4]


def resolve(host: str, family: int, deadline: Deadline, patience: float = 3.0) -> tuple[Address, ...] | Failure:
    """All addresses of a host, in the system's order, or why there is none.

    family: 4, 6 or 0 for both. The look-up runs in a thread that is left behind when the resolver
    does not answer within `patience` seconds (or the deadline), because getaddrinfo(3) cannot be
    interrupted; it ends with the process.
    """
    deadline.enter(f"resolving {host}")
    try:
        return _addresses(socket.getaddrinfo(_wire(host), None, _FAMILIES[family], socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST))
    except (socket.gaierror, UnicodeError):
        pass
    answer: list[Any] = []
    reader, writer = os.pipe()
    _thread.start_new_thread(_look_up, (host, _FAMILIES[family], answer, writer))
    ready, _, _ = select.select([reader], [], [], min(patience, deadline.left()))
    os.close(reader)
    if not ready:
        return Failure("local", f"our resolver does not answer for {host} (target not tested)")
    return _understood(host, family, answer[0])


def _wire(host: str) -> str | bytes:
    """The name as octets where it is plain: a str goes through the idna codec, whose import costs 1 ms of CPU."""
    plain = host.isascii() and all(0 < len(label) < 64 for label in host.rstrip(".").split("."))
    return host.encode() if plain else host


def _look_up(host: str, family: int, answer: list[Any], writer: int) -> None:
    try:
        answer.append(socket.getaddrinfo(_wire(host), None, family, socket.SOCK_DGRAM))
    except (OSError, UnicodeError) as fault:
        answer.append(fault)
    try:
        os.write(writer, b".")
    except OSError:
        pass  # nobody waits any more
    finally:
        os.close(writer)


def _understood(host: str, family: int, answer: Any) -> tuple[Address, ...] | Failure:
    if isinstance(answer, list):
        return _addresses(answer)
    if isinstance(answer, UnicodeError):
        return Failure("config", f"{host} is not a valid host name")
    if answer.errno in _NO_SUCH_NAME:
        kind = {4: "IPv4 address", 6: "IPv6 address"}.get(family, "address")
        return Failure("dns", f"{host} has no {kind} (the name does not exist)")
    return Failure("local", f"our resolver cannot answer for {host} ({answer.strerror}; target not tested)")


def _addresses(found: list[Any]) -> tuple[Address, ...]:
    return tuple(
        dict.fromkeys(Address(6 if kind == socket.AF_INET6 else 4, _numeric(sockaddr)) for kind, _, _, _, sockaddr in found)
    )


def _numeric(sockaddr: tuple[Any, ...]) -> str:
    return socket.getnameinfo(sockaddr, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)[0]
