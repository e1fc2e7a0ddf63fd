"""One far end: the packets that are under way, and those of its slices that are not closed yet."""

import os
from array import array
from struct import Struct

from bothsides.base.types import Literal, NamedTuple
from bothsides.mesh.packets import LONG, SKIPPED, UNSENT, Packets
from bothsides.parse import mehsh, stamp
from bothsides.probe.udp.batch import to_sockaddr, to_source

_HORIZON = 4.0  # s for which a packet is remembered beyond two slices and its timeout

Wire = Literal["stamp", "echo", "mehsh"]
"""What is spoken with a far end; `echo` is STAMP's request returned unchanged."""

RUN = int.from_bytes(os.urandom(2)) or 1
"""Marks mehsh's packets of this process."""

_SAME = Struct("!HH28x")  # of a STAMP request: error estimate, SSID, zeros

MEHSH = Struct("!IIHHIH")
"""mehsh's packet, its number cut into this run's mark, the peer's, and the sequence number."""


class Far(NamedTuple):
    """Whom to probe and how; a peer whose Far stays the same goes on over a reload."""

    name: str
    address: str  # numeric
    port: int
    wire: Wire
    rate: float  # packets/s, what the host's budget leaves
    timeout: float  # s
    datacenter: str  # dotted; "" when not known


class Cut(NamedTuple):
    """Packets that were sent one after the other."""

    low: int  # sequence number of the first
    high: int  # of the first that no longer belongs to them


class Peer:
    """A far end and its packets, whose sequence numbers count up; 32 bits of them are sent."""

    __slots__ = (
        "_next", "_place", "alive", "arrived", "asked", "base", "cut", "duplicates", "far", "first",
        "flows", "inside", "last_reply", "mark", "mask", "numbers", "packets", "resume", "sent",
        "source", "width",
    )  # fmt: skip

    def __init__(self, far: Far, mark: int, length: float, clock: float, first: int = 1) -> None:
        """mark: 16 bits that no other peer has; length: s of a slice; first: sequence number."""
        self.far = far
        self.mark = mark
        self.source = to_source(to_sockaddr(far.address, far.port))
        slots = 1 << int(far.rate * (2 * length + far.timeout + _HORIZON) + 16).bit_length()
        self.mask = slots - 1
        self.duplicates: list[int] = []  # sequence numbers, once for each reply beyond the first
        self.first = self.cut = first  # sequence numbers, of the first and of the slice's first
        self.share(array(LONG, (first,)), 0)
        self.last_reply = clock  # when the last slice with a reply was closed, monotonic
        self.alive = True
        self.asked = first  # the last packet that was sent to it when it was not alive
        self.resume = 0.0  # when a peer that is not alive is asked next, monotonic
        self._take(Packets(slots), 0, 1)

    def share(self, following: "array[int]", place: int) -> None:
        """Has its next sequence number at this place among those of its lane from now on."""
        self._next, self._place = following, place

    @property
    def sequence(self) -> int:
        """The sequence number of the next packet."""
        return self._next[self._place]

    @sequence.setter
    def sequence(self, number: int) -> None:
        self._next[self._place] = number

    def _take(self, packets: Packets, base: int, width: int) -> None:
        """Has its slots there from now on."""
        self.packets, self.base, self.width = packets, base, width
        mine = slice(base, base + self.mask * width + 1, width)
        self.sent, self.arrived = memoryview(packets.sent)[mine], memoryview(packets.arrived)[mine]
        self.inside = memoryview(packets.inside)[mine]
        self.numbers = memoryview(packets.numbers)[mine]
        self.flows = memoryview(packets.flows)[mine]

    def move(self, packets: Packets, base: int, width: int) -> None:
        """Takes what is known of its packets to other slots, every `width`th from `base` on."""
        old = self.sent, self.arrived, self.inside, self.numbers, self.flows
        old_numbers = self.packets.sequences[self.base :: self.width][: self.mask + 1]
        self._take(packets, base, width)
        packets.sequences[base : base + self.mask * width + 1 : width] = old_numbers
        new = self.sent, self.arrived, self.inside, self.numbers, self.flows
        for place, column in zip(new, old, strict=True):
            place[:] = column

    def advance(self, sequence: int) -> None:
        """Goes on with this sequence number; those before it that were not sent are left out."""
        if self.sequence == self.first:  # nothing was sent yet
            self.sequence = self.cut = self.asked = self.first = sequence
        for number in range(max(self.sequence, sequence - self.mask), sequence):
            self.arrived[number & self.mask] = SKIPPED
            self.sent[number & self.mask] = self.sent[(number - 1) & self.mask]
        self.sequence = sequence

    def own(self) -> bytes:
        """The part of its packets that never changes: of STAMP the end, of mehsh the beginning."""
        if self.far.wire != "mehsh":
            return _SAME.pack(stamp.UNSYNCHRONISED, self.mark)
        return MEHSH.pack(mehsh.MAGIC, 1, RUN, self.mark, 0, 0)[:12]

    def ended(self, end: int) -> Cut:
        """The packets sent before `end` (ns since 1970) that are in no slice yet."""
        low, high = self.cut, self.sequence
        sent, mask = self.sent, self.mask
        while high > low and sent[(high - 1) & mask] >= end:
            high -= 1
        self.cut = high
        return Cut(max(low, high - mask), high)

    def all(self) -> Cut:
        """All packets that are in no slice yet, for a clock that was set."""
        low, self.cut = self.cut, self.sequence
        return Cut(max(low, self.cut - self.mask), self.cut)

    def columns(self, cut: Cut, *values: "memoryview[int]") -> list[list[int]]:
        """The values of these packets, in the order of sending."""
        first, last = cut.low & self.mask, cut.high & self.mask
        if cut.high == cut.low:
            return [[] for _ in values]
        if first < last:
            return [column[first:last].tolist() for column in values]
        return [column[first:].tolist() + column[:last].tolist() for column in values]

    def was_asked(self, cut: Cut) -> bool:
        """Whether any of these packets was to be sent."""
        if self.alive:
            return cut.high > cut.low
        return any(at != SKIPPED for at in self.columns(cut, self.arrived)[0])


__all__ = ["MEHSH", "RUN", "SKIPPED", "UNSENT", "Cut", "Far", "Peer", "Wire"]
