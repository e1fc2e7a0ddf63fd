"""Runs the lanes of a batch side by side, each in a copy of this process, and collects results.

A copy (fork) costs 2 ms, a new Python 30: all modules are loaded once. What happens in one lane,
even a crash, concerns no other lane.
"""

import marshal
import os
import select
import sys
import time

from bothsides.base.types import Any, Callable, Iterator, Mapping, NoReturn, Sequence
from bothsides.base.write import write_all
from bothsides.command.batch_lines import Order
from bothsides.command.batch_run import Done, Unit, Wish, carried_out
from bothsides.export.exported import Rows
from bothsides.export.point import Event, Point
from bothsides.plugin.output import Report, leave

_AT_ONCE = 24  # lanes
_GRACE = 3.0  # s behind a lane's own deadlines until it is ended
_READ = 1 << 16
_KILL = 9


class _Lane:
    """A lane that runs in a process of its own."""

    def __init__(self, units: Sequence[Unit], orders: Sequence[Order], wish: Wish) -> None:
        self.pipe, theirs = os.pipe()
        sys.stdout.flush()
        self._pid = os.fork()
        if self._pid == 0:
            _carry_out(units, orders, wish, theirs)
        os.close(theirs)
        self.until = time.monotonic() + sum(unit.seconds for unit in units) + _GRACE
        self.places = {place for unit in units for place in unit.places}  # without a result yet
        self.over = False
        self._octets = bytearray()  # not understood yet

    def read(self) -> Iterator[Done]:
        """The results that have come whole."""
        octets = os.read(self.pipe, _READ)
        self.over = not octets
        self._octets += octets
        while len(self._octets) >= 4:
            end = 4 + int.from_bytes(self._octets[:4], "big")
            if len(self._octets) < end:
                return
            done = _unpacked(bytes(self._octets[4:end]))
            del self._octets[:end]
            self.places.discard(done.place)
            yield done

    def end(self) -> str:
        """Ends the process where it has not ended; why results of it are missing."""
        os.close(self.pipe)
        if not self.over:
            os.kill(self._pid, _KILL)
        _, status = os.waitpid(self._pid, 0)
        if not self.over:
            return "the process that ran the check did not end in time"
        code = os.waitstatus_to_exitcode(status)
        ended = f"by signal {-code}" if code < 0 else f"with code {code}"
        return f"the process that ran the check ended {ended}"


def results(
    lanes: Sequence[Sequence[Unit]],
    orders: Sequence[Order],
    wish: Wish,
    turn: Callable[[], bool] = lambda: True,
) -> Iterator[Done]:
    """The result of each line as it comes, also of those whose process died.

    turn: called once a second at least; where it returns False, the batch ends.
    """
    waiting = list(reversed(lanes))
    running: dict[int, _Lane] = {}
    try:
        while (waiting or running) and turn():
            while waiting and len(running) < _AT_ONCE:
                lane = _Lane(waiting.pop(), orders, wish)
                running[lane.pipe] = lane
            readable = _readable(running)
            for pipe in readable:
                yield from running[pipe].read()
            now = time.monotonic()  # a delivery between two results may have taken its time
            late = [lane for lane in running.values() if lane.until < now]
            late = [lane for lane in late if lane.pipe not in readable]
            for lane in [*(lane for lane in running.values() if lane.over), *late]:
                del running[lane.pipe]
                why = lane.end()
                for place in sorted(lane.places):
                    yield _missing(place, orders[place], why)
    finally:
        for lane in running.values():
            lane.end()  # also where the caller stopped reading


def _readable(running: Mapping[int, _Lane]) -> list[int]:
    """The pipes with something in them, or that are closed; waits a second at most."""
    poll = select.poll()
    for pipe in running:
        poll.register(pipe, select.POLLIN)
    return [pipe for pipe, _ in poll.poll(1000)]


def _carry_out(units: Sequence[Unit], orders: Sequence[Order], wish: Wish, pipe: int) -> NoReturn:
    """All that the process of a lane does."""
    code = 1
    try:
        for unit in units:
            write_all(pipe, b"".join(map(_packed, carried_out(unit, orders, wish))))
        code = 0
    finally:
        leave(Report("", code))


def _packed(done: Done) -> bytes:
    points, events = done.rows
    plain: Any = (
        *done[:5],
        tuple(map(tuple, points)),
        tuple(map(tuple, events)),
        done.note,
    )  # Any: what `marshal` writes
    octets = marshal.dumps(plain)
    return len(octets).to_bytes(4, "big") + octets


def _unpacked(octets: bytes) -> Done:
    place, text, code, began, ended, points, events, note = marshal.loads(octets)
    rows = Rows(tuple(map(Point._make, points)), tuple(map(Event._make, events)))
    return Done(place, text, code, began, ended, rows, note)


def _missing(place: int, order: Order, why: str) -> Done:
    now = time.time()
    return Done(place, f"{order.check.name} UNKNOWN - {why}\n", 3, now, now, Rows())
