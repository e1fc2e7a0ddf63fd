"""mehsh's own output: a line for each peer and each data centre prefix, and its agent's metrics.

2026-01-31 12:00:05 server: web1 -> db1, ip: 192.0.2.7, req: 200, resp: 197, max_lat: Some(812),
    min_lat: Some(240), mode: normal, loss: 3, withloss
2026-01-31 12:00:05 datacenter: eu.de -> us, req: 400, resp: 397, ...

Times are local, delays in us; what a line of mehsh has wrong is right here: a prefix of which one
host is dead has the delays of the others, and losses in maintenance are the real ones.
"""

import time
from struct import Struct

from bothsides.base.types import Iterator, NamedTuple, Sequence
from bothsides.inventory.rollup import NO_DATACENTER, Row, rolled_up
from bothsides.model.mesh import Slice

_METRIC = Struct("!Hi")  # type, count; the name follows
_SUM, _PEAK = 42, 44
_LONGEST = 300  # octets of a metric


class Line(NamedTuple):
    """One peer's slice."""

    name: str
    address: str
    datacenter: str
    held: bool  # in maintenance
    row: Slice


def lines(host: str, datacenter: str, of_peers: Sequence[Line], now: float) -> Iterator[str]:
    """The lines of one slice. host, datacenter: of the prober; now: s since 1970."""
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
    for each in of_peers:
        row = each.row
        low, high = (row.rtt_min, row.rtt_max) if row.sent > row.lost else (None, None)
        rest = _rest(row.sent, row.lost, low, high, each.held)
        yield f"{stamp} server: {host} -> {each.name}, ip: {each.address}, {rest}"
    held = {each.datacenter for each in of_peers if not each.held}
    for total in rolled_up(map(_row, of_peers)):
        quiet = not any(_inside(datacenter, total.prefix) for datacenter in held)
        rest = _rest(total.sent, total.lost, _us(total.rtt_min), _us(total.rtt_max), quiet)
        yield f"{stamp} datacenter: {datacenter or NO_DATACENTER} -> {total.prefix}, {rest}"


def _rest(sent: int, lost: int, low: int | None, high: int | None, held: bool) -> str:
    return (
        f"req: {sent}, resp: {sent - lost}, max_lat: {_option(high)}, min_lat: {_option(low)}, "
        f"mode: {'MAINTENANCE' if held else 'normal'}, "
        f"loss: {lost}, {'withloss' if lost else 'withoutloss'}"
    )


def _option(value: int | None) -> str:
    """A number as Rust prints an Option."""
    return "None" if value is None else f"Some({value})"


def _row(each: Line) -> Row:
    row, answered = each.row, each.row.sent > each.row.lost
    return Row(
        datacenter=each.datacenter,
        sent=row.sent,
        lost=row.lost,
        lost_forward=row.out,
        lost_return=row.back,
        rtt_min=row.rtt_min / 1e6 if answered else None,
        rtt_max=row.rtt_max / 1e6 if answered else None,
    )


def _us(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1e6)


def _inside(datacenter: str, prefix: str) -> bool:
    name = datacenter or NO_DATACENTER
    return name == prefix or name.startswith(f"{prefix}.")


def metrics(host: str, of_peers: Sequence[Line]) -> Iterator[bytes]:
    """The datagrams for mehsh's agent; in maintenance the loss is 0, as mehsh has it."""
    for each in of_peers:
        loss = 0 if each.held else min(each.row.lost, 0x7FFFFFFF)
        yield _metric(_PEAK, loss, "mehsh.loss")
        yield _metric(_SUM, loss, f"mehsh.sendloss.{host}")
        yield _metric(_SUM, loss, f"mehsh.recvloss.{each.name}")


def _metric(kind: int, count: int, name: str) -> bytes:
    return (_METRIC.pack(kind, count) + name.encode())[:_LONGEST]
