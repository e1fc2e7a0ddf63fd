"""Cuts off a peer that sends so fast, without saying anything, that libcurl does not return.

OpenSSL reads on while TLS records come that mean nothing (empty handshake messages, RFC 5246
section 7.4.1.1). No signal handler of Python's runs before it returns, so neither -t nor Ctrl-C
would end it.
"""

import _socket as socket
import _thread
import time

from bothsides.base.deadline import block_signals
from bothsides.base.types import Callable, Sequence
from bothsides.probe.https.tcp import counters

WORDS = "it sends TLS records without end that mean nothing"

_LOOK = 0.1  # s between two looks
_STUCK = 0.25  # s of CPU in one call of libcurl, which takes some ms,
_OF_EACH = 0.01  # and more for each connection: a handshake computes
_APART = 0.2  # s between two readings of what came
_FLOOD = 16384  # octets that came meanwhile; reading them costs OpenSSL 10 ms of CPU


class FloodGuard:
    """Looks from a thread of its own at each call of libcurl."""

    def __init__(
        self, sockets: Callable[[], Sequence[socket.socket]], taken: Callable[[], int]
    ) -> None:
        """sockets: asked for those of all connections; taken: for the octets of bodies so far."""
        self._sockets, self._taken = sockets, taken
        self._began: float | None = None  # s of CPU when the present call began
        self._over = _thread.allocate_lock()
        self._over.acquire()
        self.cut: list[socket.socket] = []  # connections that were cut off
        try:
            _thread.start_new_thread(self._look, ())
        except RuntimeError:  # no more threads here: then only a flood is not survived
            pass

    def enter(self) -> None:
        """A call of libcurl begins."""
        self._began = time.process_time()

    def leave(self) -> None:
        """It has returned."""
        self._began = None

    def close(self) -> None:
        """Ends the thread."""
        if self._over.locked():
            self._over.release()

    def _look(self) -> None:
        block_signals()  # a signal that this thread took would strike the main one too early
        while not self._over.acquire(timeout=_LOOK):
            began = self._began
            if began is not None and time.process_time() - began > self._usual():
                self._cut_off(began)

    def _usual(self) -> float:
        """Seconds of CPU that one call may take."""
        return _STUCK + _OF_EACH * len(self._sockets())

    def _cut_off(self, began: float) -> None:
        """Ends the connection by which most came, if the same call still lasts by then.

        Not where it brings a body, which may unpack to gigabytes: who takes it ends it in time.
        """
        before = [(each, _received(each)) for each in self._sockets()]
        taken = self._taken()
        time.sleep(_APART)
        if self._taken() != taken:
            return
        came = [(_received(each) - octets, each) for each, octets in before]
        most, flooded = max(came, key=lambda pair: pair[0], default=(0, None))
        if flooded is not None and most > _FLOOD and self._began == began:
            self.cut.append(flooded)
            try:
                flooded.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended by itself


def _received(connection: socket.socket) -> int:
    """Octets that came on a connection so far."""
    known = counters(connection)
    return known.received if known is not None else 0
