"""Columns of packets: what is sent together is noted together."""

import pytest

from bothsides.mesh.packets import UNSENT, Packets


def sent() -> Packets:
    """Three peers with rings of 4 slots; number 6 was sent to the first two."""
    packets = Packets(12)
    packets.begin(slice(2, 7, 4), 2, 6)
    packets.note(slice(2, 7, 4), 2, 1000, 5)
    return packets


def test_packets_that_leave_together_are_noted_in_a_slot_of_each_peer() -> None:
    packets = sent()
    assert packets.sent.tolist() == [0, 0, 1000, 0, 0, 0, 1000, 0, 0, 0, 0, 0]
    assert packets.sequences[2] == packets.sequences[6] == 6
    assert list(packets.flows) == [0, 0, 5, 0, 0, 0, 5, 0, 0, 0, 0, 0]
    assert packets.arrived.tolist() == [UNSENT if n not in (2, 6) else 0 for n in range(12)]


def test_single_numbers_are_written_by_views_of_the_columns() -> None:
    packets = sent()
    arrived, numbers, inside = packets.views
    arrived[6], numbers[6], inside[6] = 1700, 1, 7
    assert (packets.arrived[6], packets.numbers[6], packets.inside[6]) == (1700, 1, 7)


def test_columns_of_another_length_are_refused() -> None:
    packets = sent()
    held = memoryview(packets.sent)
    with pytest.raises(BufferError):
        packets.begin(slice(2, 7, 4), 3, 7)
    assert len(held) == 12
