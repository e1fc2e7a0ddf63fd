"""What really happened to every probe: a tap on each host, which sees packets before any filter.

Run inside a namespace as `python -m tests.support.mesh_tap INTERFACE PORT FILE`. Every STAMP packet
that leaves or arrives becomes a record.
"""

import signal
import socket
import struct
import sys
from pathlib import Path
from typing import NamedTuple

RECORD = struct.Struct("<B4sHIQ")
"""Kind, the far end's address, SSID, sequence number, T1 as it stands in the packet."""

OUT, IN = 0, 1
REQUEST, REPLY = 0, 2
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
        kind, address = REQUEST, data[16:20]
    elif source == port:
        ssid = struct.unpack_from("!H", payload, 14)[0]
        sequence, first = struct.unpack_from("!IQ", payload, 24)
        kind, address = REPLY, data[12:16]
    else:
        return b""
    return RECORD.pack(kind | (OUT if leaving else IN), address, ssid, sequence, first)


class Truth(NamedTuple):
    """What became of the packets that were sent to one far end in one slice."""

    sent: int
    out: int
    back: int
    unanswered: int  # arrived, and not answered by the far end


Key = tuple[str, int]
"""Address of a far end, and begin of a slice by the clock of the prober."""


def truths(near: Path, far: Path, length: int = 5) -> dict[Key, Truth]:
    """What became of every pair's packets, from the records of both ends."""
    seen = {path: _read(path) for path in (near, far)}
    reached, replied = seen[far][REQUEST | IN], seen[far][REPLY | OUT]
    heard = seen[near][REPLY | IN]
    found: dict[Key, list[int]] = {}
    for packet in seen[near][REQUEST | OUT]:
        seconds = (packet[3] >> 32) - _EPOCH
        key = socket.inet_ntoa(packet[0]), seconds // length * length
        row = found.setdefault(key, [0, 0, 0, 0])
        row[0] += 1
        if packet not in reached:
            row[1] += 1
        elif packet not in replied:
            row[3] += 1
        elif packet not in heard:
            row[2] += 1
    return {key: Truth(*row) for key, row in found.items()}


_Packet = tuple[bytes, int, int, int]


def _read(path: Path) -> dict[int, set[_Packet]]:
    found: dict[int, set[_Packet]] = {
        kind: set() for kind in (REQUEST | OUT, REQUEST | IN, REPLY | OUT, REPLY | IN)
    }
    octets = path.read_bytes()
    for kind, *packet in RECORD.iter_unpack(octets[: len(octets) // RECORD.size * RECORD.size]):
        address, ssid, sequence, first = packet
        found[kind].add((address, ssid, sequence, first))
    return found


if __name__ == "__main__":
    listen(sys.argv[1], int(sys.argv[2]), sys.argv[3])
