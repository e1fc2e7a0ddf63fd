"""Peers that are asked one after the other at the same rate, and packets to many of them at once.

A round passes every peer once, and before each round all of them are at the same sequence number.
So the packets of a round differ in little: number and time are written once for those that leave
together, and what is known of them is noted in one assignment for each column. A peer whose turn it
is not, because it does not answer, is passed all the same, and its number is left out.
"""

from array import array
from struct import Struct

from bothsides.base.types import NamedTuple, Sequence
from bothsides.mesh.packets import LONG, SKIPPED, UNSENT, Packets
from bothsides.mesh.peer import Peer
from bothsides.parse import mehsh
from bothsides.parse.ntp_time import to_ntp
from bothsides.probe.udp.drafts import Drafts

_STAMP, _MEHSH = Struct("!IQ"), Struct("!IH")  # what changes: sequence number, T1; number, kind


class Turn(NamedTuple):
    """Peers of a lane that are to be asked now."""

    lane: "Lane"
    low: int  # place of the first
    high: int  # of the first that is not asked now
    silent: Sequence[int] = ()  # places of those between them that are passed


class Lane:
    """Peers of one family, rate and protocol, with the slots of a round one behind the other.

    So the few rounds under way lie together, and stay in the processor's cache.
    """

    def __init__(self, peers: Sequence[Peer]) -> None:
        """Takes peers whose slots are in the same `Packets`; at least one."""
        self.peers = peers
        far = peers[0].far
        self.family = 6 if ":" in far.address else 4
        self.packets, self.slots = peers[0].packets, peers[0].mask + 1
        self._base = peers[0].base
        addresses = [(peer.far.address, peer.far.port) for peer in peers]
        own = [peer.own() for peer in peers]
        self._mehsh = far.wire == "mehsh"
        changing = _MEHSH if self._mehsh else _STAMP
        self._drafts = Drafts(addresses, own, changing.size, not self._mehsh)
        begun = [peer for peer in peers if peer.sequence > peer.first] or peers
        first = max(peer.sequence for peer in begun)
        self._next = array(LONG, (first,)) * len(peers)  # the next sequence number of each
        for place, peer in enumerate(peers):
            peer.advance(first)
            peer.share(self._next, place)

    def begin(self, turn: Turn) -> None:
        """Makes room for the packets of a turn, before any of them is sent."""
        _, low, high, silent = turn
        number = self._next[low]
        first = self._slot(number, low)
        self.packets.begin(slice(first, first + high - low), high - low, number & 0xFFFFFFFF)
        for place in silent:
            self.packets.arrived[self._slot(number, place)] = SKIPPED
        self._next[low:high] = array(LONG, (number + 1,)) * (high - low)

    def send(self, turn: Turn, descriptor: int, flow: int, now: int) -> list[int]:
        """Sends a part of a turn that was begun, by one call; errno of each packet refused.

        flow: number of the socket; now: ns since 1970.
        """
        _, low, high, silent = turn
        number = self._next[low] - 1
        sequence = number & 0xFFFFFFFF
        if self._mehsh:
            _MEHSH.pack_into(self._drafts.shared, 0, sequence, mehsh.REQUEST)
        else:
            _STAMP.pack_into(self._drafts.shared, 0, sequence, to_ntp(now))
        refused: list[tuple[int, int]] = []
        begin = low
        for end in (*silent, high):
            if end > begin:
                refused += self._drafts.send(descriptor, begin, end)
            begin = end + 1
        first = self._slot(number, low)
        self.packets.note(slice(first, first + high - low), high - low, now, flow)
        for place, _ in refused:
            self.packets.arrived[self._slot(number, place)] = UNSENT
        return [errno for _, errno in refused]

    def _slot(self, number: int, place: int) -> int:
        """Where the packet with this number to the peer at this place is noted."""
        return self._base + (number & (self.slots - 1)) * len(self.peers) + place


def lanes(groups: Sequence[Sequence[Peer]]) -> list[Lane]:
    """Lanes of these peers, whose slots are brought together; peers of one group make one."""
    packets = Packets(sum(peer.mask + 1 for peers in groups for peer in peers))
    base = 0
    for peers in groups:
        for place, peer in enumerate(peers):
            peer.move(packets, base + place, len(peers))
        base += sum(peer.mask + 1 for peer in peers)
    return [Lane(peers) for peers in groups]
