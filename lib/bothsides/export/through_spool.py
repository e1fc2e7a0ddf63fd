"""Delivers parcels by way of a spool: first what waits, then the new ones, and keeps what fails.

Nothing here raises: what went wrong comes back as lines for the long output, so that a delivery can
change neither a state nor line 1.
"""

from bothsides.base.deadline import Interrupted
from bothsides.base.errors import Unable
from bothsides.base.types import Callable, Generic, NamedTuple, Sequence
from bothsides.export.outcome import Undelivered
from bothsides.export.spool import ParcelT, Spool


class Way(NamedTuple, Generic[ParcelT]):
    """How parcels get to a destination."""

    destination: str  # as it is written, but for secrets
    deliver: Callable[[ParcelT], None]  # raises Undelivered
    unpack: Callable[[bytes], ParcelT]  # a parcel out of the spool; raises Undelivered


def through_spool(
    way: Way[ParcelT], parcels: Sequence[ParcelT], directory: str, at: int
) -> tuple[str, ...]:
    """Why parcels were not taken, one line each. directory: of the spools, "" to keep nothing.

    at: of what the parcels hold, ns UTC.
    """
    if not directory:
        return _without(way, parcels)
    try:
        spool = Spool(directory, way.destination)
    except Unable as fault:
        return (*_without(way, parcels), f"nothing is kept for later: {fault}")
    try:
        return tuple(_Turn(way, spool).go(parcels, at))
    finally:
        spool.close()


def _without(way: Way[ParcelT], parcels: Sequence[ParcelT]) -> tuple[str, ...]:
    destination, lines = way.destination, []
    for parcel in parcels:
        try:
            way.deliver(parcel)
        except Undelivered as fault:
            lines.append(f"not taken by {destination}: {fault}")
    return tuple(lines)


class _Turn(Generic[ParcelT]):
    """One turn at one destination."""

    def __init__(self, way: Way[ParcelT], spool: Spool) -> None:
        self.destination, self.deliver, self.spool = way.destination, way.deliver, spool
        self.unpack = way.unpack
        self.lines: list[str] = []
        self.blocked = ""  # why nothing more is tried
        self.reason = ""  # why something waits
        self.lost = 0  # parcels that the full spool dropped

    def go(self, parcels: Sequence[ParcelT], at: int) -> list[str]:
        """Delivers or keeps all; what there is to say about it."""
        sent = self.spool.send(self.deliver, self.unpack)
        self.lines += [f"given up for {self.destination}: {words}" for words in sent.refused]
        self.blocked, self.reason = (sent.reason if sent.blocked else ""), sent.reason
        for place, parcel in enumerate(parcels):
            try:
                self._try_or_keep(parcel, at)
            except Interrupted:
                for other in parcels[place + 1 :]:
                    self.spool.keep(bytes(other), at)
                raise
            except Unable as fault:
                left = len(parcels) - place
                self.lines.append(f"{left} for {self.destination} are lost: {fault}")
                break
        if self.lost:
            self.lines.append(f"{self.lost} for {self.destination} are lost: its spool is full")
        if self.reason:
            waiting = len(self.spool.waiting())
            wait = "1 parcel waits" if waiting == 1 else f"{waiting} parcels wait"
            self.lines.append(f"not taken by {self.destination}: {self.reason}; {wait}")
        return self.lines

    def _try_or_keep(self, parcel: ParcelT, at: int) -> None:
        if not self.blocked:
            try:
                self.deliver(parcel)
                return
            except Interrupted:
                self.spool.keep(bytes(parcel), at)  # nobody knows whether it was taken
                raise
            except Undelivered as fault:
                if not fault.again:
                    self.lines.append(f"refused by {self.destination}: {fault}")
                    return
                self.reason = self.reason or str(fault)
                self.blocked = "" if fault.alone else str(fault)
        self.lost += self.spool.keep(bytes(parcel), at)
