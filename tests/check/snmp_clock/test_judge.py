"""Findings about a whole run: one host or many."""

from bothsides.model.clock import Run
from bothsides.model.failure import Failure
from bothsides.model.local_clock import LocalClock
from bothsides.plugin.finding import Remark, State, Target
from tests.support.clocks import GOOD, findings, host, judged, named, remarks, sample


def test_one_host_has_its_report_first_and_its_findings_behind_it() -> None:
    asked = host(sample(0.0))
    report, *rest = findings(asked)
    assert report == Target(asked.name, asked.address, tuple(rest))


def test_what_is_wrong_with_our_clock_is_said_once_about_many_hosts() -> None:
    found = remarks(findings(named("a", 0.0), named("b", 0.0), local=LocalClock(None)))
    assert [words for _, words in found if words.startswith("our own clock is not")] == [
        "our own clock is not synchronised (its error is unknown)"
    ]


def test_our_clock_does_not_matter_where_nobody_answered() -> None:
    silent = host(failure=Failure("server", "no answer"))
    found = remarks(findings(silent, silent._replace(name="b"), local=LocalClock(None)))
    assert [state for state, _ in found] == [State.UNKNOWN] * 3
    assert not any("our own clock" in words for _, words in found)


def test_a_failure_is_late_where_the_run_was_stopped() -> None:
    from bothsides.base.deadline import Stop

    silent = host(failure=Failure("server", "no answer"))
    run = Run("web1", (silent,), GOOD, stopped=Stop("deadline", "waiting", 8.0))
    assert Remark(State.UNKNOWN, "no answer (192.0.2.7)", late=True) in judged(run)
