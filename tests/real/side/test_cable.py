"""The cables of the laboratory, over socket pairs: delay, order, duplicates, late messages."""

import socket
import time
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.support.side.cable import Carrier, Manner, Side, is_exceeded

V4_EXCEEDED = bytes.fromhex("45") + bytes(8) + b"\x01" + bytes(10) + b"\x0b" + bytes(7)
V4_ECHO = V4_EXCEEDED[:20] + b"\x08" + bytes(7)
V6_EXCEEDED = b"\x60" + bytes(5) + b"\x3a" + bytes(33) + b"\x03" + bytes(7)


class Wire(NamedTuple):
    """A cable between two sockets of a test."""

    carrier: Carrier
    near: socket.socket
    far: socket.socket
    inner: socket.socket  # the carrier's side of `near`

    def carried(self, packets: list[bytes], manner: Manner) -> list[tuple[float, bytes]]:
        """What arrives at the far side, with seconds since it was sent."""
        self.carrier.manners[self.inner.fileno()] = manner
        began = time.monotonic()
        for packet in packets:
            self.near.send(packet)
        self.carrier.take(self.inner.fileno())
        arrived = []
        while (wait := self.carrier.give()) is not None or self.far in _readable(self.far):
            while self.far in _readable(self.far):
                arrived.append((time.monotonic() - began, self.far.recv(100)))
            time.sleep(min(wait or 0.0, 0.001))
        return arrived


def _readable(side: socket.socket) -> list[socket.socket]:
    """The socket, if something waits in it."""
    try:
        side.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return []
    return [side]


@pytest.fixture
def wire() -> Iterator[Wire]:
    near, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    far, outer = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    inner.setblocking(False)
    outer.setblocking(False)
    carrier = Carrier(1)
    carrier.add(Side("", "one", inner.fileno()), Side("", "other", outer.fileno()), 0.0)
    yield Wire(carrier, near, far, inner)
    for side in (near, inner, far, outer):
        side.close()


def packets(count: int) -> list[bytes]:
    """Numbered IPv4 packets."""
    return [V4_ECHO[:-1] + bytes((number,)) for number in range(count)]


def test_every_packet_is_late_by_the_delay(wire: Wire) -> None:
    arrived = wire.carried(packets(5), Manner(20.0))
    assert [packet for _, packet in arrived] == packets(5)
    assert all(0.02 <= at < 0.2 for at, _ in arrived)


def test_jitter_keeps_the_order(wire: Wire) -> None:
    arrived = wire.carried(packets(50), Manner(1.0, jitter=10.0))
    assert [packet for _, packet in arrived] == packets(50)


def test_a_full_queue_delays_and_drops(wire: Wire) -> None:
    sent = packets(50)
    rate = len(sent[0]) / 0.002  # a packet each 2 ms
    arrived = wire.carried(sent, Manner(rate=rate, queue=20.0))
    assert 8 <= len(arrived) < 50
    assert [packet for _, packet in arrived] == sent[: len(arrived)]
    assert arrived[-1][0] - arrived[0][0] > 0.012


def test_swapped_packets_are_overtaken_and_doubled_ones_arrive_twice(wire: Wire) -> None:
    swapped = [packet for _, packet in wire.carried(packets(50), Manner(swap=0.3, late=5.0))]
    assert swapped != packets(50)
    assert sorted(swapped) == packets(50)
    doubled = [packet for _, packet in wire.carried(packets(50), Manner(twice=0.3))]
    assert 50 < len(doubled) < 100
    assert set(doubled) == set(packets(50))


def test_only_time_exceeded_messages_are_slow(wire: Wire) -> None:
    arrived = wire.carried([V4_EXCEEDED, V4_ECHO, V6_EXCEEDED], Manner(slow=30.0))
    assert [packet for _, packet in arrived] == [V4_ECHO, V4_EXCEEDED, V6_EXCEEDED]
    assert arrived[0][0] < 0.03 <= arrived[1][0]
    assert [is_exceeded(packet) for packet in (V4_EXCEEDED, V4_ECHO, V6_EXCEEDED)] == [
        True,
        False,
        True,
    ]
