"""Sends the packets of a tick and takes in the replies: all that is done for every packet."""

import os
import socket
import time
from itertools import compress
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
_MARK = 2  # where in it the SSID is
_WHOLE = Struct("!IQ2xHQIQ")  # the same and T1
_BILLION = 1_000_000_000
_LONGEST = 60 * _BILLION  # ns inside a reflector; more is no measurement
_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


Ring = tuple[int, int, int]
"""The first slot of a peer, its mask, and how far its slots are apart."""

Columns = Sequence[Sequence[int]]
"""Of replies: what `_REPLY` has, and when they arrived."""


class Exchange:
    """The sockets of this host's probes."""

    def __init__(self, families: Iterable[int]) -> None:
        """families: 4 and 6, as far as they are needed. Raises OSError."""
        self.sockets: dict[int, list[socket.socket]] = {}
        self.open(families)
        self.peers: dict[int, Peer] = {}  # by their marks
        # by mark and source, of the peers that speak STAMP
        self._rings: dict[tuple[int, int], Ring] = {}
        self._packets = Packets(0)
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
        self._rings = {
            (peer.mark, peer.source): (peer.base, peer.mask, peer.width)
            for peer in peers
            if peer.far.wire == "stamp"
        }
        self._packets = lanes[0].packets if lanes else Packets(0)

    def send(self, turn: Turn) -> None:
        """Sends one packet to each of these peers, few at once from one port."""
        lane, low, high, silent = turn
        sockets = self.sockets[lane.family]
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
        """Takes in what was received: the usual replies all at once, any others singly."""
        receiver = self._receiver
        sources, sizes, times = receiver.sources(family), receiver.sizes(), receiver.times()
        octets = receiver.octets[: receiver.used * receiver.stride]
        columns: Columns = [*zip(*_REPLY.iter_unpack(octets), strict=True), times]
        senders = zip(columns[_MARK], sources, strict=True)
        odd: Sequence[int] = ()
        try:
            rings = list(map(self._rings.__getitem__, senders))
            usual = min(sizes) >= stamp.PLAIN
        except KeyError:
            usual = False
        if not usual:
            rings, columns, odd = self._apart(columns, sources, sizes)
        if rings and not self._take_usual(rings, columns):
            odd = range(receiver.used)
        for place in odd:
            self._take_odd(place, sources[place], sizes[place], times[place])
        receiver.clear()

    def _apart(
        self, columns: Columns, sources: Sequence[int], sizes: Sequence[int]
    ) -> tuple[list[Ring], Columns, list[int]]:
        """The rings and columns of usual replies alone, and the places of the others."""
        rings: list[Ring] = []
        odd: list[int] = []
        for place, (mark, source) in enumerate(zip(columns[_MARK], sources, strict=True)):
            ring = self._rings.get((mark, source))
            if ring is None or sizes[place] < stamp.PLAIN:
                odd.append(place)
            else:
                rings.append(ring)
        usual = [1] * len(sizes)
        for place in odd:
            usual[place] = 0
        return rings, [tuple(compress(column, usual)) for column in columns], odd

    def _take_usual(self, rings: Sequence[Ring], columns: Columns) -> bool:
        """Notes replies of peers that are known; False where not all are what is expected."""
        numbers, thirds, _, seconds, sequences, times = columns
        slots = [
            base + (number & mask) * width
            for (base, mask, width), number in zip(rings, sequences, strict=True)
        ]
        inside = [(t - s) * _BILLION >> 32 for t, s in zip(thirds, seconds, strict=True)]
        if min(inside) < 0 or max(inside) >= _LONGEST:
            inside = [took if 0 < took < _LONGEST else 0 for took in inside]
        return self._packets.take(slots, sequences, times, numbers, inside)

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
