"""Incidents: from the first slice in which a pair loses packets to the last one."""

from bothsides.model.mesh import SUSPECT, Slice
from bothsides.store.mesh_slices import Incident

_LOSS = 0.01  # share of a slice's packets; more is a bad slice
_WELL = 6  # slices that are not bad in a row end an incident


class Incidents:
    """The incidents of all pairs that are not over yet."""

    def __init__(self, length: float) -> None:
        """length: s of a slice."""
        self.length = length
        self.over: list[Incident] = []  # not stored yet
        self._open: dict[str, Incident] = {}
        self._well: dict[str, int] = {}

    def note(self, peer: str, row: Slice) -> None:
        """One more slice of a pair; suspect ones prove nothing."""
        if row.flags & SUSPECT or not row.sent:
            return
        known = self._open.get(peer)
        if row.lost > _LOSS * row.sent:
            begun = known or Incident(peer, row.at, row.at, 0, 0, 0, 0)
            self._open[peer] = begun._replace(
                end=row.at + round(self.length),
                sent=begun.sent + row.sent,
                lost=begun.lost + row.lost,
                out=begun.out + row.out,
                back=begun.back + row.back,
            )
            self._well[peer] = 0
        elif known is not None:
            self._well[peer] += 1
            if self._well[peer] >= _WELL:
                self.over.append(self._open.pop(peer))

    def end(self) -> None:
        """Ends all incidents, because the prober ends."""
        self.over += self._open.values()
        self._open.clear()
