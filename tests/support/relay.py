"""A wire that harms packets on purpose and keeps the books: the ground truth of the tests of loss.

Run inside a namespace between two others, `python -m tests.support.relay IF_NEAR IF_FAR HARM`:
forwards Ethernet frames both ways and does to the UDP and ICMP echo packets among them what HARM
says, a JSON object of rules by direction ("out" away from the near side, "back" towards it):

    {"out": {"drop": [10, 3], "lose": [40, 41]}, "back": {"double": [5, 0]}}

drop, double, corrupt, hold: [n, k] means every n-th packet, beginning with the k-th (from 0).
lose: these very packets. late: [seconds, place, place ...] are delivered that much later.
hold lets `span` packets of the same direction pass first (default 1), but waits 50 ms at most.

By chance, each with the seed of its own dice: random, copies, shuffle: [seed, share] loses, doubles
or holds (for `span` packets) this share; gilbert: [seed, share, length] loses it in bursts of this
mean length. blackout: [first, last] loses all between. dead: [members, which, first] loses, from
that packet on, the flows whose port on the near side falls on one of so many parallel links.
rebind: [first, step] gives the near side other ports from that packet on, as a NAT that has
forgotten its table.

On SIGTERM it prints what it did as JSON: for each direction the packets seen and delivered whole,
each as [port of the near side, number in the packet].
"""

import heapq
import json
import random
import select
import signal
import socket
import struct
import sys
import time
from typing import Any

_UDP, _ICMP = 17, 1
_IRTT = b"\x14\xa7\x5b"
_OUTGOING = 4  # PACKET_OUTGOING: what this host itself has sent
JUMP = 1 << 20
LAST_NEW_PORT = 45000  # a source port plus the step of `rebind` is below it, one without above


class Way:
    """One direction: its rules, and its books."""

    def __init__(self, exit_to: socket.socket, rules: dict[str, Any]) -> None:
        self.exit = exit_to
        self.rules = rules
        self.seen: list[tuple[int, int]] = []
        self.delivered: list[tuple[int, int]] = []
        self.held: list[tuple[int, bytes, tuple[int, int], float]] = []
        self.count = 0
        self.dice = {
            rule: random.Random(setting[0])
            for rule, setting in rules.items()
            if rule in ("random", "copies", "shuffle", "gilbert")
        }
        self.in_burst = False

    def chance(self, rule: str) -> bool:
        """Whether a rule by chance strikes the current packet."""
        return rule in self.dice and self.dice[rule].random() < self.rules[rule][1]

    def burst(self) -> bool:
        """Whether the current packet is in a burst of Gilbert's model."""
        if "gilbert" in self.rules:
            _, share, length = self.rules["gilbert"]
            leaves, enters = 1 / length, share / (1 - share) / length
            dice = self.dice["gilbert"].random()
            self.in_burst = dice >= leaves if self.in_burst else dice < enters
        return self.in_burst

    def gone(self, port: int) -> bool:
        """Whether the current packet is lost."""
        first, last = self.rules.get("blackout", (0, 0))
        members, which, since = self.rules.get("dead", (0, 0, 0))
        return (
            self.every("drop")
            or self.count in self.rules.get("lose", ())
            or self.chance("random") | self.burst()
            or first <= self.count < last
            or (members > 0 and self.count >= since and port % members == which)
        )

    def every(self, rule: str) -> bool:
        """Whether a periodic rule strikes the current packet."""
        each, first = self.rules.get(rule, (0, 0))
        return bool(each) and self.count >= first and (self.count - first) % each == 0

    def put(self, frame: bytes, name: tuple[int, int]) -> None:
        """Delivers a frame whole."""
        self.delivered.append(name)
        self.exit.send(frame)

    def pass_on(
        self,
        frame: bytes,
        name: tuple[int, int],
        later: list[tuple[float, int, bytes, "Way", tuple[int, int]]],
    ) -> None:
        """Does to one packet what the rules say."""
        self.seen.append(name)
        late = self.rules.get("late", [0])
        if self.gone(name[0]):
            pass
        elif self.every("corrupt"):
            self.exit.send(frame[:-1] + bytes([frame[-1] ^ 0x55]))
        elif self.count in late[1:]:
            heapq.heappush(later, (time.monotonic() + late[0], len(later), frame, self, name))
        elif self.every("hold") or self.chance("shuffle"):
            until = self.count + self.rules.get("span", 1)
            self.held.append((until, frame, name, time.monotonic() + 0.05))
        else:
            self.put(frame, name)
            if self.every("double") or self.chance("copies"):
                self.put(frame, name)
        self.release()
        self.count += 1

    def release(self) -> None:
        """Delivers what has been held long enough."""
        now = time.monotonic()
        for entry in [entry for entry in self.held if entry[0] <= self.count or entry[3] <= now]:
            self.held.remove(entry)
            self.put(entry[1], entry[2])


