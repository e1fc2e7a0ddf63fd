"""The marks of a manual page, and what man(1) makes of them."""

from hypothesis import given
from hypothesis import strategies as st

from bothsides.generate.roff import Page, to_roff
from tests.command.pages import shown

TEXT = """\
DESCRIPTION

First line with `--an-option` in it,
second line.

    $ an 'example' with a \\
    .second line

    after an empty line
== A part
= `-x` VALUE
what it means
"""


def page(text: str) -> Page:
    return Page("thing", 1, "do a thing", text, "1.2.3")


def test_every_mark_becomes_its_macro() -> None:
    assert to_roff(page(TEXT)).splitlines() == [
        '.TH THING 1 "" "bothsides 1.2.3" "bothsides"',
        ".nr HY 0",
        ".nh",
        ".ad l",
        ".SH NAME",
        "thing \\- do a thing",
        ".SH DESCRIPTION",
        ".PP",
        "First line with \\fB\\-\\-an\\-option\\fR in it,",
        "second line.",
        ".PP",
        ".RS 4",
        ".EX",
        "$ an 'example' with a \\e",
        "\\&.second line",
        "",
        "after an empty line",
        ".EE",
        ".RE",
        '.SS "A part"',
        ".TP",
        "\\fB\\-x\\fR VALUE",
        "what it means",
    ]


def test_an_example_is_shown_as_it_is() -> None:
    text = shown(to_roff(page(TEXT)))
    for line in ("$ an 'example' with a \\", ".second line", "after an empty line"):
        assert f" {line}\n" in text


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_no_text_begins_with_a_request_of_roff(text: str) -> None:
    for line in to_roff(page(f"DESCRIPTION\n\n    {text}\n")).splitlines()[9:]:
        assert not line.startswith("'")
        assert not line.startswith(".") or line in (".RS 4", ".EX", ".EE", ".RE", ".PP")
