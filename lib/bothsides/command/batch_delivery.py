"""Delivers the results of a batch, the first of them while others are still measured.

A place that refuses or is slow gets the rest at the end, so that it holds up neither the
measurement nor another place.
"""

import time

from bothsides.base.types import TYPE_CHECKING, NamedTuple, Sequence
from bothsides.command.batch_lines import Order
from bothsides.command.batch_run import Done
from bothsides.export.deliver import export
from bothsides.export.destination import Destination
from bothsides.export.passive import Result, from_report
from bothsides.export.point import Event, Point
from bothsides.export.submit import submit
from bothsides.plugin.output import Report

if TYPE_CHECKING:
    from bothsides.check.delivery import Destinations

_PAUSE = 1.0  # s between two deliveries while lines are still measured
_QUICK = 0.5  # s; a place that took longer waits until the end


class Delivered(NamedTuple):
    """What became of the results."""

    number: int  # that were taken, at the place that took fewest
    lines: tuple[str, ...]  # why others were not


class _Place:
    """One monitoring server, and what it has taken."""

    def __init__(self, destination: Destination, seconds: float) -> None:
        self.destination = destination
        self.left = seconds  # for all deliveries together
        self.waiting: list[Result] = []  # not handed over yet
        self.earlier: list[Result] = []  # handed over; a part may wait in the spool
        self.taken = 0
        self.quick = True
        self.lines: dict[str, None] = {}


class Delivery:
    """Takes the results one by one, and delivers them to all places."""

    def __init__(
        self, orders: Sequence[Order], places: "Destinations", seconds: float, ttl: float
    ) -> None:
        """seconds: for each place; ttl: see export/icinga_api.py."""
        self._orders, self._all, self._ttl = orders, places, ttl
        self._seconds = seconds
        self._places = [_Place(each, seconds) for each in places.submits]
        self._points: list[Point] = []
        self._events: list[Event] = []
        self._last = time.monotonic()
        self._total = 0

    def take(self, done: Done) -> None:
        """Keeps one result for the next delivery."""
        line = self._orders[done.place].line
        report = Report(done.text, done.code)
        result = from_report(line.host, line.service, report, done.began, done.ended)
        self._total += 1
        self._points += done.rows.points
        self._events += done.rows.events
        for place in self._places:
            place.waiting.append(result)

    def deliver(self) -> None:
        """Delivers what has come, at most once a second; for whoever waits for the rest."""
        if time.monotonic() >= self._last + _PAUSE:
            for place in self._places:
                if place.quick and place.waiting:
                    self._deliver(place)
            self._last = time.monotonic()

    def finish(self) -> Delivered:
        """Delivers the rest, and the rows of all lines."""
        lines: list[str] = []
        taken = [self._total]
        for place in self._places:
            if place.waiting or not place.quick:
                self._deliver(place)
            taken.append(place.taken)
            lines += place.lines
        for destination in self._all.exports:
            troubles = export(
                destination, self._points, self._events, self._all.means, self._seconds
            )
            taken.append(0 if troubles and not self._places else self._total)
            lines += troubles
        return Delivered(min(taken), tuple(lines))

    def _deliver(self, place: _Place) -> None:
        began = time.monotonic()
        results, place.waiting = place.waiting, []
        submission = submit(
            place.destination,
            results,
            self._all.means,
            place.left,
            self._all.origin.source,
            self._ttl,
            place.earlier,
        )
        spent = time.monotonic() - began
        place.left = max(0.0, place.left - spent)
        place.earlier += results
        place.taken += submission.taken
        # what waits now takes the place of what waited before
        before = (line for line in place.lines if not line.startswith("not taken by "))
        place.lines = dict.fromkeys([*before, *submission.lines])
        place.quick = spent < _QUICK and not submission.lines
