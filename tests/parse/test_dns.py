"""DNS questions and answers, octet by octet."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.dns import (
    NAME_ERROR,
    NS,
    TXT,
    A,
    Header,
    from_answer,
    from_header,
    to_question,
)


@pytest.mark.parametrize(
    ("name", "kind", "tail"),
    [
        ("ab.c", TXT, "02 6162 01 63 00 0010 0001"),
        ("a.bc", A, "01 61 02 6263 00 0001 0001"),
        ("a.bc.", A, "01 61 02 6263 00 0001 0001"),
        ("", NS, "00 0002 0001"),
        ("\u00e4", A, "01 3f 00 0001 0001"),
    ],
)
def test_a_question_is_what_rfc_1035_draws(name: str, kind: int, tail: str) -> None:
    head = bytes.fromhex("6162 0100 0001 0000 0000 0000")
    assert to_question(0x6162, name, kind) == head + bytes.fromhex(tail)


def answer(*records: tuple[int, bytes], code: int = 0) -> bytes:
    """An answer to a question for the texts of a.b, with these records."""
    head = struct.pack("!6H", 7, 0x8180 | code, 1, len(records), 0, 0)
    name = b"\xc0\x0c"
    return (
        head
        + to_question(7, "a.b")[12:]
        + b"".join(
            name + struct.pack("!2HIH", kind, 1, 60, len(data)) + data for kind, data in records
        )
    )


def test_the_texts_of_an_answer_are_read() -> None:
    whole = answer((TXT, b"\x02ab\x01c"), (A, b"\xc0\0\x02\x01"), (TXT, b"\x01d"))
    assert from_answer(whole) == (7, ("abc", "d"))
    assert from_header(whole) == Header(number=7, code=0, questions=1, answers=3)


def test_a_name_that_does_not_exist_has_no_texts() -> None:
    assert from_header(answer(code=NAME_ERROR)).code == NAME_ERROR
    assert from_answer(answer(code=NAME_ERROR)) == (7, ())


@given(st.integers(0, 40))
def test_an_answer_that_ends_too_soon_is_unreadable(length: int) -> None:
    whole = answer((TXT, b"\x02ab"))
    with pytest.raises(Unreadable):
        from_answer(whole[: min(length, len(whole) - 4)])


@given(st.binary(max_size=120))
def test_any_octets_are_an_answer_or_unreadable(data: bytes) -> None:
    for read in (from_answer, from_header):
        try:
            read(data)
        except Unreadable:
            pass
