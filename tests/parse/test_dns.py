"""DNS questions and answers, octet by octet."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.dns import (
    AAAA,
    CNAME,
    NAME_ERROR,
    NS,
    TXT,
    A,
    Header,
    Reply,
    from_answer,
    from_header,
    from_reply,
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


def named(name: str) -> bytes:
    return b"".join(bytes((len(one),)) + one.encode() for one in name.split(".")) + b"\0"


def reply(
    name: str, kind: int, *records: tuple[str, int, bytes], flags: int = 0x8180, asked: int = 1
) -> bytes:
    """A reply about the addresses of a name."""
    head = struct.pack("!6H", 7, flags, asked, len(records), 0, 0)
    body = b"".join(
        named(owner) + struct.pack("!2HIH", that, 1, 60, len(data)) + data
        for owner, that, data in records
    )
    return head + (to_question(7, name, kind)[12:] if asked else b"") + body


FOUR, SIX = b"\xc0\0\x02\x01", bytes.fromhex("20010db8") + bytes(11) + b"\x01"


def test_addresses_are_read_along_their_aliases() -> None:
    whole = reply(
        "www.A.test", A,
        ("b.test", A, FOUR), ("www.a.test", CNAME, named("b.test")), ("evil.test", A, b"abcd"),
    )  # fmt: skip
    assert from_reply(whole, "www.a.test.", A) == Reply(7, 0, False, ("192.0.2.1",))
    six = reply("a.test", AAAA, ("a.test", AAAA, SIX), ("a.test", A, FOUR))
    assert from_reply(six, "a.test", AAAA).addresses == ("2001:db8::1",)


def test_names_may_be_pointers_and_a_loop_of_them_is_unreadable() -> None:
    whole = reply("a.test", A)
    record = b"\xc0\x0c" + struct.pack("!2HIH", A, 1, 60, 4) + FOUR
    whole = whole[:6] + b"\0\1" + whole[8:]
    assert from_reply(whole + record, "a.test", A).addresses == ("192.0.2.1",)
    loop = len(whole) | 0xC000
    with pytest.raises(Unreadable, match="without an end"):
        from_reply(whole + loop.to_bytes(2, "big") + record[2:], "a.test", A)


def test_an_alias_of_itself_ends() -> None:
    whole = reply("a.test", A, ("a.test", CNAME, named("a.test")))
    assert from_reply(whole, "a.test", A).addresses == ()


@pytest.mark.parametrize(
    "message",
    [reply("b.test", A), reply("a.test", AAAA), reply("a.test", A, flags=0x0180),
     reply("a.test", A, asked=0)],
)  # fmt: skip
def test_what_is_no_reply_to_the_question_is_unreadable(message: bytes) -> None:
    with pytest.raises(Unreadable):
        from_reply(message, "a.test", A)


def test_a_refusal_needs_no_question_and_a_cut_answer_has_no_addresses() -> None:
    assert from_reply(reply("a.test", A, flags=0x8185, asked=0), "a.test", A).code == 5
    cut = reply("a.test", A, ("a.test", A, FOUR), flags=0x8380)
    assert from_reply(cut, "a.test", A) == Reply(7, 0, True, ())


def test_a_question_with_edns_has_an_opt_record() -> None:
    plain, edns = to_question(7, "a.b", A), to_question(7, "a.b", A, 1200)
    assert edns[:10] == plain[:10]
    assert edns[10:] == b"\0\1" + plain[12:] + bytes.fromhex("00 0029 04b0 00000000 0000")


@given(st.binary(max_size=80), st.sampled_from([A, AAAA, NS]))
def test_any_octets_are_a_reply_or_unreadable(data: bytes, kind: int) -> None:
    for message in (data, reply("a.test", kind)[:6] + b"\0\3" + reply("a.test", kind)[8:] + data):
        try:
            from_reply(message, "a.test", kind)
        except Unreadable:
            pass
