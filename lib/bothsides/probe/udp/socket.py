"""A UDP socket with the kernel's stamps of sending and arrival, and with the ICMP errors it got."""

import _socket as socket  # the C half has all that is needed; the other half costs 2 ms of CPU
import errno
import os
import struct

from bothsides.base.types import Any, NamedTuple
from bothsides.model.udp import IcmpError
from bothsides.probe.net.kernel_socket import (
    IP_MTU_DISCOVER,
    IP_RECVERR,
    IP_RECVTTL,
    IP_TTL,
    IPV6_MTU_DISCOVER,
    IPV6_RECVERR,
    SO_RXQ_OVFL,
    SO_TIMESTAMPNS,
    bind_local,
    from_control,
    offender,
    prefer,
)
from bothsides.probe.udp.send_stamps import SendStamps

Sockaddr = tuple[Any, ...]  # Any: of `socket`; the shape depends on the family
"""An address as the socket module has it: (host, port), for IPv6 also flow label and scope."""

_ALWAYS_DF = 3  # IP_PMTUDISC_PROBE: set DF, ignore the path MTU as far as it is known

_ERROR = struct.Struct("@IBBBxII")  # sock_extended_err of linux/errqueue.h
_LOCAL, _ICMP, _ICMP6, _TIMESTAMPING = 1, 2, 3, 4
_ROOM = 512  # octets for control messages
_AT_ONCE = 1024  # datagrams
_BUFFER = 1 << 20  # the default of 208 KiB holds only a few hundred small packets

# ICMP errors that the kernel reports to the next call on the socket, whatever that call does.
_REMOTE = (
    errno.ECONNREFUSED,
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
    errno.EMSGSIZE,
    errno.EACCES,
    errno.EPROTO,
)


class Datagram(NamedTuple):
    """A datagram as it arrived."""

    data: bytes
    source: Sockaddr  # who sent it
    arrived: int | None  # kernel's stamp, ns since 1970; None when unknown
    ttl: int | None  # TTL or hop limit as it arrived; None when unknown


class FlowSocket:
    """One source port.

    It is not connected: one port serves all targets, and replies from other addresses are seen.
    """

    def __init__(
        self, family: int, dscp: int = 0, ttl: int = 255, local: tuple[str, int] = ("", 0)
    ) -> None:
        self.family = family  # 4 or 6
        self.overflow = 0  # datagrams dropped because nobody read fast enough
        self.icmp_errors: list[tuple[Sockaddr, IcmpError]] = []  # each with whom we had sent to
        self.socket = socket.socket(
            socket.AF_INET6 if family == 6 else socket.AF_INET, socket.SOCK_DGRAM
        )
        self.socket.setblocking(False)
        self._miscounted = False  # whether the kernel's number of datagrams may be off
        for level, option, value in _options(family, dscp, ttl):
            prefer(self.socket, level, option, value)
        if local != ("", 0):
            self._bind(*local)
        self.stamps = SendStamps(self.socket)
        if not self.stamps.wanted:
            prefer(self.socket, socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    def _bind(self, address: str, port: int) -> None:
        """Takes this local address and port; the kernel chooses another for a port in use."""
        try:
            bind_local(self.socket, address, port)
        except OSError:
            if address and port:
                bind_local(self.socket, address)

    @property
    def port(self) -> int:
        """The local port."""
        return int(self.socket.getsockname()[1])

    def fileno(self) -> int:
        """For poll."""
        return self.socket.fileno()

    def close(self) -> None:
        """Gives the port back."""
        self.socket.close()

    def send(self, data: bytes, target: Sockaddr, stamps: list[int | None], place: int) -> str:
        """Sends one datagram; its kernel stamp will be written to stamps[place].

        Returns "" or the local reason why nothing was sent, as errno's name. An ICMP error that the
        kernel reports by this call is cleared, and the datagram is sent all the same.
        """
        try:
            self.socket.sendto(data, target)
        except OSError as fault:
            return self._not_sent(fault, data, target, stamps, place)
        self.stamps.note(stamps, place)
        return ""

    def _not_sent(
        self, fault: OSError, data: bytes, target: Sockaddr, stamps: list[int | None], place: int
    ) -> str:
        """Sends again what only an ICMP error has stopped; "" or the reason of this host."""
        failed: OSError | None = fault
        if fault.errno in _REMOTE:
            failed = self._send_again(data, target)
        if failed is None:
            self.stamps.note(stamps, place)
        if self._miscounted or failed is not None:
            self._recount()
        return "" if failed is None else errno.errorcode.get(failed.errno or 0, "error")

    def _send_again(self, data: bytes, target: Sockaddr) -> OSError | None:
        self._miscounted = True
        try:
            self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        except OSError as fault:
            return fault
        try:
            self.socket.sendto(data, target)
        except OSError as fault:
            return fault
        return None

    def read_all(self) -> list[Datagram]:
        """All datagrams that are there, at most so many that other sockets get their turn."""
        receive = self.socket.recvmsg
        datagrams = []
        for _ in range(_AT_ONCE):
            try:
                data, control, _, source = receive(65536, _ROOM)
            except BlockingIOError:
                break
            except OSError:  # an ICMP error whose details are in the error queue
                continue
            stamp, ttl, overflow = from_control(control)
            if overflow is not None:
                self.overflow = overflow
            datagrams.append(Datagram(data, source, stamp, ttl))
        return datagrams

    def read_errors(self) -> None:
        """Takes all that poll has announced as an error."""
        if not self.read_error():
            self.clear()
        while self.read_error():
            pass

    def read_error(self) -> bool:
        """Takes one entry of the error queue, a stamp or an ICMP error; False when it is empty."""
        try:
            _, control, _, target = self.socket.recvmsg(2048, _ROOM, socket.MSG_ERRQUEUE)
        except OSError:
            return False
        stamp, entry = b"", b""
        for level, _, octets in control:
            if level == socket.SOL_SOCKET:
                stamp = octets
            elif len(octets) >= _ERROR.size:
                entry = octets
        if not entry:
            return True
        _, origin, kind, code, info, counter = _ERROR.unpack_from(entry)
        if origin == _TIMESTAMPING:
            self.stamps.fill(counter, stamp)
        elif origin in (_ICMP, _ICMP6):
            error = IcmpError(
                version=4 if origin == _ICMP else 6,
                kind=kind,
                code=code,
                source=offender(entry[_ERROR.size :]),
                mtu=info,
            )
            self.icmp_errors.append((target, error))
        return True

    def clear(self) -> None:
        """Clears an error that has no entry in the queue, or poll would report it for ever."""
        self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def _recount(self) -> None:
        """Restarts the kernel's datagram counter: a failed send may have moved it, or not."""
        while self.read_error():
            pass
        self._miscounted = False
        if self.stamps.wanted:
            self.stamps.restart()


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


def reason(name: str) -> str:
    """An errno's name in words: EPERM is "operation not permitted"."""
    number = getattr(errno, name, 0)
    return os.strerror(number).lower() if number else name
