"""NTP requests, and the replies of servers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.ntp import Reply, from_reply, to_request

COOKIE = b"12345678"
SECONDS = 3_900_000_000  # since 1900
UNIX = (SECONDS - 2_208_988_800) * 10**9


def reply(stratum: int = 2, flags: int = 0x24, identity: bytes = bytes(4)) -> bytes:
    head = bytes((flags, stratum, 6, 0xE8))
    root = (2**16).to_bytes(4, "big") + (2**15).to_bytes(4, "big") + identity
    return head + root + bytes(8) + COOKIE + (SECONDS << 32).to_bytes(8, "big") * 2


@given(st.binary(max_size=80))
def test_arbitrary_octets_are_no_ntp_reply(octets: bytes) -> None:
    try:
        from_reply(octets, COOKIE, 0)
    except Unreadable:
        pass


@given(st.binary(min_size=48, max_size=60))
def test_arbitrary_octets_with_our_cookie_are_a_reply_or_unreadable(octets: bytes) -> None:
    bent = b"\x24" + octets[1:24] + COOKIE + octets[32:]
    try:
        from_reply(bent, COOKIE, UNIX)
    except Unreadable:
        pass


def test_an_ntp_reply_must_repeat_our_cookie() -> None:
    assert len(to_request(COOKIE)) == 48
    assert to_request(COOKIE)[40:] == COOKIE
    assert from_reply(reply(), COOKIE, 0) == Reply(2, UNIX, UNIX, 1.0)
    with pytest.raises(Unreadable, match="not the answer to our NTP request"):
        from_reply(reply(), b"87654321", 0)
    with pytest.raises(Unreadable):
        from_reply(reply(flags=0x23), COOKIE, 0)


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (reply(0, identity=b"RATE"), "it refuses (RATE)"),
        (reply(3, flags=0xE4), "it is not synchronised itself"),
        (reply(16), "it is not synchronised itself"),
        (reply(0), "it is not synchronised itself"),
    ],
)
def test_a_server_that_does_not_serve_says_why(octets: bytes, words: str) -> None:
    assert from_reply(octets, COOKIE, 0).refused == words


def test_a_reply_of_the_next_era_is_read_by_the_time_of_today() -> None:
    era = 2**32 * 10**9
    assert from_reply(reply(), COOKIE, UNIX + era).receive == UNIX + era
