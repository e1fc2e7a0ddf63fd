"""Duplicates and reordering by direction."""

import random

from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.packet_order import Disorder, disorder, duplicated_forward
from bothsides.model.udp import Reply
from tests.support.udp_run import packet, reply

PACKETS = [packet(0, number, number * 0.02) for number in range(6)]


def replies(*pairs: tuple[int, int | None]) -> list[Reply]:
    """Replies in the order of arrival: to which packet, and the reflector's number."""
    return [reply(PACKETS[sequence], number) for sequence, number in pairs]


def test_packets_in_order_have_no_disorder() -> None:
    assert disorder(replies((0, 0), (1, 1), (3, 2))) == Disorder(0, 0, 0, 0)
    assert disorder([]) == Disorder(0, 0, 0, 0)


def test_a_copy_with_the_same_number_was_made_on_the_way_back() -> None:
    assert disorder(replies((0, 0), (1, 1), (1, 1), (1, 1))) == Disorder(0, 2, 0, 0)


def test_a_copy_with_a_number_of_its_own_was_made_on_the_way_there() -> None:
    found = replies((0, 0), (1, 1), (1, 2), (2, 3))
    assert disorder(found) == Disorder(1, 0, 0, 0)
    assert duplicated_forward(found)
    assert not duplicated_forward(replies((0, 0), (1, 1), (1, 1)))


def test_reordering_there_shows_in_the_numbers_and_reordering_back_in_the_arrival() -> None:
    assert disorder(replies((0, 0), (2, 1), (1, 2), (3, 3))) == Disorder(0, 0, 1, 0)
    assert disorder(replies((0, 0), (2, 2), (1, 1), (3, 3))) == Disorder(0, 0, 0, 1)


def test_an_echo_has_no_numbers_and_no_reordering_by_direction() -> None:
    assert disorder(replies((0, None), (1, None), (2, None))) == Disorder(0, 0, 0, 0)


@given(st.randoms(use_true_random=False), st.integers(0, 4), st.integers(0, 4))
def test_copies_are_counted_once_each_whatever_their_order(
    dice: random.Random, forward: int, backward: int
) -> None:
    arrivals = [0, 1, 2, 3, *[4] * (1 + forward)]
    found = replies(*((sequence, number) for number, sequence in enumerate(arrivals)))
    found += [found[0]] * backward
    dice.shuffle(found)
    counted = disorder(found)
    assert (counted.duplicated_forward, counted.duplicated_backward) == (forward, backward)
