"""What is known of the packets under way, in columns, so that many are noted by one assignment."""

from array import array

UNSENT = -1  # in `arrived`: the kernel refused to send, or nothing was sent yet
SKIPPED = -2  # in `arrived`: it was not this peer's turn, as it has not answered for long

LONG = "l" if array("l").itemsize == 8 else "q"
"""The type of a number of 8 octets; Python stores the C type long at half the cost of long long."""


class Packets:
    """Columns with a slot for every packet; each peer has a ring of slots in all of them."""

    def __init__(self, room: int) -> None:
        """room: slots."""
        self.room = room
        self.sent = array(LONG, bytes(8 * room))  # ns since 1970
        self.arrived = array(LONG, (UNSENT,)) * room  # ns since 1970; 0 nothing; UNSENT; SKIPPED
        self.inside = array(LONG, bytes(8 * room))  # ns that the reflector took
        self.numbers = array("I", bytes(4 * room))  # the reflector's own number
        self.sequences = array("I", bytes(4 * room))  # 32 bits of the sequence number
        self.flows = bytearray(room)
        # `arrived`, `numbers`, `inside`: single numbers are written by these at half the cost,
        # whole columns are not
        self.views = memoryview(self.arrived), memoryview(self.numbers), memoryview(self.inside)

    def begin(self, slots: slice, count: int, sequence: int) -> None:
        """Makes room for packets of a round: as many slots, one of each peer."""
        self.arrived[slots] = array(LONG, bytes(8 * count))
        self.sequences[slots] = array("I", (sequence,)) * count

    def note(self, slots: slice, count: int, sent: int, flow: int) -> None:
        """Notes when, and from which socket, packets of a round were sent together."""
        self.sent[slots] = array(LONG, (sent,)) * count
        self.flows[slots] = bytes((flow,)) * count
