"""STAMP octet by octet, against the RFC's layout, scapy and arbitrary bytes."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable, stamp
from bothsides.parse.ntp_time import to_ntp
from bothsides.parse.stamp import Reply, Request

NOW = 1_700_000_000_123_456_789
INSTANTS = st.integers(0, (2**32 + 2**31 - 2208988800) * 10**9 - 1)
U32 = st.integers(0, 2**32 - 1)
U16 = st.integers(0, 2**16 - 1)
NTP_ERRORS = U16.map(lambda error: error & ~0x4000)  # our own packets carry NTP time
KEY = b"a key of the house"


@given(U32, INSTANTS, NTP_ERRORS, U16, st.integers(44, 200), st.sampled_from([b"", KEY]))
def test_requests_round_trip(
    sequence: int, sent: int, error: int, ssid: int, size: int, key: bytes
) -> None:
    request = Request(sequence, sent, error, ssid)
    data = stamp.to_request(request, max(size, stamp.SEALED) if key else size, key)
    assert stamp.from_request(data, key) == request


@given(
    U32,
    INSTANTS,
    NTP_ERRORS,
    U16,
    U32,
    INSTANTS,
    st.integers(0, 255),
    st.integers(0, 100),
    st.sampled_from([b"", KEY]),
)
def test_replies_round_trip_and_are_as_long_as_the_request(
    number: int,
    at: int,
    error: int,
    ssid: int,
    sequence: int,
    sent: int,
    ttl: int,
    more: int,
    key: bytes,
) -> None:
    request = stamp.to_request(
        Request(sequence, sent, error, ssid), (stamp.SEALED if key else stamp.PLAIN) + more, key
    )
    reply = Reply(number, at, error, ssid, at ^ 1, sequence, sent, ttl)
    data = stamp.to_reply(reply, request, key)
    assert len(data) == len(request)
    assert stamp.from_reply(data, key) == reply


def test_every_field_of_a_reply_is_where_the_rfc_puts_it() -> None:
    request = stamp.to_request(Request(0x01020304, NOW, 0x2001, 0xABCD))
    data = stamp.to_reply(
        Reply(0x0A0B0C0D, NOW + 2, 0x8C10, 0xABCD, NOW + 1, 0x01020304, NOW, 63), request
    )
    assert len(data) == 44
    assert data[0:4] == b"\x0a\x0b\x0c\x0d"
    assert data[4:12] == to_ntp(NOW + 2).to_bytes(8)
    assert data[12:16] == b"\x8c\x10\xab\xcd"
    assert data[16:24] == to_ntp(NOW + 1).to_bytes(8)
    assert data[24:38] == request[0:14]
    assert data[38:44] == b"\0\0\x3f\0\0\0"


def test_every_field_of_an_authenticated_reply_is_where_the_rfc_puts_it() -> None:
    request = stamp.to_request(Request(0x01020304, NOW, 0x2001, 0xABCD), stamp.SEALED, KEY)
    data = stamp.to_reply(
        Reply(7, NOW + 2, 0x8C10, 0xABCD, NOW + 1, 0x01020304, NOW, 63), request, KEY
    )
    assert len(data) == 112
    assert data[0:16] == b"\0\0\0\x07" + bytes(12)
    assert data[16:28] == to_ntp(NOW + 2).to_bytes(8) + b"\x8c\x10\xab\xcd"
    assert data[28:48] == bytes(4) + to_ntp(NOW + 1).to_bytes(8) + bytes(8)
    assert data[48:64] == b"\x01\x02\x03\x04" + bytes(12)
    assert data[64:80] == to_ntp(NOW).to_bytes(8) + b"\x20\x01" + bytes(6)
    assert data[80:96] == b"\x3f" + bytes(15)
    assert data[96:] == stamp.digest(data[:96], KEY)


def test_twamp_light_replies_of_41_and_38_octets_are_understood() -> None:
    request = stamp.to_request(Request(5, NOW, 1, 0))
    whole = stamp.to_reply(Reply(5, NOW + 9, 1, 0, NOW + 8, 5, NOW, 61), request)
    assert stamp.from_reply(whole[:41]).ttl == 61
    assert stamp.from_reply(whole[:38]) == stamp.from_reply(whole)._replace(ttl=None)
    with pytest.raises(Unreadable, match="37 octets"):
        stamp.from_reply(whole[:37])


def test_a_short_request_gets_no_more_octets_than_it_brought() -> None:
    for size in range(14, 60):
        request = stamp.to_request(Request(5, NOW, 1, 0))[:14] + bytes(size - 14)
        assert len(stamp.to_reply(Reply(5, NOW, 1, 0, NOW, 5, NOW, 61), request)) == size


def test_an_echo_is_not_mistaken_for_a_reply() -> None:
    with pytest.raises(Unreadable, match="echo"):
        stamp.from_reply(stamp.to_request(Request(5, NOW, 1, 77)))


def test_ptp_timestamps_are_read_when_the_error_estimate_announces_them() -> None:
    assert stamp.from_stamp(1_700_000_000 << 32 | 123_456_789, 0x4001) == NOW


@pytest.mark.parametrize(
    ("raw", "seconds"), [(0x8C10, 15.26e-6), (0x0C10, None), (0x8C00, None), (0x8001, 2**-32)]
)
def test_error_estimates_say_what_rfc_4656_means(raw: int, seconds: float | None) -> None:
    assert stamp.from_error(raw) == (None if seconds is None else pytest.approx(seconds, rel=1e-3))


@given(st.floats(min_value=0, max_value=1e6))
def test_an_error_estimate_never_promises_more_than_it_was_told(seconds: float) -> None:
    read = stamp.from_error(stamp.to_error(seconds))
    assert read is not None
    assert seconds <= read <= seconds * 1.01 + 2**-31


def test_tlvs_are_returned_with_the_flags_of_rfc_8972() -> None:
    assert stamp.to_returned(b"\x80\x01\0\x02ab") == b"\0\x01\0\x02ab"  # extra padding: known
    assert (
        stamp.to_returned(b"\x80\x0c\0\x02ab\x80\x01\0\0") == b"\x80\x0c\0\x02ab\0\x01\0\0"
    )  # 12 is not
    assert stamp.to_returned(b"\x80\x01\0\xffab") == b"\xc0\x01\0\xffab"  # malformed
    assert stamp.to_returned(b"plain padding") == b"plain padding"


@given(st.binary(max_size=200))
def test_returned_octets_are_never_more_than_came(tail: bytes) -> None:
    assert len(stamp.to_returned(tail)) == len(tail)


def test_a_wrong_key_is_named_as_such() -> None:
    data = stamp.to_request(Request(5, NOW, 1, 77), 112, KEY)
    with pytest.raises(Unreadable, match="HMAC"):
        stamp.from_request(data, b"another")
    with pytest.raises(Unreadable, match="too short for an authenticated"):
        stamp.from_request(data[:100], KEY)


@given(st.binary(max_size=200), st.sampled_from([b"", KEY]))
def test_arbitrary_octets_are_unreadable_or_read(data: bytes, key: bytes) -> None:
    for read in (stamp.from_request, stamp.from_reply):
        with contextlib.suppress(Unreadable):
            read(data, key)
