"""Our own TLVs octet by octet, and whatever a stranger may send in their place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable, stamp_tlv
from bothsides.parse.stamp_tlv import Account, Arrivals, FollowUp

U32 = st.integers(0, 2**32 - 1)
ACCOUNTS = st.integers(0, 60).flatmap(
    lambda octets: st.builds(
        Account,
        status=st.integers(0, 3),
        ssid=st.integers(0, 65535),
        port=st.integers(0, 65535),
        first=U32,
        octets=st.just(octets),
        boot=st.integers(0, 2**64 - 1),
        uptime=U32,
        age=U32,
        requests=U32,
        forgotten=U32,
        overflow=U32,
        refused=U32,
        evicted=U32,
        ports=st.integers(0, 65535),
        arrived_bits=st.binary(min_size=octets, max_size=octets),
        refused_bits=st.binary(min_size=octets, max_size=octets),
    )
)
ARRIVALS = st.builds(
    Arrivals,
    status=st.integers(0, 3),
    address=st.binary(min_size=16, max_size=16),
    last=U32,
    since=U32,
    minutes=st.tuples(*[U32] * stamp_tlv.MINUTES),
)


@given(ACCOUNTS, st.binary(max_size=9))
def test_an_account_comes_back_as_it_was(account: Account, behind: bytes) -> None:
    octets = stamp_tlv.to_account(account)
    assert len(octets) == stamp_tlv.LEAST_ACCOUNT + 2 * account.octets
    assert stamp_tlv.find(octets + behind) == (0, account)


@given(ARRIVALS)
def test_arrivals_come_back_as_they_were(arrivals: Arrivals) -> None:
    octets = stamp_tlv.to_arrivals(arrivals)
    assert len(octets) == stamp_tlv.ARRIVALS
    assert stamp_tlv.find(b"\x80\x01\x00\x02ab" + octets) == (6, arrivals)


@given(st.binary(max_size=200))
def test_any_octets_are_read_or_unreadable(data: bytes) -> None:
    for tail in (data, b"\x80\xf0" + len(data).to_bytes(2) + b"bsdT" + data):
        try:
            stamp_tlv.find(tail)
        except Unreadable:
            pass


def test_the_octets_are_where_the_drawing_has_them() -> None:
    octets = stamp_tlv.to_account(Account(0, 0x1234, 40000, 7, 1, boot=1, ports=2))
    assert octets[:10] == b"\x80\xf0\x00\x3absdT\x01\x00"
    assert octets[10:20] == b"\x12\x34\x9c\x40\x00\x01\x00\x00\x00\x07"
    assert (octets[20:28], octets[56:58], len(octets)) == (b"\0" * 7 + b"\1", b"\0\2", 62)


def test_counts_stop_where_four_octets_end() -> None:
    octets = stamp_tlv.to_account(Account(1, 1, 1, 0, 0, age=2**40))
    found = stamp_tlv.find(octets)
    assert found is not None and isinstance(found[1], Account)
    assert found[1].age == 2**32 - 1


def test_the_highest_bit_is_the_first_sequence_number() -> None:
    assert list(stamp_tlv.sequences(b"\x81\x00\x40", 100)) == [100, 107, 117]


@pytest.mark.parametrize("length", [0, 10, 55, 57, 60])
def test_a_length_that_does_not_fit_is_unreadable(length: int) -> None:
    octets = bytearray(stamp_tlv.to_account(Account(0, 1, 0, 0, 1)))[: 4 + length]
    octets[2:4] = length.to_bytes(2)
    octets.extend(bytes(max(0, 4 + length - len(octets))))
    if length >= 4:
        with pytest.raises(Unreadable):
            stamp_tlv.find(bytes(octets))
    else:
        assert stamp_tlv.find(bytes(octets)) is None


@given(st.integers(0, 2), U32, st.integers(1, 2**62))
def test_a_follow_up_comes_back_as_it_was(status: int, number: int, left: int) -> None:
    octets = stamp_tlv.to_follow_up(FollowUp(status, number, left))
    found = stamp_tlv.find(octets)
    assert found is not None and isinstance(found[1], FollowUp)
    assert found[1][:2] == (status, number)
    assert abs(found[1].left - left) <= 1 or left >= 2**32 * 10**9 - 2208988800 * 10**9


def test_the_octets_of_a_follow_up_are_where_the_drawing_has_them() -> None:
    octets = stamp_tlv.to_follow_up(FollowUp(stamp_tlv.ANSWERED, 7, 1_700_000_000_500_000_000))
    assert octets[:12] == b"\0\xf0\x00\x14bsdT\x03\x01\0\0"
    assert octets[12:16] == b"\0\0\0\7"
    assert int.from_bytes(octets[16:20]) == 1_700_000_000 + 2208988800
    assert octets[20:] == b"\x80\0\0\0"
    question = stamp_tlv.to_follow_up(FollowUp(stamp_tlv.REQUEST))
    assert (question[0], len(question)) == (0x80, stamp_tlv.FOLLOW_UP)
    assert not any(question[10:])
