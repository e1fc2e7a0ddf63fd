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
from tests.support.side.table import World, exchanges_text, map_text

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
        write_owners(net.world, folder)

    def command(self, start: str, target: str, check: str) -> list[str]:
        """The command line of a check from one end to another."""
        world = self.net.world
        options = [*arguments(world, start, check, self.folder), *whom(world, target, check)]
        if check == "check_https":
            options += ["--ca-cert", str(self.folder / "ca.pem")]
        if check == "check_udp_loss":
            options += ["-n", "200", "-i", "10ms", "--flows", "16"]
        if check == "check_mtr_path":
            options += ["--state", "rw", "--udp", reflector(world, target)]
        return [*plugin(check), *options]

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


def plugin(name: str) -> list[str]:
    """The words that start a plugin of this checkout."""
    return [sys.executable, str(PLUGINS / name)]


def whom(world: World, target: str, check: str) -> list[str]:
    """The options that name the target."""
    end = world.end(target)
    if check == "check_https":
        return ["-H", f"{target.lower()}.side.test", f"-{world.family}"]
    return ["-H", end.address, *(["-p", str(PORT)] if check == "check_udp_loss" else ())]


def arguments(world: World, start: str, check: str, folder: Path) -> list[str]:
    """The options by which a check judges: limits, deadline, owners and its host's memory."""
    options = ["-t", str(DEADLINE)]
    if check == "check_https":
        return [*options, "-w", "1.5", "-c", "3"]
    if check == "check_mtr_path":
        options += ["--map", str(folder / "owners.map")]
        options += ["--state-dir", str(folder / "memory" / start)]
        if world.exchanges:
            options += ["--exchanges", str(folder / "exchanges.txt")]
    return options


def reflector(world: World, target: str) -> str:
    """The reflector of an end, as --udp takes it."""
    address = world.end(target).address
    return f"[{address}]:{PORT}" if ":" in address else f"{address}:{PORT}"


def write_owners(world: World, folder: Path) -> None:
    """Writes owners.map and exchanges.txt, with the roles that the installed check accepts."""
    path = folder / "owners.map"
    path.write_text(map_text(world))
    report = folder / "empty.json"
    report.write_text('{"report":{"mtr":{"src":"a","dst":"192.0.2.1"},"hubs":[]}}')
    command = [*plugin("check_mtr_path"), "--input", str(report), "--map", str(path)]
    text = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/").stdout
    refused = _ROLES.search(text)
    roles = tuple(word.strip() for word in refused[1].split(",")) if refused else ()
    path.write_text(map_text(world, roles))
    (folder / "exchanges.txt").write_text(exchanges_text(world))


def waves(views: Sequence[tuple[str, str]]) -> list[tuple[tuple[str, str], ...]]:
    """Views that run at the same time: two each, or a small machine delays what it measures."""
    return [tuple(views[place : place + 2]) for place in range(0, len(views), 2)]


def _environment() -> dict[str, str]:
    """NRPE's, with the coverage and warnings of nobody."""
    return {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": os.environ.get("HOME", "/root")}
