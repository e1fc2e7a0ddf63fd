"""A reflector of ours is asked about a slice until it answers; others are not believed."""

import time

from bothsides.mesh.closing import Lost
from bothsides.mesh.inquiry import Answer, Inquiry
from bothsides.mesh.peer import Far, Peer
from bothsides.parse.stamp_tlv import ANSWERED, UNKNOWN
from tests.support.mesh_far import exchange, far_end, peer_of, sent
from tests.support.reflecting import reflector


def answers(inquiry: Inquiry, seconds: float = 2.0) -> list[Answer]:
    """The first answers, or none within this time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = list(inquiry.exchange(time.monotonic()))
        if found:
            return found
        time.sleep(0.01)
    return []


def asked(inquiry: Inquiry, peer: Peer, *numbers: int, seconds: float = 9.0) -> int:
    lost = [Lost(number, 0) for number in numbers]
    return inquiry.ask(peer, lost, time.monotonic() + seconds)


def test_our_reflector_says_which_packets_reached_it() -> None:
    with reflector() as far, exchange() as made:
        inquiry = Inquiry()
        peer = Peer(Far("db1", "127.0.0.1", far.port, "stamp", 40.0, 1.0, ""), 7, 5.0, 0.0)
        made.peers[7] = peer
        sent(made, peer, 5)
        peer.sequence += 5  # never sent, as if lost on the way out
        sent(made, peer, 3)
        key = asked(inquiry, peer, 2, 6, 7, 12)
        (answer,) = answers(inquiry)
        assert answer.key == key
        assert answer.account is not None
        assert answer.account.status == ANSWERED
        bits = "".join(f"{octet:08b}" for octet in answer.account.arrived_bits)
        assert bits[:14] == "01111100000111"  # numbers 0 to 13
        assert len(inquiry) == 0
        inquiry.close()


def test_a_flow_that_never_reached_it_is_unknown_there() -> None:
    with reflector() as far:
        inquiry = Inquiry()
        peer = Peer(Far("db1", "127.0.0.1", far.port, "stamp", 40.0, 1.0, ""), 7, 5.0, 0.0)
        asked(inquiry, peer, 2)
        (answer,) = answers(inquiry)
        assert answer.account is not None
        assert answer.account.status == UNKNOWN
        inquiry.close()


def test_a_peer_that_cannot_be_asked_is_said_as_long_as_that_lasts() -> None:
    inquiry, now = Inquiry(), time.monotonic()
    peer = Peer(Far("db1", "255.255.255.255", 862, "stamp", 40.0, 1.0, ""), 7, 5.0, 0.0)
    asked(inquiry, peer, 2)
    list(inquiry.exchange(now))
    assert inquiry.failed == "cannot ask db1 for its account: Permission denied"
    peer.far = peer.far._replace(address="127.0.0.1")
    list(inquiry.exchange(now + 1))
    assert inquiry.failed == ""
    peer.far = peer.far._replace(address="255.255.255.255")
    list(inquiry.exchange(now + 3))
    assert inquiry.failed
    list(inquiry.exchange(now + 10))
    assert (inquiry.failed, len(inquiry)) == ("", 0)
    inquiry.close()


def test_a_reflector_that_does_not_know_the_question_gives_no_account() -> None:
    with far_end() as far, exchange() as made:
        inquiry, peer = Inquiry(), peer_of(far, made)
        asked(inquiry, peer, 2)
        list(inquiry.exchange(time.monotonic()))
        ((request, source),) = far.take(1)
        far.socket.sendto(far.packet(request, 0), source)
        (answer,) = answers(inquiry)
        assert answer.account is None
        inquiry.close()


def test_a_lost_question_is_asked_again_and_given_up_in_the_end() -> None:
    with far_end() as far, exchange() as made:
        inquiry, peer = Inquiry(), peer_of(far, made)
        asked(inquiry, peer, 2, seconds=1.2)
        assert answers(inquiry, 0.9) == []
        assert len(far.take(2)) == 2
        assert answers(inquiry, 0.5) == []
        assert len(inquiry) == 0
        inquiry.close()


def test_junk_and_answers_of_others_are_passed_over() -> None:
    with far_end() as far, exchange() as made:
        inquiry, peer = Inquiry(), peer_of(far, made)
        asked(inquiry, peer, 2)
        list(inquiry.exchange(time.monotonic()))
        ((request, source),) = far.take(1)
        for junk in (b"", b"x" * 200, far.packet(request, 0)[:24] + b"\xff" * 20, bytes(44)):
            far.socket.sendto(junk, source)
        assert answers(inquiry, 0.2) == []
        inquiry.close()


def test_a_silent_peer_is_asked_one_question_at_a_time_and_all_of_them_when_it_answers() -> None:
    with reflector() as far, exchange() as made:
        inquiry = Inquiry()
        peer = Peer(Far("db1", "127.0.0.1", far.port, "stamp", 40.0, 1.0, ""), 7, 5.0, 0.0)
        made.peers[7] = peer
        sent(made, peer, 40)
        keys = [asked(inquiry, peer, number) for number in range(1, 31)]
        assert (len(inquiry), len(inquiry._questions)) == (30, 1)
        found: list[int] = []
        while len(found) < 30:
            answers_now = answers(inquiry, 1.0)
            assert answers_now
            found += [answer.key for answer in answers_now]
        assert found == keys
        assert len(inquiry) == 0
        inquiry.close()
