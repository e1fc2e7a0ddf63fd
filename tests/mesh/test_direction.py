"""Out or back: by the reflector's account, and by its numbers where it gives none."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.mesh.closing import Lost
from bothsides.mesh.direction import Ways, by_account, by_numbers
from bothsides.mesh.peer import Cut, Far, Peer
from bothsides.parse.stamp_tlv import ANSWERED, Account

MS = 1_000_000
BEGIN = 1_700_000_000_000_000_000
NOW = BEGIN + 10_000 * MS


def lost(*numbers: int) -> list[Lost]:
    return [Lost(number, BEGIN + number * 25 * MS) for number in numbers]


def account(arrived: list[int], refused: list[int] | None = None, **more: int) -> Account:
    """What the reflector has seen of the packets 8 to 39."""
    bits, over = bytearray(4), bytearray(4)
    for number in arrived:
        bits[(number - 8) >> 3] |= 0x80 >> (number & 7)
    for number in refused or []:
        over[(number - 8) >> 3] |= 0x80 >> (number & 7)
    told = {"uptime": 1_000_000, "age": 900_000, **more}
    return Account(ANSWERED, 7, 0, 8, 4, arrived_bits=bytes(bits), refused_bits=bytes(over), **told)


def test_what_has_arrived_was_lost_on_the_way_back() -> None:
    asked = lost(9, 10, 11, 20)
    assert by_account(asked, account([9, 20, 21]), NOW, dropped=False) == Ways(2, 2, far=False)


def test_what_the_reflector_refused_is_neither() -> None:
    found = by_account(lost(9, 10), account([], refused=[9]), NOW, dropped=False)
    assert found == Ways(1, 0, far=True)


def test_what_arrived_and_had_no_reply_sent_is_neither() -> None:
    """The far end's kernel refused to send: no network has lost anything."""
    found = by_account(lost(9, 10), account([9, 10], refused=[9]), NOW, dropped=False)
    assert found == Ways(0, 1, far=True)


def test_before_the_reflector_was_started_nothing_is_known() -> None:
    started = account([], uptime=9500)  # 500 ms after BEGIN; with the margin until 1000 ms
    assert by_account(lost(10, 39), started, NOW, dropped=False) == Ways(0, 0, far=True)
    assert by_account(lost(39), account([], uptime=9900), NOW, dropped=False) == Ways(1, 0)


def test_where_the_reflector_dropped_packets_itself_nothing_is_said_of_the_way_out() -> None:
    assert by_account(lost(9, 10), account([9]), NOW, dropped=True) == Ways(0, 1, far=True)


def test_what_lies_outside_the_answer_is_not_guessed() -> None:
    assert by_account(lost(9, 100), account([9]), NOW, dropped=False) == Ways(0, 1, far=True)
    forgotten = account([39], forgotten=20)
    assert by_account(lost(9, 30), forgotten, NOW, dropped=False) == Ways(1, 0, far=True)


def peer_with(fates: list[str], seed: int = 1) -> Peer:
    """A peer whose packets are answered (.), lost out (o) or back (b); flows in random order."""
    peer = Peer(Far("db1", "192.0.2.1", 862, "stamp", 40.0, 1.0, ""), 7, 5.0, 0.0)
    numbers: dict[int, int] = {}
    order = random.Random(seed)
    for number, fate in enumerate(fates, 1):
        slot, flow = number & peer.mask, order.randrange(8)
        peer.flows[slot] = flow
        peer.sent[slot], peer.arrived[slot] = BEGIN + number, 0
        if fate != "o":
            peer.numbers[slot] = numbers.get(flow, 0)
            numbers[flow] = peer.numbers[slot] + 1
        if fate == ".":
            peer.arrived[slot] = BEGIN + number + 1
    peer.sequence = len(fates) + 1
    return peer


def ways(fates: list[str], cut: Cut, seed: int = 1) -> Ways:
    missing = [n for n in range(cut.low, cut.high) if fates[n - 1] in "ob"]
    return by_numbers(peer_with(fates, seed), cut, lost(*missing))


@given(st.lists(st.sampled_from("........ob"), min_size=30, max_size=300), st.integers(0, 99))
def test_numbers_never_say_more_than_the_truth(fates: list[str], seed: int) -> None:
    cut = Cut(len(fates) // 3 + 1, 2 * len(fates) // 3 + 1)
    mine = fates[cut.low - 1 : cut.high - 1]
    found = ways(fates, cut, seed)
    assert found.out <= mine.count("o")
    assert found.back <= mine.count("b")


def test_numbers_find_the_way_of_single_losses() -> None:
    fates = list("." * 100 + "o" + "." * 60 + "b" + "." * 100)
    assert ways(fates, Cut(90, 180)) == Ways(1, 1)


def test_a_reflector_that_returns_our_numbers_proves_nothing() -> None:
    peer = peer_with(list("." * 50 + "b" + "." * 50))
    for number in range(1, peer.sequence):
        peer.numbers[number & peer.mask] = number
    assert by_numbers(peer, Cut(1, 101), lost(51)) == Ways(0, 0)


def test_a_reflector_that_counts_all_flows_together_proves_nothing() -> None:
    peer = peer_with(list("." * 50 + "o" + "." * 50))
    for place, number in enumerate(range(1, peer.sequence)):
        peer.numbers[number & peer.mask] = 3 * place
    assert by_numbers(peer, Cut(1, 101), lost(51)) == Ways(0, 0)


@pytest.mark.parametrize("fates", ["o" * 60, "b" * 60 + ".", "." + "o" * 60])
def test_without_a_reply_on_both_sides_nothing_is_said(fates: str) -> None:
    assert ways(list(fates), Cut(1, len(fates) + 1)) == Ways(0, 0)
