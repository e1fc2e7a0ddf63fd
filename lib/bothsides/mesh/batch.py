"""Sends and receives many datagrams by one system call: sendmmsg(2), recvmmsg(2).

A prober of 1000 peers handles 10,000 packets a second; each call into the kernel and each object
that Python makes for a packet is paid for that often. Buffers, addresses and headers are made once,
and a packet costs one copy of a header on the way out and two `unpack` on the way in.

Every received datagram has a place of its own in one block of memory, `STRIDE` octets apart:

      0  ROOM  the datagram
    192    64  control messages: the kernel's stamp of arrival, and the count of dropped datagrams
    256    28  the sender's address
"""

import ctypes
import socket
import struct
import sys

from bothsides.base.types import NamedTuple
from bothsides.probe.net.kernel_socket import SO_RXQ_OVFL, SO_TIMESTAMPNS, prefer

AT_ONCE = 16  # datagrams of one call that sends: a few from one port, whatever the tick has
READ = 64  # datagrams of one call that receives
ROOM = 192  # octets of a datagram; longer ones are cut off, which their header says
STRIDE = 288
_CONTROL, _CONTROL_SIZE, _NAME, _NAME_SIZE = 192, 64, 256, 28
_BUFFER = 4 << 20
_SIZE4 = 16  # octets of an IPv4 address as the kernel writes it

ARRIVAL4 = struct.Struct("=208xqq32xQ")
"""Of a received IPv4 datagram: s and ns of its arrival, and the source as of `to_source`."""

ARRIVAL6 = struct.Struct("=208xqq48xQ")
"""The same of IPv6."""

_DROPS = struct.Struct("=236xiI")


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
        done: int = _SEND(descriptor, self._place, count, 0)
        if done == count:
            return []
        refused = []
        place = max(0, done)
        while place < count:
            done = _SEND(descriptor, self._place + place * HEADER, count - place, 0)
            if done <= 0:
                refused.append((place, ctypes.get_errno()))
                place += 1
            else:
                place += done
        return refused


class Batch(NamedTuple):
    """What was received together."""

    received: int  # datagrams
    octets: memoryview  # of all, STRIDE apart
    words: memoryview  # of their headers; the length of number n is words[n * WORDS + LENGTH]


class Receiver:
    """Room for the datagrams that are received together, until the next ones overwrite them."""

    def __init__(self) -> None:
        self._block = (ctypes.c_char * (READ * STRIDE))()
        self._vectors = (_Vector * READ)()
        self._headers = (_Header * READ)()
        block, vectors = ctypes.addressof(self._block), ctypes.addressof(self._vectors)
        for place in range(READ):
            start, message = block + place * STRIDE, self._headers[place].message
            self._vectors[place].base, self._vectors[place].length = start, ROOM
            message.vector = vectors + place * ctypes.sizeof(_Vector)
            message.vectors = 1
            message.name, message.name_length = start + _NAME, _NAME_SIZE
            message.control, message.control_length = start + _CONTROL, _CONTROL_SIZE
        self._fresh = bytes(self._headers)
        self._octets = memoryview(self._block).cast("B")
        self._view = memoryview(self._headers).cast("B")
        self._words = self._view.cast("I")
        self._place = ctypes.addressof(self._headers)

    def drops(self, count: int) -> int:
        """How many datagrams the socket had dropped when the last of a batch arrived."""
        kind, dropped = _DROPS.unpack_from(self._octets, (count - 1) * STRIDE)
        return int(dropped) if kind == SO_RXQ_OVFL else 0

    def receive(self, descriptor: int) -> Batch:
        """The datagrams that are there, at most 64; an empty batch when there is none."""
        self._view[:] = self._fresh
        count: int = _RECEIVE(descriptor, self._place, READ, socket.MSG_DONTWAIT, None)
        return Batch(max(0, count), self._octets, self._words)


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


def to_sockaddr(address: str, port: int) -> bytes:
    """struct sockaddr_in or sockaddr_in6, as the kernel writes it."""
    if ":" in address:
        host, _, zone = address.partition("%")
        scope = socket.if_nametoindex(zone) if zone else 0
        head = struct.pack("=H", socket.AF_INET6) + struct.pack("!HI", port, 0)
        return head + socket.inet_pton(socket.AF_INET6, host) + struct.pack("=I", scope)
    head = struct.pack("=H", socket.AF_INET) + struct.pack("!H", port)
    return head + socket.inet_aton(address) + bytes(8)
