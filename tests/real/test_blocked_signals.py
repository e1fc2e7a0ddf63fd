"""Signals that a parent has blocked, and those that come while the modules are loaded."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.mesh_process import TEXT, command
from tests.support.process import CHECKS, PLUGINS
from tests.support.reflecting import reflector

BLOCKING = (
    sys.executable,
    "-c",
    "import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32));"
    "os.execv(sys.argv[1], sys.argv[1:])",
)

STRUCK = (
    sys.executable,
    "-c",
    """
import os, runpy, sys
class Strike:
    def find_spec(self, name, *more):
        if name == "bothsides":
            os.kill(os.getpid(), number)
number, script = int(sys.argv[1]), sys.argv[3]
sys.argv = sys.argv[3:]
sys.meta_path.insert(0, Strike())
runpy.run_path(script, run_name="__main__")
""",
)
"""Runs a script of plugins/, and sends it the signal that is named first when it begins to load."""


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_that_is_still_loading_ends_with_a_line(check: str) -> None:
    command = [
        *STRUCK,
        str(int(signal.SIGTERM)),
        sys.executable,
        str(PLUGINS / check),
        "-H",
        "192.0.2.1",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    line = f"{check.removeprefix('check_').upper()} UNKNOWN - interrupted by SIGTERM while "
    assert (done.returncode, done.stdout[: len(line)], done.stderr) == (3, line, "")


def test_a_reload_of_a_reflector_that_is_still_loading_ends_nothing() -> None:
    with reflector(before=(*STRUCK, str(int(signal.SIGHUP)))) as far:
        far.process.terminate()
        assert far.process.wait(60) == 0


def test_the_reflector_still_ends_and_counts_when_asked() -> None:
    with reflector(before=BLOCKING) as far:
        assert "sessions" in far.counters()
        far.process.terminate()
        assert far.process.wait(60) == 0


def test_the_prober_still_ends(tmp_path: Path) -> None:
    words = (*BLOCKING, *command(tmp_path, TEXT.format(port=9)))
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "probes" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
