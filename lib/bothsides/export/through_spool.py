"""Delivers parcels by way of a spool: first what waits, then the new ones, and keeps what fails.

Nothing here raises: what went wrong comes back as lines for the long output, so that a delivery can
change neither a state nor line 1.
"""

from bothsides.base.deadline import Interrupted
from bothsides.base.errors import Unable
from bothsides.base.types import Callable, Sequence
from bothsides.export.outcome import Undelivered
from bothsides.export.spool import Spool

Deliver = Callable[[bytes], None]  # raises Undelivered


def through_spool(
    destination: str, parcels: Sequence[bytes], deliver: Deliver, directory: str, at: int
) -> tuple[str, ...]:
    """Why parcels were not taken, one line each. directory: of the spools, "" to keep nothing.

    at: of what the parcels hold, ns UTC.
    """
    if not directory:
        return _without(destination, parcels, deliver)
    try:
        spool = Spool(directory, destination)
    except Unable as fault:
        return (*_without(destination, parcels, deliver), f"nothing is kept for later: {fault}")
    try:
        return tuple(_Way(destination, deliver, spool).go(parcels, at))
    finally:
        spool.close()


def _without(destination: str, parcels: Sequence[bytes], deliver: Deliver) -> tuple[str, ...]:
    lines = []
    for parcel in parcels:
        try:
            deliver(parcel)
        except Undelivered as fault:
            lines.append(f"not taken by {destination}: {fault}")
    return tuple(lines)


class _Way:
    """One turn at one destination."""

    def __init__(self, destination: str, deliver: Deliver, spool: Spool) -> None:
        self.destination, self.deliver, self.spool = destination, deliver, spool
        self.lines: list[str] = []
        self.blocked = ""  # why nothing more is tried
        self.reason = ""  # why something waits
        self.lost = 0  # parcels that the full spool dropped

    def go(self, parcels: Sequence[bytes], at: int) -> list[str]:
        """Delivers or keeps all; what there is to say about it."""
        sent = self.spool.send(self.deliver)
        self.lines += [f"given up for {self.destination}: {words}" for words in sent.refused]
        self.blocked, self.reason = (sent.reason if sent.blocked else ""), sent.reason
        for place, parcel in enumerate(parcels):
            try:
                self._try_or_keep(parcel, at)
            except Interrupted:
                for other in parcels[place + 1 :]:
                    self.spool.keep(other, at)
                raise
            except Unable as fault:
                left = len(parcels) - place
                self.lines.append(f"{left} for {self.destination} are lost: {fault}")
                break
        if self.lost:
            self.lines.append(f"{self.lost} for {self.destination} are lost: its spool is full")
        if self.reason:
            waiting = len(self.spool.waiting())
            self.lines.append(f"not taken by {self.destination}: {self.reason}; {waiting} wait")
        return self.lines

    def _try_or_keep(self, parcel: bytes, at: int) -> None:
        if not self.blocked:
            try:
                self.deliver(parcel)
                return
            except Interrupted:
                self.spool.keep(parcel, at)  # nobody knows whether it was taken
                raise
            except Undelivered as fault:
                if not fault.again:
                    self.lines.append(f"refused by {self.destination}: {fault}")
                    return
                self.reason = self.reason or str(fault)
                self.blocked = "" if fault.alone else str(fault)
        self.lost += self.spool.keep(parcel, at)
