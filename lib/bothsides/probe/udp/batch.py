"""Room for many datagrams that are received at once, and the addresses of those who sent them.

A prober of 1000 peers handles 10,000 packets a second; each call into the kernel and each object
that Python makes for a packet is paid for that often. So what is known of all datagrams is read in
one pass. The prober of the mesh and the reflector use this; check_udp_loss, which sends for
a second, does not load it.

Every received datagram has a place of its own in one block of memory, `Receiver.stride` apart. In
it lie, with the lengths of a prober's receiver:

      0   64  the datagram
     64   64  control messages: the kernel's stamp of arrival, and the count of dropped datagrams
    128   32  the sender's address
"""

import ctypes
import mmap
import socket
import struct
import sys

from bothsides.base.types import Iterator, NamedTuple
from bothsides.probe.net.kernel_socket import (
    IP_MTU_DISCOVER,
    SO_RXQ_OVFL,
    SO_TIMESTAMPING,
    SO_TIMESTAMPNS,
    prefer,
)
from bothsides.probe.udp.mmsg import (
    CONTROL_LENGTH,
    HEADER,
    LENGTH,
    NAME_LENGTH,
    VECTOR,
    WORDS,
    Header,
    Vector,
    calls,
    error,
)

ControlMessage = tuple[int, int, bytes]
"""Level, type and data of an ancillary message, as recvmsg(2) and sendmsg(2) have it."""

READ = 64  # datagrams that a receiver has room for
ROOM = 64  # octets of a datagram for a prober; longer ones are cut off
CONTROL = 64  # octets of its control messages
NAME = 32  # octets of an address
_NAME_SIZE = 28
_BUFFER = 4 << 20
_SIZE4 = 16  # octets of an IPv4 address as the kernel writes it
_ALWAYS_DF = 3  # IP_PMTUDISC_PROBE: set DF; a packet that cannot be cut needs no number of its own
_BILLION = 1_000_000_000

_SOURCE4, _SOURCE6 = 0, 16  # where in an address that is of which `to_source` makes a number
_STAMP = 32  # octets of the first control message, the time of arrival
_STAMPS = 64  # of the second one, where the socket reports stamps of sending too
_MESSAGE = struct.Struct("=Qii")  # length with this head, level, type
_DROPS = struct.Struct("=12xiI")


def _arrival(source: int) -> struct.Struct:
    """Reads out of a place when its datagram arrived, s and ns, and the sender's part there."""
    before = CONTROL - 16 - 16 + source  # behind head and time of the first control message
    return struct.Struct(f"={ROOM + 16}xqq{before}xQ{NAME - source - 8}x")


_ARRIVAL = {4: _arrival(_SOURCE4), 6: _arrival(_SOURCE6)}
_, _RECEIVE = calls()


class Batch(NamedTuple):
    """What was received together."""

    received: int  # datagrams
    octets: memoryview  # of all, a stride apart
    words: memoryview  # of their headers; the length of number n is words[n * WORDS + LENGTH]
    fault: int  # errno where nothing was received, as EAGAIN


