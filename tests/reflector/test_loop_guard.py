"""A loop of two reflectors of any kind ends soon."""

import random
from collections.abc import Callable

import pytest

from bothsides.parse import stamp
from bothsides.reflector.loop_guard import LoopGuard
from bothsides.reflector.session import Reflector, Rules

NOW = 1_700_000_000_000_000_000
SPOOFED = stamp.to_request(stamp.Request(7, NOW, 0x2001, 99))


def ours(reflector: Reflector, data: bytes, port: int, now: float) -> bytes | None:
    at = NOW + round(now * 1e9)
    draft = reflector.reply(data, "10.0.0.9", port, 63, at, now)
    return None if draft is None else bytes(draft.leaving(at + 9000))


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


@pytest.mark.parametrize("peer", [bytes, own_stamps, stamp_since_start, twamp_light, hostile])
@pytest.mark.parametrize("pause", [0.0001, 0.01])
def test_a_loop_ends_within_a_hundred_packets(peer: Callable[[bytes], bytes], pause: float) -> None:
    reflector, now, packets = Reflector(Rules()), 0.0, 1
    request = SPOOFED
    while (reply := ours(reflector, request, 40000, now)) is not None and packets < 1000:
        request, now, packets = peer(reply), now + pause, packets + 2
    assert packets < 100


def test_two_of_ours_do_not_even_begin() -> None:
    first, second = Reflector(Rules()), Reflector(Rules())
    reply = ours(first, SPOOFED, 40000, 0.0)
    assert reply is not None
    assert ours(second, reply, 40000, 0.0) is None


@pytest.mark.parametrize("peer", [bytes, stamp_since_start, twamp_light])
def test_what_returns_our_stamp_gets_no_second_reply_however_often_it_is_forged(
    peer: Callable[[bytes], bytes],
) -> None:
    reflector, replies = Reflector(Rules()), 0
    for forged in range(20):
        request, now = SPOOFED, 2.0 * forged
        while (reply := ours(reflector, request, 40000, now)) is not None and replies < 1000:
            request, now, replies = peer(reply), now + 0.01, replies + 1
    assert replies <= 20 * 2 + 1


def padded(number: int) -> bytes:
    return number.to_bytes(4) + SPOOFED[4:14] + random.Random(number).randbytes(30)


@pytest.mark.parametrize("pace", [1, 2])
def test_random_padding_is_always_answered_at_the_usual_pace_of_a_monitor(pace: int) -> None:
    reflector = Reflector(Rules())
    assert all(ours(reflector, padded(number), 40000, number / pace) for number in range(500))


@pytest.mark.parametrize("pace", [10, 50, 500])
def test_fast_random_padding_is_answered_but_for_half_a_second(pace: int) -> None:
    reflector = Reflector(Rules())
    refused = [
        number / pace
        for number in range(20 * pace)
        if ours(reflector, padded(number), 40000, number / pace) is None
    ]
    assert refused[0] == 40 / pace
    assert refused[-1] - refused[0] < 0.5
    assert len(refused) <= 0.5 * pace
    assert reflector.counts["loop_refused"] == len(refused)


def test_zeros_as_padding_are_never_doubted() -> None:
    reflector = Reflector(Rules())
    assert all(ours(reflector, SPOOFED, 40000, 0.0) for _ in range(100))
    assert len(reflector.doubtful) == 0


def test_memory_is_bounded() -> None:
    guard = LoopGuard()
    for port in range(20000):
        guard.sender(("10.0.0.9", port)).note(bytes(8))
    assert len(guard) == 4096
