"""What is remembered of each flow."""

import random

from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import stamp_tlv
from bothsides.parse.stamp_tlv import ANSWERED, UNKNOWN, Account
from bothsides.reflector.account import ACCOUNTS, Accounts, Totals

NONE = Totals(0, 0, 0)
FLOW = ("10.0.0.9", 77, 0)


def asked(first: int, octets: int) -> Account:
    return Account(0, 77, 0, first, octets)


def arrived(accounts: Accounts, first: int, octets: int) -> list[int]:
    answer = accounts.answer(asked(first, octets), FLOW, NONE, 1.0)
    assert answer.status == ANSWERED
    return list(stamp_tlv.sequences(answer.arrived_bits, first))


def test_every_request_has_its_bit_whatever_its_order() -> None:
    accounts, dice = Accounts(), random.Random(3)
    sequences = dice.sample(range(60), 40)
    for sequence in [*sequences, *sequences[:5]]:
        accounts.note(FLOW, 40000, sequence, NONE, 0.0)
    assert arrived(accounts, 0, 8) == sorted(sequences)
    assert arrived(accounts, 30, 1) == [n for n in sorted(sequences) if 30 <= n < 38]
    assert accounts.answer(asked(0, 8), FLOW, NONE, 1.0).requests == 45


def test_only_the_last_thousands_are_remembered_and_it_is_said_from_where_on() -> None:
    accounts = Accounts()
    for sequence in range(20000):
        accounts.note(FLOW, 40000, sequence, NONE, 0.0)
    answer = accounts.answer(asked(19900, 12), FLOW, NONE, 0.0)
    assert 10000 < answer.forgotten < 19000
    assert arrived(accounts, 19900, 12) == list(range(19900, 19996))
    assert arrived(accounts, answer.forgotten - 8, 2) == list(
        range(answer.forgotten, answer.forgotten + 8)
    )


@given(st.lists(st.integers(0, 12000), max_size=60), st.integers(-200, 12000), st.integers(1, 40))
def test_the_part_that_is_asked_for_is_right_wherever_it_begins(
    sequences: list[int], first: int, octets: int
) -> None:
    """Against a set of numbers; what lies before the window may be forgotten."""
    accounts = Accounts()
    for sequence in [70, *sequences]:
        accounts.note(FLOW, 40000, sequence, NONE, 0.0)
    first = max(0, first)
    account = accounts.flows[FLOW]
    wanted = {n for n in (70, *sequences) if first <= n < first + 8 * octets}
    seen = set(arrived(accounts, first, octets))
    assert seen <= wanted
    assert {n for n in wanted - seen if n >= account.first} == set()


def test_closing_probes_far_ahead_move_nothing() -> None:
    accounts = Accounts()
    for sequence in (3, 1 << 20, 4, (1 << 32) - 1):
        accounts.note(FLOW, 40000, sequence, NONE, 0.0)
    assert arrived(accounts, 0, 1) == [3, 4]


def test_ports_and_what_happened_meanwhile_are_counted() -> None:
    accounts = Accounts()
    accounts.note(FLOW, 40000, 0, Totals(5, 7, 0), 10.0)
    accounts.note(FLOW, 40001, 1, Totals(6, 7, 0), 11.0)
    accounts.note(FLOW, 40001, 2, Totals(6, 7, 0), 11.0, refused=True)
    answer = accounts.answer(asked(0, 1), FLOW, Totals(9, 8, 0), 12.5)
    assert (answer.ports, answer.overflow, answer.refused, answer.age) == (2, 4, 1, 2500)
    assert (answer.arrived_bits, answer.refused_bits) == (b"\xc0", b"\x20")
    assert answer.boot == accounts.boot != Accounts().boot


def test_a_flow_that_was_silent_for_long_is_opened_again_and_a_strange_one_is_unknown() -> None:
    accounts = Accounts()
    accounts.note(FLOW, 40000, 5, NONE, 0.0)
    accounts.note(FLOW, 40000, 6, NONE, 400.0)
    answer = accounts.answer(asked(0, 1), FLOW, NONE, 401.0)
    assert (answer.age, answer.arrived_bits) == (1000, b"\x02")
    assert accounts.answer(asked(0, 1), ("10.0.0.8", 77, 0), NONE, 0.0).status == UNKNOWN
    accounts.note(("10.0.0.8", 1, 0), 9, 1, NONE, 0.0, refused=True)
    assert len(accounts) == 1, "a refused request opens no account"


def test_memory_is_bounded_and_what_was_dropped_is_told() -> None:
    accounts = Accounts()
    for ssid in range(ACCOUNTS + 900):
        accounts.note(("10.0.0.9", ssid, 0), 40000, 1, NONE, 0.0)
    assert len(accounts) == ACCOUNTS
    assert accounts.evicted == 900
