"""How long something takes, without the time in which this machine did not run it.

A bound on time must hold on a machine that runs other tests as well: what is ready to run and waits
for a processor has done nothing wrong.
"""

import time
from collections.abc import Callable


def queued(task: str = "thread-self") -> float:
    """Seconds in which a task below /proc was ready and waited for a processor.

    Those of an ended process can be read until its parent has collected it; 0 where nobody counts.
    """
    try:
        with open(f"/proc/{task}/schedstat") as statistics:
            return int(statistics.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


class Stopwatch:
    """Started when it is made, by the thread that it measures."""

    def __init__(self) -> None:
        self._began, self._queued = time.monotonic(), queued()

    @property
    def seconds(self) -> float:
        """Seconds since it was started, without those that this thread waited for a processor."""
        return time.monotonic() - self._began - (queued() - self._queued)


def until(true: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Waits until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.05)
