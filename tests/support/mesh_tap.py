"""What really happened to every probe: a tap on each host, which sees packets before any filter.

Run inside a namespace as `python -m tests.support.mesh_tap INTERFACE PORT FILE`. Every STAMP packet
that leaves or arrives becomes a record of 24 octets.
"""

import signal
import socket
import struct
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

RECORD = struct.Struct("<BxHIQ")
"""Kind, SSID, sequence number, T1 as it stands in the packet."""

OUT, IN = 0, 1
REQUEST, REPLY = 0, 2
_BILLION = 1_000_000_000
_EPOCH = 2208988800


def listen(interface: str, port: int, path: str) -> None:
    """Writes a record for every packet until SIGTERM."""
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
    tap.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
    tap.bind((interface, 3))
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
    tap.settimeout(0.2)
    with open(path, "wb", buffering=1 << 16) as file:
        print("listening", flush=True)
        while True:
            try:
                data, address = tap.recvfrom(2048)
            except TimeoutError:
                if ended:
                    return
                continue
            record = _record(data, address[2] == socket.PACKET_OUTGOING, port)
            if record:
                file.write(record)


def _record(data: bytes, leaving: bool, port: int) -> bytes:
    if len(data) < 28 + 44 or data[0] >> 4 != 4 or data[9] != 17:
        return b""
    at = 4 * (data[0] & 15)
    source, target = struct.unpack_from("!HH", data, at)
    payload = data[at + 8 :]
    if len(payload) != 44:  # a question about a slice
        return b""
    if target == port:
        sequence, first, _, ssid = struct.unpack_from("!IQHH", payload)
        kind = REQUEST
    elif source == port:
        ssid = struct.unpack_from("!H", payload, 14)[0]
        sequence, first = struct.unpack_from("!IQ", payload, 24)
        kind = REPLY
    else:
        return b""
    return RECORD.pack(kind | (OUT if leaving else IN), ssid, sequence, first)


class Truth(NamedTuple):
    """What became of the packets that were sent in one slice."""

    sent: int
    out: int
    back: int
    unanswered: int  # arrived, and not answered by the far end


def truths(near: Path, far: Path, length: int = 5) -> dict[int, Truth]:
    """By the begin of the slice, from the records of both ends."""
    seen = {path: _read(path) for path in (near, far)}
    sent = seen[near][REQUEST | OUT]
    reached = seen[far][REQUEST | IN]
    replied = seen[far][REPLY | OUT]
    heard = seen[near][REPLY | IN]
    found: dict[int, list[int]] = {}
    for packet in sent:
        seconds = (packet[2] >> 32) - _EPOCH
        row = found.setdefault(seconds // length * length, [0, 0, 0, 0])
        row[0] += 1
        if packet not in reached:
            row[1] += 1
        elif packet not in replied:
            row[3] += 1
        elif packet not in heard:
            row[2] += 1
    return {at: Truth(*row) for at, row in found.items()}


def _read(path: Path) -> dict[int, Counter[tuple[int, int, int]]]:
    found: dict[int, Counter[tuple[int, int, int]]] = {
        kind: Counter() for kind in (REQUEST | OUT, REQUEST | IN, REPLY | OUT, REPLY | IN)
    }
    for kind, ssid, sequence, first in RECORD.iter_unpack(
        path.read_bytes()[: path.stat().st_size // RECORD.size * RECORD.size]
    ):
        found[kind][ssid, sequence, first] += 1
    return found


if __name__ == "__main__":
    listen(sys.argv[1], int(sys.argv[2]), sys.argv[3])
