"""Sends the packets of a tick and takes in the replies: all that is done for every packet."""

import os
import socket
import time
from struct import Struct

from bothsides.base.types import Iterable, Sequence
from bothsides.mesh.peer import MEHSH, REQUEST, UNSENT, Peer
from bothsides.mesh.wire import other
from bothsides.parse import mehsh, stamp
from bothsides.parse.ntp_time import to_ntp
from bothsides.probe.udp.batch import (
    ARRIVAL4,
    ARRIVAL6,
    AT_ONCE,
    HEADER,
    LENGTH,
    READ,
    WORDS,
    Batch,
    Receiver,
    Sender,
    opened,
)

FLOWS = 8  # source ports of each family
_REQUEST, _MEHSH = REQUEST.pack_into, MEHSH.pack_into
_REPLY = Struct("!IQ2xHQIQ252x")  # number, T3, SSID, T2, sequence number, T1
_BILLION = 1_000_000_000
_LONGEST = 60_000_000  # us inside a reflector; more is no measurement
_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


class Exchange:
    """The sockets of this host's probes."""

    def __init__(self, families: Iterable[int]) -> None:
        """families: 4 and 6, as far as they are needed. Raises OSError."""
        self.sockets: dict[int, list[socket.socket]] = {}
        self.open(families)
        self.run = int.from_bytes(os.urandom(2)) or 1  # marks mehsh's packets of this process
        self.peers: dict[int, Peer] = {}  # by their marks
        self.strays = 0  # datagrams that were no reply to a packet of ours
        self.errors: dict[int, int] = {}  # packets that were not sent, by errno
        self.overflow = 0  # replies that the sockets dropped
        self._drops: dict[int, int] = {}  # the same by descriptor
        self._sender = Sender()
        self._receiver = Receiver()
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

    def send(self, family: int, peers: Sequence[Peer]) -> None:
        """Sends one packet to each of these peers of a family, few at once from one port."""
        for place in range(0, len(peers), AT_ONCE):
            self._send(family, peers[place : place + AT_ONCE])

    def _send(self, family: int, peers: Sequence[Peer]) -> None:
        """One call to the kernel. The clock is read once, and nothing but octets made after it."""
        flow = self._flow()
        headers, place = self._sender.headers, 0
        now = time.time_ns()
        first = to_ntp(now)
        for peer in peers:
            headers[place : place + HEADER] = peer.header
            place += HEADER
            if peer.stamped:
                _REQUEST(peer.octets, 0, peer.sequence & 0xFFFFFFFF, first)
            else:
                number, kind = peer.sequence & 0xFFFFFFFF, mehsh.REQUEST
                _MEHSH(peer.octets, 0, mehsh.MAGIC, 1, self.run, peer.mark, number, kind)
        refused = self._sender.send(self.sockets[family][flow].fileno(), len(peers))
        for peer in peers:
            slot = peer.sequence & peer.mask
            peer.sequence += 1
            peer.arrived[slot] = 0
            peer.flows[slot] = flow
            peer.sent[slot] = now
        for index, errno in refused:
            peer = peers[index]
            peer.arrived[(peer.sequence - 1) & peer.mask] = UNSENT
            self.errors[errno] = self.errors.get(errno, 0) + 1

    def _flow(self) -> int:
        """A random flow: in turn, they would keep step with whatever drops every eighth packet."""
        if self._drawn >= len(self._random):
            self._random, self._drawn = os.urandom(512), 0
        self._drawn += 1
        return self._random[self._drawn - 1] % FLOWS

    def receive(self, descriptor: int, family: int) -> None:
        """Takes in all that has arrived at one socket."""
        arrival = ARRIVAL4 if family == 4 else ARRIVAL6
        while True:
            batch = self._receiver.receive(descriptor)
            if not batch.received:
                return
            self._take(batch, arrival)
            drops = self._receiver.drops(batch.received)
            if drops:
                self.overflow += (drops - self._drops.get(descriptor, 0)) & 0xFFFFFFFF
                self._drops[descriptor] = drops
            if batch.received < READ:
                return

    def _take(self, batch: Batch, arrival: Struct) -> None:
        peers, stride = self.peers, self._receiver.stride
        octets = batch.octets[: batch.received * stride]
        sizes = batch.words[LENGTH : batch.received * WORDS : WORDS].tolist()
        arrivals, replies = arrival.iter_unpack(octets), _REPLY.iter_unpack(octets)
        for place, (size, (seconds, rest, source), reply) in enumerate(
            zip(sizes, arrivals, replies, strict=True)
        ):
            number, third, mark, second, sequence, first = reply
            peer = peers.get(mark)
            if size < stamp.PLAIN or peer is None or not first or source != peer.source:
                start = place * stride
                found = other(octets[start : start + size], source, self.run, peers)
                if found is None:
                    self.strays += 1
                    continue
                peer, sequence, number, third, second = found
            behind = (peer.sequence - sequence) & 0xFFFFFFFF
            slot = sequence & peer.mask
            known = peer.arrived[slot]
            if not 0 < behind <= peer.mask or known < 0:
                self.strays += 1
            elif known:
                peer.duplicates.append(peer.sequence - behind)
            else:
                peer.arrived[slot] = seconds * _BILLION + rest
                peer.numbers[slot] = number
                inside = (third - second) * 1_000_000 >> 32
                peer.inside[slot] = inside if 0 < inside < _LONGEST else 0
