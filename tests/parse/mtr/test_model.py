"""The one model behind all formats."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.mtr.model import (
    Hop,
    Host,
    Trace,
    finished,
    from_host,
    is_address,
    measured,
)


def test_addresses_are_told_from_names() -> None:
    good = ("10.0.0.1", "255.255.255.255", "2001:db8::1", "::1", "fe80::1%eth0", "::ffff:10.0.0.1")
    assert all(is_address(text) for text in good)
    assert not any(
        is_address(text) for text in ("10.0.0", "256.0.0.1", "a.b", "10.0.0.1.", "1:2", "", "cafe")
    )
    assert from_host("_gateway (10.0.0.1)") == Host("10.0.0.1", "_gateway")


def test_every_spelling_of_silence_is_silence() -> None:
    for text in ("", "???", " (waiting for reply) ", "(no route to host)"):
        assert from_host(text) is None
    assert from_host("10.0.0.1", "AS64502 64503") == Host("10.0.0.1", "", "64502 64503")
    assert from_host("10.0.0.1", "AS???") == Host("10.0.0.1")


def test_silent_hops_behind_the_last_answer_are_one() -> None:
    hops = [Hop(1, (Host("a"),)), Hop(3, (Host("c"),)), Hop(4), Hop(5)]
    assert [hop.ttl for hop in finished(hops)] == [1, 2, 3, 4]
    assert finished([]) == ()


def test_zeros_of_a_silent_hop_are_no_times() -> None:
    fields = {"Loss%": "100.0", "Snt": "3", "Avg": "0.0"}
    hop = measured(5, (), fields)
    assert (hop.sent, hop.received, hop.loss, hop.avg) == (3, 0, 1.0, None)
    with pytest.raises(Unreadable, match="hop 5: Avg"):
        measured(5, (Host("a"),), {"Loss%": "0.0", "Snt": "3", "Avg": "soon"})


def test_whether_the_target_was_reached() -> None:
    trace = Trace("raw", "", "", "10.0.0.9", None, (Hop(1, (Host("10.0.0.9"),)),))
    assert trace.reached is True
    assert trace._replace(target="10.0.0.7").reached is False
    assert trace._replace(target="").reached is None
    assert trace._replace(hops=(Hop(1),)).reached is False


@given(st.lists(st.integers(0, 300), min_size=3, max_size=5))
def test_four_numbers_up_to_255_are_an_address(numbers: list[int]) -> None:
    expected = len(numbers) == 4 and max(numbers) <= 255
    assert is_address(".".join(map(str, numbers))) is expected
    assert not is_address(".".join(map(str, numbers)) + "\n")


@given(st.ip_addresses(v=6))
def test_every_address_of_version_6_is_one(address: object) -> None:
    assert is_address(str(address))


@given(st.ip_addresses(v=6) | st.ip_addresses(v=4).map(lambda v4: f"::ffff:{v4}"), st.booleans())
def test_every_ipv6_address_is_one(address: object, scoped: bool) -> None:
    assert is_address(f"{address}%eth0" if scoped else f"{address}")


@given(st.text(alphabet="0af:.%g-\n\u0661", max_size=45))
def test_what_is_taken_for_an_address_is_made_of_its_characters(text: str) -> None:
    pattern = r"(?=.*:.*:)[0-9A-Fa-f:]{2,39}(?:[0-9.]{7,15})?(?:%[A-Za-z0-9._-]{1,15})?"
    assert not is_address(text) or re.fullmatch(pattern, text) or text.count(".") == 3


@pytest.mark.parametrize(
    "text", ["1::%", "1::%a b", "1::%" + "a" * 16, "::1.2.3", "::1.2.3.256", "1:::" + ":1" * 20]
)
def test_half_of_an_ipv6_address_is_none(text: str) -> None:
    assert not is_address(text)
