"""What is collected about one target."""

import pytest

from bothsides.model.udp import FIRST_CLOSING, Packet
from bothsides.probe.udp.peer import Peer, SentPacket
from tests.support.udp_run import packet, reply


def peer(count: int = 4, flows: int = 2) -> Peer:
    """A peer to which so many packets were sent."""
    made = Peer("far", 4, ("192.0.2.7", 862))
    for place in range(count):
        sent = packet(place % flows, place // flows, place * 0.02)
        made.packets.append(SentPacket(sent.flow, sent.sequence, sent.at, sent.sent, ""))
        made.stamps.append(sent.left)
        made.sent[sent.flow, sent.sequence] = sent.sent
        made.missing.add((sent.flow, sent.sequence))
    return made


def test_the_first_reply_to_a_packet_ends_its_being_missing() -> None:
    made = peer()
    answer = reply(packet(0, 0, 0.0), 0)
    assert [made.note_reply(answer), made.note_reply(answer)] == [True, False]
    assert (0, 0) not in made.missing
    assert made.replies == [answer, answer]


def test_replies_to_closing_probes_are_kept_apart_and_once() -> None:
    made = peer()
    answer = reply(packet(0, FIRST_CLOSING, 1.0), 9)
    assert not made.note_reply(answer)
    assert not made.note_reply(answer._replace(number=10))
    assert list(made.closing_replies.values()) == [answer]
    assert made.replies == []


def test_a_flow_needs_a_closing_probe_while_it_may_tell_something() -> None:
    made = peer()
    assert made.open_flows(2) == [], "nothing was answered: nobody counts"
    made.note_reply(reply(packet(0, 0, 0.0), 0))
    assert made.open_flows(2) == [0, 1]
    made.note_reply(reply(packet(1, FIRST_CLOSING, 1.0), 3))
    assert made.open_flows(2) == [0]
    made.missing.clear()
    assert made.open_flows(2) == []


def test_an_echo_that_does_not_count_needs_no_closing_probe() -> None:
    made = peer()
    made.note_reply(reply(packet(0, 0, 0.0), None))
    assert made.open_flows(2) == []


def test_the_usual_delay_is_that_of_nine_in_ten() -> None:
    made = peer(20, 1)
    assert made.usual_delay() == 0.0
    for place in range(20):
        late = 0.5 if place == 19 else 0.010
        made.note_reply(reply(packet(0, place, place * 0.02), place, late))
    assert made.usual_delay() == pytest.approx(0.010, abs=0.001)


def test_the_record_has_every_packet_with_its_stamp() -> None:
    made = peer()
    made.stamps.append(None)  # a signal struck before the packet was noted
    made.note_stray("not a reply")
    made.note_stray("not a reply")
    kept = made.record("alias", 862)
    assert (kept.host, kept.address, kept.port) == ("alias", "192.0.2.7", 862)
    assert len(kept.packets) == 4
    assert all(isinstance(each, Packet) and each.left == each.sent + 1000 for each in kept.packets)
    assert kept.strays == {"not a reply": 2}
