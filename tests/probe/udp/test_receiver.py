"""What is done with each datagram that arrives."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bothsides.base.deadline import Deadline
from bothsides.model.udp import Plan
from bothsides.parse import stamp
from bothsides.probe.udp.flows import Flows
from bothsides.probe.udp.peer import Peer
from bothsides.probe.udp.protocol import Codec
from bothsides.probe.udp.receiver import Receiver

CODEC = Codec("stamp", 44, 7)


@contextmanager
def receiving(seconds: float = 5.0) -> Iterator[tuple[Receiver, Peer, socket.socket, int]]:
    """A receiver, its peer that was sent packet 0 of flow 0, the peer's socket, and our port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.bind(("127.0.0.1", 0))
        peer = Peer("far", 4, far.getsockname())
        flows = Flows((4,), Plan(("far",), 862, flows=1))
        receiver = Receiver(flows, CODEC, [peer], Deadline(seconds))
        sent = time.time_ns()
        peer.sent[0, 0] = sent
        peer.missing.add((0, 0))
        receiver.missing = 1
        try:
            yield receiver, peer, far, flows.socket(4, 0).socket.getsockname()[1]
        finally:
            flows.close()


def reply_to(peer: Peer, sequence: int = 0, later: int = 0) -> bytes:
    """A reflector's reply to a packet of ours; with `later` its T1 is not the one we sent."""
    request = CODEC.encode(0, sequence, peer.sent[0, 0] + later)
    asked = stamp.from_request(request)
    made = stamp.Reply(0, asked.sent + 2, 0x2001, 7, asked.sent + 1, sequence, asked.sent, 60)
    return stamp.to_reply(made, request)


def test_a_reply_ends_the_wait() -> None:
    with receiving() as (receiver, peer, far, port):
        far.sendto(reply_to(peer), ("127.0.0.1", port))
        assert receiver.listen(time.monotonic() + 60)
        assert (receiver.missing, len(peer.replies), peer.strays) == (0, 1, {})


def test_what_answers_no_packet_of_ours_is_a_stray() -> None:
    with receiving() as (receiver, peer, far, port):
        for data in (b"hello", reply_to(peer, sequence=1), reply_to(peer, later=5)):
            far.sendto(data, ("127.0.0.1", port))
        receiver.listen(time.monotonic() + 0.2, idle=False)
        assert (receiver.missing, peer.replies) == (1, [])
        assert sorted(peer.strays.values()) == [1, 2]


def test_a_reply_from_another_address_counts_and_is_noted() -> None:
    with (
        receiving() as (receiver, peer, _, port),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        other.bind(("127.0.0.2", 0))
        other.sendto(b"nothing of ours", ("127.0.0.1", port))
        other.sendto(reply_to(peer), ("127.0.0.1", port))
        assert receiver.listen(time.monotonic() + 60)
        assert (len(peer.replies), list(peer.other_sources)) == (1, ["127.0.0.2"])
        assert peer.strays == {}


def test_a_receiver_that_is_late_still_reads_what_is_there() -> None:
    with receiving() as (receiver, peer, far, port):
        far.sendto(reply_to(peer), ("127.0.0.1", port))
        time.sleep(0.05)
        assert receiver.listen(time.monotonic() - 1, idle=False)
        assert len(peer.replies) == 1


def test_the_deadline_ends_the_wait() -> None:
    with receiving(0.1) as (receiver, _, _, _):
        assert not receiver.listen(time.monotonic() + 60)
