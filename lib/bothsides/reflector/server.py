"""The reflector's sockets and its loop: read, reply from the address that was asked, count."""

import errno
import os
import select
import socket
import struct
import time

from bothsides.base.types import Callable
from bothsides.parse import stamp
from bothsides.probe.net.kernel_socket import (
    IP_RECVTTL,
    IP_TTL,
    SO_RXQ_OVFL,
    SO_TIMESTAMPNS,
    from_control,
    prefer,
)
from bothsides.probe.net.local_clock import claim
from bothsides.probe.udp.socket import Sockaddr
from bothsides.reflector.send_stamps import ASK, SendStamps
from bothsides.reflector.session import Reflector

ControlMessage = tuple[int, int, bytes]
"""Level, type and data of an ancillary message, as recvmsg(2) and sendmsg(2) have it."""

_IP_PKTINFO = 8
_ROOM = 512
_AT_ONCE = 64  # datagrams of one socket before the others have their turn
_BUFFER = 4 << 20
_PKTINFO4 = struct.Struct("@I4s4s")
_PKTINFO6 = struct.Struct("@16sI")
_TOS = struct.Struct("@i")
_CLOCK = 30.0  # s between two readings of how good the clock is
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
    """A bound socket that tells when and for which address a datagram arrived. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        for level, option, value in _WANTED[family]:
            prefer(opened, level, option, value)
        for option, value in ((SO_TIMESTAMPNS, 1), (SO_RXQ_OVFL, 1), (socket.SO_RCVBUF, _BUFFER)):
            prefer(opened, socket.SOL_SOCKET, option, value)
        numeric = socket.AI_NUMERICHOST
        found = socket.getaddrinfo(host, port, family, socket.SOCK_DGRAM, 0, numeric)
        opened.bind(found[0][4])
    except OSError:
        opened.close()
        raise
    return opened


class Server:
    """The loop over all sockets."""

    def __init__(
        self,
        sockets: list[socket.socket],
        reflector: Reflector,
        wanted: Callable[[], bool],
        bell: int,
    ) -> None:
        self.sockets = {opened.fileno(): opened for opened in sockets}
        self.stamps = {opened.fileno(): SendStamps(opened) for opened in sockets}
        self.reflector = reflector
        self.wanted = wanted  # called between two turns; False ends the loop
        self.bell = bell  # descriptor that becomes readable when `wanted` is to be called at once
        self.overflow = dict.fromkeys(self.sockets, 0)  # datagrams dropped so far, by descriptor

    def serve(self) -> None:
        """Replies until `wanted` ends it. No datagram and no error of a single send does."""
        poll = select.poll()
        for fileno in (*self.sockets, self.bell):
            poll.register(fileno, select.POLLIN)
        read = float("-inf")  # when the quality of the clock was read
        while self.wanted():
            now = time.monotonic()
            if now - read > _CLOCK:
                self.reflector.error = stamp.to_error(claim())
                read = now
            for fileno, event in poll.poll(_CLOCK * 1000):
                if fileno == self.bell:
                    os.read(self.bell, 64)
                else:
                    if event & select.POLLERR:
                        self._note_stamps(fileno)
                    self._drain(fileno, self.sockets[fileno])

    def _drain(self, fileno: int, opened: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            try:
                data, control, _, source = opened.recvmsg(65536, _ROOM)
            except BlockingIOError:
                return
            except OSError as fault:  # an ICMP error about an earlier reply
                self.reflector.count(f"receive_{_name(fault)}")
                continue
            self._reply(fileno, opened, data, control, source)

    def _reply(
        self,
        fileno: int,
        opened: socket.socket,
        data: bytes,
        control: list[ControlMessage],
        source: Sockaddr,
    ) -> None:
        about = from_control(control)
        if about.overflow is not None and about.overflow > self.overflow[fileno]:
            self.reflector.count("overflow", about.overflow - self.overflow[fileno])
            self.overflow[fileno] = about.overflow
        received = about.stamp or time.time_ns()
        draft = self.reflector.reply(
            data, source[0], source[1], about.ttl, received, time.monotonic()
        )
        if draft is None:
            return
        ancillary = _reply_control(control)
        if ancillary is None:
            self.reflector.count("not_to_us")
            return
        stamps = self.stamps[fileno] if draft.stamped is not None else None
        if stamps is not None and stamps.ready():
            ancillary.append(ASK)
        try:
            opened.sendmsg([draft.leaving(time.time_ns())], ancillary, 0, source)
        except OSError as fault:
            self.reflector.count(f"send_{_name(fault)}")
            self.reflector.count("reflected", -1)
            if stamps is not None:
                stamps.restart()
            return
        if stamps is not None and draft.stamped is not None and stamps.ready():
            stamps.note(draft.stamped, int.from_bytes(draft.packet[:4]))
            self._note_stamps(fileno)

    def _note_stamps(self, fileno: int) -> None:
        """Keeps when replies left, for the next replies to the same sessions."""
        for session, number, left in self.stamps[fileno].read():
            self.reflector.telemetry.follow_ups.note(session, number, left)


def _reply_control(control: list[ControlMessage]) -> list[ControlMessage] | None:
    """Control messages that send the reply from the address asked, with the request's DSCP.

    None when the request was sent to a multicast or broadcast address.
    """
    ancillary: list[ControlMessage] = []
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
