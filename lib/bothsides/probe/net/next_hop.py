"""The first hop on the way to a host, as the kernel's tables have it (rtnetlink(7))."""

import _socket as socket
import struct

from bothsides.base.types import NamedTuple

_HEADER = struct.Struct("=IHHII")  # struct nlmsghdr
_ROUTE = struct.Struct("=BBBBBBBBI")  # struct rtmsg
_NEIGHBOUR = struct.Struct("=BBHiHBB")  # struct ndmsg
_ATTRIBUTE = struct.Struct("=HH")  # struct rtattr
_GET_ROUTE, _GET_NEIGHBOUR = 26, 30  # the answers have these numbers less 2
_REQUEST = 1
_DESTINATION, _INTERFACE, _GATEWAY = 1, 4, 5  # RTA_*; NDA_DST is 1, too
_MISSING = 0x01 | 0x20  # NUD_INCOMPLETE, NUD_FAILED
_ROUTE_NETLINK = 0
_LONGEST = 8192


class NextHop(NamedTuple):
    """Where packets to a host go first."""

    gateway: str  # address of a router; "" for a host on our own link
    missing: bool  # whether it does not answer to ARP or neighbour discovery


def next_hop(host: str) -> NextHop | None:
    """The next hop towards a host; None without a route, or where the kernel does not say."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        address = socket.inet_pton(family, host.partition("%")[0])
        head = _ROUTE.pack(family, 8 * len(address), 0, 0, 0, 0, 0, 0, 0)
        message = _asked(_GET_ROUTE, head, address)
        attributes = _attributes(message, _ROUTE.size)
        gateway = attributes.get(_GATEWAY, b"")
        interface = int.from_bytes(attributes.get(_INTERFACE, b"")[::-1], "big")
        if not message:
            return None
        head = _NEIGHBOUR.pack(family, 0, 0, interface, 0, 0, 0)
        message = _asked(_GET_NEIGHBOUR, head, gateway or address)
        state = _NEIGHBOUR.unpack_from(message, _HEADER.size)[4] if message else 0
        name = socket.inet_ntop(family, gateway) if gateway else ""
        return NextHop(name, bool(state & _MISSING))
    except (OSError, struct.error):
        return None


def _asked(kind: int, head: bytes, address: bytes) -> bytes:
    """The kernel's answer about one address; nothing where it has none."""
    asked = head + _ATTRIBUTE.pack(_ATTRIBUTE.size + len(address), _DESTINATION) + address
    header = _HEADER.pack(_HEADER.size + len(asked), kind, _REQUEST, 1, 0)
    opened = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _ROUTE_NETLINK)
    try:
        opened.settimeout(0.5)
        opened.sendto(header + asked, (0, 0))
        message = opened.recv(_LONGEST)
    finally:
        opened.close()
    return message if _HEADER.unpack_from(message)[1] == kind - 2 else b""


def _attributes(message: bytes, head: int) -> dict[int, bytes]:
    """The attributes of an answer by their numbers."""
    attributes = {}
    place = _HEADER.size + head
    while place + _ATTRIBUTE.size <= len(message):
        size, name = _ATTRIBUTE.unpack_from(message, place)
        attributes[name] = message[place + _ATTRIBUTE.size : place + size]
        place += max(4, (size + 3) & ~3)
    return attributes
