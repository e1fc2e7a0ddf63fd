"""README's installation by hand, followed within a folder instead of the root of a host."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.process import HOUSE

FOLDERS = (
    "opt", "usr/lib/nagios/plugins", "usr/local/bin", "usr/local/share", "etc/nagios/nrpe.d",
    "etc/nagios4/conf.d", "etc/icinga2/conf.d", "etc/systemd/system", "var/lib", "bin",
)  # fmt: skip
_ABSENT = ("systemctl", "apt-get", "nagios4", "icinga2", "useradd")


def followed(steps: Sequence[str], root: Path, source: Path) -> "subprocess.CompletedProcess[str]":
    """Runs the steps below `root`, from a copy of the sources.

    Programs that this host lacks do nothing.
    """
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for name in _ABSENT:
        stub(root / "bin" / name)
    script = "\n".join(steps)
    for folder in ("/opt/", "/usr/lib/nagios/", "/usr/local/", "/etc/", "/var/lib/"):
        script = re.sub(rf"(?<![\w.]){re.escape(folder)}", f"{root}{folder}", script)
    script = re.sub(r"-o \w+ -g nagios ", "", script)
    path = f"{root}/bin:{root}/usr/local/bin:{os.environ['PATH']}"
    # with our PYTHONPATH pip would take the sources for what is installed
    environment = {name: os.environ[name] for name in os.environ if not name.startswith("PYTHON")}
    return subprocess.run(
        ["sh", "-e"],
        input=script,
        capture_output=True,
        text=True,
        cwd=source,
        env=environment | {"PATH": path, "PIP_NO_COMPILE": "1"},  # each runs once
        timeout=290,
        check=False,
    )


def sources(folder: Path) -> Path:
    """A clean copy of this checkout, as somebody has it who has just cloned it."""
    clutter = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build")
    shutil.copytree(HOUSE, folder, ignore=clutter)
    return folder


def stub(path: Path) -> None:
    """A program that does nothing, for what this host does not have."""
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
