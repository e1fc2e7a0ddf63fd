"""sendmmsg and recvmmsg over real sockets, and what stands in where a C library lacks them."""

import ctypes
import errno
import socket
from collections.abc import Iterator

import pytest

from bothsides.probe.udp import mmsg
from bothsides.probe.udp.mmsg import Header, Vector


class Older:
    """A C library without the two calls."""


WAYS = [mmsg.calls(), mmsg.calls(Older())]  # type: ignore[arg-type]


class Room:
    """Headers with a buffer for each."""

    def __init__(self, *octets: bytes) -> None:
        self.buffers = [ctypes.create_string_buffer(each, len(each)) for each in octets]
        self.vectors, self.headers = (Vector * len(octets))(), (Header * len(octets))()
        for place, buffer in enumerate(self.buffers):
            vector, message = self.vectors[place], self.headers[place].message
            vector.base, vector.length = ctypes.addressof(buffer), len(buffer)
            message.vector = ctypes.addressof(self.vectors) + place * mmsg.VECTOR
            message.vectors = 1
        self.place = ctypes.addressof(self.headers)

    def received(self, count: int) -> list[bytes]:
        sizes = [self.headers[place].length for place in range(count)]
        return [buffer.raw[:size] for buffer, size in zip(self.buffers, sizes, strict=False)]


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    with one, other:
        other.bind(("127.0.0.1", 0))
        one.connect(other.getsockname())
        yield one, other


def test_this_system_has_both_calls() -> None:
    assert WAYS[0] != WAYS[1]


@pytest.mark.parametrize("way", WAYS, ids=["at once", "one by one"])
def test_datagrams_arrive_in_order_with_their_lengths(
    way: tuple[mmsg.Call, mmsg.Call], pair: tuple[socket.socket, socket.socket]
) -> None:
    sends, receives = way
    wanted = [bytes(range(size)) for size in (1, 44, 0, 200)]
    assert sends(pair[0].fileno(), Room(*wanted).place, 4, 0) == 4
    room = Room(*[bytes(256)] * 6)
    got = receives(pair[1].fileno(), room.place, 6, socket.MSG_DONTWAIT, None)
    assert got == 4
    assert room.received(got) == wanted
    assert [each.length for each in room.headers][4:] == [0, 0]


@pytest.mark.parametrize("way", WAYS, ids=["at once", "one by one"])
def test_what_fails_leaves_its_errno(
    way: tuple[mmsg.Call, mmsg.Call], pair: tuple[socket.socket, socket.socket]
) -> None:
    sends, receives = way
    room = Room(bytes(44))
    assert receives(pair[1].fileno(), room.place, 1, socket.MSG_DONTWAIT, None) == -1
    assert mmsg.error() == errno.EAGAIN
    assert sends(pair[1].fileno(), room.place, 1, 0) == -1
    assert mmsg.error() == errno.EDESTADDRREQ


@pytest.mark.parametrize("way", WAYS, ids=["at once", "one by one"])
def test_those_before_a_failure_are_counted(
    way: tuple[mmsg.Call, mmsg.Call], pair: tuple[socket.socket, socket.socket]
) -> None:
    room = Room(b"a", b"b", bytes(70_000), b"c")  # longer than a datagram can be
    assert way[0](pair[0].fileno(), room.place, 4, 0) == 2
    assert way[0](pair[0].fileno(), room.place + 2 * mmsg.HEADER, 2, 0) == -1
    assert mmsg.error() == errno.EMSGSIZE
