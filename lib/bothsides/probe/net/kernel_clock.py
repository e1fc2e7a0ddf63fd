"""What the kernel says about its own clock: whether it follows UTC, and how closely."""

import sys

_UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)
_MAXERROR = 24  # where struct timex has it on 64-bit Linux, a long of microseconds


def claim() -> float | None:
    """Seconds that the clock may be off UTC at most; None when it does not claim to follow UTC."""
    try:
        import ctypes  # 3 ms, and rarely needed

        timex = ctypes.create_string_buffer(256)
        state = ctypes.CDLL(None).adjtimex(timex)
    except (ImportError, OSError, AttributeError, MemoryError):
        return None
    if ctypes.sizeof(ctypes.c_long) != 8 or not 0 <= state < _UNSYNCHRONISED:
        return None
    return int.from_bytes(timex.raw[_MAXERROR : _MAXERROR + 8], sys.byteorder, signed=True) / 1e6
