"""The first version that hosts may still run, before the library got rooms.

To upgrade from, and to compare with.
"""

import subprocess
from pathlib import Path

from tests.support import need
from tests.support.process import HOUSE

COMMIT = "5e777051c48201ca23241601afb8851fcedca290"


def unpacked(folder: Path) -> Path:
    """Its sources below a folder; the test is skipped where the history ends before it."""
    made = subprocess.run(
        ["git", "-C", str(HOUSE), "archive", COMMIT], capture_output=True, check=False
    )
    if made.returncode != 0:
        need.missing("the first version is not in this clone: git fetch --unshallow")
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["tar", "x", "-C", str(folder)], input=made.stdout, check=True)
    return folder
