"""Percent-encoding, read back by the standard library."""

from urllib.parse import quote, unquote_to_bytes

from hypothesis import given
from hypothesis import strategies as st

from bothsides.export.percent import bounded, quoted


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_it_is_that_of_the_standard_library(text: str) -> None:
    assert quoted(text) == quote(text, safe="~")
    assert quoted(text, "/") == quote(text, safe="/~")
    assert unquote_to_bytes(quoted(text)).decode() == text


def test_octets_that_are_no_utf_8_stay_what_they_are() -> None:
    assert quoted(b"\xff/".decode("utf-8", "surrogateescape")) == "%FF%2F"


def test_two_long_names_of_files_stay_two() -> None:
    assert bounded("h" * 200) == "h" * 200
    one, other = bounded("h" * 300 + "1"), bounded("h" * 300 + "2")
    assert len(one) == len(other) == 200
    assert one != other
