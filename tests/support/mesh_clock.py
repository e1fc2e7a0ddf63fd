"""udp_mesh on a host whose clock a test sets: the machine's own clock belongs to everybody.

Run as `python -m tests.support.mesh_clock FILE OPTIONS-OF-UDP_MESH`. All that the prober knows of
UTC is moved: what it reads itself, and the kernel's stamps of arrival, each by what was true at its
moment.
"""

import mmap
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_STATE = struct.Struct("=qqq")
"""True UTC of the last step in ns, and by how many ns the clock is wrong before and after it."""

_BILLION = 1_000_000_000


class Wrong:
    """A clock that is wrong by what a file says."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_STATE.pack(0, 0, 0))
        with path.open("r+b") as file:
            self._state = mmap.mmap(file.fileno(), _STATE.size)

    def step(self, seconds: float) -> None:
        """Sets the clock forward by so much; back where it is negative."""
        _, _, offset = _STATE.unpack(self._state)
        after = offset + round(seconds * _BILLION)
        _STATE.pack_into(self._state, 0, time.time_ns(), offset, after)

    def moved(self, moment: int) -> int:
        """By how many ns the clock was wrong at this moment, true UTC in ns."""
        at, before, after = _STATE.unpack(self._state)
        return int(after if moment >= at else before)


def main(path: str, *argv: str) -> None:
    """Runs udp_mesh by the wrong clock; before it is loaded, so that all of it has this clock."""
    wrong, true = Wrong(Path(path)), time.time_ns

    def time_ns() -> int:
        moment = true()
        return moment + wrong.moved(moment)

    module: Any = time
    module.time_ns, module.time = time_ns, lambda: time_ns() / 1e9
    from bothsides.probe.udp.batch import Receiver

    arrivals = Receiver.arrivals

    def moved(self: Receiver, family: int) -> Iterator[tuple[int, int, int]]:
        for seconds, rest, source in arrivals(self, family):
            at = seconds * _BILLION + rest
            yield *divmod(at + wrong.moved(at), _BILLION), source

    receiver: Any = Receiver
    receiver.arrivals = moved
    from bothsides.command.udp_mesh import main as udp_mesh

    udp_mesh(argv)


if __name__ == "__main__":
    main(*sys.argv[1:])
