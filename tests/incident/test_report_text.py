"""The text has 72 columns of ASCII, whatever the evidence holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.incident.report_text import COLUMNS, loss_words, shown, text_of, wrapped
from bothsides.model.interval import Interval
from bothsides.model.report import Point
from tests.support.hostile import CONTROLS, LONG, SCRIPT, hostile, megabyte_of_hops
from tests.support.reports import lossy, recorded, report


def sound(text: str) -> bool:
    """Whether a terminal and a ticket system can take the text."""
    lines = text.split("\n")
    return all(len(line) <= COLUMNS for line in lines) and all(
        " " <= letter <= "~" for line in lines for letter in line
    )


def test_the_order_is_that_of_the_page() -> None:
    titles = [
        line
        for line in text_of(report(lossy())).splitlines()
        if line[:1].isupper() and line.isupper()
    ]
    assert titles == [
        "TIMELINE",
        "PATH A TO B",
        "PATH B TO A",
        "THIRD VANTAGES",
        "REASONING",
        "WHAT WAS RULED OUT",
        "HOW IT WAS MEASURED",
        "WHAT THE PROVIDER ASKS FOR",
        "A TO B, BEFORE",
        "A TO B, DURING",
        "B TO A, DURING",
        "LIMITS OF THIS EVIDENCE",
    ]


@pytest.mark.parametrize("name", ["dead_link", "two_faults", "silence", "well"])
def test_recorded_incidents_fit_into_72_columns(name: str) -> None:
    assert sound(text_of(report(recorded(name))))


@pytest.mark.parametrize("text", [SCRIPT, CONTROLS, LONG, "\N{GRINNING FACE}" * 400])
def test_hostile_texts_do_no_harm(text: str) -> None:
    said = text_of(report(hostile(text)))
    assert sound(said)
    assert len(said) < 60_000


def test_a_megabyte_of_hops_is_cut() -> None:
    said = text_of(report(megabyte_of_hops()))
    assert sound(said)
    assert "more hops" in said
    assert len(said) < 60_000


@given(st.text())
def test_every_text_becomes_plain_lines(text: str) -> None:
    assert sound("\n".join([*wrapped(text), *wrapped(text, "  ")]))
    assert sound(shown(text, 60)) or len(shown(text, 60)) > COLUMNS


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        (Interval(3, 3), "lost 3 of 100"),
        (Interval(1, 3), "lost 1 to 3 of 100"),
        (None, "direction not known"),
    ],
)
def test_losses_in_words(lost: Interval | None, words: str) -> None:
    assert loss_words(Point("during", "out", 0.0, 1.0, 100, lost, None)) == words
