"""The age is judged first, errors are never failures, and no data is never OK."""

import pytest

from bothsides.base.deadline import Stop
from bothsides.check.metric.judge import FIGURES, analyse, judge
from bothsides.check.metric.options import Limits
from bothsides.model.failure import Failure
from bothsides.model.metric import Plan, Run, Series
from bothsides.parse.range import from_range
from bothsides.plugin.finding import Ranges, State
from bothsides.plugin.output import Report, Style, render

PLAN = Plan("graphite", "http://g.example/", "a.b", 600.0, 300.0)
NOW = 1.7e9


def reported(
    *series: Series, plan: Plan = PLAN, no_data: State = State.UNKNOWN, failure: str = ""
) -> Report:
    ranges = Ranges(FIGURES, {"value": from_range("10")}, {"value": from_range("@20:")})
    blamed = Failure("server", failure) if failure else None
    run = Run(plan.query, NOW, series, blamed, None)
    findings = list(judge(analyse(plan, run, None), Limits(ranges, no_data)))
    return render("METRIC", plan.query, findings, FIGURES, Style())


def one(value: float | None, age: float | None = 12.0, name: str = "a.b") -> Series:
    return Series(name, None if age is None else NOW - age, value)


@pytest.mark.parametrize(
    ("series", "code", "line"),
    [
        (one(5.5), 0, "OK - a.b: 5.5, 12 s old | value=5.5;10;@20: age=12s series=1;;;0"),
        (one(15), 1, "WARNING - a.b: 15, 12 s old, above 10 | value=15"),
        (one(20), 2, "CRITICAL - a.b: 20, 12 s old, at or above 20 | value=20"),
        (one(20, 301), 3, "UNKNOWN - a.b: last value 5 min old, older than 5 min | value=20"),
        (one(20, 300), 2, "CRITICAL - a.b: 20, 5 min old"),
        (one(5, -61), 3, "UNKNOWN - a.b: the last value is 61 s ahead of our clock"),
        (one(5, -59), 0, "OK - a.b: 5, 0 s old"),
        (one(5, None), 3, "UNKNOWN - a.b: the value has no time of its own"),
        (one(None), 3, "UNKNOWN - a.b: no value in any of 1 series | value=U"),
    ],
)
def test_the_age_comes_first_and_then_the_limits(series: Series, code: int, line: str) -> None:
    report = reported(series)
    assert report.code == code
    assert report.text.startswith(f"METRIC {line}"), report.text


def test_no_data_is_what_was_asked_for_and_never_ok() -> None:
    report = reported()
    assert (report.code, report.text.partition(" | ")[0]) == (
        3,
        "METRIC UNKNOWN - a.b: no data in the last 10 min: unknown name, nothing stored, "
        "or a wrong target",
    )
    assert reported(no_data=State.CRITICAL).code == 2


def test_an_error_of_the_store_is_unknown_even_where_no_data_is_critical() -> None:
    report = reported(failure="Graphite answers with HTTP 500", no_data=State.CRITICAL)
    assert report.code == 3
    assert report.text.startswith("METRIC UNKNOWN - a.b: Graphite answers with HTTP 500 | value=U")


def test_a_run_that_was_cut_short_is_unknown() -> None:
    run = Run("a.b", NOW, (), None, Stop("deadline", "asking Graphite", 8.0))
    findings = list(
        judge(analyse(PLAN, run, None), Limits(Ranges(FIGURES, {}, {}), State.CRITICAL))
    )
    report = render("METRIC", "a.b", findings, FIGURES, Style())
    assert report.code == 3
    assert "own deadline reached while asking Graphite, after 8 s" in report.text


def test_an_expression_of_prometheus_has_no_age_and_is_judged() -> None:
    report = reported(one(15, None), plan=PLAN._replace(store="prometheus"))
    assert report.text.startswith("METRIC WARNING - a.b: 15, above 10 | value=15;10;@20: age=U")


def test_every_series_is_judged_and_the_worst_comes_first() -> None:
    report = reported(one(5, name="x"), one(25, name="y"), one(1, 400, "z"), one(None, None, "n"))
    lines = report.text.splitlines()
    assert report.code == 2
    assert lines[0] == (
        "METRIC CRITICAL - a.b: 2 of 3 series: y: 25, 12 s old, at or above 20 "
        "| value=25;10;@20: age=400s series=3;;;0"
    )
    assert lines[1:] == [
        "[UNKNOWN] z: last value 7 min old, older than 5 min",
        "[OK] x: 5, 12 s old",
    ]
