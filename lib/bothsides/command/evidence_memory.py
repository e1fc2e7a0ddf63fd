"""What bothsides evidence takes from earlier runs: memory of the checks, store of the mesh."""

from bothsides.base.types import Sequence
from bothsides.incident.remembered import Named, Remembered, remembered
from bothsides.mesh.ring import SIZE, sums, unpack
from bothsides.model.evidence import FlowLoss, UdpEvidence
from bothsides.model.interval import Interval
from bothsides.model.mesh import Slice
from bothsides.store.looks import looks
from bothsides.store.mesh_slices import slices
from bothsides.store.place import place
from bothsides.store.sqlite import History, opened

_MICRO = 1e-6


def from_memory(
    directory: str, host: str, peers: Sequence[Named], since: tuple[float, float], now: float
) -> dict[str, Remembered]:
    """By the peer's name what this user's checks and the mesh saw. Raises Unable.

    directory: "" for the usual one; host: name of this host; since: from when on runs and slices of
    the mesh count; now: both in s since 1970.
    """
    with opened(place(directory), write=False) as history:
        found = remembered(looks(history), peers, since[0], now)
        mesh = _mesh(history, host, since[1], now)
    for name, udp in mesh.items():
        known = found.get(name)
        if known is not None and (known.now.udp is None or known.now.udp.at < udp.at):
            found[name] = known._replace(now=known.now._replace(udp=udp))
    return found


def _mesh(history: History, host: str, since: float, now: float) -> dict[str, UdpEvidence]:
    """The sums of the slices that udp_mesh has stored since then, by the peer's name."""
    held: dict[str, list[Slice]] = {}
    for stored in slices(history, host, since):
        if stored.at <= now:
            for name, octets in stored.rows.items():
                if len(octets) == SIZE:
                    held.setdefault(name, []).extend(unpack(octets))
    return {name: found for name, rows in held.items() if (found := _of_pair(rows)) is not None}


def _of_pair(rows: Sequence[Slice]) -> UdpEvidence | None:
    """One pair's slices as one measurement; None where all of them are this host's own trouble."""
    total = sums(rows)
    if not total.sent or total.lost > total.sent or total.out + total.back > total.lost:
        return None
    forward: Interval | None = Interval(total.out, total.lost - total.back)
    if total.lost == total.sent and not total.out and not total.back:
        forward = None
    rtt = Interval(total.rtt_min * _MICRO, total.rtt_mean * _MICRO) if total.rtt_min else None
    flow = FlowLoss(total.sent, total.lost, forward, rtt.low if rtt is not None else None)
    begin, end = min(row.at for row in rows), max(row.at for row in rows)
    return UdpEvidence(
        at=float(begin),
        lasted=float(end - begin),
        sent=total.sent,
        lost=total.lost,
        forward=forward,
        flows=(flow,),
        dead_flows=(),
        rtt=rtt,
        owd=None,
        unsent=total.unsent,
        protocol="mesh",
    )
