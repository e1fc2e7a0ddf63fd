"""States, readings and limits."""

import pytest

from bothsides.parse.range import from_range
from bothsides.plugin.finding import Figure, Ranges, Reading, State, worst

RTA = Figure("rta", "s", "mean round trip")
OK, WARNING, CRITICAL, UNKNOWN = State.OK, State.WARNING, State.CRITICAL, State.UNKNOWN


@pytest.mark.parametrize(
    ("states", "expected"),
    [([CRITICAL, UNKNOWN], CRITICAL), ([WARNING, UNKNOWN], WARNING), ([OK, UNKNOWN], UNKNOWN), ([OK], OK), ([], UNKNOWN),
     ([OK, WARNING, CRITICAL], CRITICAL)],
)  # fmt: skip
def test_critical_outranks_warning_outranks_unknown_outranks_ok(
    states: list[State], expected: State
) -> None:
    assert worst(states) is expected


def test_the_critical_limit_wins_over_the_warning_limit() -> None:
    limits = Ranges((RTA,), {"rta": from_range("1")}, {"rta": from_range("2")})
    assert [limits.reading("rta", value).state for value in (0.5, 1, 1.5, 2, 2.5)] == [
        OK,
        OK,
        WARNING,
        WARNING,
        CRITICAL,
    ]


def test_a_figure_that_was_not_measured_is_unknown_only_where_it_has_a_limit() -> None:
    assert Reading(RTA, None, "").state is OK
    assert Reading(RTA, None, "", warning=from_range("1")).state is UNKNOWN


def test_nan_is_never_ok_under_a_limit() -> None:
    assert Reading(RTA, float("nan"), "", warning=from_range("1")).state is UNKNOWN


def test_zero_is_a_value() -> None:
    assert Reading(RTA, 0.0, "", warning=from_range("1:")).state is WARNING
