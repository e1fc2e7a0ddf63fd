"""The budget of a run."""

import os
import signal
import subprocess
import sys
import time

import pytest

from bothsides.base.deadline import Deadline, Stop, _interrupt, settle
from tests.support.process import HOUSE

PROGRAM = """
import sys, time, signal
sys.path.insert(0, sys.argv[1])
from bothsides.base.deadline import Deadline, Interrupted, arm
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))  # as a parent may have done
deadline = Deadline(float(sys.argv[2]))
arm(deadline)
deadline.enter("sleeping")
try:
    print("ready", flush=True)
    time.sleep(20)
except Interrupted as cause:
    stop = deadline.stop(str(cause))
    print(stop.cause, stop.stage, round(stop.after, 1))
"""


STARTED = """
import sys, time
sys.path.insert(0, sys.argv[1])
from bothsides.base.deadline import TIMEOUT, of_process
time.sleep(0.5)  # as a wrapper may that becomes the check: not the start's own time
while time.process_time() < 0.3:
    pass
print(TIMEOUT - of_process().left())
"""


def test_the_budget_of_a_process_holds_what_its_start_has_taken() -> None:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", STARTED, str(HOUSE / "lib")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert 0.3 <= float(done.stdout) <= time.monotonic() - began - 0.5


def test_what_is_left_is_never_negative() -> None:
    deadline = Deadline(0.01)
    time.sleep(0.02)
    assert deadline.left() == 0.0
    assert deadline.spent() >= 0.02


def test_every_stage_is_watched_and_the_last_one_is_named() -> None:
    deadline = Deadline(5)
    seen: list[str] = []
    deadline.watch = lambda: seen.append(deadline.stage)
    deadline.enter("resolving web1")
    deadline.enter("waiting for web1")
    assert seen == ["resolving web1", "waiting for web1"]
    assert deadline.stop("SIGTERM")[:2] == Stop("SIGTERM", "waiting for web1", 0.0)[:2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_a_wait_and_tells_its_name(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(HOUSE / "lib"), "10"],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.stdout.read().startswith(f"{number.name} sleeping 0.")


def test_an_interruption_that_python_drops_comes_again() -> None:
    """A signal that is handled inside a weak reference's callback would be lost for good."""
    program = PROGRAM.replace(
        "    time.sleep(20)",
        "    import os, weakref\n"
        "    class Thing: pass\n"
        "    thing = Thing()\n"
        "    kept = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGTERM))\n"
        "    del thing\n"
        "    time.sleep(20)",
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(HOUSE / "lib"), "10"],
        capture_output=True,
        text=True,
        timeout=15,
        check=False,
    )
    assert done.stdout.startswith("ready\nSIGTERM sleeping 0."), done
    assert done.stderr == ""


def test_the_net_ends_a_wait_that_ignores_the_budget() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(HOUSE / "lib"), "0.2"],
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )
    assert done.stdout.splitlines()[1].startswith("deadline sleeping 0.")


def test_a_wait_that_no_signal_ends_takes_no_longer_than_the_budget() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from bothsides.base.deadline import"
        " Deadline, arm, disarm, spare;"
        "print(spare(2)); arm(Deadline(0.5)); print(0.3 < spare(2) <= 0.5, spare(0.1));"
        " disarm(); print(spare(2))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(HOUSE / "lib")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["2", "True", "0.1", "0.0"]


def test_what_follows_the_measurement_has_a_grace_beyond_the_budget() -> None:
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[1]);"
        "from bothsides.base.deadline import Deadline, arm, settle, spare;"
        "deadline = Deadline(0.3); arm(deadline); settle(deadline); print(spare(2) <= 0.3);"
        "began = time.monotonic()\n"
        "try: time.sleep(5)\n"
        "except KeyboardInterrupt: print(0.4 < time.monotonic() - began < 2)"
    )
    command = [sys.executable, "-c", code, str(HOUSE / "lib")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]


def test_a_budget_that_is_not_armed_is_left_alone() -> None:
    settle(Deadline(0.0))
    assert signal.getsignal(signal.SIGALRM) is not _interrupt
