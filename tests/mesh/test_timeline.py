"""Slices of time: boundaries, late ticks, and a clock that is set."""

import pytest

from bothsides.mesh.timeline import Span, Timeline

BILLION = 1_000_000_000
WALL = 1_700_000_000 * BILLION  # a multiple of 5 s


def ticked(line: Timeline, seconds: float, late: float = 0.0, moved: float = 0.0) -> list[Span]:
    """The slices that a tick at this time ends; moved: s by which UTC was set."""
    return line.tick(WALL + round((seconds + moved) * BILLION), seconds, seconds - late)


def test_a_slice_is_a_multiple_of_its_length_in_utc() -> None:
    line = Timeline(5.0, WALL + 2 * BILLION, 2.0)
    assert ticked(line, 4.99) == []
    (first,) = ticked(line, 5.003)
    assert first == Span(
        WALL // BILLION, WALL + 2 * BILLION, WALL + 5 * BILLION, 0.0, stepped=False
    )
    (second,) = ticked(line, 10.0)
    assert (second.begin, second.end) == (WALL + 5 * BILLION, WALL + 10 * BILLION)
    assert second.at == WALL // BILLION + 5


def test_a_stop_of_many_seconds_ends_every_slice_in_it_and_marks_the_time() -> None:
    line = Timeline(5.0, WALL, 0.0)
    ticked(line, 3.0)
    spans = ticked(line, 13.0, late=10.0)
    assert [(span.at - WALL // BILLION, span.stalled) for span in spans] == [(0, 2.0), (5, 5.0)]
    assert ticked(line, 15.0)[0].stalled == pytest.approx(2.95)  # the last 50 ms are made up for


def test_a_tick_that_is_a_little_late_takes_nothing_away() -> None:
    line = Timeline(5.0, WALL, 0.0)
    ticked(line, 3.0, late=0.04)
    assert ticked(line, 5.0)[0].stalled == 0


def test_a_clock_that_is_set_ends_the_slice_and_marks_both_sides() -> None:
    for moved in (100.0, -100.0, 1.0, -1.0, 0.03):
        line = Timeline(5.0, WALL, 0.0)
        ticked(line, 1.0)
        (before,) = ticked(line, 2.0, moved=moved)[:1]
        assert before.stepped
        assert before.end == WALL + 2 * BILLION  # by the time that it had
        rest = []
        for tick in range(201, 2000):
            rest += ticked(line, tick / 100, moved=moved)
        assert [span.stepped for span in rest[:3]] == [True, False, False], moved
        assert all(span.end % (5 * BILLION) == 0 for span in rest)
        assert line.steps == 1


def test_a_clock_that_is_slewed_is_not_set() -> None:
    line = Timeline(5.0, WALL, 0.0)
    for tick in range(1, 1000):  # 500 ppm
        ticked(line, tick / 50, moved=tick / 50 * 500e-6)
    assert line.steps == 0
