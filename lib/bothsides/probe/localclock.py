"""How good our own clock is: the kernel's maximum error, and steps while we measure."""

import time
from typing import NamedTuple

_UNDISCIPLINED = 16_000_000  # microseconds: the kernel's ceiling, reached when nothing has set the clock for hours
_TIMEX_LONGS = 26  # struct timex of adjtimex(2) is 208 octets on 64 bit
_MAXERROR = 3  # its place in longs: modes, offset, freq, maxerror


class LocalClock(NamedTuple):
    """Our own clock. error: its greatest error by the kernel's account, seconds; None: nobody keeps account.

    stepped: by how much it was moved while we measured, seconds.
    """

    error: float | None
    stepped: float = 0.0

    @property
    def synchronised(self) -> bool:
        """Whether somebody disciplines it.

        Judged by the maximum error and not by STA_UNSYNC, which chrony leaves set without rtcsync.
        """
        return self.error is not None


def local_clock() -> LocalClock:
    """Asks the kernel by adjtimex(2), which needs no privilege to read."""
    import ctypes

    timex = (ctypes.c_long * _TIMEX_LONGS)()
    try:
        state = ctypes.CDLL(None).adjtimex(timex)
    except (AttributeError, OSError):
        return LocalClock(None)
    microseconds = int(timex[_MAXERROR])
    return LocalClock(None if state < 0 or microseconds >= _UNDISCIPLINED else microseconds / 1e6)


def anchor() -> int:
    """How far the wall clock is ahead of the monotonic one, ns; a change between two calls is a step."""
    return time.time_ns() - time.monotonic_ns()
