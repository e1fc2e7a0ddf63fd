"""One monotonic budget per run, and the signals that may end it early."""

import _signal as signal  # type: ignore[import-not-found]  # the other half only gives the numbers names, for 0.5 ms of CPU
import time

from bothsides.base.types import Callable, NamedTuple

TIMEOUT = 8.0  # seconds by default: ends before check_nrpe's 10 s, so that our words arrive and not its own
_SIGNALS = {
    signal.SIGINT: "SIGINT",
    signal.SIGTERM: "SIGTERM",
    signal.SIGHUP: "SIGHUP",
    signal.SIGALRM: "deadline",
}
_NET = 0.05  # how long after the budget SIGALRM strikes, when a wait has ignored it


class Stop(NamedTuple):
    """Why a measurement ended before its time.

    cause: "deadline" or the signal's name; stage: what was being done; after: seconds.
    """

    cause: str
    stage: str
    after: float


class Interrupted(KeyboardInterrupt):
    """A signal or the SIGALRM net; its text is the cause as in `Stop.cause`.

    Derived from KeyboardInterrupt because asyncio and curl's callbacks let only that through.
    """


class Deadline:
    """What is left of the time that one check run may take.

    It is handed down as a value to everything that waits. The stage is kept beside it so that
    whoever is interrupted can say in which stage that was.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.began = time.monotonic()
        self.stage = "starting"
        self.watch: Callable[[], None] | None = (
            None  # told of every stage; the progress line at a terminal
        )

    def left(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.began + self.seconds - time.monotonic())

    def spent(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.began

    def enter(self, stage: str) -> None:
        """Names the stage that begins now, as in "while waiting for the TLS handshake"."""
        self.stage = stage
        if self.watch is not None:
            self.watch()

    def stop(self, cause: str = "deadline") -> Stop:
        """The Stop that tells of an end here and now."""
        return Stop(cause, self.stage, self.spent())


def arm(deadline: Deadline) -> None:
    """Turns SIGINT, SIGTERM, SIGHUP and the end of the budget into `Interrupted`.

    Waits are bounded by `Deadline.left` themselves; SIGALRM is only the net below them.
    """
    for number in _SIGNALS:
        signal.signal(number, _interrupt)
    signal.setitimer(signal.ITIMER_REAL, deadline.left() + _NET)


def disarm() -> None:
    """Lets nothing interrupt any more: what is known is on its way out, and a slow reader is no reason to lose it."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def spare(most: float) -> float:
    """Seconds for a wait that no signal ends, such as one in C: what the armed budget leaves, `most` without one."""
    left: float = signal.getitimer(signal.ITIMER_REAL)[0]
    if left > 0:
        return max(0.0, min(most, left - _NET))
    return 0.0 if signal.getsignal(signal.SIGALRM) == signal.SIG_IGN else most


def block_signals() -> None:
    """Lets none of them strike in this thread, such as within a library that would lose what its callbacks raise."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)


def unblock_signals() -> None:
    """Lets them strike again, and at once whichever came meanwhile."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def _interrupt(number: int, frame: object) -> None:
    # A second signal must not tear apart the last words about the first one.
    for other in _SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise Interrupted(_SIGNALS[number])
