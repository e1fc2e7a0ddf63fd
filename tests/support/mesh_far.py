"""A far end that a test holds in its hands, and a prober's parts without the loop."""

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read
from bothsides.mesh.exchange import Exchange
from bothsides.mesh.lane import Lane, Turn, lanes
from bothsides.mesh.peer import Far, Peer, Wire
from bothsides.mesh.roster import Roster, roster
from bothsides.mesh.timeline import Span
from bothsides.parse import stamp

BILLION = 1_000_000_000

THREE = """
[[group]]
name = "all3"
[[server]]
name = "web1"
ip = "192.0.2.1"
datacenter = "eu.de"
groups = ["all3"]
[[server]]
name = "db1"
ip = "192.0.2.2"
datacenter = "us.east"
groups = ["all3"]
[[server]]
name = "old"
ip = "2001:db8::3"
groups = ["all3"]
[[check]]
from = "all3"
to = "all3"
check = "udp_ping"
except = "self"
"""
"""A landscape of three hosts, each of which asks the others."""


class FarEnd:
    """A socket that replies when the test says so."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.socket.settimeout(2)
        self.address, self.port = address, self.socket.getsockname()[1]
        self.numbers: dict[tuple[int, int], int] = {}  # next number, by source port and SSID

    def take(self, count: int) -> list[tuple[bytes, tuple[str, int]]]:
        """The next requests."""
        return [self.socket.recvfrom(2048) for _ in range(count)]

    def reply(self, request: bytes, source: tuple[str, int], size: int = 44) -> None:
        """A reflector's reply; it counts each flow for itself."""
        self.note(request, source)
        number = self.numbers[source[1], int.from_bytes(request[14:16])] - 1
        packet = self.packet(request, number)
        self.socket.sendto(packet[:size], source)

    def note(self, request: bytes, source: tuple[str, int]) -> None:
        """Counts a request, whether it is replied to or not."""
        flow = source[1], int.from_bytes(request[14:16])
        self.numbers[flow] = self.numbers.get(flow, 0) + 1

    def packet(self, request: bytes, number: int) -> bytes:
        """A reply with this number."""
        asked = stamp.from_request(request)
        now = time.time_ns()
        reply = stamp.Reply(
            number, now, stamp.UNSYNCHRONISED, asked.ssid, now, asked.sequence, asked.sent, 64
        )
        return stamp.to_reply(reply, request)


@contextmanager
def far_end(address: str = "127.0.0.1") -> Iterator[FarEnd]:
    made = FarEnd(address)
    try:
        yield made
    finally:
        made.socket.close()


@contextmanager
def exchange(families: Sequence[int] = (4,)) -> Iterator[Exchange]:
    made = Exchange(families)
    try:
        yield made
    finally:
        made.close()


def peer_of(
    far: FarEnd, made: Exchange, wire: Wire = "stamp", mark: int = 77, timeout: float = 1.0
) -> Peer:
    """A peer at this far end, known to the exchange."""
    about = Far("far", far.address, far.port, wire, 40.0, timeout, "us.east")
    peer = Peer(about, mark, 5.0, time.monotonic())
    made.follow(lanes([[*made.peers.values(), peer]]))
    return peer


def sent(made: Exchange, peer: Peer, count: int) -> None:
    """Sends so many packets, one after the other."""
    lane = Lane([peer])
    for _ in range(count):
        made.send(Turn(lane, 0, 1))


def received(made: Exchange, family: int = 4) -> None:
    """Takes in what has arrived at all sockets."""
    time.sleep(0.02)
    made.receive([opened.fileno() for opened in made.sockets[family]], family)


def span(at: int = 0, stalled: float = 0.0, stepped: bool = False) -> Span:
    """A slice of 5 s that ends now."""
    now = time.time_ns()
    return Span(at, now - 5 * BILLION, now, stalled, stepped)


def roster_of(text: str, host: str) -> Roster:
    """A host's part in a landscape."""
    return roster(Mesh(read(text)), host)
