"""What the last values mean: their age first, then the limits."""

from bothsides.base.types import Iterator, NamedTuple, Sequence
from bothsides.check.many import Line, Wording, summarised, worst_first
from bothsides.check.metric.options import Limits
from bothsides.model.metric import Plan, Run, Series
from bothsides.parse.text import screened, shortened, to_number, to_whole_words, to_words
from bothsides.plugin.finding import (
    Figure,
    Finding,
    Part,
    Reading,
    Remark,
    State,
    Table,
    Target,
    alone,
)
from bothsides.plugin.text import words_of

FIGURES = (
    Figure("value", "", "the last value; of several series the worst one's", None, None),
    Figure("age", "s", "of the last value; of several series the oldest", None, None),
    Figure("series", "", "series that have a value"),
)
_AHEAD = 60.0  # s; two clocks that are further apart are worth saying
_NAME = 60  # characters of a series in words


class Aged(NamedTuple):
    """One series, and how old its last value is."""

    series: Series
    age: float | None  # s; None: without a value, or without a time of its own


class Analysis(NamedTuple):
    """All that a reply proves."""

    plan: Plan
    run: Run
    aged: tuple[Aged, ...]  # those with a value


def analyse(plan: Plan, run: Run, past: None) -> Analysis:
    """Pure: no limit and no state in here."""
    aged = tuple(
        Aged(series, None if series.at is None else run.now - series.at)
        for series in run.series
        if series.value is not None
    )
    return Analysis(plan, run, aged)


def judge(analysis: Analysis, limits: Limits) -> Iterator[Finding]:
    """The findings, the most telling first."""
    plan, run, ranges = analysis.plan, analysis.run, limits.ranges
    if run.failure is not None or not analysis.aged:
        if run.failure is not None:
            yield Remark(State.UNKNOWN, run.failure.words)
        elif run.stopped is not None:
            after = to_words(run.stopped.after)
            words = f"own deadline reached while {run.stopped.stage}, after {after}"
            yield Remark(State.UNKNOWN, words, late=True)
        else:
            yield Remark(limits.no_data, _nothing(plan, run))
        yield from (ranges.reading(label, None)._replace(certain=State.OK) for label in _MEASURED)
        yield ranges.reading("series", 0 if run.failure is None else None)
    elif len(analysis.aged) == 1:
        (aged,) = analysis.aged
        findings = tuple(_findings(aged, plan, limits))
        yield from alone(Target(aged.series.name, "", findings))
        yield ranges.reading("series", 1)
    else:
        yield from _several(analysis, limits)
    yield Table((f"{plan.store} at {plan.url.partition('?')[0]}", f"asked for {plan.query}"), 1)
    yield Table(tuple(f"{each.series.name} {_said(each)}" for each in analysis.aged), 1)


_MEASURED = ("value", "age")


def _findings(aged: Aged, plan: Plan, limits: Limits) -> Iterator[Part]:
    """One series: a value that is too old is not judged by its limits."""
    trouble = _trouble(aged, plan)
    value = limits.ranges.reading("value", aged.series.value, _said(aged))
    age = limits.ranges.reading("age", aged.age)
    if trouble:
        yield Remark(State.UNKNOWN, trouble)
        yield value._replace(certain=State.OK, words="")
    else:
        yield value
    yield age if aged.age is not None else age._replace(certain=State.OK)


def _trouble(aged: Aged, plan: Plan) -> str:
    """Why a value is not to be judged."""
    if aged.age is None:
        if plan.store == "prometheus" or not plan.max_age:
            return ""  # its own rule: an expression sees no sample older than 5 minutes
        return "the value has no time of its own, as that of an aggregate; ask for last(...)"
    if aged.age < -_AHEAD:
        return f"the last value is {to_whole_words(-aged.age)} ahead of our clock"
    if plan.max_age and aged.age > plan.max_age:
        limit = to_whole_words(plan.max_age)
        return f"last value {to_whole_words(aged.age)} old, older than {limit}"
    return ""


def _said(aged: Aged) -> str:
    """The value and its age in words."""
    age = "" if aged.age is None else f", {to_whole_words(aged.age)} old"
    return f"{to_number(aged.series.value)}{age}"


def _nothing(plan: Plan, run: Run) -> str:
    """No data, and what that may mean."""
    if run.series:
        return f"no value in any of {len(run.series)} series"
    if plan.store == "graphite":
        past = to_whole_words(plan.window)
        return f"no data in the last {past}: unknown name, nothing stored, or a wrong target"
    return "no data: unknown name, or nothing stored"


def _several(analysis: Analysis, limits: Limits) -> Iterator[Finding]:
    plan, ranges = analysis.plan, limits.ranges
    lines = [
        _line(Target(each.series.name, "", tuple(_findings(each, plan, limits))))
        for each in analysis.aged
    ]
    yield from summarised(lines, Wording(trouble=_bad, well=_good))
    first = worst_first(lines)[0].target.name
    value = next(each.series.value for each in analysis.aged if each.series.name == first)
    ages = [each.age for each in analysis.aged if each.age is not None]
    judged = {"value": value, "age": max(ages) if ages else None}
    for label, number in judged.items():
        yield ranges.reading(label, number)._replace(certain=State.OK)  # the lines say it
    yield ranges.reading("series", len(lines))


def _line(target: Target) -> Line:
    """A series by its short name, with the limit that its value breaks."""
    stated = (part for part in target.findings if isinstance(part, Reading | Remark))
    worst = next(part for part in stated if part.state is target.state)
    name = shortened(screened(target.name), _NAME)
    return Line(target, name, target.state, words_of(worst))


def _bad(lines: Sequence[Line]) -> str:
    bad = [line for line in lines if line.state is not State.OK]
    return f"{len(bad)} of {len(lines)} series: {bad[0].name}: {bad[0].words}"


def _good(lines: Sequence[Line]) -> str:
    return f"{len(lines)} series, none beyond its limits"
