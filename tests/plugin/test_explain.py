"""The inside of a run, and the place of a bug."""

from bothsides.plugin.explain import bug, explained
from bothsides.plugin.finding import Figure, Finding, Reading, Remark, State, Table
from tests.plugin.test_main import Plan, Run


def raised() -> Exception:
    """An exception that has a place."""
    try:
        raise KeyError("x")
    except KeyError as fault:
        return fault


def test_plan_run_and_findings_are_shown_as_they_are() -> None:
    findings: list[Finding] = [
        Remark(State.WARNING, "slow"),
        Reading(Figure("size", "B", ""), 7, "7 octets"),
        Table(("x",)),
    ]
    table = explained(Plan("/x"), Run("/x", 7), findings)
    assert table.verbosity == 0
    assert [line for line in table.lines if not line.startswith((" ", "{", "}"))] == [
        "Plan:",
        "Run:",
        "Findings:",
        "WARNING slow",
        "OK 7 octets",
    ]
    assert ' "size": 7,' in table.lines


def test_a_bug_is_named_with_its_place() -> None:
    remark, trace = bug(raised(), None)
    assert isinstance(remark, Remark)
    assert remark.state is State.UNKNOWN
    assert remark.words.startswith(
        "internal error, please report: KeyError: 'x' in test_explain.py"
    )
    assert isinstance(trace, Table)
    assert (trace.verbosity, trace.lines[0]) == (3, "Traceback (most recent call last):")


def test_an_exception_without_a_place_is_named_too() -> None:
    remark, _ = bug(ValueError("x"), None)
    assert remark == Remark(State.UNKNOWN, "internal error, please report: ValueError: x")


def test_what_a_changed_record_causes_is_no_bug() -> None:
    remark, _ = bug(raised(), "r.json")
    assert isinstance(remark, Remark)
    assert remark.words.startswith(
        "r.json does not fit together: no measurement leaves such values"
    )
