"""What is printed: line 1, long output, perfdata, JSON and their budgets."""

import errno
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse.perfdata import from_perfdata
from bothsides.parse.range import from_range
from bothsides.plugin.finding import Figure, Finding, Ranges, Remark, State, Table, Target
from bothsides.plugin.output import Report, Style, brief, render, unreported
from bothsides.plugin.text import LINE

RTA = Figure("rta", "s", "mean round trip")
PL = Figure("pl", "%", "loss", 0, 100)
FIGURES = (RTA, PL)
LIMITS = Ranges(
    FIGURES,
    {"rta": from_range("0.1"), "pl": from_range("5")},
    {"rta": from_range("0.2"), "pl": from_range("15")},
)


def shown(*findings: Finding, **style: Any) -> Report:
    return render("UDP_LOSS", "10.0.0.2", findings, FIGURES, Style(**style))


def test_line_one_says_state_target_value_and_limit_of_the_worst_finding() -> None:
    report = shown(
        LIMITS.reading("rta", 0.15, "rta 150 ms"), LIMITS.reading("pl", 28, "lost 28 of 100")
    )
    assert report == Report(
        "UDP_LOSS CRITICAL - 10.0.0.2: lost 28 of 100, above 15 % | rta=0.15s;0.1;0.2;0"
        " pl=28%;5;15;0;100\n"
        "[WARNING] rta 150 ms, above 100 ms\n",
        2,
    )


def test_all_well_is_told_by_the_first_words() -> None:
    report = shown(
        Remark(State.OK, "lost 0 of 100"),
        LIMITS.reading("rta", 0.001, "rta 1 ms"),
        LIMITS.reading("pl", 0.0, ""),
    )
    assert report.text.startswith(
        "UDP_LOSS OK - 10.0.0.2: lost 0 of 100 | rta=0.001s;0.1;0.2;0 pl=0%;5;15;0;100\n"
    )
    assert "[OK] rta 1 ms\n" in report.text
    assert report.code == 0


def test_unknown_never_hides_critical() -> None:
    assert shown(Remark(State.UNKNOWN, "no stamps"), Remark(State.CRITICAL, "dead")).code == 2


def test_nothing_measured_is_never_ok() -> None:
    assert (
        shown().text == "UDP_LOSS UNKNOWN - 10.0.0.2: nothing measured | rta=U;;;0 pl=U;;;0;100\n"
    )
    assert shown(LIMITS.reading("rta", None, "")).code == 3


def test_a_figure_that_was_not_measured_repeats_nothing_below_its_cause() -> None:
    report = shown(
        Remark(State.UNKNOWN, "no such name"),
        LIMITS.reading("rta", None, ""),
        LIMITS.reading("pl", None, ""),
    )
    assert (
        report.text
        == "UDP_LOSS UNKNOWN - 10.0.0.2: no such name | rta=U;0.1;0.2;0 pl=U;5;15;0;100\n"
    )
    alone = shown(Remark(State.OK, "all well"), LIMITS.reading("rta", None, ""))
    assert alone.text.startswith(
        "UDP_LOSS UNKNOWN - 10.0.0.2: rta was not measured, but has a limit | "
    )


@pytest.mark.parametrize("missing", ["U", "omit"])
def test_labels_and_order_are_the_same_whatever_was_measured(missing: str) -> None:
    some = shown(Remark(State.OK, "x"), LIMITS.reading("pl", 0.0, ""), missing=missing).text
    labels = [figure.label for figure in from_perfdata(some.partition("|")[2].partition("\n")[0])]
    assert labels == (["rta", "pl"] if missing == "U" else ["pl"])


def test_tables_come_with_verbosity_and_change_neither_state_nor_perfdata() -> None:
    findings = (Remark(State.OK, "x"), Table(("per flow",), 1), Table(("samples",), 2))
    texts = [shown(*findings, verbosity=level).text for level in range(4)]
    assert [("per flow" in text, "samples" in text) for text in texts] == [
        (False, False),
        (True, False),
        (True, True),
        (True, True),
    ]
    assert len({text.partition("\n")[0] for text in texts}) == 1


