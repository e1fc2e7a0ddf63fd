"""Our udp_reflector as a process."""

import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.support.process import PLUGINS


class Reflector:
    """A running udp_reflector."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process = process
        self.port = port

    def line(self) -> str:
        """The next line that it says; half a minute is for a busy machine."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], 30.0)
        assert ready, "it says nothing"
        return self.process.stdout.readline()

    def counters(self) -> dict[str, int]:
        """What it has counted."""
        self.process.send_signal(signal.SIGUSR1)
        return {name: int(count) for count, name in re.findall(r"(\d+) ([a-z_A-Z]+)", self.line())}


@contextmanager
def reflector(
    *options: str, listen: str = "127.0.0.1", port: int = 0, before: Sequence[str] = ()
) -> Iterator[Reflector]:
    """before: a program with its arguments that starts it."""
    command = [
        *before,
        sys.executable,
        str(PLUGINS / "udp_reflector"),
        "--listen",
        listen,
        "--port",
        str(port),
        *options,
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
    ) as process:
        started = Reflector(process, port)
        try:
            said = started.line()
            found = re.search(r"listening on \S+:(\d+)", said)
            assert found, said
            started.port = int(found[1])
            yield started
        finally:
            process.kill()
            process.communicate()


def asked(port: int, data: bytes, host: str = "127.0.0.1") -> bytes | None:
    with socket.socket(
        socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM
    ) as opened:
        opened.settimeout(0.5)
        opened.connect((host, port))
        opened.send(data)
        try:
            return opened.recv(65536)
        except (TimeoutError, ConnectionRefusedError):
            return None
