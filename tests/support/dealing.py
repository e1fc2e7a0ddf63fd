"""Deals test files to the processes of pytest-xdist: as many that compute as there are cores.

The other processes get files that mostly wait. So no core idles while all processes wait for the
network, and what is tested there runs beside a load that does not grow with the processes.
"""

import os
from collections.abc import Callable

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController


class Dealing(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives each process that has nothing left the next file of the kind that is needed."""

    def __init__(self, config: pytest.Config, log: Producer, waits: Callable[[str], bool]) -> None:
        """waits: whether a file mostly waits; within a kind they go in the order collected."""
        super().__init__(config, log)
        self._waits = waits
        self._cores = len(os.sched_getaffinity(0))

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Assigns the first file of the kind that is needed, or of the other if none is left."""
        files = self.assigned_work[node]
        for name in [name for name, tests in files.items() if all(tests.values())]:
            del files[name]  # or each test that ends takes longer to note than the one before
        computing = sum(self._computes(other) for other in self.nodes if other is not node)
        wait = computing >= self._cores
        for name in self.workqueue:
            if self._waits(name) == wait:
                self.workqueue.move_to_end(name, last=False)
                break
        super()._assign_work_unit(node)

    def _computes(self, node: WorkerController) -> bool:
        """Whether the file that a process was given last computes, and has tests left."""
        name, tests = next(reversed(self.assigned_work[node].items()), ("", {}))
        return not all(tests.values()) and not self._waits(name)
