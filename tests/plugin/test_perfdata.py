"""Perfdata tokens and exit codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse.perfdata import from_perfdata
from bothsides.parse.range import Range, from_range
from bothsides.plugin.finding import Figure, Reading, State
from bothsides.plugin.perfdata import exit_code, token

RTA = Figure("rta", "s", "mean round trip")
PL = Figure("pl", "%", "loss", 0, 100)
OFFSET = Figure("offset", "s", "ahead of us", None, None)


def test_the_exit_codes_are_those_of_nagios() -> None:
    states = (State.OK, State.WARNING, State.CRITICAL, State.UNKNOWN)
    assert [exit_code(state) for state in states] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (Reading(RTA, 0.001, ""), "rta=0.001s;;;0"),
        (Reading(PL, 5.0, "", from_range("5"), from_range("~:15")), "pl=5%;5;15;0;100"),
        (Reading(OFFSET, -2.0, "", from_range("-5:5"), from_range("~:60")), "offset=-2s;-5:5;~:60"),
        (Reading(PL, None, "", from_range("5")), "pl=U;5;;0;100"),
        (Reading(PL, float("nan"), ""), "pl=U;;;0;100"),
        (Reading(PL, 1.0, "", from_range("@1:5"), from_range("2:")), "pl=1%;@1:5;2:;0;100"),
    ],
)
def test_a_figure_is_one_token(reading: Reading, expected: str) -> None:
    assert token(reading, "U") == expected


def test_what_was_not_measured_can_be_left_out() -> None:
    assert token(Reading(PL, None, ""), "omit") == ""
    assert token(Reading(PL, 0.0, ""), "omit") == "pl=0%;;;0;100"


_bounds = st.floats(-1e6, 1e6).map(lambda bound: round(bound, 3))


@given(st.floats(-1e9, 1e9), _bounds, _bounds, st.booleans())
def test_the_limit_that_is_printed_alerts_as_the_one_that_was_given(
    value: float, first: float, second: float, inside: bool
) -> None:
    limit = Range(min(first, second), max(first, second), inside)
    (printed,) = from_perfdata(token(Reading(OFFSET, value, "", limit), "U"))
    assert printed.warning is not None
    assert printed.warning.alerts(value) == limit.alerts(value)


def test_a_figure_with_other_limits_or_without_a_value_has_its_own_text() -> None:
    figure = Figure("rta", "s", "", 0.0, None)
    one, other = Range(0.0, 0.1), Range(0.1, 0.2, True)
    readings = [
        Reading(figure, 0.5, "", one),
        Reading(figure, None, "", one),
        Reading(figure, 0.25, "", one, other),
        Reading(figure, 0.75, "", one),
    ]
    for _ in range(2):
        assert [token(reading, "U") for reading in readings] == [
            "rta=0.5s;0.1;;0",
            "rta=U;0.1;;0",
            "rta=0.25s;0.1;@0.1:0.2;0",
            "rta=0.75s;0.1;;0",
        ]
