"""Packets to a real far end and its replies.

Matched, doubled, strange, and refused by the kernel.
"""

import socket
from pathlib import Path

import pytest

from bothsides.mesh.lane import Turn, lanes
from bothsides.mesh.peer import UNSENT, Peer
from bothsides.parse import mehsh, stamp
from tests.support.mesh_far import exchange, far_end, peer_of, received, sent


def answered(peer: Peer) -> int:
    return sum(at > 0 for at in peer.arrived)


@pytest.mark.parametrize(("address", "family"), [("127.0.0.1", 4), ("::1", 6)])
def test_a_reply_is_matched_to_its_packet_with_the_kernel_s_stamp(
    address: str, family: int
) -> None:
    with far_end(address) as far, exchange([family]) as made:
        peer = peer_of(far, made)
        sent(made, peer, 20)
        taken = far.take(20)
        for request, source in taken[:15]:
            far.reply(request, source)
        received(made, family)
        assert answered(peer) == 15
        assert len({source[1] for _, source in taken}) > 1, "packets are dealt over source ports"
        trips = [a - s for a, s in zip(peer.arrived, peer.sent, strict=True) if a > 0]
        assert all(0 < trip < 1_000_000_000 for trip in trips)
        assert made.strays == 0


def test_a_request_is_what_the_protocol_says() -> None:
    with far_end() as far, exchange() as made:
        peer = peer_of(far, made, mark=0x4D4D)
        sent(made, peer, 2)
        requests = [stamp.from_request(data) for data, _ in far.take(2)]
        assert [request.ssid for request in requests] == [0x4D4D] * 2
        assert [request.sequence for request in requests] == [1, 2]
        slots = [peer.sent[number & peer.mask] for number in (1, 2)]
        assert all(abs(r.sent - at) < 2000 for r, at in zip(requests, slots, strict=True))


def test_a_second_reply_is_a_duplicate() -> None:
    with far_end() as far, exchange() as made:
        peer = peer_of(far, made)
        sent(made, peer, 1)
        ((request, source),) = far.take(1)
        for _ in range(3):
            far.reply(request, source)
        received(made)
        assert peer.duplicates == [1, 1]


@pytest.mark.parametrize(
    "change", ["mark", "sequence", "slot", "short", "junk", "empty", "long", "mehsh"]
)
def test_what_is_no_reply_is_a_stray_and_harms_nothing(change: str) -> None:
    with far_end() as far, exchange() as made:
        peer = peer_of(far, made)
        sent(made, peer, 1)
        ((request, source),) = far.take(1)
        reply = bytearray(far.packet(request, 0))
        odd = {
            "mark": bytes(reply[:14]) + b"\x12\x34" + bytes(reply[16:]),
            "sequence": bytes(reply[:24]) + b"\xff\xff\xff\xff" + bytes(reply[28:]),
            "slot": bytes(reply[:24]) + (1 + peer.mask + 1).to_bytes(4) + bytes(reply[28:]),
            "short": bytes(reply[:20]),
            "junk": b"\xff" * 44,
            "empty": b"",
            "long": bytes(1400),
            "mehsh": mehsh.to_packet(mehsh.Packet(5, mehsh.REPLY)),
        }[change]
        far.socket.sendto(odd, source)
        received(made)
        assert (answered(peer), made.strays) == (0, 1)
        far.reply(request, source)
        received(made)
        assert answered(peer) == 1


def test_a_reply_from_elsewhere_is_a_stray() -> None:
    with far_end() as far, far_end() as other, exchange() as made:
        peer = peer_of(far, made)
        sent(made, peer, 1)
        ((request, source),) = far.take(1)
        other.socket.sendto(far.packet(request, 0), source)
        received(made)
        assert (answered(peer), made.strays) == (0, 1)


def test_shorter_replies_and_replies_without_ssid_count() -> None:
    with far_end() as far, exchange() as made:
        peer = peer_of(far, made)
        sent(made, peer, 2)
        for (request, source), size in zip(far.take(2), (41, 44), strict=True):
            packet = bytearray(far.packet(request, 3))
            packet[14:16] = b"\0\0"
            far.socket.sendto(packet[:size], source)
        received(made)
        assert answered(peer) == 2


def test_mehsh_is_spoken_octet_by_octet() -> None:
    with far_end() as far, exchange() as made:
        peer = peer_of(far, made, "mehsh")
        sent(made, peer, 3)
        taken = far.take(3)
        assert {len(data) for data, _ in taken} == {18}
        assert {data[:8].hex() for data, _ in taken} == {"13706a4b00000001"}
        assert {data[16:].hex() for data, _ in taken} == {"0001"}
        assert len({data[8:16] for data, _ in taken}) == 3
        for data, source in taken[:2]:
            far.socket.sendto(data[:16] + b"\0\2", source)
        far.socket.sendto(taken[2][0], taken[2][1])  # a request is no reply
        received(made)
        assert (answered(peer), made.strays) == (2, 1)


def test_a_request_that_comes_back_unchanged_is_an_echo_where_one_is_asked_for() -> None:
    for wire, expected in (("echo", (1, 0)), ("stamp", (0, 1))):
        with far_end() as far, exchange() as made:
            peer = peer_of(far, made, wire)  # type: ignore[arg-type]
            sent(made, peer, 1)
            ((request, source),) = far.take(1)
            far.socket.sendto(request, source)
            received(made)
            assert (answered(peer), made.strays) == expected


def test_what_the_kernel_refuses_to_send_is_unsent() -> None:
    with far_end() as far, exchange() as made:
        far.address = "255.255.255.255"  # broadcast is not allowed
        peer = peer_of(far, made)
        sent(made, peer, 3)
        assert [peer.arrived[number & peer.mask] for number in (1, 2, 3)] == [UNSENT] * 3
        assert sum(made.errors.values()) == 3


def test_one_refusal_does_not_stop_the_others() -> None:
    with far_end() as far, exchange() as made:
        good = peer_of(far, made)
        far.address = "255.255.255.255"
        bad = peer_of(far, made, mark=78)
        (lane,) = lanes([[bad, good]])
        made.follow([lane])
        for _ in range(2):
            made.send(Turn(lane, 0, 2))
        assert len(far.take(2)) == 2
        assert sum(made.errors.values()) == 2


def test_replies_that_nobody_reads_in_time_are_counted_as_ours(tmp_path: Path) -> None:
    with far_end() as far, exchange() as made:
        peer = peer_of(far, made)
        for opened in made.sockets[4]:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sent(made, peer, 1)
        ((request, source),) = far.take(1)
        for _ in range(100):
            far.reply(request, source)
        received(made)
        far.reply(request, source)  # the count comes with the next datagram
        received(made)
        assert made.overflow > 50
        assert made.overflow + len(peer.duplicates) + 1 == 101
