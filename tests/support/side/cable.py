"""Cables: links with delay, jitter, reordering and duplicates, carried by one user process.

The kernel's netem is not everywhere. Each side of a cable is a TUN device in a node's namespace.
`python -m tests.support.side.cable` reads one JSON list of cables and prints `ready`, then reads
one JSON order a line and prints `done` for each. It ends when its standard input is closed.
"""

import ctypes
import fcntl
import heapq
import json
import os
import random
import select
import struct
import time
from typing import Any, NamedTuple

_CLONE_NEWNET = 0x40000000
_TUNSETIFF = 0x400454CA
_IFF_TUN_NO_PI = 0x1001
_ICMP, _ICMP6 = 1, 58
_EXCEEDED = {(4, 11), (6, 3)}  # (family, ICMP type)
_QUEUE = 20_000  # packets on their way in all cables


class Manner(NamedTuple):
    """What one direction of a cable does to its packets."""

    ms: float = 0.0  # ms, delay of every packet
    jitter: float = 0.0  # ms, at most; the order is kept
    twice: float = 0.0  # share of packets that arrive twice
    swap: float = 0.0  # share of packets that the following ones overtake
    late: float = 2.0  # ms, by which a swapped packet is later
    slow: float = 0.0  # ms, by which time-exceeded messages of the near router are later
    rate: float = 0.0  # octets/s that pass; 0: as many as come
    queue: float = 0.0  # ms that a packet waits for its turn at most; longer: it is dropped


class Side(NamedTuple):
    """Where one side of a cable is, and its opened device."""

    namespace: str
    device: str
    file: int


def opened(namespace: str, device: str) -> Side:
    """A TUN device inside a namespace; this process is in that namespace afterwards."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        if libc.setns(handle, _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
    finally:
        os.close(handle)
    file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(file, _TUNSETIFF, struct.pack("16sH22x", device.encode(), _IFF_TUN_NO_PI))
    return Side(namespace, device, file)


def is_exceeded(packet: bytes) -> bool:
    """Whether a packet is an ICMP time-exceeded message."""
    if packet[0] >> 4 == 4:
        head = (packet[0] & 15) * 4
        return packet[9] == _ICMP and (4, packet[head]) in _EXCEEDED
    return packet[6] == _ICMP6 and (6, packet[40]) in _EXCEEDED


class Carrier:
    """All cables: packets that arrive on one side leave by the other when they are due."""

    def __init__(self, seed: int) -> None:
        self.exits: dict[int, int] = {}  # file -> file of the other side
        self.manners: dict[int, Manner] = {}  # file that packets come from -> what is done to them
        self.last: dict[int, float] = {}  # file -> due time of its latest packet in order
        self.free: dict[int, float] = {}  # file -> when its queue has sent all that waits
        self.heap: list[tuple[float, int, int, bytes]] = []
        self.serial = 0
        self.dice = random.Random(seed)

    def add(self, one: Side, other: Side, ms: float, jitter: float = 0.0) -> None:
        """A cable with the same delay and jitter in both directions."""
        for near, far in ((one, other), (other, one)):
            self.exits[near.file] = far.file
            self.manners[near.file] = Manner(ms, jitter)
            self.last[near.file] = self.free[near.file] = 0.0

    def take(self, file: int) -> None:
        """Reads all packets that wait at one side."""
        manner, out = self.manners[file], self.exits[file]
        while True:
            try:
                packet = os.read(file, 65536)
            except OSError:
                return
            sent = self.sent(file, len(packet))
            if sent is None:
                continue
            due = sent + (manner.ms + self.dice.random() * manner.jitter) / 1e3
            if manner.slow and is_exceeded(packet):
                due += manner.slow / 1e3
            elif manner.swap and self.dice.random() < manner.swap:
                due += manner.late / 1e3
            else:
                due = self.last[file] = max(due, self.last[file])
            copies = 1 + (manner.twice > 0 and self.dice.random() < manner.twice)
            for _ in range(copies if len(self.heap) < _QUEUE else 0):
                self.serial += 1
                heapq.heappush(self.heap, (due, self.serial, out, packet))

    def sent(self, file: int, octets: int) -> float | None:
        """When a packet has left the queue of its side; None where the queue is full."""
        manner, now = self.manners[file], time.monotonic()
        if not manner.rate:
            return now
        begins = max(now, self.free[file])
        if begins - now > manner.queue / 1e3:
            return None
        self.free[file] = begins + octets / manner.rate
        return self.free[file]

    def give(self) -> float | None:
        """Sends what is due; seconds until the next packet is, None for an empty queue."""
        while self.heap:
            wait = self.heap[0][0] - time.monotonic()
            if wait > 0:
                return wait
            _, _, file, packet = heapq.heappop(self.heap)
            try:
                os.write(file, packet)
            except OSError:
                pass  # the device is down or its queue is full: the packet is lost as on any link
        return None

    def run(self, commands: int, sides: dict[tuple[str, str], int]) -> None:
        """Carries until the commands' file ends."""
        files = [commands, *self.exits]
        pending = b""
        while True:
            ready = select.select(files, [], [], self.give())[0]
            for file in ready:
                if file != commands:
                    self.take(file)
                    continue
                octets = os.read(commands, 65536)
                if not octets:
                    return
                *lines, pending = (pending + octets).split(b"\n")
                for line in lines:
                    self.order(json.loads(line), sides)
                    print("done", flush=True)

    def order(self, order: dict[str, Any], sides: dict[tuple[str, str], int]) -> None:
        """Sets the manner of the direction that leaves a node by a device."""
        file = sides[order.pop("namespace"), order.pop("device")]
        self.manners[file] = Manner(**order)


def _first_line(file: int) -> bytes:
    """One line, without reading any further: the orders come later."""
    line = b""
    while not line.endswith(b"\n"):
        octet = os.read(file, 1)
        if not octet:
            break
        line += octet
    return line


def main() -> None:
    """Opens the cables that the first line names, and carries."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except OSError:
        pass  # without it a busy machine adds jitter
    carrier = Carrier(1)
    sides: dict[tuple[str, str], int] = {}
    for one, other, ms, jitter in json.loads(_first_line(0)):
        ends = opened(*one), opened(*other)
        carrier.add(*ends, ms, jitter)
        sides.update({(end.namespace, end.device): end.file for end in ends})
    print("ready", flush=True)
    carrier.run(0, sides)


if __name__ == "__main__":
    main()
