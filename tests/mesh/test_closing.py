"""What becomes of the packets of a slice: lost, late, doubled, reordered, unsent; and its flags."""

from collections.abc import Sequence

import pytest

from bothsides.mesh.closing import closed
from bothsides.mesh.peer import UNSENT, Cut, Far, Peer
from bothsides.mesh.timeline import Span
from bothsides.model.mesh import CLOCK, SHORT, Slice

MS = 1_000_000
BEGIN = 1_700_000_000_000_000_000
SPAN = Span(1_700_000_000, BEGIN, BEGIN + 5000 * MS, 0.0, stepped=False)


def made(trips: Sequence[int | None], first: int = 1, inside: int = 0) -> Peer:
    """A peer whose packets, one every 25 ms, took so many ms; None: no reply, -1: unsent."""
    far = Far("db1", "192.0.2.1", 862, "stamp", 40.0, 1.0, "us")
    peer = Peer(far, 7, 5.0, 0.0, first)
    for number, trip in enumerate(trips, first):
        slot = number & peer.mask
        peer.sent[slot] = BEGIN + (number - first) * 25 * MS
        peer.flows[slot] = number % 8
        peer.inside[slot] = inside
        peer.arrived[slot] = 0
        if trip is not None:
            peer.arrived[slot] = UNSENT if trip < 0 else peer.sent[slot] + trip * MS
    peer.sequence = first + len(trips)
    return peer


def row(peer: Peer, span: Span = SPAN) -> Slice:
    return closed(peer, Cut(1, peer.sequence), span).row


def test_a_slice_without_loss() -> None:
    assert row(made([10, 20, 30])) == Slice(
        1_700_000_000, 3, 0, 0, 0, 0, 0, 0, 0, 0, 10_000, 20_000, 30_000
    )


def test_the_reflector_s_own_time_is_taken_off() -> None:
    found = row(made([10, 20, 30], inside=4 * MS))
    assert (found.rtt_min, found.rtt_mean, found.rtt_max) == (6_000, 16_000, 26_000)


def test_lost_packets_are_named_with_their_times() -> None:
    found = closed(made([10, None, 30, None]), Cut(1, 5), SPAN)
    assert found.row.lost == 2
    assert [(lost.number, lost.sent - BEGIN) for lost in found.lost] == [(2, 25 * MS), (4, 75 * MS)]


def test_the_first_packet_that_is_lost_spoils_no_delay() -> None:
    """mehsh, defect 4: its longest delay was None then, and the shortest one wrong."""
    found = row(made([None, 20, 30]))
    assert (found.rtt_min, found.rtt_max, found.lost) == (20_000, 30_000, 1)


def test_a_late_reply_is_lost_and_late_and_no_delay() -> None:
    found = closed(made([10, 1500, 1000]), Cut(1, 4), SPAN)
    assert (found.row.lost, found.row.late, found.row.rtt_max) == (1, 1, 1_000_000)
    assert found.lost == ()


def test_unsent_packets_are_no_loss_and_make_the_slice_suspect() -> None:
    found = row(made([10, -1, 10, 10]))
    assert (found.sent, found.lost, found.unsent, found.flags) == (3, 0, 1, SHORT)
    assert row(made([10] * 99 + [-1])).flags == 0  # 1 %


def test_a_stop_makes_the_slice_suspect() -> None:
    assert row(made([10]), SPAN._replace(stalled=0.2)).flags == SHORT
    assert row(made([10]), SPAN._replace(stalled=0.05)).flags == 0


def test_a_clock_that_was_set_makes_the_slice_suspect_and_no_delay_negative() -> None:
    found = row(made([10, 10]), SPAN._replace(stepped=True))
    assert found.flags == CLOCK
    peer = made([10, 10])
    peer.arrived[2] = BEGIN - 100 * 1000 * MS
    assert row(peer).rtt_min == 0


def test_replies_are_reordered_within_a_flow_alone() -> None:
    """mehsh, defect 9: it knew no order, no duplicates and no direction of loss."""
    trips: list[int | None] = [10] * 16
    trips[0] = 100  # overtaken by the packets of other flows
    assert row(made(trips)).reordered == 0
    trips[0] = 500  # and by the next one of its own
    assert row(made(trips)).reordered == 1


def test_duplicates_are_counted_in_the_slice_of_their_packet() -> None:
    peer = made([10] * 6)
    peer.duplicates = [2, 2, 5]
    assert [closed(peer, cut, SPAN).row.duplicated for cut in (Cut(1, 4), Cut(4, 7))] == [2, 1]


def test_nothing_sent_is_no_division_by_zero() -> None:
    assert row(made([])).sent == 0
    assert row(made([-1, -1])).flags == SHORT


@pytest.mark.parametrize("first", [1, 500, 2**32 - 3])
def test_a_slice_may_lie_across_the_end_of_the_ring(first: int) -> None:
    peer = made([10] * 700, first)
    cut = Cut(first + 300, first + 700)
    assert closed(peer, cut, SPAN).row.sent == 400
    assert closed(peer, cut, SPAN).row.lost == 0


def test_packets_belong_to_the_slice_in_which_they_were_sent() -> None:
    peer = made([10] * 8)
    assert peer.ended(BEGIN + 100 * MS) == Cut(1, 5)
    assert peer.ended(BEGIN + 125 * MS) == Cut(5, 6)
    assert peer.all() == Cut(6, 9)
    assert peer.ended(BEGIN + 10**12) == Cut(9, 9)
