"""A loop of two reflectors of any kind ends soon."""

import heapq
import random
from collections.abc import Callable, Iterable
from itertools import count

import pytest

from bothsides.parse import stamp
from bothsides.reflector.loop_guard import LoopGuard
from bothsides.reflector.session import Reflector, Rules

NOW = 1_700_000_000_000_000_000
SPOOFED = stamp.to_request(stamp.Request(7, NOW, 0x2001, 99))


class Wire:
    """A reflector of ours and whoever sends to it, on a clock of its own; as the server does it."""

    def __init__(self, peer: Callable[[bytes], bytes] | None = None, trip: float = 0.001) -> None:
        self.reflector = Reflector(Rules())
        self.peer = peer  # what a reflector on the other side makes of a reply; None: a sender
        self.trip = trip  # s, there and back
        self.events: list[tuple[float, int, bytes]] = []
        self.order = count()
        self.requests = 0
        self.replies: list[tuple[float, stamp.Reply]] = []  # with the time of sending

    def send(self, data: bytes, at: float) -> None:
        heapq.heappush(self.events, (at, next(self.order), data))

    def run(self, most: int = 5000) -> None:
        """Until nothing is under way any more."""
        guard = self.reflector.doubtful
        now = 0.0
        while (self.events or guard.wait(now) is not None) and self.requests < most:
            wait = guard.wait(now)
            if self.events and (wait is None or self.events[0][0] <= now + wait):
                now, _, data = heapq.heappop(self.events)
                self._arrive(data, now)
            else:
                now += wait or 0.0
            for send in guard.overdue(now)[0]:
                self.now = now
                send()

    def _arrive(self, data: bytes, now: float) -> None:
        self.requests += 1
        self.now = now
        draft = self.reflector.reply(data, "10.0.0.9", 40000, 63, NOW + round(now * 1e9), now)
        if draft is None:
            return

        def send() -> None:
            packet = bytes(draft.leaving(NOW + round(self.now * 1e9) + 9000))
            self.replies.append((self.now, stamp.from_reply(packet)))
            if self.peer is not None:
                self.send(self.peer(packet), self.now + self.trip)

        guard = self.reflector.doubtful
        if draft.held and draft.doubtful is not None:
            assert guard.hold(draft.doubtful, send, now)
            return
        for earlier in guard.released(draft.doubtful) if draft.doubtful is not None else ():
            earlier()
        send()

    @property
    def packets(self) -> int:
        return self.requests + len(self.replies)


def own_stamps(data: bytes) -> bytes:
    """A reflector with T2 in seconds since its start, and its own T3."""
    return data[:4] + b"\0\0\x12\x34\0\0\0\1" + data[12:16] + b"\0\0\0\2\0\0\0\3" + data[24:]


def stamp_since_start(data: bytes) -> bytes:
    """A STAMP reflector whose clock counts seconds since its start, hours apart."""
    return own_stamps(data)[:4] + b"\0\1\x12\x34" + own_stamps(data)[8:24] + data[:14] + data[38:]


def twamp_light(data: bytes) -> bytes:
    """T1 where it was, T2 at 16, T3 at 28."""
    return data[:16] + b"\xe8\0\0\1\0\0\0\0" + data[24:28] + b"\xe8\0\0\1\0\0\0\1" + data[36:]


def hostile(data: bytes) -> bytes:
    """Whatever passes for a request, with another T2 each time."""
    return data[:4] + b"\1" * 8 + data[12:16] + random.randbytes(8) + bytes(20)


PEERS = [bytes, own_stamps, stamp_since_start, twamp_light, hostile]


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("trip", [0.0001, 0.01, 0.2])
def test_a_loop_ends_within_a_hundred_packets(peer: Callable[[bytes], bytes], trip: float) -> None:
    wire = Wire(peer, trip)
    wire.send(SPOOFED, 0.0)
    wire.run()
    assert wire.packets < 100


@pytest.mark.parametrize("forged", [2, 5, 30])
@pytest.mark.parametrize("peer", PEERS)
def test_many_loops_at_once_end_too(peer: Callable[[bytes], bytes], forged: int) -> None:
    wire = Wire(peer, 0.01)
    for number in range(forged):
        wire.send(SPOOFED, 0.0001 * number)
    wire.run()
    assert not wire.events
    assert wire.packets < 100 * forged + 500


