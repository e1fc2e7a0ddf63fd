"""Peers that are asked together: one number for all, places that are passed, a reload."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bothsides.mesh.lane import Lane, Turn, lanes
from bothsides.mesh.peer import SKIPPED, UNSENT, Far, Peer
from bothsides.parse import stamp
from tests.support.mesh_far import FarEnd, far_end


def peers(far: FarEnd, count: int, first: int = 1, rate: float = 40.0) -> list[Peer]:
    return [
        Peer(Far(f"p{n}", far.address, far.port, "stamp", rate, 1.0, ""), n, 5.0, 0.0, first + n)
        for n in range(1, count + 1)
    ]


@contextmanager
def sender() -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        yield opened.fileno()


def sent(lane: Lane, turn: Turn, descriptor: int, flow: int, now: int) -> list[int]:
    """Begins a turn and sends all of it."""
    lane.begin(turn)
    return lane.send(turn, descriptor, flow, now)


def test_all_of_a_turn_have_the_same_number_and_their_own_mark() -> None:
    with far_end() as far, sender() as descriptor:
        (lane,) = lanes([peers(far, 3)])
        now = time.time_ns()
        assert sent(lane, Turn(lane, 0, 3), descriptor, 4, now) == []
        requests = [stamp.from_request(data) for data, _ in far.take(3)]
        assert [request.ssid for request in requests] == [1, 2, 3]
        assert len({(request.sequence, request.sent) for request in requests}) == 1
        for peer in lane.peers:
            slot = requests[0].sequence & peer.mask
            assert (peer.sent[slot], peer.arrived[slot], peer.flows[slot]) == (now, 0, 4)
            assert peer.sequence == requests[0].sequence + 1


def test_a_silent_peer_is_passed_and_its_number_is_left_out() -> None:
    with far_end() as far, sender() as descriptor:
        (lane,) = lanes([peers(far, 4)])
        number = lane.peers[0].sequence
        for silent in ((0, 2), (), (3,)):
            sent(lane, Turn(lane, 0, 4, silent), descriptor, 0, 1)
        marks = [stamp.from_request(data).ssid for data, _ in far.take(9)]
        assert marks == [2, 4, 1, 2, 3, 4, 1, 2, 3]
        fates = [[peer.arrived[each & peer.mask] for each in range(number, number + 3)]
                 for peer in lane.peers]  # fmt: skip
        assert fates == [[SKIPPED, 0, 0], [0, 0, 0], [SKIPPED, 0, 0], [0, 0, SKIPPED]]
        assert {peer.sequence for peer in lane.peers} == {number + 3}


def test_a_refused_packet_is_unsent_and_its_errno_is_named() -> None:
    with far_end() as far, sender() as descriptor:
        some = peers(far, 3)
        far.address = "255.255.255.255"  # broadcast is not allowed
        some[1] = peers(far, 2)[1]
        (lane,) = lanes([some])
        number = lane.peers[0].sequence
        assert len(sent(lane, Turn(lane, 0, 3), descriptor, 0, 1)) == 1
        assert [peer.arrived[number & peer.mask] for peer in some] == [0, UNSENT, 0]


@pytest.mark.parametrize("number", [2**32 - 2, 2**32 - 1024])
def test_the_number_goes_on_over_32_bits(number: int) -> None:
    with far_end() as far, sender() as descriptor:
        (lane,) = lanes([peers(far, 2, first=number - 2)])
        for _ in range(3):
            sent(lane, Turn(lane, 0, 2), descriptor, 0, 1)
        seen = [stamp.from_request(data).sequence for data, _ in far.take(6)]
        assert seen == [(number + n) & 0xFFFFFFFF for n in (0, 0, 1, 1, 2, 2)]


def test_a_reload_keeps_what_is_known_of_peers_that_stay() -> None:
    with far_end() as far, sender() as descriptor:
        old = peers(far, 3)
        (lane,) = lanes([old])
        sent(lane, Turn(lane, 0, 3), descriptor, 3, 5000)
        sent(lane, Turn(lane, 0, 2), descriptor, 4, 6000)  # the reload comes within a round
        old[0].arrived[(old[0].sequence - 1) & old[0].mask] = 7000
        number = old[0].sequence
        fresh = peers(far, 4)[3]
        others = peers(far, 2, rate=10.0)
        mixed, slow = lanes([[fresh, old[2], old[0]], others])
        assert {peer.sequence for peer in mixed.peers} == {number}
        slots = (number - 2) & fresh.mask, (number - 1) & fresh.mask
        assert [old[0].arrived[slot] for slot in slots] == [0, 7000]
        assert [old[2].arrived[slot] for slot in slots] == [0, SKIPPED]
        assert [old[0].sent[slot] for slot in slots] == [5000, 6000]
        assert [old[0].flows[slot] for slot in slots] == [3, 4]
        assert (fresh.cut, set(fresh.arrived)) == (number, {UNSENT})
        assert slow.packets is mixed.packets
        assert {peer.sequence for peer in others} == {3}
        sent(mixed, Turn(mixed, 0, 3), descriptor, 5, 8000)
        assert [peer.sent[number & peer.mask] for peer in mixed.peers] == [8000] * 3
        assert old[1].arrived[number & old[1].mask] == UNSENT, "who is gone has no part in it"


def test_a_lane_is_of_peers_that_lie_together() -> None:
    with far_end() as far:
        (lane,) = lanes([peers(far, 2)])
        assert isinstance(lane, Lane)
        assert [peer.base for peer in lane.peers] == [0, 1]
