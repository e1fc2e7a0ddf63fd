"""Sums of packets per data centre: a row for every dotted prefix, as fra and fra.dc11."""

from bothsides.base.types import Iterable, NamedTuple
from bothsides.inventory.places import prefixes

NO_DATACENTER = "no-datacenter"
"""Under which name hosts without a data centre are summed up."""


class Row(NamedTuple):
    """What became of the packets to one target."""

    datacenter: str  # of the target, dotted; "" when not known
    sent: int  # packets
    lost: int  # packets, in either direction
    lost_forward: int | None  # packets lost on the way out; None when not measured
    lost_return: int | None  # packets lost on the way back; None when not measured
    rtt_min: float | None  # s; None when nothing was answered
    rtt_max: float | None  # s; None when nothing was answered


class Sum(NamedTuple):
    """What became of the packets to all targets of a data centre prefix."""

    prefix: str
    targets: int
    bad: int  # targets that lost packets
    silent: int  # targets that answered nothing
    sent: int  # packets
    lost: int  # packets; the three below add up to this
    lost_forward: int  # packets known to be lost on the way out
    lost_return: int  # packets known to be lost on the way back
    lost_either: int  # packets lost in a direction that was not measured
    rtt_min: float | None  # s, over the targets that answered
    rtt_max: float | None  # s, over the targets that answered


def rolled_up(rows: Iterable[Row]) -> list[Sum]:
    """One sum for every prefix of every data centre, sorted by prefix."""
    sums: dict[str, Sum] = {}
    for row in rows:
        for prefix in prefixes(row.datacenter) or [NO_DATACENTER]:
            sums[prefix] = _added(sums.get(prefix) or _empty(prefix), row)
    return [sums[prefix] for prefix in sorted(sums, key=lambda prefix: prefix.split("."))]


def _empty(prefix: str) -> Sum:
    return Sum(
        prefix=prefix,
        targets=0,
        bad=0,
        silent=0,
        sent=0,
        lost=0,
        lost_forward=0,
        lost_return=0,
        lost_either=0,
        rtt_min=None,
        rtt_max=None,
    )


def _added(total: Sum, row: Row) -> Sum:
    forward, back = row.lost_forward or 0, row.lost_return or 0
    return Sum(
        prefix=total.prefix,
        targets=total.targets + 1,
        bad=total.bad + (row.lost > 0),
        silent=total.silent + (0 < row.sent <= row.lost),
        sent=total.sent + row.sent,
        lost=total.lost + row.lost,
        lost_forward=total.lost_forward + forward,
        lost_return=total.lost_return + back,
        lost_either=total.lost_either + row.lost - forward - back,
        rtt_min=_least(total.rtt_min, row.rtt_min),
        rtt_max=_most(total.rtt_max, row.rtt_max),
    )


def _least(one: float | None, other: float | None) -> float | None:
    known = [each for each in (one, other) if each is not None]
    return min(known) if known else None


def _most(one: float | None, other: float | None) -> float | None:
    known = [each for each in (one, other) if each is not None]
    return max(known) if known else None
