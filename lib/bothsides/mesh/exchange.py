"""Sends the packets of a tick and takes in the replies: all that is done for every packet."""

import os
import socket
import time
from itertools import count
from struct import Struct

from bothsides.base.types import Iterable, Sequence
from bothsides.mesh.lane import Lane, Turn
from bothsides.mesh.packets import Packets
from bothsides.mesh.peer import RUN, Peer
from bothsides.mesh.wire import other
from bothsides.parse import stamp
from bothsides.probe.udp.batch import CONTROL, NAME, ROOM, Receiver, opened

FLOWS = 8  # source ports of each family
AT_ONCE = 16  # packets of one call: a few from one port, and one reading of the clock
_READ = 256  # replies that are looked at together
_USED = 28  # octets of a reply that are read: number, T3, SSID, T2, sequence number
_REPLY = Struct(f"!IQ2xHQI{ROOM + CONTROL + NAME - _USED}x")
_WHOLE = Struct("!IQ2xHQIQ")  # the same and T1
_BILLION = 1_000_000_000
_LONGEST = 60 * _BILLION  # ns inside a reflector; more is no measurement
_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


Ring = tuple[int, int, int, int]
"""The first slot of a peer, its mask, how far its slots are apart, and its source."""

_NOBODY: Ring = (0, 0, 0, -1)
_MARKS = 1 << 16


class Exchange:
    """The sockets of this host's probes."""

    def __init__(self, families: Iterable[int]) -> None:
        """families: 4 and 6, as far as they are needed. Raises OSError."""
        self.sockets: dict[int, list[socket.socket]] = {}
        self.open(families)
        self.peers: dict[int, Peer] = {}  # by their marks
        self._rings = [_NOBODY] * _MARKS  # by mark, of the peers that speak STAMP
        self._packets = Packets(1)
        self.strays = 0  # datagrams that were no reply to a packet of ours
        self.errors: dict[int, int] = {}  # packets that were not sent, by errno
        self.overflow = 0  # replies that the sockets dropped
        self._drops: dict[int, int] = {}  # the same by descriptor
        self._receiver = Receiver(count=_READ)
        self._random, self._drawn = b"", 0  # octets, and how many of them are used

    def open(self, families: Iterable[int]) -> None:
        """Opens the sockets of these families that are not open yet. Raises OSError."""
        for family in families:
            if family not in self.sockets:
                self.sockets[family] = [opened(_FAMILIES[family]) for _ in range(FLOWS)]

    def close(self) -> None:
        """Closes all sockets."""
        for sockets in self.sockets.values():
            for each in sockets:
                each.close()

    def follow(self, lanes: Sequence[Lane]) -> None:
        """Takes the peers that there are now."""
        peers = [peer for lane in lanes for peer in lane.peers]
        self.peers = {peer.mark: peer for peer in peers}
        self._rings = [_NOBODY] * _MARKS
        for peer in peers:
            if peer.far.wire == "stamp":
                self._rings[peer.mark] = (peer.base, peer.mask, peer.width, peer.source)
        self._packets = lanes[0].packets if lanes else Packets(1)

    def send(self, turn: Turn) -> None:
        """Sends one packet to each of these peers, few at once from one port."""
        lane, low, high, silent = turn
        sockets = self.sockets[lane.family]
        lane.begin(turn)
        for first in range(low, high, AT_ONCE):
            last, flow = min(high, first + AT_ONCE), self._flow()
            passed = [place for place in silent if first <= place < last] if silent else silent
            part = Turn(lane, first, last, passed)
            for errno in lane.send(part, sockets[flow].fileno(), flow, time.time_ns()):
                self.errors[errno] = self.errors.get(errno, 0) + 1

    def _flow(self) -> int:
        """A random flow: in turn, they would keep step with whatever drops every eighth packet."""
        if self._drawn >= len(self._random):
            self._random, self._drawn = os.urandom(512), 0
        self._drawn += 1
        return self._random[self._drawn - 1] % FLOWS

    def receive(self, descriptors: Iterable[int], family: int) -> None:
        """Takes in all that has arrived at these sockets of a family."""
        receiver = self._receiver
        for descriptor in descriptors:
            while receiver.more(descriptor):
                drops = receiver.drops(receiver.used)
                if drops:
                    self.overflow += (drops - self._drops.get(descriptor, 0)) & 0xFFFFFFFF
                    self._drops[descriptor] = drops
                if receiver.used < receiver.count:
                    break
                self._take(family)
        if receiver.used:
            self._take(family)

    def _take(self, family: int) -> None:
        """Takes in what was received: in one pass the usual replies, then any others."""
        receiver, packets = self._receiver, self._packets
        rings, sequences = self._rings, packets.sequences
        arrived, numbers, inside = packets.views
        replies = _REPLY.iter_unpack(receiver.octets[: receiver.used * receiver.stride])
        rows = zip(replies, receiver.arrivals(family), receiver.sizes(), count(), strict=False)
        odd = []
        for (number, third, mark, second, sequence), (seconds, rest, source), size, place in rows:
            base, mask, width, expected = rings[mark]
            slot = base + (sequence & mask) * width
            if (
                source != expected
                or size < stamp.PLAIN
                or sequences[slot] != sequence
                or arrived[slot]
            ):
                odd.append((place, source, size, seconds * _BILLION + rest))
            else:  # the first reply to the last packet of this slot
                arrived[slot] = seconds * _BILLION + rest
                numbers[slot] = number
                took = (third - second) * _BILLION >> 32
                inside[slot] = took if 0 < took < _LONGEST else 0
        for each in odd:
            self._take_odd(*each)
        receiver.clear()

    def _take_odd(self, place: int, source: int, size: int, at: int) -> None:
        """Takes in one datagram, whatever it is."""
        octets = self._receiver.octets[place * self._receiver.stride :]
        number, third, mark, second, sequence, first = _WHOLE.unpack_from(octets)
        peer = self.peers.get(mark)
        if size < stamp.PLAIN or peer is None or not first or source != peer.source:
            reply = other(octets[:size], source, RUN, self.peers)
            if reply is None:
                self.strays += 1
                return
            peer, sequence, number, third, second = reply
        behind = (peer.sequence - sequence) & 0xFFFFFFFF
        slot = sequence & peer.mask
        known = peer.arrived[slot]
        if not 0 < behind <= peer.mask or known < 0:
            self.strays += 1
        elif known:
            peer.duplicates.append(peer.sequence - behind)
        else:
            peer.arrived[slot] = at
            peer.numbers[slot] = number
            inside = (third - second) * _BILLION >> 32
            peer.inside[slot] = inside if 0 < inside < _LONGEST else 0