@pytest.mark.parametrize("peer", PEERS)
def test_a_forged_request_after_a_pause_begins_no_endless_loop(
    peer: Callable[[bytes], bytes],
) -> None:
    wire = Wire(peer, 0.01)
    for number in range(20):
        wire.send(SPOOFED, 3.0 * number)
    wire.run()
    assert not wire.events
    assert wire.packets < 20 * 100


def test_two_of_ours_do_not_even_begin() -> None:
    wire = Wire(lambda reply: reply)
    second = Wire()
    wire.send(SPOOFED, 0.0)
    wire.run()
    assert len(wire.replies) == 1
    draft = Reflector(Rules()).reply(SPOOFED, "10.0.0.9", 40000, 63, NOW, 0.0)
    assert draft is not None
    second.send(bytes(draft.leaving(NOW)), 0.0)
    second.run()
    assert second.replies == []


@pytest.mark.parametrize("peer", [bytes, stamp_since_start, twamp_light])
def test_what_returns_our_stamp_gets_no_second_reply_however_often_it_is_forged(
    peer: Callable[[bytes], bytes],
) -> None:
    wire = Wire(peer, 0.01)
    for number in range(20):
        wire.send(SPOOFED, 2.0 * number)
    wire.run()
    assert len(wire.replies) <= 20 * 2 + 1


def padded(number: int) -> bytes:
    return number.to_bytes(4) + SPOOFED[4:14] + random.Random(number).randbytes(30)


def sent(times: Iterable[float]) -> Wire:
    """A sender with random padding that sends at these times; all its replies."""
    wire = Wire()
    arrivals = dict(enumerate(times))
    for number, at in arrivals.items():
        wire.send(padded(number), at)
    wire.run()
    assert sorted(reply.sequence for _, reply in wire.replies) == list(arrivals)
    assert sorted(reply.number for _, reply in wire.replies) == list(arrivals)
    for at, reply in wire.replies:
        assert at - arrivals[reply.sequence] <= 1.0, "it waits as long for its replies"
        assert (reply.received - NOW) / 1e9 == pytest.approx(arrivals[reply.sequence], abs=1e-6)
        assert (reply.replied - NOW) / 1e9 == pytest.approx(at, abs=1e-4)
    assert "loop_refused" not in wire.reflector.counts
    return wire


@pytest.mark.parametrize("pace", [0.5, 1, 1.9, 2.1, 3, 10, 50, 500, 900])
def test_a_sender_with_random_padding_loses_no_reply_at_any_pace(pace: float) -> None:
    sent(number / pace for number in range(1000))


@pytest.mark.parametrize("packets", [1, 10, 39, 40, 41, 42, 43, 100, 123])
def test_nor_the_last_replies_of_a_session_of_any_length(packets: int) -> None:
    sent(number / 50 for number in range(packets))


@pytest.mark.parametrize("pace", [3, 10, 40])
@pytest.mark.parametrize("seed", range(10))
def test_nor_by_a_schedule_of_perfsonar_with_exponential_pauses(seed: int, pace: float) -> None:
    dice, now, times = random.Random(seed), 0.0, []
    for _ in range(500):
        now += dice.expovariate(pace)
        times.append(now)
    sent(times)


def test_a_reply_is_held_for_half_a_second_at_most_while_requests_arrive() -> None:
    wire = sent(number / 50 for number in range(2000))
    longest = max(at - (reply.received - NOW) / 1e9 for at, reply in wire.replies)
    assert longest <= 0.5 + 1 / 50 + 1e-3


def test_zeros_as_padding_are_never_doubted() -> None:
    wire = Wire()
    for _ in range(100):
        wire.send(SPOOFED, 0.0)
    wire.run()
    assert len(wire.replies) == 100
    assert len(wire.reflector.doubtful) == 0


def test_memory_is_bounded() -> None:
    guard = LoopGuard()
    for port in range(20000):
        guard.sender(("10.0.0.9", port)).note(bytes(8))
    assert len(guard) == 4096


def test_held_replies_are_bounded() -> None:
    guard = LoopGuard()
    senders = [guard.sender(("10.0.0.9", port)) for port in range(100)]
    held = [guard.hold(sender, lambda: None, 0.0) for sender in senders]
    assert sum(held) == 64
    assert held[0] and guard.hold(senders[0], lambda: None, 0.0)
    assert len(guard.overdue(1.0)[0]) == 65
    assert guard.wait(1.0) is None
