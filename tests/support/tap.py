"""A packet tap on a host: which STAMP packets have passed its interfaces, as the kernel saw them.

`python -m tests.support.tap PORT` inside a namespace answers every line on stdin with one line of
JSON, and forgets: for requests and replies, coming in and going out, [SSID, sequence number] of
each packet. Packets are known by SSID and number, whatever their ports.
"""

import json
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.net import Network
from tests.support.process import HOUSE

_OUTGOING = 4
_FIRST_CLOSING = 1 << 20

Packet = tuple[int, int]
"""SSID and sequence number."""


class Tap:
    """A running tap."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def taken(self) -> dict[str, list[Packet]]:
        """What has passed since the last time.

        `request in`, `request out`, `reply in`, `reply out`.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        told: dict[str, list[list[int]]] = json.loads(self.process.stdout.readline())
        return {
            kind: [(ssid, number) for ssid, number in packets if number < _FIRST_CLOSING]
            for kind, packets in told.items()
        }


@contextmanager
def tap(net: Network, host: str, port: int) -> Iterator[Tap]:
    """A tap in a host."""
    command = [*net.inside(host), sys.executable, "-m", "tests.support.tap", str(port)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HOUSE
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield Tap(process)
        finally:
            process.kill()


def main(port: int) -> None:
    """Taps until stdin ends."""
    wire = socket.socket(
        socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3)
    )  # all: IPv4 alone would miss what goes out
    wire.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
    wire.setblocking(False)
    print("ready", flush=True)
    kinds = ("request in", "request out", "reply in", "reply out")
    passed: dict[str, list[list[int]]] = {kind: [] for kind in kinds}
    while True:
        ready, _, _ = select.select([wire, sys.stdin], [], [])
        if wire in ready:
            _drain(wire, port, passed)
        if sys.stdin in ready:
            if not sys.stdin.readline():
                return
            _drain(wire, port, passed)
            print(json.dumps(passed), flush=True)
            passed = {kind: [] for kind in kinds}


def _drain(wire: socket.socket, port: int, passed: dict[str, list[list[int]]]) -> None:
    while True:
        try:
            packet, address = wire.recvfrom(65536)
        except BlockingIOError:
            return
        if address[1] != 0x0800 or len(packet) < 28 + 44 or packet[9] != socket.IPPROTO_UDP:
            continue
        way = "out" if address[2] == _OUTGOING else "in"
        source, target = int.from_bytes(packet[20:22]), int.from_bytes(packet[22:24])
        data = packet[28:]
        if target == port:
            passed[f"request {way}"].append([int.from_bytes(data[14:16]), int.from_bytes(data[:4])])
        elif source == port:
            number = int.from_bytes(data[24:28])
            passed[f"reply {way}"].append([int.from_bytes(data[14:16]), number])


if __name__ == "__main__":
    main(int(sys.argv[1]))
