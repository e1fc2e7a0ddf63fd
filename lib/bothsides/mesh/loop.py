"""The loop of udp_mesh: wake up for a tick, take in replies, send, serve checks, sleep."""

import select
import time

from bothsides.base.types import Callable, Sequence
from bothsides.mesh.exchange import Exchange
from bothsides.mesh.mehsh_server import MehshServer
from bothsides.mesh.prober import Prober
from bothsides.mesh.timeline import LATE

_TOGETHER = 0.001  # s between two readings that count as one

Turn = Callable[[float], None]
"""Something that is done in every tick, with the monotonic time."""


class Loop:
    """One thread, one process; nothing in it waits but the sleep until the next tick."""

    def __init__(
        self,
        prober: Prober,
        exchange: Exchange,
        turns: Sequence[Turn],
        urgent: Sequence[MehshServer] = (),
    ) -> None:
        """turns: done in every tick; urgent: answered at once, also between ticks."""
        self.prober, self.exchange = prober, exchange
        self.turns = turns
        self.urgent = {each.fileno(): each for each in urgent}
        self.late = 0  # ticks
        self._families: dict[int, int] = {}
        self._poll = select.poll()
        self._alarm = select.poll()
        for descriptor in self.urgent:
            self._alarm.register(descriptor, select.POLLIN)
        self.watch()

    def watch(self) -> None:
        """Takes the sockets that the exchange has now."""
        for family, sockets in self.exchange.sockets.items():
            for opened in sockets:
                if opened.fileno() not in self._families:
                    self._families[opened.fileno()] = family
                    self._poll.register(opened.fileno(), select.POLLIN)

    def run(self, wanted: Callable[[], bool]) -> None:
        """Ticks until `wanted` ends it."""
        due = time.monotonic()
        while wanted():
            wall, clock = moment()
            late = clock - due > LATE
            ready = [descriptor for descriptor, _ in self._poll.poll(0)]
            for family in (4, 6):
                mine = [each for each in ready if self._families[each] == family]
                self.exchange.receive(mine, family)
            self.prober.tick(wall, clock, due)
            for turn in self.turns:
                turn(clock)
            self.late += late
            due = (clock if late else due) + self.prober.schedule.tick
            self._rest(due)

    def _rest(self, due: float) -> None:
        """Sleeps until then; only what is urgent is answered meanwhile."""
        left = due - time.monotonic()
        while self.urgent and left > 0:
            for descriptor, _ in self._alarm.poll(left * 1000):
                self.urgent[descriptor].turn()
            left = due - time.monotonic()
        if left > 0:
            time.sleep(left)


def moment() -> tuple[int, float]:
    """UTC in ns since 1970 and the monotonic clock in s, both of the same moment."""
    for _ in range(100):
        before = time.monotonic()
        wall = time.time_ns()
        after = time.monotonic()
        if after - before < _TOGETHER:
            break
    return wall, after
