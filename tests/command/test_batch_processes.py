"""Lanes run side by side; one that dies or hangs costs its own lines alone."""

import os
import time
from collections.abc import Iterator

import pytest

from bothsides.check.udp_loss.check import CHECK
from bothsides.command import batch_processes
from bothsides.command.batch_lines import Line, Order
from bothsides.command.batch_processes import results
from bothsides.command.batch_run import Done, Unit, Wish
from bothsides.export.exported import Rows
from bothsides.export.schema import Origin
from tests.export.samples import EVENT, run_points
from tests.support.stopwatch import Stopwatch

WISH = Wish(Origin("mon1"), "bothsides", exports=True)
ORDERS = tuple(Order(Line(n, f"h{n}", "s", "check_udp_loss", ()), CHECK) for n in range(6))
ROWS = Rows(run_points(), (EVENT,))


def made(place: int) -> Done:
    return Done(place, f"X OK - {place}\n" + "long " * 20000, 0, 1.0, 2.0, ROWS)


def carried_out(unit: Unit, orders: object, wish: object) -> Iterator[Done]:
    """Place 3 crashes its process, place 4 hangs."""
    for place in unit.places:
        if place == 3:
            os.kill(os.getpid(), 9)
        if place == 4:
            time.sleep(60)
        yield made(place)


@pytest.fixture(autouse=True)
def replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_processes, "carried_out", carried_out)
    monkeypatch.setattr(batch_processes, "_GRACE", 0.2)


def test_results_come_whole_with_their_rows() -> None:
    lanes = [[Unit((0,), 5.0), Unit((1,), 5.0)], [Unit((2,), 5.0)]]
    assert sorted(results(lanes, ORDERS, WISH)) == [made(0), made(1), made(2)]


def test_a_crash_is_told_for_its_own_lines() -> None:
    lanes = [[Unit((0,), 5.0), Unit((3,), 5.0)], [Unit((2,), 5.0)]]
    first, second, third = sorted(results(lanes, ORDERS, WISH))
    assert (first, second) == (made(0), made(2))
    assert (third.place, third.code) == (3, 3)
    assert third.text == "UDP_LOSS UNKNOWN - the process that ran the check ended by signal 9\n"


def test_a_lane_that_hangs_is_ended() -> None:
    watch = Stopwatch()
    lanes = [[Unit((4,), 0.2)], [Unit((0,), 5.0)]]
    good, late = sorted(results(lanes, ORDERS, WISH))
    assert good == made(0)
    assert "did not end in time" in late.text
    assert watch.seconds < 5


def test_more_lanes_than_run_at_once_all_come() -> None:
    lanes = [[Unit((place,), 5.0)] for place in range(3)] * 20
    assert len(list(results(lanes, ORDERS, WISH))) == 60
