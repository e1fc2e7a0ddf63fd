"""What a killed test run has left behind: namespaces, mounts, folders and processes.

Whoever makes one of them names it after the process of pytest: `bs123x4near`, `bothsides-123-ab`.
A process has that number in its environment, or such a folder in its command line. A later run
takes away what belongs to processes that are gone.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

_NAMESPACES = Path("/run/netns")
_SETTINGS = Path("/etc/netns")  # resolv.conf and hosts of namespaces
_MOUNTS = Path("/proc/self/mountinfo")
_NAMESPACE = re.compile(r"(?:bs|sd)(\d+)x\d+\w*")
_RUN = "BOTHSIDES_TEST_RUN"
_FOLDER = re.compile(r"bothsides-(?:[a-z]+-)?(\d+)-\w+")


def folder_prefix(kind: str = "") -> str:
    """What the name of a temporary folder begins with, so that it can be swept."""
    return f"bothsides-{kind}-{os.getpid()}-" if kind else f"bothsides-{os.getpid()}-"


def marked() -> dict[str, str]:
    """What the environment of a process has to hold, so that it can be swept."""
    return {_RUN: str(os.getpid())}


def sweep() -> None:
    """Takes away what belongs to processes that are gone; only root can have left most of it."""
    _end_processes()
    if os.geteuid() == 0:
        for name in _forsaken(_NAMESPACES, _NAMESPACE):
            _end_namespace(name)
        for name in _forsaken(_SETTINGS, _NAMESPACE):
            shutil.rmtree(_SETTINGS / name, ignore_errors=True)
    for name in _forsaken(Path(tempfile.gettempdir()), _FOLDER):
        remove(Path(tempfile.gettempdir()) / name)


def remove(folder: Path) -> None:
    """Unmounts all that is mounted within a folder, and removes it when nothing is any more."""
    for place in sorted(_mounted_in(folder), reverse=True):  # the innermost first
        subprocess.run(["umount", "--lazy", place], capture_output=True, check=False)
    if not any(True for _ in _mounted_in(folder)):
        shutil.rmtree(folder, ignore_errors=True)


def _forsaken(place: Path, pattern: re.Pattern[str]) -> list[str]:
    """The names in a folder whose process is gone."""
    if not place.is_dir():
        return []
    matched = (pattern.fullmatch(name) for name in os.listdir(place))
    return [name[0] for name in matched if name and not os.path.exists(f"/proc/{name[1]}")]


def _end_processes() -> None:
    """Kills what a process of pytest that is gone has started."""
    number = re.compile(rb"(?:^|\0)%s=(\d+)\0" % _RUN.encode())
    temporary = Path(tempfile.gettempdir())
    folders = [f"{temporary / name}/".encode() for name in _forsaken(temporary, _FOLDER)]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            run = number.search((process / "environ").read_bytes())
            command = (process / "cmdline").read_bytes()
            gone = run is not None and not os.path.exists(f"/proc/{int(run[1])}")
            if gone or any(folder in command for folder in folders):
                os.kill(int(process.name), signal.SIGKILL)
        except OSError:  # it has ended, or is somebody else's
            pass


def _end_namespace(name: str) -> None:
    """Kills the processes in it and deletes it."""
    listed = subprocess.run(["ip", "netns", "pids", name], capture_output=True, check=False)
    for number in listed.stdout.split():
        try:
            os.kill(int(number), signal.SIGKILL)
        except ProcessLookupError:
            pass
    subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)


def _mounted_in(folder: Path) -> Iterator[str]:
    for line in _MOUNTS.read_text().splitlines():
        place = line.split()[4].encode().decode("unicode_escape")
        if place == str(folder) or place.startswith(f"{folder}/"):
            yield place
