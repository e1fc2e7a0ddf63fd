"""Perfdata: what we print, our own grammar reads back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.perfdata import Perfdata, from_perfdata
from bothsides.parse.range import Range, Unit
from bothsides.parse.text import to_number
from bothsides.plugin.finding import Figure, Reading
from bothsides.plugin.output import Style, render

UNITS: tuple[Unit, ...] = ("", "s", "%", "B", "c")


def test_a_full_token_is_read() -> None:
    assert from_perfdata("rta=0.001234s;0.1;@1:2;0;10 pl=U;;;0;100") == (
        Perfdata("rta", 0.001234, "s", Range(0, 0.1), Range(1, 2, inside=True), 0.0, 10.0),
        Perfdata("pl", None, "", None, None, 0.0, 100.0),
    )


@pytest.mark.parametrize(
    "text",
    ["a=1e-05s", "a=nan", "b=+2", "a=1,5", "a=12\u00b5s", "'a b'=1", "a.b=1", "x::y=1", "A=1", "a",
     "a=", "a=1;2;3;4;5;6", "a=1.1234567",
     "a=1ms", "a=1;x", "a" * 20 + "=1"],
)  # fmt: skip
def test_what_some_consumer_would_misread_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        from_perfdata(text)


@given(st.text())
def test_no_text_raises_anything_but_unreadable(text: str) -> None:
    try:
        from_perfdata(text)
    except Unreadable:
        pass


@given(
    st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9_]{0,18}", fullmatch=True),
        st.tuples(
            st.none() | st.floats() | st.integers(-(10**15), 10**15),
            st.sampled_from(UNITS),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_perfdata_built_from_any_floats_parse_back(
    values: dict[str, tuple[float | None, Unit]],
) -> None:
    figures = tuple(Figure(label, uom, "", None) for label, (_, uom) in values.items())
    readings = [Reading(figure, values[figure.label][0], "") for figure in figures]
    line = render("X", "", readings, figures, Style()).text.partition("\n")[0]
    read = from_perfdata(line.partition("|")[2])
    kept = [to_number(figure.value) for figure in read]
    assert kept == [to_number(reading.value) for reading in readings][: len(kept)]
    assert len(kept) == len(figures) or len(line) > 700
