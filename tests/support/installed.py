"""This checkout installed by pip, the way a monitored host has it."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.support.leftovers import folder_prefix
from tests.support.process import HOUSE

_SOURCES = (
    "lib",
    "plugins",
    "nrpe",
    "setup.cfg",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
)
_CLUTTER = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")


def into(venv: Path) -> Path:
    """Makes the virtual environment and installs a clean copy of the sources.

    Returns its folder. Our own pip installs: to give it one costs 5 s of CPU.
    """
    _done(_python(), "-m", "venv", "--without-pip", str(venv))
    with tempfile.TemporaryDirectory(prefix="bothsides-source-") as copy:
        for name in _SOURCES:
            source = HOUSE / name
            if source.is_dir():
                shutil.copytree(source, Path(copy) / name, ignore=_CLUTTER)
            else:
                shutil.copy2(source, copy)
        pip = (sys.executable, "-m", "pip", "--python", str(venv), "--disable-pip-version-check")
        _done(*pip, "install", "-q", copy)
    return venv


@contextmanager
def shared(folder: Path) -> Iterator[Path]:
    """One installation for all processes of a test run; the last of them that ends removes it.

    folder: that all of them know.
    """
    note = folder / "installation"
    with (
        open(folder / "installation.lock", "w") as lock,
        open(folder / "installation.users", "w") as users,
    ):
        with _alone(lock):
            fcntl.flock(users, fcntl.LOCK_SH)
            if not note.exists():
                root = Path(tempfile.mkdtemp(prefix=folder_prefix()))
                root.chmod(0o755)  # daemons enter it after they have dropped root
                into(root / "venv")
                note.write_text(str(root))
            root = Path(note.read_text())
        try:
            yield root / "venv"
        finally:
            with _alone(lock):
                _removed_by_the_last(users, root, note)


def _removed_by_the_last(users: IO[str], root: Path, note: Path) -> None:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    shutil.rmtree(root, ignore_errors=True)
    note.unlink()


@contextmanager
def _alone(lock: IO[str]) -> Iterator[None]:
    """Holds the lock; others wait."""
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)


def _python() -> str:
    """A Python that other users may run too: ours, unless it lives in somebody's home."""
    own = Path(sys.executable).resolve()
    if all(folder.stat().st_mode & 0o001 for folder in (own, *own.parents)):
        return str(own)
    system = "/usr/bin/python3"
    asked = subprocess.run(
        [system, "-c", "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"], check=False
    )
    return system if asked.returncode == 0 else str(own)


def _done(*command: str) -> None:
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout[-1000:]}{done.stderr[-2000:]}")
