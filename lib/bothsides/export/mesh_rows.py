"""The rows of the continuous mesh: one for each pair and window."""

from bothsides.analyse.mesh import Analysis
from bothsides.base.types import Iterator, NamedTuple
from bothsides.export.point import Point, Value
from bothsides.export.schema import Measured, Origin, tags_of

_US = 1e-6


class PairRow(NamedTuple):
    """What became of the packets of one pair in one window, as udp_mesh counts them."""

    target: str  # name of the far end
    datacenter: str  # of the far end; "" when not known
    at: int  # s since 1970, of the window's begin
    sent: int  # packets
    lost: int  # of them, out or back
    out: int  # of them, known to be lost on the way out
    back: int
    late: int
    rtt_min: int  # us; 0 when nothing was answered
    rtt_mean: int  # us
    rtt_max: int  # us


def rows(analysis: Analysis, measured: Measured) -> Iterator[Point]:
    """A row for each pair that can be judged."""
    began = analysis.run.closed - analysis.plan.window
    for pair in analysis.pairs:
        seen = pair.seen
        if pair.loss is not None:
            row = PairRow(
                target=seen.name,
                datacenter=seen.datacenter,
                at=int(began),
                sent=seen.sent,
                lost=seen.lost,
                out=seen.out,
                back=seen.back,
                late=seen.late,
                rtt_min=seen.rtt_min,
                rtt_mean=seen.rtt_mean,
                rtt_max=seen.rtt_max,
            )
            yield pair_point(row, measured.origin)


def pair_point(row: PairRow, origin: Origin) -> Point:
    """The point of a row; what was not measured is left out."""
    fields: dict[str, Value] = {"sent": row.sent, "lost": row.lost, "late": row.late}
    if row.sent:
        fields["loss"] = row.lost / row.sent
        fields["loss_out"] = row.out / row.sent
        fields["loss_back"] = row.back / row.sent
    if row.lost < row.sent:
        fields["rtt_min"] = row.rtt_min * _US
        fields["rtt_avg"] = row.rtt_mean * _US
        fields["rtt_max"] = row.rtt_max * _US
    place = (("datacenter", row.datacenter),) if row.datacenter else ()
    return Point(
        measurement="bothsides_mesh",
        tags=(*tags_of(origin, row.target), *place),
        fields=tuple(fields.items()),
        at=row.at * 1_000_000_000,
    )
