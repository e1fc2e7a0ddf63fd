"""One UDP socket that knows when the kernel sent and received each datagram, and who refused it."""

import errno
import os
import socket
import struct
import sys

from bothsides.base.types import Any, Iterable, NamedTuple

# Linux numbers that Python's socket module lacks (asm-generic/socket.h, linux/in.h, linux/in6.h).
SO_TIMESTAMPNS = 35
SO_TIMESTAMPING = 37
SO_RXQ_OVFL = 40
IP_TTL = 2
IP_MTU_DISCOVER = 10
IP_RECVERR = 11
IP_RECVTTL = 12
IPV6_MTU_DISCOVER = 23
IPV6_RECVERR = 25
_ALWAYS_DF = 3  # IP_PMTUDISC_PROBE: set DF, ignore what was learnt about the path's MTU

# linux/net_tstamp.h: TX_SOFTWARE, RX_SOFTWARE, SOFTWARE, OPT_CMSG, OPT_TSONLY, and OPT_ID apart
_STAMPS = 1 << 1 | 1 << 3 | 1 << 4 | 1 << 10 | 1 << 11
_OPT_ID = 1 << 7

_TIMES = struct.Struct("@qq")
_OLD_TIMES = struct.Struct("@ii")
_ERROR = struct.Struct("@IBBBxII")  # sock_extended_err of linux/errqueue.h
_LOCAL, _ICMP, _ICMP6, _TIMESTAMPING = 1, 2, 3, 4
_INT = struct.Struct("@i")
_ROOM = 512  # octets for control messages
_BUFFER = 1 << 20  # the default of 208 KiB holds only a few hundred small packets

# ICMP answers that the kernel keeps for the next call on the socket, whatever that call wants.
_REMOTE = (
    errno.ECONNREFUSED,
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
    errno.EMSGSIZE,
    errno.EACCES,
    errno.EPROTO,
)


class Refusal(NamedTuple):
    """An ICMP error about a packet of ours. version: 4 or 6; source: the address that sent it."""

    version: int
    kind: int
    code: int
    source: str
    mtu: int


class Arrival(NamedTuple):
    """One datagram. arrived: the kernel's stamp in ns since 1970; ttl: as it arrived; None: not told."""

    data: bytes
    source: tuple[Any, ...]
    arrived: int | None
    ttl: int | None


class Told(NamedTuple):
    """What came with a datagram: the kernel's stamp (ns since 1970), its TTL, and all that was dropped so far."""

    stamp: int | None
    ttl: int | None
    overflow: int | None


