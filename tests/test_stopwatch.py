"""tests/support/stopwatch.py: time in which this machine did not run a process does not count."""

import os
import subprocess
import sys
import time

from tests.support.process import outputs
from tests.support.stopwatch import Stopwatch, queued

_BUSY = "import os, time; os.sched_setaffinity(0, {%d}); print(end='', flush=True)\n" + (
    "until = time.process_time() + 0.3\nwhile time.process_time() < until: pass"
)


def test_of_two_processes_on_one_core_each_waits_while_the_other_runs() -> None:
    core = min(os.sched_getaffinity(0))
    command = [sys.executable, "-I", "-c", _BUSY % core]
    began = time.monotonic()
    with (
        subprocess.Popen(command) as other,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process,
    ):
        assert process.stdout
        assert process.stderr
        pipes = (process.stdout.fileno(), process.stderr.fileno())
        assert outputs(*pipes, began + 60, process.pid) == [b"", b""]
        waited, elapsed = queued(str(process.pid)), time.monotonic() - began
        other.wait()
    assert process.returncode == 0
    assert 0.05 < waited < elapsed


def test_waiting_for_something_else_counts() -> None:
    watch = Stopwatch()
    time.sleep(0.1)
    assert watch.seconds > 0.05
    assert queued("no-such-task") == 0.0
