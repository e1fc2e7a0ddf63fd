"""Carries out the lines of a batch: joined where one engine can ask many targets, else alone."""

import os
import time

from bothsides.base.deadline import Deadline, Interrupted, arm, disarm
from bothsides.base.types import Callable, Iterator, NamedTuple, Sequence
from bothsides.check import deliveries
from bothsides.command.batch_engines import ENGINES, key
from bothsides.command.batch_lines import Order
from bothsides.export.exported import Rows, rows_of
from bothsides.export.schema import Origin
from bothsides.plugin.delivery import Deliver, Finished
from bothsides.plugin.main import Outcome, concluded, failed, perform, report_of
from bothsides.plugin.output import Report
from bothsides.plugin.parser import Namespace

_LANES = 4  # of one engine
_JUDGING = 0.005  # s for each line behind the measurement, on a busy host


class Unit(NamedTuple):
    """Lines that one run of an engine carries out."""

    places: tuple[int, ...]  # of the orders
    seconds: float  # that the run may take


class Done(NamedTuple):
    """What one line came to."""

    place: int  # of the order
    text: str  # the whole output
    code: int
    began: float  # s, UTC
    ended: float  # s, UTC
    rows: Rows
    note: str = ""  # for the batch's own lines


class Wish(NamedTuple):
    """Which rows are to be made."""

    origin: Origin
    style: str
    exports: bool  # False: none


def lanes(orders: Sequence[Order]) -> tuple[tuple[Unit, ...], ...]:
    """What can run at the same time; the units of one lane follow each other."""
    groups: dict[object, list[int]] = {}
    alone: list[tuple[Unit, ...]] = []
    for place, order in enumerate(orders):
        common = key(order)
        if common is None:
            seconds = order.options.timeout if order.options is not None else 1.0
            alone.append((Unit((place,), seconds),))
        else:
            groups.setdefault(common, []).append(place)
    engines: dict[str, list[Unit]] = {}
    for places in groups.values():
        first = orders[places[0]]
        engine, timeout = ENGINES[first.check.name], first.options.timeout if first.options else 0.0
        most = engine.most(first.plan)
        for start in range(0, len(places), most):
            part = tuple(places[start : start + most])
            unit = Unit(part, engine.seconds(len(part), timeout))
            engines.setdefault(first.check.name, []).append(unit)
    return (*(lane for units in engines.values() for lane in _side_by_side(units)), *alone)


def _side_by_side(units: Sequence[Unit]) -> Iterator[tuple[Unit, ...]]:
    """One lane; of many units, which mostly wait, one for each core."""
    most = min(os.cpu_count() or 1, _LANES, 1 + len(units) // _LANES)
    for first in range(most):
        yield tuple(units[first::most])


def carried_out(unit: Unit, orders: Sequence[Order], wish: Wish) -> Iterator[Done]:
    """The results of a unit. A measurement that cannot be joined is made line by line."""
    if len(unit.places) == 1:
        yield _alone(unit.places[0], orders[unit.places[0]], wish)
        return
    try:
        done = list(_joined(unit, orders, wish))
    except Exception as fault:
        name = orders[unit.places[0]].line.program
        why = f"{type(fault).__name__}: {fault}"
        note = f"{len(unit.places)} lines of {name} ran one by one: {why}"
        for place in unit.places:
            yield _alone(place, orders[place], wish)._replace(note=note)
    else:
        yield from done


def _alone(place: int, order: Order, wish: Wish) -> Done:
    """The result of a line whose run is its own."""
    deadline = Deadline(order.options.timeout if order.options is not None else 1.0)
    caught: list[Finished] = []
    arm(deadline)
    began = time.time()
    try:
        report = perform(order.check, order.line.words, deadline, _catching(caught))
    except Interrupted as cause:
        report = Report(f"{order.check.name} UNKNOWN - interrupted by {cause}\n", 3)
    disarm()
    rows = Rows()
    if caught and wish.exports:
        rows = rows_of(caught[0], wish.origin, wish.style)
    return Done(place, report.text, report.code, began, time.time(), rows)


def _catching(caught: list[Finished]) -> Callable[[Namespace], Deliver]:
    """Keeps the finished run, and delivers what the line itself asks for."""

    def prepare(options: Namespace) -> Deliver:
        own = deliveries(options)

        def deliver(finished: Finished, seconds: float) -> Iterator[str]:
            caught.append(finished)
            yield from own(finished, seconds) if own is not None else ()

        return deliver

    return prepare


def _joined(unit: Unit, orders: Sequence[Order], wish: Wish) -> Iterator[Done]:
    """The results of lines that one run of the engine measures."""
    first = orders[unit.places[0]]
    check, engine = first.check, ENGINES[first.check.name]
    assert first.options is not None  # or it would run alone
    timeout = first.options.timeout
    plan = engine.joined([orders[place].plan for place in unit.places], timeout)
    deadline = Deadline(unit.seconds)
    arm(Deadline(unit.seconds + 1.0 + _JUDGING * len(unit.places)))
    began = time.time()
    run = check.measure(plan, check.recall(first.options, plan), deadline)
    measured = time.time()
    part_of = engine.parts(run)
    for place in unit.places:
        order = orders[place]
        assert order.options is not None
        try:
            past = check.recall(order.options, order.plan)
            measurement = (order.plan, part_of(order.plan), past)
            outcome = concluded(check, order.options, order.limits, measurement, deadline)
        except (Interrupted, Exception) as fault:
            outcome = Outcome("", failed(order.options, deadline, fault))
        report = report_of(check, order.options, outcome, plain=True)
        rows = _rows(order, outcome, report, (began, measured), wish)
        yield Done(place, report.text, report.code, began, measured, rows)
    disarm()


def _rows(
    order: Order, outcome: Outcome, report: Report, times: tuple[float, float], wish: Wish
) -> Rows:
    if not wish.exports or order.options is None:
        return Rows()
    subject, findings, _, analysis = outcome
    name, options = order.check.name, order.options
    finished = Finished(name, options, subject, findings, analysis, report, *times)
    return rows_of(finished, wish.origin, wish.style)
