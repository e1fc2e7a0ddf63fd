"""One monotonic budget per run, and the signals that may end it early."""

import _signal as signal  # type: ignore[import-not-found]  # `signal` adds names, for 0.5 ms
import os
import sys
import time

from bothsides.base.types import TYPE_CHECKING, Callable, NamedTuple

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

TIMEOUT = 8.0  # s, the default: below check_nrpe's 10 s, so that our words arrive and not its own
_SIGNALS = {
    signal.SIGINT: "SIGINT",
    signal.SIGTERM: "SIGTERM",
    signal.SIGHUP: "SIGHUP",
    signal.SIGALRM: "deadline",
}
_NET = 0.05  # s after the budget until SIGALRM ends a wait that has ignored it
_GRACE = 0.2  # s after the budget for judging and printing, which a busy host makes slow
_AGAIN = 0.001  # s until an interruption that was dropped is repeated
_margin = _NET  # s, the one of the two that the armed SIGALRM has


class Stop(NamedTuple):
    """Why a measurement ended before its time."""

    cause: str  # "deadline", or the name of the signal
    stage: str  # what was being done: "waiting for the TLS handshake"
    after: float  # s since the start of the run


class Interrupted(KeyboardInterrupt):
    """A signal or the SIGALRM net; its text is the cause as in `Stop.cause`.

    Derived from KeyboardInterrupt because asyncio and curl's callbacks let only that through.
    """


class Deadline:
    """What is left of the time that one check run may take.

    It is handed down as a value to everything that waits. It also keeps the stage that the run is
    in, for the words about an interruption.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.began = time.monotonic()
        self.stage = "starting"
        # called at every stage, for the progress line at a terminal
        self.watch: Callable[[], None] | None = None

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
        """The Stop for an end now, in the present stage."""
        return Stop(cause, self.stage, self.spent())


def processor_times() -> tuple[float, float]:
    """Seconds that this thread has run, and that it could have run and waited for a processor.

    Both since the process began; 0 where the kernel does not say.
    """
    try:
        statistics = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
    except OSError:
        return 0.0, 0.0
    try:
        ran, waited, *_ = os.read(statistics, 64).split()
        return int(ran) / 1e9, int(waited) / 1e9
    except (OSError, ValueError):
        return 0.0, 0.0
    finally:
        os.close(statistics)


def of_process() -> Deadline:
    """The deadline of a whole process; on a busy host its start alone may have taken a second."""
    deadline = Deadline(TIMEOUT)
    deadline.began -= sum(processor_times())
    return deadline


def arm(deadline: Deadline) -> None:
    """Turns SIGINT, SIGTERM, SIGHUP and the end of the budget into `Interrupted`.

    Waits are bounded by `Deadline.left` themselves; SIGALRM is only the net below them.
    """
    for number in _SIGNALS:
        signal.signal(number, _interrupt)
    unblock_signals()  # whoever started us may have blocked them
    sys.unraisablehook = _repeat
    _set_net(deadline, _NET)


def settle(deadline: Deadline) -> None:
    """Gives what follows the measurement its grace, where the budget is armed."""
    if signal.getsignal(signal.SIGALRM) is _interrupt:
        _set_net(deadline, _GRACE)


def _set_net(deadline: Deadline, after: float) -> None:
    global _margin
    _margin = after
    signal.setitimer(signal.ITIMER_REAL, deadline.left() + after)


def disarm() -> None:
    """Ignores all signals from now on, so that a slow reader of the output loses nothing."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def spare(most: float) -> float:
    """Seconds for a wait in C that no signal ends: what the armed budget leaves, at most `most`."""
    left: float = signal.getitimer(signal.ITIMER_REAL)[0]
    if left > 0:
        return max(0.0, min(most, left - _margin))
    return 0.0 if signal.getsignal(signal.SIGALRM) == signal.SIG_IGN else most


def block_signals() -> None:
    """Holds the signals back in this thread, for a library that loses what its callbacks raise."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)


def unblock_signals() -> None:
    """Lets the signals through again, at once those that came meanwhile."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def _repeat(unraisable: "UnraisableHookArgs") -> None:
    """Repeats an interruption that struck where Python drops exceptions, as in a weak reference."""
    fault = unraisable.exc_value
    if not isinstance(fault, Interrupted):
        sys.__unraisablehook__(unraisable)
        return
    cause = str(fault)

    def again(number: int, frame: object) -> None:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        raise Interrupted(cause)

    signal.signal(signal.SIGALRM, again)
    signal.setitimer(signal.ITIMER_REAL, _AGAIN)


def _interrupt(number: int, frame: object) -> None:
    # A second signal must not tear apart the last words about the first one.
    for other in _SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise Interrupted(_SIGNALS[number])
