"""One far end: the packets that are under way, and those of its slices that are not closed yet."""

from array import array
from struct import Struct

from bothsides.base.types import Literal, NamedTuple
from bothsides.parse import mehsh, stamp
from bothsides.probe.udp.batch import Draft

UNSENT = -1  # in `arrived`: the kernel refused to send, or nothing was sent yet
_HORIZON = 4.0  # s for which a packet is remembered beyond two slices and its timeout

Wire = Literal["stamp", "echo", "mehsh"]
"""What is spoken with a far end; `echo` is STAMP's request returned unchanged."""

REQUEST = Struct("!IQ")
"""What changes in a STAMP request: sequence number, T1."""

_SAME = Struct("!12xHH")  # what does not: error estimate, SSID; zeros follow

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
        "alive", "arrived", "cut", "draft", "duplicates", "far", "flows", "header", "heard",
        "inside", "mark", "mask", "numbers", "octets", "resume", "sent", "sequence", "source",
        "stamped",
    )  # fmt: skip

    def __init__(self, far: Far, mark: int, length: float, clock: float, first: int = 1) -> None:
        """mark: 16 bits that no other peer has; length: s of a slice; first: sequence number."""
        self.far = far
        self.mark = mark
        slots = 1 << int(far.rate * (2 * length + far.timeout + _HORIZON) + 16).bit_length()
        self.mask = slots - 1
        self.sent = array("q", bytes(8 * slots))  # ns since 1970
        self.arrived = array("q", (UNSENT,)) * slots  # ns since 1970; 0 nothing; UNSENT
        self.inside = array("i", bytes(4 * slots))  # us that the reflector took
        self.numbers = array("I", bytes(4 * slots))  # the reflector's own number
        self.flows = bytearray(slots)
        self.duplicates: list[int] = []  # sequence numbers, once for each reply beyond the first
        self.sequence = self.cut = first  # of the next packet; of the present slice's first
        self.heard = clock  # when the last slice with a reply was closed, monotonic
        self.alive = True
        self.resume = 0.0  # when a peer that is not alive is asked next, monotonic
        size = mehsh.SIZE if far.wire == "mehsh" else stamp.PLAIN
        self.stamped = far.wire != "mehsh"  # its packets carry T1
        self.draft = Draft((far.address, far.port), size)
        if self.stamped:
            _SAME.pack_into(self.draft.octets, 0, stamp.UNSYNCHRONISED, mark)
        # what is needed for every packet, without a way through another object
        self.octets, self.header = self.draft.octets, self.draft.header
        self.source = self.draft.source

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

    def column(self, values: "array[int]", cut: Cut) -> "array[int]":
        """The values of these packets, in the order of sending."""
        first, last = cut.low & self.mask, cut.high & self.mask
        if cut.high == cut.low:
            return values[:0]
        return values[first:last] if first < last else values[first:] + values[:last]
