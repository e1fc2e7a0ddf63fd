"""Plugins run as processes, the way NRPE and Nagios run them."""

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bothsides.parse.perfdata import Perfdata, from_perfdata
from tests.support.stopwatch import queued

HOUSE = Path(__file__).resolve().parents[2]
PLUGINS = Path(os.environ.get("BOTHSIDES_PLUGINS", HOUSE / "plugins"))
CHECKS = tuple(sorted(path.name for path in PLUGINS.glob("check_*")))
NRPE_ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}


class Outcome(NamedTuple):
    """What a plugin left behind."""

    text: str
    error: str
    code: int
    elapsed: float  # s from its start to its end
    queued: float = 0.0  # s of them in which it was ready and waited for a processor

    @property
    def seconds(self) -> float:
        """What the plugin itself took, however busy this machine is."""
        return self.elapsed - self.queued

    @property
    def line(self) -> str:
        """Line 1 without its perfdata."""
        return self.text.partition("\n")[0].partition("|")[0].strip()

    @property
    def perfdata(self) -> dict[str, Perfdata]:
        """The perfdata of line 1, read by our own grammar."""
        return {
            figure.label: figure
            for figure in from_perfdata(self.text.partition("\n")[0].partition("|")[2])
        }


def command_of(name: str) -> list[str]:
    """The argv that starts a plugin by this very Python."""
    return [sys.executable, str(PLUGINS / name)]


def run(
    name: str,
    *arguments: str,
    inside: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
    timeout: float = 60,
    cwd: str = "/",
) -> Outcome:
    """Runs plugins/NAME by this very Python.

    `inside` goes in front, as in ("ip", "netns", "exec", "x").
    """
    began = time.monotonic()
    command = [*inside, *command_of(name), *arguments]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env=dict(os.environ if environment is None else environment),
        cwd=cwd,
    ) as process:
        assert process.stdout
        assert process.stderr
        try:
            pipes = (process.stdout.fileno(), process.stderr.fileno())
            text, error = outputs(*pipes, began + timeout, process.pid)
        except TimeoutError:
            process.kill()
            raise subprocess.TimeoutExpired(command, timeout) from None
        waited = queued(str(process.pid))
        elapsed = time.monotonic() - began
    return Outcome(text.decode(), error.decode(), process.returncode, elapsed, waited)


def outputs(out: int, error: int, until: float, process: int = 0) -> list[bytes]:
    """What comes through both pipes until they are closed, and a child of ours has ended.

    The child is not collected. until: by the monotonic clock; raises TimeoutError.
    """
    texts = {out: b"", error: b""}
    end = os.pidfd_open(process) if process else -1
    try:
        with selectors.DefaultSelector() as selector:
            for descriptor in (*texts, end) if process else texts:
                selector.register(descriptor, selectors.EVENT_READ)
            while selector.get_map():
                ready = selector.select(max(0.0, until - time.monotonic()))
                if not ready:
                    raise TimeoutError("the plugin does not end")
                for descriptor in [key.fd for key, _ in ready]:
                    more = os.read(descriptor, 65536) if descriptor != end else b""
                    if more:
                        texts[descriptor] += more
                    else:
                        selector.unregister(descriptor)
    finally:
        if process:
            os.close(end)
    return list(texts.values())


def has_armed(process: int, number: int) -> bool:
    """Whether a process has a handler of its own for a signal."""
    status = Path(f"/proc/{process}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught >> (number - 1) & 1)
