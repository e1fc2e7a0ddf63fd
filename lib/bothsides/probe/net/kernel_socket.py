"""What Linux reports about a socket's datagrams and errors, and the numbers of its options."""

import _socket as socket  # the C half has all that is needed; the other half costs 2 ms of CPU
import struct
import sys

from bothsides.base.errors import Unable
from bothsides.base.types import Iterable, NamedTuple

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

_TIMES = struct.Struct("@qq")
_OLD_TIMES = struct.Struct("@ii")
_INT = struct.Struct("@i")


class ControlData(NamedTuple):
    """What the kernel reports about a datagram; None is unknown."""

    stamp: int | None  # of its arrival, ns since 1970
    ttl: int | None  # TTL or hop limit as it arrived
    overflow: int | None  # datagrams that the socket has dropped so far


def from_control(control: Iterable[tuple[int, int, bytes]]) -> ControlData:
    """Reads the control messages of one datagram."""
    stamp = ttl = overflow = None
    for level, kind, octets in control:
        if level == socket.SOL_SOCKET:
            if kind == SO_RXQ_OVFL:
                overflow = int.from_bytes(octets[:4], sys.byteorder)
            else:
                stamp = to_nanoseconds(octets)
        elif (level == socket.IPPROTO_IP and kind == IP_TTL) or (
            level == socket.IPPROTO_IPV6 and kind == socket.IPV6_HOPLIMIT
        ):
            ttl = _INT.unpack_from(octets)[0]
    return ControlData(stamp, ttl, overflow)


def prefer(sock: socket.socket, level: int, option: int, value: int) -> bool:
    """Sets an option that only improves the measurement; False when the kernel refuses it."""
    try:
        sock.setsockopt(level, option, value)
    except OSError:
        return False
    return True


def bind_local(opened: socket.socket, address: str, port: int = 0) -> None:
    """Sends from this address (a zone is allowed) and port from now on. Raises OSError."""
    host, _, zone = address.partition("%")
    opened.bind((host, port, 0, socket.if_nametoindex(zone)) if zone else (host, port))


def refuse_foreign(address: str) -> None:
    """Raises Unable for an address of --source that this host does not have; "" is fine."""
    if not address:
        return
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        opened = socket.socket(family, socket.SOCK_DGRAM)
    except OSError as fault:
        raise Unable(f"cannot send from {address}: {fault.strerror}") from None
    try:
        bind_local(opened, address)
    except OSError:
        raise Unable(f"--source {address} is no address of this host; see ip address") from None
    finally:
        opened.close()


def to_nanoseconds(octets: bytes) -> int | None:
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
