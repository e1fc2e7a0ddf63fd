"""The rows of a measured path: one for each router, as every store takes them."""

from bothsides.base.types import NamedTuple, Sequence
from bothsides.export.point import Event, Point, Value
from bothsides.export.schema import Origin, tags_of

SILENT = "*"  # the address of a hop that did not answer


class HopRow(NamedTuple):
    """What one address answered at one hop; with several routers at a hop, one row for each."""

    hop: int  # 1 is the first router
    address: str  # "" for a silent hop
    owner: str  # "" where nobody is known to own the address
    asn: int | None  # number of the autonomous system; None where it is not known
    sent: int  # probes
    lost: int  # of them, those without a reply
    rtt_min: float | None  # s; None without a reply, as the other times
    rtt_avg: float | None  # s
    rtt_max: float | None  # s
    rtt_stddev: float | None  # s
    rtt_last: float | None  # s, of the last reply


def hop_points(rows: Sequence[HopRow], target: str, origin: Origin, at: int) -> tuple[Point, ...]:
    """A point for each row."""
    return tuple(_hop_point(row, target, origin, at) for row in rows)


def _hop_point(row: HopRow, target: str, origin: Origin, at: int) -> Point:
    tags = {"hop": f"{row.hop:02d}", "address": row.address or SILENT, "owner": row.owner}
    fields: dict[str, Value | None] = {
        "sent": row.sent,
        "lost": row.lost,
        "loss": row.lost / row.sent if row.sent else None,
        "rtt_min": row.rtt_min,
        "rtt_avg": row.rtt_avg,
        "rtt_max": row.rtt_max,
        "rtt_stddev": row.rtt_stddev,
        "asn": row.asn,
    }
    return Point(
        measurement="bothsides_hop",
        tags=(*tags_of(origin, target), *((name, text) for name, text in tags.items() if text)),
        fields=tuple((name, value) for name, value in fields.items() if value is not None),
        at=at,
    )


def path_change(
    before: Sequence[HopRow],
    after: Sequence[HopRow],
    target: str,
    origin: Origin,
    path_id: str,
    at: int,
) -> Event | None:
    """The event of a path that became another one; None where no hop differs.

    To be made once for each change, when the memory has confirmed it.
    """
    hops = sorted({row.hop for row in (*before, *after)})
    changed = [hop for hop in hops if _addresses(before, hop) != _addresses(after, hop)]
    if not changed:
        return None
    first = changed[0]
    return Event(
        kind="path_change",
        title=f"path changed at hop {first}",
        text="; ".join(_change(before, after, hop) for hop in changed),
        tags=tags_of(origin, target),
        words=tuple(word for word in ("bothsides", "path", origin.route or target) if word),
        path_id=path_id,
        at=at,
    )


def _change(before: Sequence[HopRow], after: Sequence[HopRow], hop: int) -> str:
    old, new = (" and ".join(_addresses(rows, hop)) for rows in (before, after))
    owners = sorted({row.owner for row in after if row.hop == hop and row.owner})
    inside = f" (inside {' and '.join(owners)})" if owners else ""
    if not old:
        return f"hop {hop}: {new} is new{inside}"
    return f"hop {hop}: {old} became {new}{inside}" if new else f"hop {hop}: {old} is gone"


def _addresses(rows: Sequence[HopRow], hop: int) -> tuple[str, ...]:
    return tuple(sorted({row.address or SILENT for row in rows if row.hop == hop}))
