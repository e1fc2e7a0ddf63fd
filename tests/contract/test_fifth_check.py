"""A check that is dropped into plugins/ is held to the contract without being named."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.process import HOUSE


def test_a_fifth_check_is_covered_without_being_named(tmp_path: Path) -> None:
    """A bad check dropped into plugins/ fails here."""
    planted = tmp_path / "check_bad"
    planted.write_text("#!/usr/bin/env python3\nimport sys\nprint('all is well')\nsys.exit(0)\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/contract",
        "-k",
        "usage_error or version or recorded_run",
    ]
    done = subprocess.run(
        command,
        cwd=HOUSE,
        env=os.environ | {"BOTHSIDES_PLUGINS": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert "check_bad" in done.stdout
    for expectation in ("usage_error", "version", "recorded_run"):
        assert re.search(rf"FAILED .*{expectation}.*check_bad", done.stdout)
