"""One HTTP transfer by libcurl while it runs."""

import _socket as socket  # the C half has all that is used here; the other costs 2 ms of CPU
import time

from bothsides.base.curl import Curl
from bothsides.base.types import Callable, MutableMapping
from bothsides.model.https import Order, Outcome
from bothsides.probe.https.listener import Listener, Opened
from bothsides.probe.https.read_out import read_out
from bothsides.probe.https.set_up import handle_for
from bothsides.probe.https.tcp import connection

_TICK = 0.01  # s without a processor that any host may take
_PATIENCE = 1.5  # s that a skipped address has to answer: one repeated SYN comes after 1 s


class Transfer:
    """One transfer, from its start until nothing more can be learnt."""

    def __init__(
        self,
        curl: Curl,
        order: Order,
        seconds: float,
        slow: MutableMapping[str, bool],
        held: Callable[[], tuple[float, float]],
    ) -> None:
        """Prepares it.

        slow: the run's addresses that were awaited, and whether they did answer; held: asked for
        the seconds so far in which this host did not run us, by two measures.
        """
        self.order = order
        self.listener = Listener(curl, order, seconds)
        self.handle = handle_for(curl, order, seconds, self.listener)
        self.ended: tuple[int, str] | None = None  # libcurl's code and text
        self.until = self.listener.until  # s, monotonic clock: when the wait for addresses ends
        self._curl, self._slow = curl, slow
        self._held, self._held_before = held, held()
        self._doubtful: list[Opened] = []  # addresses that were skipped before they answered

    def digest(self) -> None:
        """Understands what the last step brought."""
        verbose = self.listener.verbose
        self.listener.digest()
        if verbose and not self.listener.verbose:
            # All is told; from here on libcurl would copy every octet to us.
            self.handle.setopt(self._curl.VERBOSE, 0)

    def end(self, code: int, text: str, seconds: float) -> None:
        """Notes libcurl's verdict.

        Addresses that it skipped and that have not refused may answer for so many seconds more.
        """
        self.digest()
        self.ended = code, text
        if code == 0:
            now = time.monotonic()
            self._doubtful = [one for one in self.listener.sockets if _connecting(one)]
            youngest = max((one.at for one in self._doubtful), default=now)
            self.until = min(now + seconds, youngest + _PATIENCE)

    def silent(self) -> list[socket.socket]:
        """Sockets to skipped addresses that may be dead, or only slower.

        Once per run for each address: many tries would wait many times.
        """
        return [
            one.socket for one in self._doubtful if one.host not in self._slow and _connecting(one)
        ]

    def settled(self) -> bool:
        """Whether it is over, and nothing can be learnt any more of the addresses it skipped."""
        if self.ended is None or (self.silent() and time.monotonic() < self.until):
            return False
        for one in self._doubtful:
            self._slow.setdefault(one.host, not _connecting(one))
        return True

    def outcome(self, code: int, text: str) -> Outcome:
        """Reads everything out, at the end or in the middle of the transfer."""
        if self.ended is None:
            self.digest()
        ended = code, text
        outcome = read_out(self._curl, self.handle, self.order, self.listener, ended, self._slow)
        held = max(map(float.__sub__, self._held(), self._held_before))
        return outcome._replace(held=held) if held > _TICK else outcome

    def close(self) -> None:
        """Gives the handle and the sockets back."""
        self.handle.close()
        self.listener.close()


def _connecting(opened: Opened) -> bool:
    """Whether its first packet has no answer yet."""
    return connection(opened.socket).connecting
