"""The ini files of --extra-opts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.ini import Entry, from_ini


def test_sections_keep_their_entries_in_order_with_their_lines() -> None:
    text = (
        '# note\n[one]\nwarning = 5\nv\n\n; note\n[ two ]\ncommunity="a b"\nwarning= 6 \n'
        "[one]\nw = 7\n"
    )
    assert from_ini(text) == {
        "one": (Entry("warning", "5", 3), Entry("v", None, 4), Entry("w", "7", 11)),
        "two": (Entry("community", "a b", 8), Entry("warning", "6", 9)),
    }


def test_an_entry_becomes_the_argument_that_a_person_would_write() -> None:
    entries = from_ini("[x]\nwarning=-5:5\nw=-5:5\nv\nverbose\nurl=/a?b=c\nempty=\n")["x"]
    assert [entry.argument() for entry in entries] == [
        "--warning=-5:5",
        "-w-5:5",
        "-v",
        "--verbose",
        "--url=/a?b=c",
        "--empty=",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[x\n", 1),
        ("[x]\n[]\n", 2),
        ("a=1\n", 1),
        ("[x]\n=1\n", 2),
        ("[x]\n\n--warning=1\n", 3),
        ("[x]\na b=1", 2),
    ],
)
def test_a_broken_line_is_named(text: str, line: int) -> None:
    with pytest.raises(Unreadable, match=f"line {line}:"):
        from_ini(text)


def test_carriage_returns_of_other_systems_do_no_harm() -> None:
    assert from_ini("[x]\r\na=1\r\n") == {"x": (Entry("a", "1", 2),)}


@given(st.text())
def test_no_text_raises_anything_but_unreadable(text: str) -> None:
    try:
        from_ini(text)
    except Unreadable:
        pass
