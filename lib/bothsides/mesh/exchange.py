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
_LONGEST = 60_000_000  # us inside a reflector; more is no measurement
_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


Ring = tuple[int, int]
"""Where the slots of a peer begin, and its mask."""


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
            (peer.mark, peer.source): (peer.base, peer.mask)
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
        columns = [*zip(*_REPLY.iter_unpack(octets), strict=True), times]
        found = list(map(self._rings.get, zip(columns[_MARK], sources, strict=True)))
        odd: Sequence[int] = ()
        if None in found or min(sizes) < stamp.PLAIN:
            usual = [
                ring is not None and size >= stamp.PLAIN
                for ring, size in zip(found, sizes, strict=True)
            ]
            odd = [place for place, is_usual in enumerate(usual) if not is_usual]
            columns = [tuple(compress(column, usual)) for column in columns]
            found = list(compress(found, usual))
        rings = [ring for ring in found if ring is not None]
        if rings and not self._take_usual(rings, columns):
            odd = range(receiver.used)
        for place in odd:
            self._take_odd(place, sources[place], sizes[place], times[place])
        receiver.clear()

    def _take_usual(self, rings: list[Ring], columns: Sequence[Sequence[int]]) -> bool:
        """Notes replies of peers that are known; False where not all are what is expected."""
        numbers, thirds, _, seconds, sequences, times = columns
        slots = [base + (n & mask) for (base, mask), n in zip(rings, sequences, strict=True)]
        inside = [(t - s) * 1_000_000 >> 32 for t, s in zip(thirds, seconds, strict=True)]
        if min(inside) < 0 or max(inside) >= _LONGEST:
            inside = [took if 0 < took < _LONGEST else 0 for took in inside]
        replies = zip(times, numbers, inside, strict=True)
        return self._packets.take(slots, sequences, replies)

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
            inside = (third - second) * 1_000_000 >> 32
            peer.inside[slot] = inside if 0 < inside < _LONGEST else 0
