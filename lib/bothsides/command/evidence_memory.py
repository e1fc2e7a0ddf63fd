"""What bothsides evidence takes from earlier runs: memory of the checks, store of the mesh."""

from bothsides.analyse.evidence.from_mesh import of_pair
from bothsides.base.types import Sequence
from bothsides.incident.remembered import Named, Remembered, remembered
from bothsides.mesh.ring import SIZE, sums, unpack
from bothsides.model.evidence import UdpEvidence
from bothsides.model.mesh import PairWindow, Slice
from bothsides.store.looks import looks
from bothsides.store.mesh_slices import slices
from bothsides.store.place import place
from bothsides.store.sqlite import History, opened


def from_memory(
    directory: str, host: str, peers: Sequence[Named], since: tuple[float, float], now: float
) -> dict[str, Remembered]:
    """By the peer's name what this user's checks and the mesh saw. Raises Unable.

    directory: "" for the usual one; host: name of this host; since: from when on runs and slices of
    the mesh count; now: both in s since 1970.
    """
    with opened(place(directory), write=False) as history:
        by_name = remembered(looks(history), peers, since[0], now)
        mesh = _mesh(history, host, since[1], now)
    for name, udp in mesh.items():
        known = by_name.get(name)
        if known is not None and (known.now.udp is None or known.now.udp.at < udp.at):
            by_name[name] = known._replace(now=known.now._replace(udp=udp))
    return by_name


def _mesh(history: History, host: str, since: float, now: float) -> dict[str, UdpEvidence]:
    """The sums of the slices that udp_mesh has stored since then, by the peer's name."""
    held: dict[str, list[Slice]] = {}
    for stored in slices(history, host, since):
        if stored.at <= now:
            for name, octets in stored.rows.items():
                if len(octets) == SIZE:
                    held.setdefault(name, []).extend(unpack(octets))
    made = {name: _of_pair(name, rows) for name, rows in held.items()}
    return {name: udp for name, udp in made.items() if udp is not None}


def _of_pair(name: str, rows: Sequence[Slice]) -> UdpEvidence | None:
    """One pair's slices as one measurement; None where all of them are this host's own trouble."""
    total = sums(rows)
    if not total.sent or total.lost > total.sent or total.out + total.back > total.lost:
        return None
    pair = PairWindow(name, "", "", "", True, *total)
    begin, end = min(row.at for row in rows), max(row.at for row in rows)
    return of_pair(pair, float(begin), float(end - begin))
