"""A running udp_mesh of the host web1, which probes one peer on this machine."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.process import PLUGINS, run

TEXT = """
[defaults]
slice = "1s"
timeout = "200ms"
port = {port}
[[server]]
name = "web1"
ip = "127.0.0.9"
datacenter = "eu.de"
[[server]]
name = "db1"
ip = "127.0.0.1"
datacenter = "us.east"
[[check]]
from = "web1"
to = "db1"
check = "udp_ping"
"""


class Prober:
    """A running udp_mesh."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self.process, self.folder = process, folder

    @property
    def socket(self) -> str:
        return str(self.folder / "mesh.sock")

    def line(self, words: str, seconds: float = 60) -> str:
        """The next line with these words; at the end of the process, all that it wrote instead."""
        assert self.process.stdout is not None
        until = time.monotonic() + seconds
        lines = [""]
        while time.monotonic() < until:
            lines.append(self.process.stdout.readline())
            if words in lines[-1]:
                return lines[-1]
            if not lines[-1]:
                break
        return "".join(lines)

    def stop(self, seconds: float) -> None:
        """Stops it for so long."""
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.process.send_signal(signal.SIGCONT)

    def end(self, number: int = signal.SIGTERM) -> str:
        self.process.send_signal(number)
        text, _ = self.process.communicate(timeout=60)
        return text


def command(folder: Path, text: str, *options: str) -> list[str]:
    (folder / "landscape.toml").write_text(text)
    return [
        sys.executable, str(PLUGINS / "udp_mesh"), str(folder / "landscape.toml"), "--name", "web1",
        "--socket", str(folder / "mesh.sock"), "--state-dir", str(folder / "state"), *options,
    ]  # fmt: skip


@contextmanager
def prober(folder: Path, text: str, *options: str, hosts: int = 1) -> Iterator[Prober]:
    """A running prober, which asks so many hosts."""
    with subprocess.Popen(
        command(folder, text, *options), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        made = Prober(process, folder)
        try:
            first = made.line("probes")
            number = f"{hosts} host{'s' * (hosts != 1)}"
            assert f"web1 probes {number} with {40 * hosts} packets/s" in first
            yield made
        finally:
            process.kill()


def remark(made: Prober, words: str, seconds: float = 60) -> bool:
    """Whether check_mesh says this within some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if words in run("check_mesh", "--socket", made.socket, "--window", "3s").text:
            return True
        time.sleep(0.3)
    return False
