"""Sends and receives as udp_mesh does: what the kernel takes, and what Python takes at the least.

Run as `python -m tests.bench.mesh_floor PORT RATE SECONDS LOOK ADDRESS...`; prints packets sent and
received, and percent of a core. LOOK 0: nothing is looked at. LOOK 1: every reply is read (who sent
it, which packet it answers, when it arrived) and its round trip is added up, with no check of
anything, no slices, no directions: no prober in Python that sends and receives so takes less.
"""

import socket
import sys
import time
from array import array
from itertools import cycle
from struct import Struct

from bothsides.mesh.exchange import AT_ONCE, FLOWS
from bothsides.mesh.schedule import TICK
from bothsides.parse import stamp
from bothsides.probe.udp.batch import CONTROL, NAME, ROOM, Receiver, opened
from bothsides.probe.udp.drafts import Drafts

_REPLY = Struct(f"!14xH8xI{ROOM + CONTROL + NAME - 28}x")  # SSID, here: the peer; sequence number
_ROUNDS = 64  # of which the times of sending are remembered
_BILLION = 1_000_000_000


class Book:
    """What is noted of every packet."""

    def __init__(self, peers: int) -> None:
        self.sent = array("l", bytes(8 * _ROUNDS * peers))  # ns since 1970
        self.answered = array("l", bytes(8 * peers))  # packets
        self.trips = array("l", bytes(8 * peers))  # ns, all together
        self.peers = peers

    def leave(self, number: int, first: int, count: int) -> None:
        """Notes when packets with this number leave to these peers."""
        place = number % _ROUNDS * self.peers + first
        self.sent[place : place + count] = array("l", (time.time_ns(),)) * count

    def take(self, receiver: Receiver) -> None:
        """Takes in all replies that were received."""
        sent, answered, trips, peers = self.sent, self.answered, self.trips, self.peers
        replies = _REPLY.iter_unpack(receiver.octets[: receiver.used * receiver.stride])
        for (peer, number), (seconds, rest, _) in zip(replies, receiver.arrivals(4), strict=True):
            at = seconds * _BILLION + rest
            trips[peer] += at - sent[number % _ROUNDS * peers + peer]
            answered[peer] += 1


def main(port: int, rate: float, seconds: float, look: bool, *addresses: str) -> None:
    """Prints what was sent and received, and the share of a core."""
    count = len(addresses)  # peer 0 is nobody: its SSID would be none
    kept = [opened(socket.AF_INET) for _ in range(FLOWS)]
    sockets = [each.fileno() for each in kept]
    own = [place.to_bytes(4) + bytes(28) for place in range(1, count + 1)]
    shared = stamp.PLAIN - len(own[0])
    drafts = Drafts([(each, port) for each in addresses], own, shared, shared_first=True)
    receiver, book = Receiver(count=256), Book(count + 1)
    flows = cycle(sockets)
    began, used = time.monotonic(), time.process_time()
    sent = received = ticks = 0
    while (passed := time.monotonic() - began) < seconds:
        for each in sockets:
            received += receiver.more(each)
            if look:
                book.take(receiver)
            receiver.clear()
        while sent < int(passed * rate * count):
            low = sent % count
            high = min(count, low + AT_ONCE)
            drafts.shared[:4] = (sent // count).to_bytes(4)
            if look:
                book.leave(sent // count, low + 1, high - low)
            drafts.send(next(flows), low, high)
            sent += high - low
        ticks += 1
        time.sleep(max(0.0, began + ticks * TICK - time.monotonic()))
    share = 100 * (time.process_time() - used) / (time.monotonic() - began)
    if look and sum(book.answered) != received:
        raise SystemExit("a reply was not taken in")
    print(f"{sent} {received} {share:.2f} {sum(book.trips) / max(1, received):.0f}")


if __name__ == "__main__":
    first, *addresses = sys.argv[1:5], *sys.argv[5:]
    main(int(first[0]), float(first[1]), float(first[2]), first[3] == "1", *addresses)
