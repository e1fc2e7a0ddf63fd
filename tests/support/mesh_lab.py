"""udp_mesh between three namespaces.

The prober, a router that drops what a test wants, reflectors.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bothsides.model.mesh import PairWindow, Slice
from tests.support import net
from tests.support.mesh_tap import Key, Truth
from tests.support.process import HOUSE, PLUGINS, Outcome, run

PORT = 862
NEAR = "10.66.0.1"


class Peer(NamedTuple):
    """A far end of the laboratory."""

    name: str
    address: str
    datacenter: str


def peers(
    count: int, datacenters: Sequence[str] = ("us.east", "us.west", "eu.de"), family: int = 4
) -> list[Peer]:
    """Far ends p1, p2, ... in turn in these data centres; their last octet is the number and 1."""
    return [
        Peer(
            f"p{n}",
            f"10.66.{2 + n // 250}.{1 + n % 250}" if family == 4 else f"fd66:2::{1 + n:x}",
            datacenters[(n - 1) % len(datacenters)],
        )
        for n in range(1, count + 1)
    ]


def landscape(far: Sequence[Peer], rate: float = 40.0, more: str = "") -> str:
    """A landscape in which `near` asks all the others."""
    rows = ",\n  ".join(
        f'["{each.name}", "{each.address}", "{each.datacenter}", ["far"]]' for each in far
    )
    return (
        f'[defaults]\nrate = {rate}\nmax_pps = 50000\nport = {PORT}\n[[group]]\nname = "far"\n'
        f'[servers]\ncolumns = ["name", "ip", "datacenter", "groups"]\nrows = [{rows}]\n'
        f'[[server]]\nname = "near"\nip = "{NEAR}"\ndatacenter = "us.near"\ngroups = []\n'
        f'[[check]]\nfrom = "near"\nto = "far"\ncheck = "udp_ping"\n{more}'
    )


def ask(path: Path | str, **asked: Any) -> dict[str, Any]:
    """The answer of a prober to one request."""
    with socket.socket(socket.AF_UNIX) as opened:
        opened.settimeout(30)
        opened.connect(str(path))
        opened.sendall(json.dumps(asked).encode() + b"\n")
        data = b""
        while piece := opened.recv(1 << 20):
            data += piece
    answer: dict[str, Any] = json.loads(data)
    return answer


class Lab:
    """The namespaces, and the processes in them."""

    def __init__(self, network: net.Network, folder: Path, stack: ExitStack) -> None:
        self.network, self.folder, self.stack = network, folder, stack
        self.socket = folder / "mesh.sock"
        self.file = folder / "landscape.toml"
        for name in ("near", "core", "far"):
            network.host(name)
        self.near, gate = network.link("near", f"{NEAR}/24", "core", "10.66.0.254/24")
        other, self.far = network.link("core", "10.66.1.254/24", "far", "10.66.1.1/24")
        self.gates = gate, other
        network.route("near", "default", "via", "10.66.0.254")
        network.route("far", "default", "via", "10.66.1.254")
        network.route("core", "10.66.0.0/16", "via", "10.66.1.1")
        for part in ("10.66.2.0/23", "10.66.4.0/22"):
            inside = network.inside("far")
            net.command(*inside, "ip", "route", "add", "local", part, "dev", "lo")
        self._six()

    def _six(self) -> None:
        """The same in IPv6: fd66:0::1, a router, and fd66:2::/64 on the far side."""
        for host, number, own, interface in (
            ("near", 0, "1", self.near),
            ("core", 0, "fe", self.gates[0]),
            ("core", 1, "fe", self.gates[1]),
            ("far", 1, "1", self.far),
        ):
            inside = self.network.inside(host)
            address = f"fd66:{number}::{own}/64"
            net.command(*inside, "ip", "address", "add", address, "dev", interface, "nodad")
        self.network.route("near", "default", "via", "fd66:0::fe")
        self.network.route("far", "default", "via", "fd66:1::fe")
        self.network.route("core", "fd66:2::/64", "via", "fd66:1::1")
        inside = self.network.inside("far")
        net.command(*inside, "ip", "-6", "route", "add", "local", "fd66:2::/64", "dev", "lo")

    def start(self, host: str, *command: str, **options: Any) -> "subprocess.Popen[str]":
        """A process in a namespace, which ends with the laboratory."""
        process = subprocess.Popen(
            [*self.network.inside(host), *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **options,
        )
        self.stack.callback(_end, process)
        return process

    def reflector(self, *options: str, host: str = "far") -> "subprocess.Popen[str]":
        """udp_reflector for all addresses of the far side, or of another host."""
        process = self.start(
            host, sys.executable, str(PLUGINS / "udp_reflector"), "--listen", "0.0.0.0",
            "--listen", "::", "--port", str(PORT), "--rate", "1000000", *options,
        )  # fmt: skip
        assert process.stdout is not None
        assert "listening" in process.stdout.readline()
        return process

    def prober(
        self, text: str = "", *options: str, clock: Path | None = None
    ) -> "subprocess.Popen[str]":
        """udp_mesh of the host near; returns when it probes. clock: file of `mesh_clock`."""
        if text:
            self.file.write_text(text)
        program = [str(PLUGINS / "udp_mesh")]
        if clock is not None:
            program = ["-m", "tests.support.mesh_clock", str(clock)]
        process = self.start(
            "near", sys.executable, *program, str(self.file), "--name", "near",
            "--socket", str(self.socket), "--state-dir", str(self.folder / "state"), *options,
            cwd=str(HOUSE), env=os.environ | {"PYTHONPATH": "lib:."},
        )  # fmt: skip
        assert process.stdout is not None
        said = process.stdout.readline()
        assert "near probes" in said, said
        return process

    def taps(self) -> tuple[Path, Path]:
        """Taps at both ends; the files that they write."""
        paths = self.folder / "near.tap", self.folder / "far.tap"
        for host, interface, path in zip(
            ("near", "far"), (self.near, self.far), paths, strict=True
        ):
            process = self.start(
                host, sys.executable, "-m", "tests.support.mesh_tap", interface, str(PORT),
                str(path), cwd=str(HOUSE), env=os.environ | {"PYTHONPATH": "lib:."},
            )  # fmt: skip
            assert process.stdout is not None
            assert "listening" in process.stdout.readline()
        return paths

    def check(self, *options: str) -> Outcome:
        """check_mesh of the host near."""
        return run("check_mesh", "--socket", str(self.socket), *options)

    def drop(self, rule: str) -> None:
        """A rule in the router, as `ip daddr 10.66.2.2 numgen random mod 100 < 3 drop`."""
        self.network.drop("core", rule, "forward")

    def heal(self) -> None:
        """Takes all rules away."""
        self.network.heal("core")

    def slices(self, window: float = 3600.0) -> dict[str, list[Slice]]:
        """All slices of every peer that the prober remembers."""
        answer = ask(self.socket, window=window, slices=True)
        return {name: [Slice(*row) for row in rows] for name, rows in answer["slices"].items()}

    def windows(self, window: float = 60.0) -> dict[str, PairWindow]:
        """The window of every peer."""
        answer = ask(self.socket, window=window)
        return {row[0]: PairWindow(*row) for row in answer["pairs"]}


def _end(process: "subprocess.Popen[str]") -> None:
    """Ends a process, also a stopped one, and lets it write what it has."""
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
    process.communicate()


@contextmanager
def laboratory(folder: Path) -> Iterator[Lab]:
    """The three namespaces; all gone afterwards."""
    with net.network() as network, ExitStack() as stack:
        yield Lab(network, folder, stack)


class Said(NamedTuple):
    """What the slices of a pair that began at one time say together."""

    truth: Truth
    flags: int


def said(slices: dict[str, list[Slice]], far: Sequence[Peer]) -> dict[Key, Said]:
    """What a prober says of every pair, to be compared with `truths`."""
    addresses = {peer.name: peer.address for peer in far}
    found: dict[Key, list[int]] = {}
    for name, rows in slices.items():
        for row in rows:
            sums = found.setdefault((addresses[name], row.at), [0, 0, 0, 0, 0])
            unknown = row.lost - row.out - row.back - row.late
            for place, part in enumerate((row.sent, row.out, row.back, unknown)):
                sums[place] += part
            sums[4] |= row.flags
    return {key: Said(Truth(*sums[:4]), sums[4]) for key, sums in found.items()}


__all__ = [
    "Lab",
    "ask",
    "laboratory",
    "landscape",
    "peers",
    "said",
]
