"""Plugins run as processes, the way NRPE and Nagios run them."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bothsides.parse.perfdata import Perfdata, from_perfdata

HOUSE = Path(__file__).resolve().parents[2]
PLUGINS = Path(os.environ.get("BOTHSIDES_PLUGINS", HOUSE / "plugins"))
CHECKS = tuple(sorted(path.name for path in PLUGINS.glob("check_*")))
NRPE_ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}


class Outcome(NamedTuple):
    """What a plugin left behind: its output, exit code and wall clock seconds."""

    text: str
    error: str
    code: int
    seconds: float

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
    done = subprocess.run(
        command,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        env=dict(os.environ if environment is None else environment),
        timeout=timeout,
        cwd=cwd,
        check=False,
    )
    return Outcome(
        done.stdout.decode(), done.stderr.decode(), done.returncode, time.monotonic() - began
    )
