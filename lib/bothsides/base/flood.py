"""Cuts off a peer that sends so fast, without saying anything, that libcurl does not return.

OpenSSL reads on while TLS records come that mean nothing (empty handshake messages, RFC 5246
section 7.4.1.1). No signal handler of Python's runs before it returns, so neither -t nor Ctrl-C
would end it.
"""

import _socket as socket  # the C half has all that is used here; the other costs 2 ms of CPU
import _thread
import os
import sys
import time

from bothsides.base.curl import Handle
from bothsides.base.deadline import block_signals
from bothsides.base.types import Callable, Sequence

WORDS = "it sends TLS records without end that mean nothing"

_LOOK = 0.1  # s between two looks
_STUCK = 0.25  # s of CPU in one call of libcurl, which takes some ms,
_OF_EACH = 0.01  # and more for each connection: a handshake computes
_APART = 0.2  # s between two readings of what came
_INFO = 136  # octets of struct tcp_info (linux/tcp.h) up to tcpi_bytes_received
_FLOOD = 16384  # octets that came meanwhile; reading them costs OpenSSL 10 ms of CPU


class FloodGuard:
    """Looks from a thread of its own at each call of libcurl."""

    def __init__(
        self,
        sockets: Callable[[], Sequence[socket.socket]],
        taken: Callable[[], int],
        secure: bool = True,
    ) -> None:
        """sockets: asked for those of all connections; taken: for the octets of bodies so far.

        secure: whether TLS is spoken; without it there is nothing to look at.
        """
        self._sockets, self._taken = sockets, taken
        self._began: float | None = None  # s of CPU when the present call began
        self._over = _thread.allocate_lock()
        self._over.acquire()
        self.cut: list[socket.socket] = []  # connections that were cut off
        try:
            if secure:
                _thread.start_new_thread(self._look, ())
        except RuntimeError:  # no more threads here: then only a flood is not survived
            pass

    def perform(self, multi: Handle) -> int:
        """Lets libcurl do what it can; how many transfers go on."""
        self._began = time.process_time()
        try:
            return int(multi.perform()[1])
        finally:
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


class _Copy(socket.socket):
    """A socket that is closed, without a warning, when nobody looks at it any more."""

    def __del__(self) -> None:
        self.close()


class Connections:
    """What libcurl connects, where nobody else opens its sockets.

    libcurl does not say what it closes: a number may be another file's by now, or nobody's.
    """

    def __init__(self) -> None:
        self._numbers: set[int] = set()

    def note(self, number: int, _purpose: int) -> int:
        """Notes the descriptor of a new connection: libcurl's SOCKOPTFUNCTION; 0 lets it go on."""
        self._numbers.add(number)
        return 0

    def sockets(self) -> list[socket.socket]:
        """Copies of those that are still sockets."""
        copies: list[socket.socket] = []
        for number in self._numbers.copy():
            try:
                copies.append(_copied(number))
            except OSError:
                self._numbers.discard(number)
        return copies


def _copied(number: int) -> _Copy:
    """A copy of a socket by its descriptor. Raises OSError for what is none."""
    copy = os.dup(number)
    try:
        return _Copy(fileno=copy)
    except OSError:
        os.close(copy)
        raise


def _received(connection: socket.socket) -> int:
    """Octets that came on a connection so far; 0 where it is none of TCP."""
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO)
    except OSError:
        return 0
    return int.from_bytes(info[_INFO - 8 :], sys.byteorder) if len(info) == _INFO else 0
