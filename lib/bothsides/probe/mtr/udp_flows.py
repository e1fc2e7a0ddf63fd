"""Flows with fixed ports by UDP sockets of our own, where mtr-packet cannot hold them: over IPv6.

No privilege is needed: each packet carries its hop limit, and Linux hands ICMPv6 errors about it
to the socket's error queue (IPV6_RECVERR, ipv6(7)), with the packet's payload and the router's
address.
"""

import _socket as socket  # the C half has all that is needed
import os
import struct
import sys
import time

from bothsides.base.errors import Unable
from bothsides.base.types import Iterator, NamedTuple
from bothsides.model.path import Outcome
from bothsides.probe.net.kernel_socket import IPV6_RECVERR, offender, prefer

_IPV6_AUTOFLOWLABEL = 70  # linux/in6.h
_ERROR = struct.Struct("@IBBBBII")  # sock_extended_err (linux/errqueue.h)
_ICMP6_ORIGIN = 3
_PAYLOAD = struct.Struct("!II")  # token, and a number of this run
_HOPS = struct.Struct("@i")
_EXPIRED, _PORT_CLOSED = (3, 0), (1, 4)  # type and code (RFC 4443)
_UNREACHABLE = 1  # type
_ROOM = 512


class Answer(NamedTuple):
    """What came back for one packet."""

    token: int
    kind: Outcome
    host: str
    rtt: float  # s


class UdpFlows:
    """UDP sockets to one target, one for each flow that was used."""

    def __init__(self, source: str, target: str, ports: tuple[int, int]) -> None:
        self._source, self._target = source, target
        self._first, self._port = ports  # local port of flow 0, and that of the target
        self._run = int.from_bytes(os.urandom(4), "big")
        self._sockets: dict[int, socket.socket] = {}
        self._sent: dict[int, float] = {}
        self._alone = _claim(target)

    def close(self) -> None:
        """Gives the ports back."""
        for opened in (*self._sockets.values(), self._alone):
            opened.close()

    def files(self) -> list[socket.socket]:
        """The sockets to wait for."""
        return list(self._sockets.values())

    def send(self, token: int, flow: int, ttl: int) -> str:
        """Sends one packet; the reason in words when this host cannot."""
        data = _PAYLOAD.pack(token, self._run)
        limit = [(socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT, _HOPS.pack(ttl))]
        words = ""
        for _ in range(3):  # an ICMP error that waits is told by the next call too
            self._sent[token] = time.monotonic()
            try:
                self._socket(flow).sendmsg([data], limit)
            except OSError as fault:
                words = str(fault.strerror)
            else:
                return ""
        return words

    def answers(self) -> Iterator[Answer]:
        """All that has come back since."""
        for opened in self._sockets.values():
            while (replies := self._error(opened)) is not None:
                yield from replies
            while (replies := self._datagram(opened)) is not None:
                yield from replies
            opened.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)  # or poll reports it for ever

    def _socket(self, flow: int) -> socket.socket:
        if flow not in self._sockets:
            opened = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            try:
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                opened.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
                prefer(opened, socket.IPPROTO_IPV6, _IPV6_AUTOFLOWLABEL, 0)  # routers hash it
                opened.bind((self._source, self._first + flow))
                opened.connect((self._target, self._port))
            except OSError:
                opened.close()
                raise
            self._sockets[flow] = opened
        return self._sockets[flow]

    def _error(self, opened: socket.socket) -> list[Answer] | None:
        """The answer in the next entry of the error queue; None when it is empty."""
        try:
            data, control, _, _ = opened.recvmsg(_ROOM, _ROOM, socket.MSG_ERRQUEUE)
        except OSError:
            return None
        for _, kind, octets in control:
            if kind == IPV6_RECVERR and len(octets) >= _ERROR.size:
                _, origin, icmp, code, *_ = _ERROR.unpack_from(octets)
                if origin == _ICMP6_ORIGIN:
                    host = offender(octets[_ERROR.size :])
                    return self._answer(data, self._kind((icmp, code), host), host)
        return []

    def _datagram(self, opened: socket.socket) -> list[Answer] | None:
        """The answer in a datagram of the target: somebody listens there."""
        try:
            data = opened.recv(_ROOM)
        except BlockingIOError:
            return None
        except OSError:  # an ICMP error that the queue has had
            return []
        return self._answer(data, "reply", self._target)

    def _kind(self, error: tuple[int, int], host: str) -> Outcome:
        if error == _EXPIRED:
            return "expired"
        if error == _PORT_CLOSED and host == self._target:
            return "reply"
        return "refused" if error[0] == _UNREACHABLE else "silent"

    def _answer(self, data: bytes, kind: Outcome, host: str) -> list[Answer]:
        if len(data) < _PAYLOAD.size or kind == "silent":
            return []
        token, run = _PAYLOAD.unpack_from(data)
        began = self._sent.pop(token, None)
        if run != self._run or began is None:
            return []
        return [Answer(token, kind, host, time.monotonic() - began)]


def _claim(target: str) -> socket.socket:
    """Holds a name: two runs with the same ports to one target would take each other's errors."""
    if sys.platform != "linux":
        raise Unable("flows over IPv6 need Linux")
    held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        held.bind(f"\0bothsides/path/{target}".encode())
    except OSError:
        held.close()
        raise Unable(f"another run traces {target} now") from None
    return held
