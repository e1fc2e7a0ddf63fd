"""Columns of packets: what is sent together, and replies that are and are not what is expected."""

import pytest

from bothsides.mesh.packets import UNSENT, Packets


def sent() -> Packets:
    """Three peers with rings of 4 slots; number 6 was sent to the first two."""
    packets = Packets(12)
    packets.note(slice(2, 7, 4), 2, 6, 1000, 5)
    return packets


def test_packets_that_leave_together_are_noted_in_a_slot_of_each_peer() -> None:
    packets = sent()
    assert packets.sent.tolist() == [0, 0, 1000, 0, 0, 0, 1000, 0, 0, 0, 0, 0]
    assert packets.sequences[2] == packets.sequences[6] == 6
    assert list(packets.flows) == [0, 0, 5, 0, 0, 0, 5, 0, 0, 0, 0, 0]
    assert packets.arrived.tolist() == [UNSENT if n not in (2, 6) else 0 for n in range(12)]


def test_first_replies_are_noted() -> None:
    packets = sent()
    assert packets.take([6, 2], [6, 6], [1700, 1800], [1, 2], [7, 8])
    assert (packets.arrived[6], packets.numbers[6], packets.inside[6]) == (1700, 1, 7)
    assert (packets.arrived[2], packets.numbers[2], packets.inside[2]) == (1800, 2, 8)


@pytest.mark.parametrize(
    ("slots", "sequences"),
    [
        ([2, 2], [6, 6]),  # twice the same
        ([2, 6], [6, 2]),  # of a packet whose slot another one has by now
        ([2, 10], [6, 6]),  # of one that was never sent
    ],
)
def test_where_one_reply_is_not_expected_none_is_noted(
    slots: list[int], sequences: list[int]
) -> None:
    packets = sent()
    before = packets.arrived.tolist()
    assert not packets.take(slots, sequences, [1700, 1700], [1, 1], [7, 7])
    assert packets.arrived.tolist() == before


def test_a_second_reply_is_not_expected() -> None:
    packets = sent()
    assert packets.take([2], [6], [1700], [1], [7])
    assert not packets.take([2], [6], [1900], [1], [7])
    assert packets.arrived[2] == 1700


def test_columns_of_another_length_are_refused() -> None:
    packets = sent()
    held = memoryview(packets.sent)
    with pytest.raises(BufferError):
        packets.note(slice(2, 7, 4), 3, 7, 1000, 5)
    assert len(held) == 12
