"""Sends and receives many datagrams by one system call: sendmmsg(2), recvmmsg(2).

A prober of 1000 peers handles 10,000 packets a second; each call into the kernel and each object
that Python makes for a packet is paid for that often. Buffers, addresses and headers are made once,
and a packet costs one copy of a header on the way out and two `unpack` on the way in. The prober of
the mesh and the reflector share this; check_udp_loss, which sends for a second, does not load it.

Every received datagram has a place of its own in one block of memory, `Receiver.stride` apart. In
it lie, with the lengths of a prober's receiver:

      0  192  the datagram
    192   64  control messages: the kernel's stamp of arrival, and the count of dropped datagrams
    256   32  the sender's address
"""

import ctypes
import mmap
import socket
import struct
import sys

from bothsides.base.types import Iterator, NamedTuple
from bothsides.probe.net.kernel_socket import SO_RXQ_OVFL, SO_TIMESTAMPING, SO_TIMESTAMPNS, prefer

ControlMessage = tuple[int, int, bytes]
"""Level, type and data of an ancillary message, as recvmsg(2) and sendmsg(2) have it."""

AT_ONCE = 16  # datagrams of one call that sends: a few from one port, whatever the tick has
READ = 64  # datagrams of one call that receives
ROOM = 192  # octets of a datagram for a prober; longer ones are cut off
CONTROL = 64  # octets of its control messages
NAME = 32  # octets of an address
_NAME_SIZE = 28
_BUFFER = 4 << 20
_SIZE4 = 16  # octets of an IPv4 address as the kernel writes it

ARRIVAL4 = struct.Struct("=208xqq32xQ24x")
"""Of a received IPv4 datagram: s and ns of its arrival, and the source as of `to_source`."""

ARRIVAL6 = struct.Struct("=208xqq48xQ8x")
"""The same of IPv6."""

_STAMP = 32  # octets of the first control message, the time of arrival
_STAMPS = 64  # of the second one, where the socket reports stamps of sending too
_MESSAGE = struct.Struct("=Qii")  # length with this head, level, type
_DROPS = struct.Struct("=12xiI")


class _Vector(ctypes.Structure):
    """struct iovec."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Message(ctypes.Structure):
    """struct msghdr."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint),
        ("vector", ctypes.c_void_p),
        ("vectors", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Header(ctypes.Structure):
    """struct mmsghdr."""

    _fields_ = (("message", _Message), ("length", ctypes.c_uint))


HEADER = ctypes.sizeof(_Header)
LENGTH = _Header.length.offset // 4  # where a datagram's length is, in words of 4 octets
NAME_LENGTH = _Message.name_length.offset // 4  # that of its sender's address
CONTROL_LENGTH = _Message.control_length.offset // 4  # that of its control messages
WORDS = HEADER // 4
_LIBC = ctypes.CDLL(None, use_errno=True)
_SEND = _LIBC.sendmmsg
_SEND.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)
_RECEIVE = _LIBC.recvmmsg
_RECEIVE.argtypes = (*_SEND.argtypes, ctypes.c_void_p)


class Draft:
    """A datagram to one address whose octets can be written anew for each sending."""

    def __init__(self, address: tuple[str, int], size: int) -> None:
        """address: numeric, and a port; size: octets."""
        self._octets = (ctypes.c_char * size)()
        self.octets = memoryview(self._octets).cast("B")
        name = to_sockaddr(*address)
        self.source = to_source(name)
        self._name = ctypes.create_string_buffer(name, len(name))
        self._vector = _Vector(ctypes.addressof(self._octets), size)
        message = _Message()
        message.name, message.name_length = ctypes.addressof(self._name), len(name)
        message.vector, message.vectors = ctypes.addressof(self._vector), 1
        self.header = bytes(_Header(message, 0))


class Sender:
    """Datagrams that are sent together."""

    def __init__(self) -> None:
        self._headers = (_Header * AT_ONCE)()
        self.headers = memoryview(self._headers).cast("B")  # to be filled with Draft.header
        self._place = ctypes.addressof(self._headers)

    def send(self, descriptor: int, count: int) -> list[tuple[int, int]]:
        """Sends the first `count`; place and errno of each that the kernel refused."""
        return send(descriptor, self._place, count)


def send(descriptor: int, headers: int, count: int) -> list[tuple[int, int]]:
    """Sends so many datagrams; place and errno of each that the kernel refused.

    headers: where in memory they are.
    """
    done: int = _SEND(descriptor, headers, count, 0)
    if done == count:
        return []
    refused = []
    place = max(0, done)
    while place < count:
        done = _SEND(descriptor, headers + place * HEADER, count - place, 0)
        if done <= 0:
            refused.append((place, ctypes.get_errno()))
            place += 1
        else:
            place += done
    return refused


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
        self._vectors = (_Vector * count)()
        self._headers = (_Header * count)()
        for place in range(count):
            start, message = self.block + place * self.stride, self._headers[place].message
            self._vectors[place].base, self._vectors[place].length = start, room
            vectors = ctypes.addressof(self._vectors)
            message.vector = vectors + place * ctypes.sizeof(_Vector)
            message.vectors = 1
            message.name, message.name_length = start + room + control, _NAME_SIZE
            message.control, message.control_length = start + room, control
        self._fresh = bytes(self._headers)
        self._octets = memoryview(self._block)
        self._view = memoryview(self._headers).cast("B")
        self._words = self._view.cast("I")
        self._place = ctypes.addressof(self._headers)
        self._kept: list[object] = []  # what headers of replies point to

    def drops(self, count: int) -> int:
        """How many datagrams the socket had dropped when the last of a batch arrived.

        For sockets whose datagrams have a stamp of arrival.
        """
        place = (count - 1) * self.stride + self.room + _STAMP
        kind, dropped = _DROPS.unpack_from(self._octets, place)
        if kind == SO_TIMESTAMPING:
            kind, dropped = _DROPS.unpack_from(self._octets, place + _STAMPS)
        return int(dropped) if kind == SO_RXQ_OVFL else 0

    def receive(self, descriptor: int) -> Batch:
        """The datagrams that are there, at most `count`; an empty batch when there is none."""
        self._view[:] = self._fresh
        count: int = _RECEIVE(descriptor, self._place, self.count, socket.MSG_DONTWAIT, None)
        if count < 0:
            return Batch(0, self._octets, self._words, ctypes.get_errno())
        return Batch(count, self._octets, self._words, 0)

    def datagram(self, number: int) -> "Datagram":
        """One of the datagrams that were received last, as recvmsg(2) would have given it."""
        words = self._words[number * WORDS : (number + 1) * WORDS]
        start = number * self.stride
        messages = self._octets[start + self.room :][: words[CONTROL_LENGTH]]
        name = self._octets[start + self.room + self.control :][: words[NAME_LENGTH]]
        return Datagram(
            bytes(self._octets[start : start + words[LENGTH]]),
            list(from_messages(messages)),
            from_sockaddr(bytes(name)),
        )

    def returns(self, size: int, name: int, control: int) -> int:
        """Where the headers are by which `send` returns the first `size` octets of each place.

        name: octets of the sender's address, to which they go; control: octets of control messages,
        which are where those of the received datagram were.
        """
        vectors, headers = (_Vector * self.count)(), (_Header * self.count)()
        self._kept += (vectors, headers)
        for place in range(self.count):
            start, message = self.block + place * self.stride, headers[place].message
            vectors[place].base, vectors[place].length = start, size
            message.vector = ctypes.addressof(vectors) + place * ctypes.sizeof(_Vector)
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
