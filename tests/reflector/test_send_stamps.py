"""The kernel's stamps of single datagrams, on real sockets."""

import socket
import time
from collections.abc import Iterator

import pytest

from bothsides.reflector.send_stamps import ASK, SendStamps
from bothsides.reflector.server import listening

SESSION = ("127.0.0.1", 40000, 99)


@pytest.fixture(params=["127.0.0.1", "::1"])
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[socket.socket, socket.socket]]:
    """A socket of the reflector, and one that it sends to."""
    with listening(request.param, 0) as opened, listening(request.param, 0) as other:
        yield opened, other


def stamps_of(stamps: SendStamps) -> list[tuple[tuple[str, int, int], int, int]]:
    """All stamps that come within half a second."""
    found, until = list(stamps.read()), time.monotonic() + 0.5
    while not found and time.monotonic() < until:
        time.sleep(0.01)
        found = list(stamps.read())
    return found


def test_only_the_datagrams_that_ask_are_stamped(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    opened, other = pair
    stamps = SendStamps(opened)
    assert stamps.ready()
    for number, control in enumerate(([], [ASK], [], [ASK])):
        before = time.time_ns()
        opened.sendmsg([b"x" * 44], control, 0, other.getsockname())
        if control:
            stamps.note(SESSION, number)
            ((session, found, left),) = stamps_of(stamps)
            assert (session, found) == (SESSION, number)
            assert before <= left <= time.time_ns()
    assert list(stamps.read()) == []


def test_a_failed_send_does_not_shift_the_stamps_of_the_next(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    opened, other = pair
    stamps = SendStamps(opened)
    assert stamps.ready()
    with pytest.raises(OSError):
        opened.sendmsg([b"x" * 70000], [ASK], 0, other.getsockname())
    stamps.restart()
    opened.sendmsg([b"x"], [ASK], 0, other.getsockname())
    stamps.note(SESSION, 7)
    ((_, number, _),) = stamps_of(stamps)
    assert number == 7


def test_a_received_datagram_keeps_its_one_stamp_of_arrival(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    from bothsides.probe.net.kernel_socket import from_control

    opened, other = pair
    assert SendStamps(opened).ready()
    before = time.time_ns()
    other.sendto(b"x", opened.getsockname())
    time.sleep(0.05)
    _, control, _, _ = opened.recvmsg(100, 512)
    arrived = from_control(control).stamp
    assert arrived is not None
    assert before <= arrived <= time.time_ns()
