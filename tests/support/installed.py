"""This checkout installed by pip, the way a monitored host has it."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

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
    """Makes the virtual environment and installs a clean copy of the sources; returns its folder."""
    _done(_python(), "-m", "venv", str(venv))
    with tempfile.TemporaryDirectory(prefix="bothsides-source-") as copy:
        for name in _SOURCES:
            source = HOUSE / name
            if source.is_dir():
                shutil.copytree(source, Path(copy) / name, ignore=_CLUTTER)
            else:
                shutil.copy2(source, copy)
        _done(str(venv / "bin" / "pip"), "install", "-q", "--disable-pip-version-check", copy)
    return venv


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