def test_a_strangers_words_cannot_break_the_output() -> None:
    hostile = "a|b;c'd\"e`f<script>\n\r\0\x1b[31m\u00e9 =1 | x=1"
    report = shown(Remark(State.WARNING, hostile), Table((hostile,), 0))
    assert report.text.count("|") == 1
    assert re.fullmatch(r"[ -~]*", report.text.partition("\n")[0])
    assert not set(report.text) & set("\r\0\x1b<>\"'`;") - {";"}


def test_limits_are_plain_numbers_wherever_they_mean_the_same() -> None:
    limits = Ranges(
        FIGURES,
        {"rta": from_range("~:0.1"), "pl": from_range("1:5")},
        {"rta": from_range("@0.2:0.3"), "pl": from_range("2:")},
    )
    line = shown(limits.reading("rta", 0.05, ""), limits.reading("pl", 3.0, "")).text.partition(
        "\n"
    )[0]
    assert line.endswith("| rta=0.05s;0.1;@0.2:0.3;0 pl=3%;1:5;2:;0;100")


def test_exit_ok_still_tells_the_state() -> None:
    report = shown(Remark(State.CRITICAL, "dead"), exit_ok=True)
    assert report.code == 0
    assert report.text.startswith("UDP_LOSS CRITICAL - ")


def test_colour_marks_states_and_nothing_else() -> None:
    plain, coloured = (
        shown(
            Remark(State.OK, "a"), Remark(State.WARNING, "b"), Remark(State.OK, "c"), colour=c
        ).text
        for c in (False, True)
    )
    assert re.sub(r"\x1b\[[0-9]+m", "", coloured) == plain
    assert coloured.partition("\n")[0] == plain.partition("\n")[0]


def test_a_usage_error_spells_a_range_as_it_must_be_typed() -> None:
    assert (
        brief("HTTPS", "write it as ~:10; or 5:10").text
        == "HTTPS UNKNOWN - write it as ~:10, or 5:10\n"
    )


def test_a_brief_line_is_short_and_clean() -> None:
    report = brief("HTTPS", "x|y\n" * 500)
    assert report.code == 3
    assert report.text.count("\n") == 1
    assert "|" not in report.text
    assert len(report.text) < LINE


_words = st.text(max_size=300)
_figures = st.lists(
    st.from_regex(r"[a-z][a-z0-9_]{0,18}", fullmatch=True), min_size=1, max_size=90, unique=True
)


@given(_words, _words, _figures, st.floats(), st.integers(0, 3))
def test_line_one_fits_whatever_happens(
    subject: str, words: str, labels: list[str], value: float, verbosity: int
) -> None:
    figures = tuple(Figure(label, "s", "", 0, 1e15) for label in labels)
    limits = Ranges(figures, {label: from_range("0.123456:123456789") for label in labels}, {})
    findings: list[Finding] = [
        Remark(State.WARNING, words),
        *(limits.reading(label, value) for label in labels),
    ]
    text = render("UDP_LOSS", subject, findings, figures, Style(verbosity)).text
    line = text.partition("\n")[0]
    assert len(line.encode()) <= LINE
    assert len(line.partition("|")[0]) <= 161
    assert text.count("|") == 1
    from_perfdata(line.partition("|")[2])


def test_long_output_stays_below_what_nrpe_carries() -> None:
    text = shown(Remark(State.OK, "x"), Table(("y" * 100,) * 10000, 0)).text
    assert len(text) < 62000
    assert text.rstrip().endswith("more lines")


def test_targets_change_nothing_in_the_text() -> None:
    summary = Remark(State.OK, "all 2 targets answer")
    target = Target("a", "192.0.2.1", (Remark(State.CRITICAL, "dead"), Table(("t",), 0)))
    assert shown(summary, target) == shown(summary)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            OSError(errno.EMFILE, "Too many open files"),
            "this host has too few resources for a check: Too many open files",
        ),
        (MemoryError(), "this host has too few resources for a check: out of memory"),
        (ValueError("odd"), "internal error, please report: ValueError: odd"),
    ],
)
def test_a_report_that_cannot_be_made_is_one_line_of_unknown(fault: Exception, words: str) -> None:
    assert unreported("FILE", fault) == (f"FILE UNKNOWN - {words}\n", 3)
