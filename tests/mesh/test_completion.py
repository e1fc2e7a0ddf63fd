"""Slices that are completed by what their reflector says."""

from bothsides.mesh.closing import closed
from bothsides.mesh.completion import Completion, Ended, Kept, Open, _complete
from bothsides.mesh.inquiry import Answer
from bothsides.mesh.peer import Cut
from bothsides.mesh.ring import Ring
from bothsides.model.mesh import FAR
from bothsides.parse.stamp_tlv import ANSWERED, Account
from tests.mesh.test_closing import BEGIN, SPAN, made


def test_what_the_reflector_dropped_is_lost_out_in_no_slice_sent_before_it_said_so() -> None:
    """It was stopped over two slices: the answer about the second one has no new drops."""
    peer = made([10, None, None, 10])
    kept, completion = Kept(peer, Ring(10)), Completion()
    cut = Cut(1, 5)
    said = Account(
        ANSWERED,
        7,
        0,
        0,
        4,
        uptime=10**6,
        overflow=5000,
        arrived_bits=bytes(4),
        refused_bits=bytes(4),
    )
    for _ in range(2):
        found = closed(peer, cut, SPAN)
        number = kept.ring.put(found.row)
        opened = Open(Ended(peer, cut, SPAN, False, 0), found, number, 100.0, False)
        completion._take(kept, opened, Answer(1, said, BEGIN + 10**10))
    for row in kept.ring.last(2):
        assert (row.lost, row.out, row.back) == (2, 0, 0)
        assert row.flags & FAR


def test_a_clock_that_was_set_meanwhile_hides_no_start_of_the_reflector() -> None:
    """The packets were sent before it was started again, by a clock that was then set back."""
    peer, cut = made([10, None, None, 10]), Cut(1, 5)
    nothing = bytes(4)
    said = Account(
        ANSWERED, 7, 0, 0, 4, uptime=3000, arrived_bits=nothing, refused_bits=nothing
    )  # fmt: skip
    for moved in (0, -100 * 10**9, 100 * 10**9):
        kept, completion = Kept(peer, Ring(10)), Completion()
        completion.moved = moved
        found = closed(peer, cut, SPAN)
        opened = Open(Ended(peer, cut, SPAN, False, 0), found, kept.ring.put(found.row), 1e9, False)
        completion._take(kept, opened, Answer(1, said, BEGIN + 10**10 + moved))
        (row,) = kept.ring.last(1)
        assert (row.lost, row.out, row.flags & FAR) == (2, 0, FAR), moved


def test_replies_that_come_late_take_no_loss_of_the_way_out_to_the_way_back() -> None:
    """A reflector that was stopped says what arrived, and then replies to most of it."""
    peer, cut = made([None, None, None, None, 10]), Cut(1, 6)
    kept, completion = Kept(peer, Ring(10)), Completion()
    found = closed(peer, cut, SPAN)
    opened = Open(Ended(peer, cut, SPAN, False, 0), found, kept.ring.put(found.row), 1e9, False)
    said = Account(
        ANSWERED, 7, 0, 0, 4, uptime=10**6, arrived_bits=bytes([0b0011_0100, 0, 0, 0]),
        refused_bits=bytes(4),
    )  # fmt: skip
    completion._take(kept, opened, Answer(1, said, BEGIN + 10**10))
    (row,) = kept.ring.last(1)
    assert (row.lost, row.late, row.out, row.back) == (4, 0, 2, 2)
    for number in (2, 3):
        peer.arrived[number & peer.mask] = peer.sent[number & peer.mask] + 8 * 10**9
    _complete(kept, opened)
    (row,) = kept.ring.last(1)
    assert (row.lost, row.late, row.out, row.back) == (4, 2, 2, 0)
