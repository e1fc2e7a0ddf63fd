"""The reflector's sockets and its loop: read, answer from the address that was asked, count, go on."""

import errno
import os
import select
import socket
import struct
import time

from bothsides.base.types import Any, Callable
from bothsides.parse import stamp
from bothsides.probe.net.kernel_clock import claim
from bothsides.probe.udp.socket import (
    IP_RECVTTL,
    IP_TTL,
    SO_RXQ_OVFL,
    SO_TIMESTAMPNS,
    from_control,
    prefer,
)
from bothsides.reflector.session import Answerer

_IP_PKTINFO = 8
_ROOM = 512
_AT_ONCE = 64  # datagrams of one socket before the others get a turn
_BUFFER = 4 << 20
_PKTINFO4 = struct.Struct("@I4s4s")
_PKTINFO6 = struct.Struct("@16sI")
_TOS = struct.Struct("@i")
_CLOCK = 30.0  # seconds between two looks at how good the clock is
_WANTED = {
    socket.AF_INET: (
        (socket.IPPROTO_IP, _IP_PKTINFO, 1),
        (socket.IPPROTO_IP, IP_RECVTTL, 1),
        (socket.IPPROTO_IP, socket.IP_RECVTOS, 1),
        (socket.IPPROTO_IP, IP_TTL, 255),
    ),
    socket.AF_INET6: (
        (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1),
        (socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1),
        (socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1),
        (socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1),
        (socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 255),
    ),
}


def listening(host: str, port: int) -> socket.socket:
    """A bound socket that tells of every datagram when and for which address it came. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        for level, option, value in _WANTED[family]:
            prefer(opened, level, option, value)
        for option, value in ((SO_TIMESTAMPNS, 1), (SO_RXQ_OVFL, 1), (socket.SO_RCVBUF, _BUFFER)):
            prefer(opened, socket.SOL_SOCKET, option, value)
        opened.bind(
            socket.getaddrinfo(host, port, family, socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST)[0][
                4
            ]
        )
    except OSError:
        opened.close()
        raise
    return opened


class Server:
    """The loop over all sockets.

    wanted: called between two datagrams, returns False to end; bell: a descriptor that becomes
    readable when `wanted` has news.
    """

    def __init__(
        self,
        sockets: list[socket.socket],
        answerer: Answerer,
        wanted: Callable[[], bool],
        bell: int,
    ) -> None:
        self.sockets = {opened.fileno(): opened for opened in sockets}
        self.answerer = answerer
        self.wanted = wanted
        self.bell = bell
        self.overflow = dict.fromkeys(self.sockets, 0)

    def serve(self) -> None:
        """Answers until told to end. No datagram and no error of a single send ends it."""
        poll = select.poll()
        for fileno in (*self.sockets, self.bell):
            poll.register(fileno, select.POLLIN)
        looked = float("-inf")
        while self.wanted():
            now = time.monotonic()
            if now - looked > _CLOCK:
                self.answerer.error = stamp.to_error(claim())
                looked = now
            for fileno, _ in poll.poll(_CLOCK * 1000):
                if fileno == self.bell:
                    os.read(self.bell, 64)
                else:
                    self._drain(fileno, self.sockets[fileno])

    def _drain(self, fileno: int, opened: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            try:
                data, control, _, source = opened.recvmsg(65536, _ROOM)
            except BlockingIOError:
                return
            except OSError as fault:  # an ICMP error about an earlier answer
                self.answerer.count(f"receive_{_name(fault)}")
                continue
            self._answer(fileno, opened, data, control, source)

    def _answer(
        self,
        fileno: int,
        opened: socket.socket,
        data: bytes,
        control: list[Any],
        source: tuple[Any, ...],
    ) -> None:
        told = from_control(control)
        if told.overflow is not None and told.overflow > self.overflow[fileno]:
            self.answerer.counts["overflow"] = (
                self.answerer.counts.get("overflow", 0) + told.overflow - self.overflow[fileno]
            )
            self.overflow[fileno] = told.overflow
        received = told.stamp or time.time_ns()
        reply = self.answerer.answer(
            data, source[0], source[1], told.ttl, received, time.monotonic()
        )
        if reply is None:
            return
        ancillary = _from_there(opened.family, control)
        if ancillary is None:
            self.answerer.count("not_to_us")
            return
        try:
            opened.sendmsg([reply.leaving(time.time_ns())], ancillary, 0, source)
        except OSError as fault:
            self.answerer.count(f"send_{_name(fault)}")


def _from_there(family: int, control: list[Any]) -> list[Any] | None:
    """Control messages that make the answer leave with the address and the DSCP of the question.

    None when the question went to a group or broadcast address.
    """
    ancillary: list[Any] = []
    for level, kind, octets in control:
        if level == socket.IPPROTO_IP and kind == _IP_PKTINFO:
            _, local, asked = _PKTINFO4.unpack_from(octets)
            if local != asked:
                return None
            ancillary.append((level, kind, _PKTINFO4.pack(0, local, bytes(4))))
        elif level == socket.IPPROTO_IP and kind == socket.IP_TOS:
            ancillary.append((level, kind, _TOS.pack(octets[0] & 0xFC)))
        elif level == socket.IPPROTO_IPV6 and kind == socket.IPV6_PKTINFO:
            asked, interface = _PKTINFO6.unpack_from(octets)
            if asked[0] == 0xFF:
                return None
            ancillary.append(
                (level, kind, _PKTINFO6.pack(asked, interface if asked[0] == 0xFE else 0))
            )
        elif level == socket.IPPROTO_IPV6 and kind == socket.IPV6_TCLASS:
            ancillary.append((level, kind, _TOS.pack(_TOS.unpack_from(octets)[0] & 0xFC)))
    return ancillary


def _name(fault: OSError) -> str:
    return errno.errorcode.get(fault.errno or 0, "error")
