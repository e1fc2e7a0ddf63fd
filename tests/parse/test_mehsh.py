"""mehsh's packet byte for byte."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable, mehsh
from bothsides.parse.mehsh import REPLY, REQUEST, Packet


def test_a_request_is_the_eighteen_octets_that_mehsh_sends() -> None:
    assert (
        mehsh.to_packet(Packet(0x1122334455667788, REQUEST)).hex()
        == "13706a4b0000000111223344556677880001"
    )


@given(st.integers(0, 2**64 - 1), st.sampled_from([REQUEST, REPLY]))
def test_packets_round_trip(number: int, kind: int) -> None:
    assert mehsh.from_packet(mehsh.to_packet(Packet(number, kind))) == Packet(number, kind)


@given(st.binary(max_size=40))
def test_arbitrary_octets_are_unreadable_or_read(data: bytes) -> None:
    with contextlib.suppress(Unreadable):
        mehsh.from_packet(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"short", "too short"),
        (bytes(18), "magic"),
        (bytes.fromhex("13706a4b00000001") + bytes(8) + b"\0\x03", "kind"),
    ],
)
def test_what_is_wrong_is_named(data: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        mehsh.from_packet(data)
