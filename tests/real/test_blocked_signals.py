"""Our daemons below a parent that has blocked signals, which its children inherit."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.support.mesh_process import TEXT, command
from tests.support.reflecting import reflector

BLOCKING = (
    sys.executable,
    "-c",
    "import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32));"
    "os.execv(sys.argv[1], sys.argv[1:])",
)


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
