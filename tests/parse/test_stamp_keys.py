"""Key files."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.stamp_keys import Key, from_keys


def test_keys_belong_to_ssids_or_to_all_others() -> None:
    text = (
        "# ssid key\n1001 hex:0011223344556677\n\n"
        "1002  a long phrase\n1003\ta key behind a tab\n* eight8ch\n"
    )
    assert from_keys(text) == (
        Key(1001, bytes.fromhex("0011223344556677")),
        Key(1002, b"a long phrase"),
        Key(1003, b"a key behind a tab"),
        Key(None, b"eight8ch"),
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "no key"),
        ("0 longenough", "line 1: begins with an SSID"),
        ("70000 longenough", "line 1: begins with an SSID"),
        ("# x\n5 short", "line 2: the key is shorter"),
        ("5 hex:zz", "line 1: what follows hex: is not hex"),
        ("5 longenough\n5 longenough2", "line 2: a second key"),
        ("5", "shorter"),
    ],
)
def test_a_broken_line_is_named_and_its_key_is_not(text: str, fault: str) -> None:
    with pytest.raises(Unreadable, match=fault) as raised:
        from_keys(text)
    assert "longenough" not in str(raised.value)


def test_a_key_is_not_shown_by_accident() -> None:
    assert "secret" not in repr(from_keys("5 secret-secret"))


@given(st.text())
def test_arbitrary_text_is_unreadable_or_read(text: str) -> None:
    with contextlib.suppress(Unreadable):
        from_keys(text)
