"""Earlier runs, and how a run is remembered."""

from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.https import Analysis, analyse
from bothsides.analyse.https_past import (
    CONTENT,
    Try,
    Window,
    commonest,
    failed_in,
    to_past_run,
)
from bothsides.model.failure import Failure
from bothsides.model.https import Past, PastRun, Plan, Run, Visit
from tests.support.https import BAD, DAY, GOOD, NOW, URL, at


def analysed(*visits: Visit, past: Past | None = None) -> Analysis:
    return analyse(Plan((URL,)), Run(NOW, visits, planned=len(visits)), past or Past())


def test_only_the_runs_of_the_window_before_this_one_count() -> None:
    runs = (
        PastRun(NOW - 2 * DAY, 100, 100, ("tls",) * 100, 100),
        PastRun(NOW - DAY, 5, 1, ("dns",)),
        PastRun(NOW - 1, 7, 0),
        PastRun(NOW, 50, 50),
        PastRun(NOW + 60, 50, 50),
    )
    window = analysed(GOOD, past=Past("ro", window=DAY, runs=runs)).window
    assert window == Window(12, 1, DAY, ("dns",))


def test_nothing_remembered_and_nothing_readable_are_told_apart() -> None:
    assert analysed(GOOD).window is None
    broken = analysed(GOOD, past=Past("rw", window=DAY, problem="is broken")).window
    assert broken == Window(0, 0, DAY, problem="is broken")


def test_an_outage_prolongs_only_its_first_failure() -> None:
    downs = ((5, 0), (5, 5), (5, 5), (5, 0), (5, 1), (0, 0), (5, 1))
    runs = tuple(
        PastRun(NOW - 100 + number, tries, down, ("tls",) * down, down)
        for number, (tries, down) in enumerate(downs)
    )
    window = analysed(GOOD, past=Past("ro", runs=runs)).window
    # 5 + 5 are one failure, and a run without tries of its own does not end an outage.
    assert window is not None
    assert (window.failed, window.prolonged) == (12, 4 + 5 + 1)


def test_a_failure_is_remembered_by_its_phase_and_an_answer_that_is_wrong_by_none() -> None:
    assert failed_in(BAD) == "tls"
    assert failed_in(GOOD) == CONTENT


@given(st.lists(st.sampled_from(["tls", "dns", "connect"])))
def test_the_commonest_phase_is_one_of_those_that_occur_most(phases: list[str]) -> None:
    phase = commonest(phases)
    assert (
        phase == "an unknown phase"
        if not phases
        else phases.count(phase) == max(map(phases.count, phases))
    )


def test_our_own_failures_are_no_tries_and_a_target_with_one_good_try_is_not_down() -> None:
    ours = BAD._replace(failure=Failure("local", "our resolver"))
    other = at(BAD, "https://a.test/")
    tries = (
        Try(GOOD, False, True),
        Try(BAD, True, True),
        Try(ours, False, False),
        Try(other, True, True),
        Try(other, True, True),
    )
    assert to_past_run(tries, NOW) == PastRun(NOW, 4, 3, ("tls",) * 3, down=2)
    assert to_past_run((), NOW) == PastRun(NOW, 0, 0)