class Port:
    """One flow's socket.

    overflow: datagrams that it dropped because nobody read fast enough; refusals: ICMP errors, each
    with where our datagram was going and what is left of it.

    Not connected, so that one port serves every target and an answer from a wrong address is seen.
    """

    def __init__(self, family: int, dscp: int = 0, ttl: int = 255, local: int = 0) -> None:
        self.family = family
        self.overflow = 0
        self.socket = socket.socket(
            socket.AF_INET6 if family == 6 else socket.AF_INET, socket.SOCK_DGRAM
        )
        self.socket.setblocking(False)
        self._stamped: list[
            tuple[list[int | None], int]
        ] = []  # where the stamp of each datagram belongs
        self._first = 0  # which of them the kernel's counter calls 0
        self._astray = False  # whether that counter may be off
        self.refusals: list[tuple[tuple[Any, ...], bytes, Refusal]] = []
        for level, option, value in _options(family, dscp, ttl):
            prefer(self.socket, level, option, value)
        if local:
            self._bind(local)
        self.sends_stamps = self._count_from_here()
        if not self.sends_stamps:
            prefer(self.socket, socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    def _bind(self, local: int) -> None:
        """Takes this local port; when somebody has it, the kernel will choose another."""
        try:
            self.socket.bind(("", local))
        except OSError:
            pass

    def fileno(self) -> int:
        """For poll."""
        return self.socket.fileno()

    def close(self) -> None:
        """Gives the port back."""
        self.socket.close()

    def send(
        self, data: bytes, target: tuple[Any, ...], stamps: list[int | None], place: int
    ) -> str:
        """Sends one datagram, whose kernel stamp will be written to stamps[place].

        Returns "" or the local reason why nothing was sent, as errno's name. An ICMP error that was
        waiting for this call is cleared and the datagram sent all the same.
        """
        try:
            self.socket.sendto(data, target)
        except OSError as fault:
            failed: OSError | None = self._again(data, target) if fault.errno in _REMOTE else fault
        else:
            failed = None
        if failed is None:
            self._stamped.append((stamps, place))
        if self._astray or failed is not None:
            self._recount()
        return "" if failed is None else errno.errorcode.get(failed.errno or 0, "error")

    def _again(self, data: bytes, target: tuple[Any, ...]) -> OSError | None:
        self._astray = True
        try:
            self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            self.socket.sendto(data, target)
        except OSError as fault:
            return fault
        return None

    def read(self) -> Arrival | None:
        """The next datagram, or None when there is none."""
        try:
            data, control, _, source = self.socket.recvmsg(65536, _ROOM)
        except OSError:  # nothing there, or an ICMP error whose details are in the error queue
            return None
        told = from_control(control)
        if told.overflow is not None:
            self.overflow = told.overflow
        return Arrival(data, source, told.stamp, told.ttl)

    def read_error(self) -> bool:
        """Takes one entry of the error queue, a stamp or a refusal; False when there is none."""
        try:
            data, control, _, target = self.socket.recvmsg(2048, _ROOM, socket.MSG_ERRQUEUE)
        except OSError:
            return False
        stamp: int | None = None
        said = b""
        for level, _, octets in control:
            if level == socket.SOL_SOCKET:
                stamp = _nanoseconds(octets)
            elif len(octets) >= _ERROR.size:
                said = octets
        if not said:
            return True
        _, origin, kind, code, info, counter = _ERROR.unpack_from(said)
        if origin == _TIMESTAMPING:
            self._stamp(counter, stamp)
        elif origin in (_ICMP, _ICMP6):
            refusal = Refusal(
                4 if origin == _ICMP else 6, kind, code, offender(said[_ERROR.size :]), info
            )
            self.refusals.append((target, data, refusal))
        return True

    def clear(self) -> None:
        """Forgets an error that has no entry in the queue, so that poll can rest again."""
        self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def _stamp(self, counter: int, stamp: int | None) -> None:
        place = self._first + counter
        if place < len(self._stamped):
            stamps, index = self._stamped[place]
            stamps[index] = stamp

    def _recount(self) -> None:
        """Starts the kernel's datagram counter again: a failed send may or may not have moved it."""
        while self.read_error():
            pass
        self._astray = False
        if self.sends_stamps:
            self._count_from_here()

    def _count_from_here(self) -> bool:
        self._first = len(self._stamped)
        without = prefer(self.socket, socket.SOL_SOCKET, SO_TIMESTAMPING, _STAMPS)
        return without and prefer(
            self.socket, socket.SOL_SOCKET, SO_TIMESTAMPING, _STAMPS | _OPT_ID
        )


def from_control(control: Iterable[tuple[int, int, bytes]]) -> Told:
    """Reads the control messages of one datagram."""
    stamp = ttl = overflow = None
    for level, kind, octets in control:
        if level == socket.SOL_SOCKET:
            if kind == SO_RXQ_OVFL:
                overflow = int.from_bytes(octets[:4], sys.byteorder)
            else:
                stamp = _nanoseconds(octets)
        elif (level == socket.IPPROTO_IP and kind == IP_TTL) or (
            level == socket.IPPROTO_IPV6 and kind == socket.IPV6_HOPLIMIT
        ):
            ttl = _INT.unpack_from(octets)[0]
    return Told(stamp, ttl, overflow)


def _options(family: int, dscp: int, ttl: int) -> list[tuple[int, int, int]]:
    wanted = [(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER), (socket.SOL_SOCKET, SO_RXQ_OVFL, 1)]
    if family == 6:
        return wanted + [
            (socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, ttl),
            (socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1),
            (socket.IPPROTO_IPV6, IPV6_RECVERR, 1),
            (socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, _ALWAYS_DF),
            (socket.IPPROTO_IPV6, socket.IPV6_TCLASS, dscp << 2),
        ]
    return wanted + [
        (socket.IPPROTO_IP, IP_TTL, ttl),
        (socket.IPPROTO_IP, IP_RECVTTL, 1),
        (socket.IPPROTO_IP, IP_RECVERR, 1),
        (socket.IPPROTO_IP, IP_MTU_DISCOVER, _ALWAYS_DF),
        (socket.IPPROTO_IP, socket.IP_TOS, dscp << 2),
    ]


def prefer(sock: socket.socket, level: int, option: int, value: int) -> bool:
    """Sets an option that only makes the measurement better; whether the kernel knows it."""
    try:
        sock.setsockopt(level, option, value)
    except OSError:
        return False
    return True


def _nanoseconds(octets: bytes) -> int | None:
    """The first timespec of a control message as ns since 1970."""
    if len(octets) in (16, 48):
        seconds, rest = _TIMES.unpack_from(octets)
    elif len(octets) in (8, 24):
        seconds, rest = _OLD_TIMES.unpack_from(octets)
    else:
        return None
    return (seconds * 1_000_000_000 + rest) or None


def offender(address: bytes) -> str:
    """The address in a raw sockaddr; "" when there is none."""
    family = int.from_bytes(address[:2], sys.byteorder) if len(address) >= 2 else 0
    if family == socket.AF_INET and len(address) >= 8:
        return socket.inet_ntop(socket.AF_INET, address[4:8])
    if family == socket.AF_INET6 and len(address) >= 24:
        return socket.inet_ntop(socket.AF_INET6, address[8:24])
    return ""


def reason(name: str) -> str:
    """An errno's name in words: EPERM is "operation not permitted"."""
    number = getattr(errno, name, 0)
    return os.strerror(number).lower() if number else name
