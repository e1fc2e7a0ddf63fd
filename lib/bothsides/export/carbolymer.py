"""The rows of a path as carbolymer's mtr-monitor dashboard reads them: a measurement for each host.

    8.8.8.8,destination=8.8.8.8,hop=01-192.0.2.1 avg=0.5,best=0.5,last=0.5,loss=0,snt=30i,...

Milliseconds and percent, the time when the run ended. That dashboard takes every measurement of its
database for a host, so these points need a database of their own.
"""

from bothsides.base.types import Sequence
from bothsides.export.path_rows import HopRow
from bothsides.export.point import Point, Value

_MS = 1000.0


def host_points(rows: Sequence[HopRow], target: str, ended: int) -> tuple[Point, ...]:
    """A point for each row. ended: when the run ended, ns UTC."""
    return tuple(
        Point(
            measurement=target,
            tags=(("destination", target), ("hop", f"{row.hop:02d}-{row.address or '???'}")),
            fields=_fields(row),
            at=ended,
        )
        for row in rows
    )


def _fields(row: HopRow) -> tuple[tuple[str, Value], ...]:
    """The report's columns; a silent hop has times of 0 there, as in the report itself."""
    return (
        ("avg", (row.rtt_avg or 0.0) * _MS),
        ("best", (row.rtt_min or 0.0) * _MS),
        ("last", (row.rtt_last or 0.0) * _MS),
        ("loss", 100.0 * row.lost / row.sent if row.sent else 0.0),
        ("snt", row.sent),
        ("stdev", (row.rtt_stddev or 0.0) * _MS),
        ("wrst", (row.rtt_max or 0.0) * _MS),
    )
