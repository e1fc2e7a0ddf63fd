"""Two hours of rows of every check, as exports would have stored them.

For dashboards and consoles.
"""

from collections.abc import Iterator
from typing import NamedTuple

from bothsides.command.export_history import path_run
from bothsides.export.mesh_rows import PairRow, pair_point
from bothsides.export.point import Event, Point
from bothsides.export.schema import Origin, points
from bothsides.export.stored_path import change, rows
from bothsides.plugin.finding import Figure, Reading, Target
from tests.export.history import stored
from tests.export.samples import CLOCK, HTTPS, UDP

STEP = 120  # s between two runs
RUNS = 60
ORIGIN = Origin("mon1", "office-to-aws")


class Stored(NamedTuple):
    """All rows and events."""

    points: tuple[Point, ...]
    events: tuple[Event, ...]


def two_hours(until: int) -> Stored:
    """Until: s since 1970; the last run began two minutes before."""
    made: list[Point] = []
    events: list[Event] = []
    before = None
    for number in range(RUNS):
        at = until - (RUNS - number) * STEP
        run = path_run(stored(number, float(at)))
        made += rows(run, ORIGIN)
        if before is not None and (event := change(before, run, ORIGIN)) is not None:
            events.append(event)
        before = run
        made += _others(number, at)
    return Stored(tuple(made), tuple(events))


def _others(number: int, at: int) -> Iterator[Point]:
    for target in ("db1", "db2"):
        whole = (Reading(Figure("pl_back", "%", ""), float(number % 3), ""),)
        tail = (Reading(Figure("rtp95", "s", ""), 0.03, ""),)
        udp = UDP._replace(name=target, findings=(*UDP.findings, *whole, *tail))
        yield from points("UDP_LOSS", _plain(udp), ORIGIN, at * 10**9)
        yield pair_point(
            PairRow(target, "fra", at, 1200, number % 5, 0, number % 5, 0, 1, 2, 9), ORIGIN
        )
    yield from points("HTTPS", HTTPS, ORIGIN, at * 10**9, url="https://www.example.org/")
    yield from points("SNMP_CLOCK", CLOCK, ORIGIN, at * 10**9)


def _plain(target: Target) -> Target:
    """Without what the sample has twice."""
    known = {part.figure.label: part for part in target.findings if isinstance(part, Reading)}
    return target._replace(findings=tuple(known.values()))