def name_of(frame: bytes, outward: bool) -> tuple[int, int] | None:
    """(port of the near side, number) of a probe's packet; None for everything else."""
    if frame[12:14] != b"\x08\x00" or frame[14] != 0x45:
        return None
    packet = frame[14:]
    if packet[9] == _UDP:
        source, target = struct.unpack_from("!HH", packet, 20)
        payload = packet[28:]
        if (
            payload[:3] == _IRTT
        ):  # number after flags and token; it opens with a packet that has none
            return (source if outward else target), JUMP if payload[3] & 1 else int.from_bytes(
                payload[12:16], "little"
            )
        number = int.from_bytes(payload[0:4] if outward else payload[24:28])
        return (source if outward else target), number
    if packet[9] == _ICMP and packet[20] in (0, 8):
        identity, number = struct.unpack_from("!HH", packet, 24)
        return int(identity), int(number)
    return None


def whole(frame: bytes) -> bytes:
    """The frame with a UDP checksum, which a veth leaves to hardware that does not exist."""
    length = 14 + int.from_bytes(frame[16:18])
    if frame[23] != _UDP:
        return frame[:length]
    head, datagram = frame[:34], frame[34:length]
    datagram = datagram[:6] + b"\0\0" + datagram[8:]
    data = frame[26:34] + struct.pack("!BBH", 0, _UDP, len(datagram)) + datagram
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return head + datagram[:6] + struct.pack("!H", ~total & 0xFFFF or 0xFFFF) + datagram[8:]


class Nat:
    """Other ports of the near side from some packet on."""

    def __init__(self, first: int, step: int) -> None:
        self.first = first
        self.step = step
        self.count = 0

    def changed(self, frame: bytes, outward: bool) -> bytes:
        """The frame as it leaves on the other side; its checksum is made later."""
        self.count += outward
        place = 34 if outward else 36
        port = int.from_bytes(frame[place : place + 2])
        if outward and self.count > self.first:
            port += self.step
        elif not outward and port < LAST_NEW_PORT:
            port -= self.step
        return frame[:place] + port.to_bytes(2) + frame[place + 2 :]


def main(near: str, far: str, harm: str) -> None:
    """Forwards until SIGTERM."""
    sides = [socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) for _ in range(2)]
    for side, interface in zip(sides, (near, far), strict=True):
        side.bind((interface, 0))
        side.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    rules = json.loads(harm)
    ways = {
        sides[0]: Way(sides[1], rules.get("out", {})),
        sides[1]: Way(sides[0], rules.get("back", {})),
    }
    nat = Nat(*rules.get("rebind", (1 << 30, 0)))
    later: list[tuple[float, int, bytes, Way, tuple[int, int]]] = []
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: ended.append(number))
    print("ready", flush=True)
    while not ended:
        wait = min(0.05, max(0.0, later[0][0] - time.monotonic())) if later else 0.05
        for side in select.select(sides, [], [], wait)[0]:
            frame, address = side.recvfrom(65536)
            way = ways[side]
            name = None if address[2] == _OUTGOING else name_of(frame, side is sides[0])
            if name is not None:
                way.pass_on(whole(nat.changed(frame, side is sides[0])), name, later)
            elif address[2] != _OUTGOING:
                way.exit.send(frame)
        for way in ways.values():
            way.release()
        while later and later[0][0] <= time.monotonic():
            _, _, frame, way, name = heapq.heappop(later)
            way.put(frame, name)
    out, back = ways[sides[0]], ways[sides[1]]
    print(
        json.dumps(
            {"seen": out.seen, "out": out.delivered, "answered": back.seen, "back": back.delivered}
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
