"""Several HTTP transfers at once, driven by libcurl's multi interface within the deadline."""

import _socket as socket  # the C half has all that is used here; the other costs 2 ms of CPU
import time

from bothsides.base.curl import Handle, begun, library
from bothsides.base.deadline import Deadline, block_signals, processor_times, unblock_signals
from bothsides.base.flood import WORDS, FloodGuard
from bothsides.base.poll import ready
from bothsides.base.types import Iterator
from bothsides.model.https import Order, Outcome
from bothsides.probe.https.transfer import Transfer

_MARGIN = 0.02  # s before our deadline at which libcurl gives up: there is time to say so
_TICK = 0.02  # s that a wait may end late
_GLANCE = 0.01  # s between calls where libcurl forgets to ask for one: SOCKS 4, seen in 8.23


class Transfers:
    """Several transfers at once in one multi handle, so that they share the parsed CA bundle."""

    def __init__(self, deadline: Deadline) -> None:
        self.curl = library()
        self.multi = begun(self.curl.CurlMulti)
        self.deadline = deadline
        self.running: dict[Handle, Transfer] = {}
        self.slow: dict[str, bool] = {}  # addresses that were awaited: whether they did answer
        self._overslept = 0.0  # s by which waits ended after their time
        self._guard: FloodGuard | None = None  # from the first transfer with TLS on

    def add(self, order: Order, deadline: Deadline | None = None) -> Transfer:
        """Starts a transfer; it ends by itself within its own deadline, else the run's."""
        seconds = (deadline or self.deadline).left() - _MARGIN
        transfer = Transfer(self.curl, order, seconds, self.slow, self.held)
        self.multi.add_handle(transfer.handle)
        self.running[transfer.handle] = transfer
        if self._guard is None and order.url.scheme == "https":
            self._guard = FloodGuard(self._sockets, self._taken)
        return transfer

    def step(self, most: float = 1.0) -> Iterator[tuple[Transfer, Outcome]]:
        """Waits for the network once, at most so many seconds; yields what has ended."""
        going = [transfer for transfer in self.running.values() if transfer.ended is None]
        block_signals()
        try:
            active = self._performed()
            for transfer in going:
                transfer.digest()
        finally:
            unblock_signals()
        if active < len(going):
            _, good, bad = self.multi.info_read()
            for handle, code, text in [*((handle, 0, "") for handle in good), *bad]:
                transfer = self.running[handle]
                text = self._flooded(transfer) or text
                transfer.end(code, text, self.deadline.left() - _MARGIN)
        settled = [transfer for transfer in self.running.values() if transfer.settled()]
        if not settled and active == len(going):
            self._wait(most)
        for transfer in settled:
            del self.running[transfer.handle]
            outcome = transfer.outcome(*(transfer.ended or (0, "")))
            self.multi.remove_handle(transfer.handle)
            transfer.close()
            yield transfer, outcome

    def _performed(self) -> int:
        """Lets libcurl do what it can; how many transfers go on."""
        if self._guard is None:
            return int(self.multi.perform()[1])
        return self._guard.perform(self.multi)

    def _sockets(self) -> list[socket.socket]:
        return [one.socket for each in self.running.values() for one in each.listener.sockets]

    def _taken(self) -> int:
        return sum(each.listener.received for each in self.running.values())

    def _flooded(self, transfer: Transfer) -> str:
        """What a transfer ended by whose peer was cut off; "" for any other."""
        cut = self._guard.cut if self._guard is not None else ()
        return WORDS if any(one.socket in cut for one in transfer.listener.sockets) else ""

    def _wait(self, most: float) -> None:
        timeout = self.multi.timeout()
        if any(transfer.order.proxy.startswith("socks4:") for transfer in self.running.values()):
            most = min(most, _GLANCE)
        seconds = min(self.deadline.left(), most if timeout < 0 else min(most, timeout / 1000))
        read, write, _ = self.multi.fdset()
        for transfer in self.running.values():
            if transfer.ended is not None:
                write += transfer.silent()
                seconds = min(seconds, transfer.until - time.monotonic())
        if seconds > 0:
            until = time.monotonic() + seconds
            if read or write:
                ready(read, seconds, write)
            else:
                time.sleep(min(seconds, 0.01))
            late = time.monotonic() - until
            if late > _TICK:
                self._overslept += late

    def held(self) -> tuple[float, float]:
        """Seconds so far in which this host did not run us: waits that ended late, busy times.

        One may be part of the other.
        """
        return self._overslept, processor_times()[1]

    def close(self) -> None:
        """Ends whatever still runs."""
        for transfer in self.running.values():
            self.multi.remove_handle(transfer.handle)
            transfer.close()
        self.running.clear()
        self.multi.close()
        if self._guard is not None:
            self._guard.close()
