"""Turns the findings about one target into points: names, types and units as stores keep them.

Names and types are a contract: a field that was an integer once stays one, since a store refuses
the other type for ever. Seconds, and ratios from 0 to 1; what was not measured is left out.
"""

from bothsides.base.types import Literal, Mapping, NamedTuple, Sequence
from bothsides.export.point import Point, Value
from bothsides.parse import Unreadable
from bothsides.plugin.finding import Reading, State, Target

_STATES = {State.OK: 0, State.WARNING: 1, State.CRITICAL: 2, State.UNKNOWN: 3}
_PERCENT = 0.01


class Origin(NamedTuple):
    """Who measured, the same for all points of a run."""

    source: str  # short name of the measuring host
    route: str = ""  # <from>-to-<dest>, where there is such a name


class Measured(NamedTuple):
    """What the rows of a run are made of."""

    targets: Sequence[Target]  # the report on each
    origin: Origin
    style: str  # bothsides, packets or carbolymer
    began: int  # ns, UTC: for a target that has no time of its own
    duration: float  # s, of the whole run


class Column(NamedTuple):
    """One field of a measurement: where the value comes from and what type it has."""

    field: str
    kind: Literal["int", "float", "text"] = "float"
    label: str = ""  # of the performance data; "" when only `more` may carry it
    scale: float = 1.0  # by which the figure is multiplied


# Only ever append: dashboards and the types in the stores hang on it.
COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "bothsides_udp": (
        Column("sent", "int", "sent"),
        Column("received", "int", "recv"),
        Column("loss", "float", "pl", _PERCENT),
        Column("loss_low"),
        Column("loss_high"),
        Column("loss_out", "float", "pl_out", _PERCENT),
        Column("loss_back", "float", "pl_back", _PERCENT),
        Column("rtt_avg", "float", "rta"),
        Column("rtt_min", "float", "rtmin"),
        Column("rtt_median", "float", "rtmedian"),
        Column("rtt_p95", "float", "rtp95"),
        Column("rtt_max", "float", "rtmax"),
        Column("jitter", "float", "jitter"),
        Column("run_duration"),
    ),
    "bothsides_path": (
        Column("hops", "int", "hops"),
        Column("changed", "int", "path_changed"),
        Column("path_id", "text"),
        Column("loss", "float", "pl", _PERCENT),
        Column("rtt_avg", "float", "rta"),
        Column("path_age", "float", "path_age"),
        Column("run_duration"),
    ),
    "bothsides_https": (
        Column("status", "int", "http_status"),
        Column("duration", "float", "time"),
        Column("size", "int", "size"),
        Column("cert_days", "float", "cert_days"),
        Column("chain_days", "float", "chain_days"),
        Column("run_duration"),
    ),
    "bothsides_clock": (
        Column("offset", "float", "offset"),
        Column("uncertainty", "float", "uncertainty"),
        Column("rtt", "float", "rtt"),
        Column("run_duration"),
    ),
}
MEASUREMENTS = {
    "UDP_LOSS": "bothsides_udp",
    "MTR_PATH": "bothsides_path",
    "HTTPS": "bothsides_https",
    "SNMP_CLOCK": "bothsides_clock",
}
PHASES = ("dns", "connect", "proxy", "tls", "server", "transfer")


class PacketRow(NamedTuple):
    """One packet, for those who ask for each of them."""

    flow: int
    sequence: int  # counts from 0 in each flow
    sent: int  # ns, UTC
    rtt: float | None  # s; None: lost
    out: float | None  # s, one-way delay forward; None where the clocks do not tell


def points(
    check: str,
    target: Target,
    origin: Origin,
    at: int,
    url: str = "",
    address: str = "",
    more: Mapping[str, Value] | None = None,
) -> tuple[Point, ...]:
    """All points of one target's run, but for its hops and packets.

    check: the check's name, as in "UDP_LOSS"; at: when the run began, ns UTC; address: where each
    address of a name was asked; more: fields that no figure carries, such as loss_low.
    Raises Unreadable for a check or a field that has no place.
    """
    measurement = MEASUREMENTS.get(check)
    if measurement is None:
        raise Unreadable(f"{check} has no place in an export; known: {', '.join(MEASUREMENTS)}")
    columns = COLUMNS[measurement]
    known = {column.field for column in columns}
    for name in more or {}:
        if name not in known:
            raise Unreadable(
                f"{measurement} has no field {name}; known: {', '.join(sorted(known))}"
            )
    readings = {
        finding.figure.label: finding.value
        for finding in target.findings
        if isinstance(finding, Reading) and finding.measured
    }
    about = tuple((name, value) for name, value in (("url", url), ("address", address)) if value)
    tags = (*tags_of(origin, target.name), *about)
    fields: list[tuple[str, Value]] = [("state", _STATES[target.state])]
    for column in columns:
        value = _value(column, readings, more or {})
        if value is not None:
            fields.append((column.field, value))
    first = Point(measurement, tags, tuple(fields), at)
    return (first, *_phases(readings, tags, at)) if check == "HTTPS" else (first,)


def packet_points(rows: tuple[PacketRow, ...], target: str, origin: Origin) -> tuple[Point, ...]:
    """A point for each packet, at the time when it was sent."""
    return tuple(
        Point(
            measurement="bothsides_udp_packet",
            tags=(*tags_of(origin, target), ("flow", str(row.flow))),
            fields=tuple(
                (name, value)
                for name, value in (
                    ("seq", row.sequence),
                    ("lost", int(row.rtt is None)),
                    ("rtt", row.rtt),
                    ("out", row.out),
                )
                if value is not None
            ),
            at=row.sent,
        )
        for row in rows
    )


def tags_of(origin: Origin, target: str) -> tuple[tuple[str, str], ...]:
    """The tags that every point has."""
    named = (("source", origin.source), ("target", target), ("route", origin.route))
    return tuple((name, value) for name, value in named if value)


def _value(
    column: Column, readings: Mapping[str, float | None], more: Mapping[str, Value]
) -> Value | None:
    """A column's value in the column's type; None where it was not measured."""
    value: Value | None = more.get(column.field)
    if value is None and column.label:
        measured = readings.get(column.label)
        value = None if measured is None else measured * column.scale
    if value is None:
        return None
    if column.kind == "text":
        return str(value)
    return round(float(value)) if column.kind == "int" else float(value)


def _phases(
    readings: Mapping[str, float | None], tags: tuple[tuple[str, str], ...], at: int
) -> tuple[Point, ...]:
    """A point for each measured phase of an HTTPS visit."""
    measured = [(phase, readings.get(f"time_{phase}")) for phase in PHASES]
    return tuple(
        Point("bothsides_https_phase", (*tags, ("phase", phase)), (("duration", value),), at)
        for phase, value in measured
        if value is not None
    )
