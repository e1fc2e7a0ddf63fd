"""A whole mesh of real hosts.

Each a namespace with udp_mesh and udp_reflector, a router in the middle.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.support import net
from tests.support.process import PLUGINS, Outcome, run

PORT = 862
DATACENTERS = ("us.east", "us.west", "eu.de")


class Fleet:
    """The hosts h1, h2, ..., each of which probes all the others."""

    def __init__(self, network: net.Network, folder: Path, stack: ExitStack, count: int) -> None:
        self.network, self.folder, self.stack = network, folder, stack
        self.hosts = [f"h{n}" for n in range(1, count + 1)]
        self.processes: dict[str, subprocess.Popen[str]] = {}
        network.host("core")
        for number, host in enumerate(self.hosts, 1):
            network.host(host)
            gate = f"10.67.{number}.254"
            network.link(host, f"{self.address(host)}/24", "core", f"{gate}/24")
            network.route(host, "default", "via", gate)

    def address(self, host: str) -> str:
        """A host's only address."""
        return f"10.67.{host[1:]}.1"

    def datacenter(self, host: str) -> str:
        """Where a host is."""
        return DATACENTERS[(int(host[1:]) - 1) % len(DATACENTERS)]

    def landscape(self, rate: float, defaults: str = "") -> Path:
        """The file that all hosts read; defaults: more lines of its [defaults]."""
        rows = ",\n  ".join(
            f'["{host}", "{self.address(host)}", "{self.datacenter(host)}", ["fleet"]]'
            for host in self.hosts
        )
        path = self.folder / "landscape.toml"
        path.write_text(
            f'[defaults]\nrate = {rate}\nport = {PORT}\n{defaults}[[group]]\nname = "fleet"\n'
            f'[servers]\ncolumns = ["name", "ip", "datacenter", "groups"]\nrows = [{rows}]\n'
            '[[check]]\nfrom = "fleet"\nto = "fleet"\ncheck = "udp_ping"\n'
        )
        return path

    def probe(self, rate: float, defaults: str = "") -> None:
        """Starts a reflector and a prober on every host; returns when all of them probe."""
        path = self.landscape(rate, defaults)
        for host in self.hosts:
            self._start(f"{host} reflector", host, "udp_reflector", "--port", str(PORT))
        for host in self.hosts:
            self._start(
                f"{host} prober", host, "udp_mesh", str(path), "--name", host,
                "--socket", self.socket(host), "--state-dir", str(self.folder / host),
            )  # fmt: skip
        for process in self.processes.values():
            assert process.stdout is not None
            said = process.stdout.readline()
            assert "listening" in said or " probes " in said, said

    def _start(self, name: str, host: str, *words: str) -> None:
        # hosts of their own do not wait for what else this machine does
        command = ["chrt", "-f", "1", sys.executable, str(PLUGINS / words[0]), *words[1:]]
        process = subprocess.Popen(
            [*self.network.inside(host), *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.processes[name] = process
        self.stack.callback(_end, process)

    def socket(self, host: str) -> str:
        """Where the prober of a host answers."""
        return str(self.folder / f"{host}.sock")

    def check(self, host: str, *options: str) -> Outcome:
        """check_mesh of a host."""
        return run("check_mesh", "--socket", self.socket(host), *options)

    def drop(self, source: str, target: str, percent: float) -> None:
        """The router drops so many percent of what one host sends to another; "" is everybody."""
        ends = [
            f"ip {name} {self.address(host)}"
            for name, host in (("saddr", source), ("daddr", target))
            if host
        ]
        share = f"numgen random mod 10000 < {round(100 * percent)}"
        self.network.drop("core", f"{' '.join(ends)} {share} drop", "forward")

    def heal(self) -> None:
        """The router drops nothing any more."""
        self.network.heal("core")


def _end(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
    process.communicate()


@contextmanager
def fleet(folder: Path, count: int) -> Iterator[Fleet]:
    """The hosts without their programs; all gone afterwards."""
    with net.network() as network, ExitStack() as stack:
        yield Fleet(network, folder, stack, count)


def states(found: Sequence[Outcome]) -> dict[int, int]:
    """How many runs ended with which exit code."""
    codes = [each.code for each in found]
    return {code: codes.count(code) for code in sorted(set(codes))}
