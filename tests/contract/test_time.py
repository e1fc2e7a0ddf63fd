"""Every check ends in time: by its deadline, whatever hangs, and by a signal at once."""

import signal
import subprocess
import time

import pytest

from tests.support import net
from tests.support.contract import NOWHERE, every_check, well_formed
from tests.support.process import Outcome, command_of, has_armed, outputs, run
from tests.support.stopwatch import queued, until

SLACK = 0.3  # beyond -t, on top of what starting Python costs on this machine now


@every_check
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_brings_one_unknown_line_with_perfdata_at_once(
    check: str, number: signal.Signals, black_hole: net.Network, start_up: float
) -> None:
    command = [*black_hole.inside("us"), *command_of(check), "-H", NOWHERE, "-t", "7"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd="/"
    ) as process:
        assert process.stdout
        assert process.stderr
        until(lambda: has_armed(process.pid, signal.SIGTERM), "the check's own handler")
        time.sleep(0.3)
        waited = queued(str(process.pid))
        process.send_signal(number)
        sent = time.monotonic()
        pipes = (process.stdout.fileno(), process.stderr.fileno())
        text, error = outputs(*pipes, sent + 10, process.pid)
        waited = queued(str(process.pid)) - waited
        took = time.monotonic() - sent
    outcome = Outcome(text.decode(), error.decode(), process.returncode, took, waited)
    well_formed(check, outcome)
    assert outcome.code == 3
    assert f"interrupted by {number.name} while " in outcome.line
    assert outcome.seconds < 0.2 + 2 * start_up
    assert _descendants(process.pid) == []


def _descendants(pid: int) -> list[str]:
    """Processes that still are in the session or group of a process that has gone."""
    listed = subprocess.run(
        ["ps", "-eo", "pgid=,sid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    return [line for line in listed.splitlines() if str(pid) in line.split()[:3]]


@every_check
@pytest.mark.parametrize("timeout", ["0.5", "1", "3"])
@pytest.mark.parametrize(
    "target", [NOWHERE, "www.example.net"], ids=["black hole", "dead resolver"]
)
def test_the_deadline_holds_against_a_black_hole_and_a_dead_resolver(
    check: str, timeout: str, target: str, black_hole: net.Network, start_up: float
) -> None:
    outcome = run(check, "-H", target, "-t", timeout, inside=black_hole.inside("us"))
    well_formed(check, outcome)
    assert outcome.code in (2, 3)
    assert outcome.seconds <= float(timeout) + SLACK + 2 * start_up
    if target != NOWHERE:
        assert outcome.code == 3, "a dead resolver is ours, not the target's"