class Receiver:
    """Room for the datagrams that are received together, until the next ones overwrite them."""

    def __init__(self, room: int = ROOM, control: int = CONTROL, count: int = READ) -> None:
        """room, control: octets of a datagram and of its control messages; count: of datagrams.

        Room that no datagram needs takes no memory.
        """
        self.room, self.control, self.count = room, control, count
        self.stride = room + control + NAME
        self._block = mmap.mmap(-1, count * self.stride)
        self.block = ctypes.addressof(ctypes.c_char.from_buffer(self._block))
        self._vectors = (Vector * count)()
        self._headers = (Header * count)()
        for place in range(count):
            start, message = self.block + place * self.stride, self._headers[place].message
            self._vectors[place].base, self._vectors[place].length = start, room
            vectors = ctypes.addressof(self._vectors)
            message.vector = vectors + place * VECTOR
            message.vectors = 1
            message.name, message.name_length = start + room + control, _NAME_SIZE
            message.control, message.control_length = start + room, control
        self._fresh = bytes(self._headers)
        self.octets = memoryview(self._block)
        self._view = memoryview(self._headers).cast("B")
        self._words = self._view.cast("I")
        self._place = ctypes.addressof(self._headers)
        self._kept: list[object] = []  # what headers of replies point to
        self.used = 0  # places

    def drops(self, count: int) -> int:
        """How many datagrams the socket had dropped when the last of a batch arrived.

        For sockets whose datagrams have a stamp of arrival.
        """
        place = (count - 1) * self.stride + self.room + _STAMP
        kind, dropped = _DROPS.unpack_from(self.octets, place)
        if kind == SO_TIMESTAMPING:
            kind, dropped = _DROPS.unpack_from(self.octets, place + _STAMPS)
        return int(dropped) if kind == SO_RXQ_OVFL else 0

    def receive(self, descriptor: int) -> Batch:
        """The datagrams that are there, at most `count`; an empty batch when there is none."""
        self.clear()
        received = self.more(descriptor)
        fault = 0 if received else error()
        return Batch(received, self.octets, self._words, fault)

    def clear(self) -> None:
        """Makes room."""
        self._view[: self.used * HEADER] = self._fresh[: self.used * HEADER]
        self.used = 0

    def more(self, descriptor: int) -> int:
        """Takes the datagrams that are there behind those of other sockets; how many these are."""
        place, room = self._place + self.used * HEADER, self.count - self.used
        received = max(0, _RECEIVE(descriptor, place, room, socket.MSG_DONTWAIT, None))
        self.used += received
        return received

    def sizes(self) -> list[int]:
        """Octets of each datagram since `clear`."""
        column: list[int] = self._words[LENGTH : self.used * WORDS : WORDS].tolist()
        return column

    def arrivals(self, family: int) -> Iterator[tuple[int, int, int]]:
        """When each datagram of a prober's receiver arrived: s since 1970, and ns; and its source.

        The source is as `to_source` has it. family: 4 or 6.
        """
        return _ARRIVAL[family].iter_unpack(self.octets[: self.used * self.stride])

    def datagram(self, number: int) -> "Datagram":
        """One of the datagrams that were received last, as recvmsg(2) would have given it."""
        words = self._words[number * WORDS : (number + 1) * WORDS]
        start = number * self.stride
        messages = self.octets[start + self.room :][: words[CONTROL_LENGTH]]
        name = self.octets[start + self.room + self.control :][: words[NAME_LENGTH]]
        return Datagram(
            bytes(self.octets[start : start + words[LENGTH]]),
            list(from_messages(messages)),
            from_sockaddr(bytes(name)),
        )

    def returns(self, size: int, name: int, control: int) -> int:
        """Where the headers are by which `send` returns the first `size` octets of each place.

        name: octets of the sender's address, to which they go; control: octets of control messages,
        which are where those of the received datagram were.
        """
        vectors, headers = (Vector * self.count)(), (Header * self.count)()
        self._kept += (vectors, headers)
        for place in range(self.count):
            start, message = self.block + place * self.stride, headers[place].message
            vectors[place].base, vectors[place].length = start, size
            message.vector = ctypes.addressof(vectors) + place * VECTOR
            message.vectors = 1
            message.name, message.name_length = start + self.room + self.control, name
            message.control, message.control_length = start + self.room, control
        return ctypes.addressof(headers)


class Datagram(NamedTuple):
    """One datagram and what the kernel reports about it."""

    data: bytes
    control: list[ControlMessage]
    source: tuple[str, int]  # numeric address, with its zone where it has one, and port


def from_messages(octets: memoryview) -> Iterator[ControlMessage]:
    """The control messages in a buffer."""
    place = 0
    while place + _MESSAGE.size <= len(octets):
        length, level, kind = _MESSAGE.unpack_from(octets, place)
        if length < _MESSAGE.size:
            return
        yield level, kind, bytes(octets[place + _MESSAGE.size : place + length])
        place += length + 7 & ~7


def opened(family: int) -> socket.socket:
    """A socket whose datagrams are stamped on arrival and whose drops are counted."""
    made = socket.socket(family, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        for option, value in ((SO_TIMESTAMPNS, 1), (SO_RXQ_OVFL, 1), (socket.SO_RCVBUF, _BUFFER)):
            prefer(made, socket.SOL_SOCKET, option, value)
        if family == socket.AF_INET:
            prefer(made, socket.IPPROTO_IP, IP_MTU_DISCOVER, _ALWAYS_DF)
        made.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", 0))
    except OSError:
        made.close()
        raise
    return made


def to_source(name: bytes) -> int:
    """What is compared of a sender's address: address and port, of IPv6 the lower half."""
    return int.from_bytes(name[:8] if len(name) == _SIZE4 else name[16:24], sys.byteorder)


def from_sockaddr(name: bytes) -> tuple[str, int]:
    """The address and the port of struct sockaddr_in or sockaddr_in6."""
    port = int.from_bytes(name[2:4])
    if len(name) == _SIZE4:
        return socket.inet_ntoa(name[4:8]), port
    host = socket.inet_ntop(socket.AF_INET6, name[8:24])
    scope = int.from_bytes(name[24:28], sys.byteorder)
    return (f"{host}%{_interface(scope)}" if scope else host), port


def _interface(scope: int) -> str:
    try:
        return socket.if_indextoname(scope)
    except OSError:  # it has just gone
        return str(scope)


def to_sockaddr(address: str, port: int) -> bytes:
    """struct sockaddr_in or sockaddr_in6, as the kernel writes it."""
    if ":" in address:
        host, _, zone = address.partition("%")
        scope = socket.if_nametoindex(zone) if zone else 0
        head = struct.pack("=H", socket.AF_INET6) + struct.pack("!HI", port, 0)
        return head + socket.inet_pton(socket.AF_INET6, host) + struct.pack("=I", scope)
    head = struct.pack("=H", socket.AF_INET) + struct.pack("!H", port)
    return head + socket.inet_aton(address) + bytes(8)
