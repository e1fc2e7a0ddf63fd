"""The signals that our daemons handle between two turns of their loops."""

import signal
from types import FrameType

_HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)


def let_term_through() -> None:
    """Lets SIGTERM end a daemon that still reads its files; a SIGHUP waits until they are read."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM,))


def noted_signals() -> list[int]:
    """A list that gets each of these signals from now on, also where a parent has blocked them."""
    signals: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        signals.append(number)

    for number in _HANDLED:
        signal.signal(number, note)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
    return signals
