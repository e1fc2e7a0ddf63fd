"""Runs the checks as processes in the namespaces of their hosts, with a memory for each host."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.support.side.build import Net
from tests.support.side.far_ends import PLUGINS, PORT
from tests.support.side.table import exchanges_text, map_text

CHECKS = ("check_mtr_path", "check_udp_loss", "check_https")
DEADLINE = 7  # s, of every check
_ROLES = re.compile(r"\(roles: ([^)]*)\)")


class Said(NamedTuple):
    """What one check printed for one view."""

    start: str
    target: str
    check: str
    code: int
    text: str
    seconds: float

    @property
    def line(self) -> str:
        """Line 1 without performance data."""
        return self.text.partition("\n")[0].partition("|")[0].strip()


class Checks:
    """The checks of a world's views."""

    def __init__(self, net: Net, folder: Path) -> None:
        self.net = net
        self.folder = folder
        self.memory = folder / "memory"
        self.map = folder / "owners.map"
        self.map.write_text(map_text(net.world))
        roles = self._accepted_roles()
        self.map.write_text(map_text(net.world, roles))
        self.exchanges = folder / "exchanges.txt"
        self.exchanges.write_text(exchanges_text(net.world))

    def _accepted_roles(self) -> tuple[str, ...]:
        """The roles that the installed check knows, when it refuses one of the table's; else ()."""
        report = self.folder / "empty.json"
        report.write_text('{"report":{"mtr":{"src":"a","dst":"192.0.2.1"},"hubs":[]}}')
        command = self._command("check_mtr_path", "--input", str(report), "--map", str(self.map))
        text = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/").stdout
        found = _ROLES.search(text)
        return tuple(word.strip() for word in found[1].split(",")) if found else ()

    @staticmethod
    def _command(name: str, *arguments: str) -> list[str]:
        return [sys.executable, str(PLUGINS / name), *arguments]

    def command(self, start: str, target: str, check: str) -> list[str]:
        """The command line of a check from one end to another."""
        end = self.net.world.end(target)
        state = str(self.memory / start)
        if check == "check_mtr_path":
            options = [
                "-H",
                end.address,
                "--map",
                str(self.map),
                "--state-dir",
                state,
                "--state",
                "rw",
            ]
            options += ["--exchanges", str(self.exchanges)] if self.net.world.exchanges else []
        elif check == "check_udp_loss":
            options = [
                "-H",
                end.address,
                "-p",
                str(PORT),
                "-n",
                "200",
                "-i",
                "10ms",
                "--flows",
                "16",
            ]
        else:
            host = f"{target.lower()}.side.test"
            options = ["-H", host, "--ca-cert", str(self.folder / "ca.pem"), "-w", "1.5", "-c", "3"]
            options += ["-6"] if self.net.world.family == 6 else ["-4"]
        return self._command(check, *options, "-t", str(DEADLINE))

    def run(
        self,
        views: Sequence[tuple[str, str]],
        checks: Sequence[str] = CHECKS,
        records: Path | None = None,
    ) -> list[Said]:
        """All checks of these views at the same time; records go to FROM-to-TO.CHECK.json."""
        with_records = records is not None
        began = time.monotonic()
        processes = []
        for start, target in views:
            (self.memory / start).mkdir(parents=True, exist_ok=True)
            for check in checks:
                command = self.command(start, target, check)
                if records is not None:
                    command += ["--record", str(records / f"{start}-to-{target}.{check}.json")]
                inside = self.net.inside(self.net.world.end(start).node)
                process = subprocess.Popen(
                    [*inside, *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT, text=True, cwd="/", env=_environment(),
                )  # fmt: skip
                processes.append((start, target, check, process))
        said = []
        for start, target, check, process in processes:
            try:
                text = process.communicate(timeout=60)[0]
            except subprocess.TimeoutExpired:
                process.kill()
                text = process.communicate()[0]
            took = time.monotonic() - began
            said.append(Said(start, target, check, process.returncode, text, took))
            if with_records and records is not None:
                (records / f"{start}-to-{target}.{check}.txt").write_text(text)
        return said

    def learn(self, rounds: int = 4) -> list[Said]:
        """Healthy runs until check_mtr_path has learnt the paths; what the last round said."""
        for _ in range(rounds - 1):
            self.run(self.net.world.views, ("check_mtr_path",))
        said = []
        for views in waves(self.net.world.views):
            said += self.run(views)
        self.keep()
        return said

    def keep(self) -> None:
        """Keeps the memory as it is now, for `restore`."""
        shutil.rmtree(self.folder / "kept", ignore_errors=True)
        shutil.copytree(self.memory, self.folder / "kept")

    def restore(self) -> None:
        """The memory as it was kept: no fault learns from an earlier one."""
        shutil.rmtree(self.memory, ignore_errors=True)
        shutil.copytree(self.folder / "kept", self.memory)


def waves(views: Sequence[tuple[str, str]]) -> list[tuple[tuple[str, str], ...]]:
    """Views that run at the same time: two each, or a small machine delays what it measures."""
    return [tuple(views[place : place + 2]) for place in range(0, len(views), 2)]


def _environment() -> dict[str, str]:
    """NRPE's, with the coverage and warnings of nobody."""
    return {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": os.environ.get("HOME", "/root")}
