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


def twamp_light(data: bytes) -> bytes:
    """T1 where it was, T2 at 16, T3 at 28."""
    return data[:16] + b"\xe8\0\0\1\0\0\0\0" + data[24:28] + b"\xe8\0\0\1\0\0\0\1" + data[36:]


def hostile(data: bytes) -> bytes:
    """Whatever passes for a request, with another T2 each time."""
    return data[:4] + b"\1" * 8 + data[12:16] + random.randbytes(8) + bytes(20)


@pytest.mark.parametrize("peer", [bytes, own_stamps, twamp_light, hostile])
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


def test_random_padding_is_answered_for_a_while_and_zeros_always() -> None:
    reflector = Reflector(Rules())
    padded = SPOOFED[:14] + random.Random(1).randbytes(30)
    assert sum(ours(reflector, padded, 40000, 0.0) is not None for _ in range(100)) == 40
    assert reflector.counts["loop_refused"] == 60
    assert all(ours(reflector, SPOOFED, 40000, 0.0) for _ in range(100))
    assert ours(reflector, padded, 40001, 0.0) is not None


def test_memory_is_bounded() -> None:
    guard = LoopGuard()
    assert all(guard.granted(("10.0.0.9", port), 0.0) for port in range(20000))
    assert len(guard._left) == 4096
