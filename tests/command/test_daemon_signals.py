"""The signals of a daemon, in the order in which they come."""

import os
import signal

import pytest

from bothsides.command.daemon_signals import noted_signals

HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)


@pytest.mark.parametrize("blocked", [False, True])
def test_all_signals_of_a_daemon_are_noted_though_a_parent_has_blocked_them(blocked: bool) -> None:
    handlers = {number: signal.getsignal(number) for number in HANDLED}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED if blocked else ())
    try:
        noted = noted_signals()
        for number in HANDLED:
            os.kill(os.getpid(), number)
        assert noted == [*HANDLED]
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in handlers.items():
            signal.signal(number, handler)
