"""States, readings and limits."""

import pytest

from bothsides.parse import Unreadable
from bothsides.parse.range import from_range
from bothsides.plugin.finding import (
    WORST_FIRST,
    Figure,
    Ranges,
    Reading,
    Remark,
    State,
    Table,
    Target,
    alone,
    from_state,
    severity,
    state_of,
    worst,
)

RTA = Figure("rta", "s", "mean round trip")
OK, WARNING, CRITICAL, UNKNOWN = State.OK, State.WARNING, State.CRITICAL, State.UNKNOWN


@pytest.mark.parametrize(
    ("states", "expected"),
    [([CRITICAL, UNKNOWN], CRITICAL), ([WARNING, UNKNOWN], WARNING), ([OK, UNKNOWN], UNKNOWN),
     ([OK], OK), ([], UNKNOWN),
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


def test_a_list_sorted_by_severity_has_the_worst_first() -> None:
    assert (
        sorted([OK, WARNING, CRITICAL, UNKNOWN], key=severity)
        == [CRITICAL, WARNING, UNKNOWN, OK]
        == list(WORST_FIRST)
    )


def test_the_state_of_findings_is_that_of_readings_and_remarks_alone() -> None:
    bad = Remark(CRITICAL, "dead")
    assert state_of([Remark(OK, "alive"), Table(("a line",))]) is OK
    assert state_of([Remark(OK, "2 of 3 are enough"), Target("a", "", (bad,))]) is OK
    assert Target("a", "192.0.2.1", (Remark(OK, "alive"), bad)).state is CRITICAL


def test_a_state_is_read_by_its_name_in_any_case() -> None:
    assert [from_state(text) for text in ("ok", "Warning", "CRITICAL")] == [OK, WARNING, CRITICAL]
    with pytest.raises(Unreadable, match="write ok, warning, critical or unknown"):
        from_state("fatal")


def test_a_target_that_is_alone_is_reported_and_said() -> None:
    slow = Target("a", "192.0.2.1", (Remark(WARNING, "slow"), Table(("x",))))
    assert list(alone(slow)) == [slow, *slow.findings]
