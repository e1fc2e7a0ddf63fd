"""A whole internet behind one veth pair.

A process that answers probes as a described `World` would.

Run inside a namespace as `python -m tests.support.simnet INTERFACE FILE`; the file is read again
whenever it changes, which is how a path changes now.
"""

import heapq
import ipaddress
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.forked import run
from tests.support.net import command, network
from tests.support.process import HOUSE, Outcome
from tests.support.world import Description, Met, World

_EXPIRED, _UNREACHABLE, _ECHO, _ECHO_REPLY = 11, 3, 8, 0
_PROHIBITED, _PORT = 13, 3


class Simulated:
    """A described network and the plugin at its edge."""

    def __init__(
        self, inside: tuple[str, ...], file: Path, state: str, description: Description
    ) -> None:
        self.inside, self.file, self.state = inside, file, state
        self.description = description

    def tell(self, description: Description) -> None:
        """Changes the network now."""
        self.description = description
        draft = self.file.with_suffix(".new")
        draft.write_text(json.dumps(description))
        os.replace(draft, self.file)
        time.sleep(0.05)

    def check(self, *arguments: str) -> Outcome:
        """One run of the plugin towards the target."""
        target = str(self.description["target"])
        return run(
            "check_mtr_path",
            "-H",
            target,
            "--state-dir",
            self.state,
            *arguments,
            inside=self.inside,
        )


@contextmanager
def simulated(folder: Path, description: Description) -> Iterator[Simulated]:
    """The described network behind a namespace whose only way out leads into it."""
    with network() as made:
        made.host("us")
        made.host("sim")
        ours, theirs = made.link("us", "192.0.2.2/24", "sim", "192.0.2.254/24")
        mac = command(*made.inside("sim"), "cat", f"/sys/class/net/{theirs}/address").strip()
        command(
            *made.inside("us"),
            "ip",
            "neigh",
            "replace",
            "192.0.2.1",
            "lladdr",
            mac,
            "dev",
            ours,
            "nud",
            "permanent",
        )
        made.route("us", "default", "via", "192.0.2.1")
        made.set("sim", "net.ipv4.ip_forward=0")  # the process answers, not the kernel
        made.drop("sim", "meta l4proto { icmp, udp } drop")
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "network.json"
        file.write_text(json.dumps(description))
        process = subprocess.Popen(
            [*made.inside("sim"), sys.executable, "-m", "tests.support.simnet", theirs, str(file)],
            cwd=HOUSE, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": f"{HOUSE}:{HOUSE / 'lib'}"},
        )  # fmt: skip
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield Simulated(made.inside("us"), file, str(folder / "state"), description)
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def serve(interface: str, file: Path) -> None:
    """Answers for ever."""
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
    wire.bind((interface, 0))
    told = file.stat().st_mtime_ns
    world = World(json.loads(file.read_text()), os.getpid())
    due: list[tuple[float, int, bytes]] = []
    number = 0
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        wait = max(0.0, due[0][0] - time.monotonic()) if due else 0.5
        if select.select([wire], [], [], min(wait, 0.5))[0]:
            frame = wire.recv(65535)
            now = time.monotonic()
            if file.stat().st_mtime_ns != told:
                told = file.stat().st_mtime_ns
                world.tell(json.loads(file.read_text()))
            answer = _answer(world, frame, now)
            if answer is not None:
                number += 1
                heapq.heappush(due, (now + answer[0], number, answer[1]))
        while due and due[0][0] <= time.monotonic():
            wire.send(heapq.heappop(due)[2])


def _answer(world: World, frame: bytes, now: float) -> tuple[float, bytes] | None:
    """When to send what, for a frame that came in."""
    packet = frame[14:]
    if len(packet) < 28 or packet[0] >> 4 != 4:
        return None
    ttl, protocol = packet[8], packet[9]
    destination = str(ipaddress.ip_address(packet[16:20]))
    if destination != world.target or protocol not in (1, 17):
        return None
    load = packet[(packet[0] & 15) * 4 :]
    echo = protocol == 1
    flow = "echo" if echo else f"{packet[12:20].hex()}.{load[:4].hex()}"
    met = world.packet(flow, ttl, now, echo)
    if met is None:
        return None
    body = load if echo and met.kind == "reply" else packet[: struct.unpack("!H", packet[2:4])[0]]
    message = _icmp(met, echo, body)
    header = _header(met.host, str(ipaddress.ip_address(packet[12:16])), len(message))
    return met.after, frame[6:12] + frame[:6] + b"\x08\x00" + header + message


def _icmp(met: Met, echo: bool, body: bytes) -> bytes:
    if met.kind == "reply" and echo:
        return _summed(bytes((_ECHO_REPLY, 0, 0, 0)) + body[4:])
    kind, code = {
        "expired": (_EXPIRED, 0),
        "refused": (_UNREACHABLE, _PROHIBITED),
        "reply": (_UNREACHABLE, _PORT),
    }[met.kind]
    if not met.mpls:
        return _summed(bytes((kind, code, 0, 0, 0, 0, 0, 0)) + body[:128])
    labels = b"".join(
        struct.pack("!I", number << 12 | tc << 9 | bottom << 8 | life)
        for number, tc, bottom, life in met.mpls
    )
    stack = struct.pack("!HBB", 4 + len(labels), 1, 1) + labels  # RFC 4950
    extension = bytearray(b"\x20\x00\x00\x00" + stack)
    extension[2:4] = _checksum(bytes(extension))
    return _summed(
        bytes((kind, code, 0, 0, 0, 32, 0, 0)) + body[:128].ljust(128, b"\0") + bytes(extension)
    )


def _summed(message: bytes) -> bytes:
    return message[:2] + _checksum(message[:2] + b"\0\0" + message[4:]) + message[4:]


def _header(source: str, destination: str, length: int) -> bytes:
    ends = ipaddress.ip_address(source).packed + ipaddress.ip_address(destination).packed
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0, 60, 1, 0) + ends
    return header[:10] + _checksum(header) + header[12:]


def _checksum(data: bytes) -> bytes:
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!H", ~total & 0xFFFF)


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))
