"""A delivery changes nothing but the long output, whatever it meets."""

from collections.abc import Iterable

import pytest

from bothsides.base.deadline import Deadline, Interrupted
from bothsides.plugin.delivery import Finished, delivered
from bothsides.plugin.output import Report
from bothsides.plugin.parser import Namespace

FINISHED = Finished("UDP_LOSS", Namespace(), "x", (), None, Report("X OK\n", 0), 1.0, 2.0)


def test_its_lines_are_handed_on() -> None:
    assert delivered(lambda finished, seconds: ("a", "b"), FINISHED, Deadline(5)) == ("a", "b")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (RuntimeError("broken"), "results not delivered: RuntimeError: broken"),
        (Interrupted("deadline"), "results not delivered: own deadline reached"),
        (Interrupted("SIGTERM"), "results not delivered: interrupted by SIGTERM"),
    ],
)
def test_whatever_it_raises_becomes_one_line(fault: BaseException, words: str) -> None:
    def deliver(finished: Finished, seconds: float) -> Iterable[str]:
        yield "first"
        raise fault

    (line,) = delivered(deliver, FINISHED, Deadline(5))
    assert line.startswith(words)


def test_a_run_that_took_all_of_its_time_leaves_a_tenth_of_a_second() -> None:
    given: list[float] = []

    def deliver(finished: Finished, seconds: float) -> Iterable[str]:
        given.append(seconds)
        return ()

    for budget in (0.0, 5.0):
        delivered(deliver, FINISHED, Deadline(budget))
    assert given[0] == pytest.approx(0.12)
    assert 4.5 < given[1] < 5
