"""What is stored on this host as rows: runs of check_mtr_path, slices of udp_mesh by the minute."""

from bothsides.base.types import Iterator, NamedTuple
from bothsides.export import mesh_rows, stored_path
from bothsides.export.archive_names import ReportName
from bothsides.export.exported import Rows
from bothsides.export.path_rows import HopRow
from bothsides.export.point import Event, Point
from bothsides.export.schema import Origin
from bothsides.mesh.ring import sums, unpack
from bothsides.model.mesh import Slice
from bothsides.store import mesh_slices
from bothsides.store.path_reports import report_of
from bothsides.store.path_runs import StoredHop, StoredRun, entries, targets
from bothsides.store.sqlite import History

_MINUTE = 60


class Span(NamedTuple):
    """A part of the history."""

    since: float  # s, UTC
    until: float  # s, UTC
    target: str = ""  # address or name; "" for all


class Piece(NamedTuple):
    """Rows about one time, and what else there is of it."""

    at: float  # s, UTC
    rows: Rows
    report: tuple[ReportName, bytes] | None = None  # the run as mtr's text report


def pieces(past: History, span: Span, origin: Origin) -> Iterator[Piece]:
    """All that is kept of the span, each source in the order of time."""
    for address, last in targets(past).items():
        if span.target in ("", address, last.host):
            yield from _path(past, address, span, origin)
    for key in past.keys("mesh "):
        host = key.removeprefix("mesh ")
        if not host.startswith("incident "):
            yield from _mesh(past, host, span, origin)


def _path(past: History, address: str, span: Span, origin: Origin) -> Iterator[Piece]:
    before: stored_path.PathRun | None = None
    for run in entries(past, address, span.since, span.until):
        made = path_run(run)
        events: list[Event] = []
        if before is not None and (event := stored_path.change(before, made, origin)) is not None:
            events = [event]
        before = made
        route = origin.route or f"{origin.source}-to-{run.host}"
        name = ReportName(route, run.at, run.source, run.target)
        report = report_of(run).encode("ascii", "replace")
        rows = Rows(tuple(stored_path.rows(made, origin)), tuple(events))
        yield Piece(run.at, rows, (name, report))


def path_run(run: StoredRun) -> stored_path.PathRun:
    """A stored run in the terms of the export."""
    return stored_path.PathRun(
        at=run.at,
        host=run.host,
        target=run.target,
        state=run.state,
        sent=run.sent,
        lost=run.lost,
        rta=run.rta,
        hops=tuple(row for hop in run.hops for row in _hops(hop)),
    )


def _hops(hop: StoredHop) -> Iterator[HopRow]:
    """The figures belong to all routers of a hop: the first has them, others only their address."""
    for place, address in enumerate(hop.hosts or ("",)):
        yield HopRow(
            hop=hop.ttl,
            address=address,
            owner=hop.owner if place == 0 else "",
            asn=None,
            sent=hop.asked if place == 0 else 0,
            lost=hop.lost if place == 0 else 0,
            rtt_min=hop.best if place == 0 else None,
            rtt_avg=hop.avg if place == 0 else None,
            rtt_max=hop.worst if place == 0 else None,
            rtt_stddev=None,
            rtt_last=None,
        )


def _mesh(past: History, host: str, span: Span, origin: Origin) -> Iterator[Piece]:
    """The pairs by whole minutes; slices that udp_mesh has spoilt itself do not count."""
    minute, held = -1, dict[str, list[Slice]]()
    for stored in mesh_slices.slices(past, host, span.since):
        if stored.at >= span.until:
            break
        begin = int(stored.at) // _MINUTE * _MINUTE
        if begin != minute and held:
            yield Piece(minute, Rows(tuple(_pairs(held, minute, origin))))
            held = {}
        minute = begin
        for name, octets in stored.rows.items():
            if span.target in ("", name):
                held.setdefault(name, []).extend(unpack(octets))
    if held:
        yield Piece(minute, Rows(tuple(_pairs(held, minute, origin))))


def _pairs(held: dict[str, list[Slice]], minute: int, origin: Origin) -> Iterator[Point]:
    for name, slices in sorted(held.items()):
        total = sums(slices)
        if total.sent:
            row = mesh_rows.PairRow(
                target=name,
                datacenter="",
                at=minute,
                sent=total.sent,
                lost=total.lost,
                out=total.out,
                back=total.back,
                late=total.late,
                rtt_min=total.rtt_min,
                rtt_mean=total.rtt_mean,
                rtt_max=total.rtt_max,
            )
            yield mesh_rows.pair_point(row, origin)
