"""Our own clock: its greatest error by the kernel's or chrony's account, and whether it is set.

One rule says whether it is synchronised: while somebody disciplines it, its maximum error stays
below the kernel's ceiling. The flag STA_UNSYNC is no such rule, since chrony without rtcsync
leaves it set. What we tell others about our clock in a STAMP packet (`claim`) is stricter and needs
the flag too: RFC 8762 lets only a clock that follows UTC by an external source claim it.
"""

import time

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.base.types import NamedTuple
from bothsides.model.local_clock import LocalClock
from bothsides.parse import Unreadable

_CEILING = 16.0  # s: the kernel's greatest maximum error, reached when nothing sets the clock
_TIMEX_LONGS = 32  # struct timex of adjtimex(2) has 26 on 64 bit
_MAXERROR = 3  # its place in longs, in microseconds: modes, offset, freq, maxerror
_LEAP, _UNSYNCHRONISED = 3, 5  # adjtimex(2)'s TIME_OOP and TIME_ERROR
_READINGS = 5
_PATIENCE = 1.0  # s to wait for chronyc, which itself would wait 14


class KernelClock(NamedTuple):
    """What the kernel says about our clock."""

    error: float  # s, its maximum error
    leaping: bool  # whether a leap second is being inserted now
    flagged: bool  # whether it is marked as not synchronised

    @property
    def synchronised(self) -> bool:
        """Whether the clock is disciplined: the rule of this module."""
        return self.error < _CEILING


def kernel_clock() -> KernelClock | None:
    """What adjtimex(2) says, which needs no privilege; None where it cannot be asked."""
    try:
        import _ctypes  # alone: the Python half of `ctypes` costs 1.2 ms

        class Adjtimex(_ctypes.CFuncPtr):  # returns an int
            _flags_ = _ctypes.FUNCFLAG_CDECL

        class Long(_ctypes._SimpleCData):  # type: ignore[type-arg]
            _type_ = "l"

        timex = (Long * _TIMEX_LONGS)()
        libc = _ctypes.dlopen(None, 0)  # type: ignore[arg-type]  # all that this process has loaded
        state = Adjtimex(_ctypes.dlsym(libc, "adjtimex"))(timex)
    except (ImportError, OSError, AttributeError, MemoryError):
        return None
    if state < 0:
        return None
    return KernelClock(int(timex[_MAXERROR]) / 1e6, state == _LEAP, state == _UNSYNCHRONISED)


def claim() -> float | None:
    """Seconds that our clock may be off UTC at most, to be told to others; None without a claim."""
    clock = kernel_clock()
    return None if clock is None or clock.flagged else clock.error


def local_clock(deadline: Deadline, chrony: bool = True) -> LocalClock:
    """The kernel's account of our clock, else chrony's: without rtcsync the kernel knows none."""
    clock = kernel_clock()
    if clock is not None and clock.synchronised:
        return LocalClock(clock.error + (1.0 if clock.leaping else 0.0), account="the kernel")
    unknown = "the kernel says that nobody sets it"
    ours = _by_chrony(unknown, deadline) if chrony else LocalClock(None, account=unknown)
    return ours if ours.synchronised else ours._replace(since_boot=_since_boot())


def _since_boot() -> float | None:
    """Seconds since this host was started, with the time that it was suspended."""
    try:
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    except (OSError, AttributeError):
        return None


def _by_chrony(unknown: str, deadline: Deadline) -> LocalClock:
    """What chronyd says through chronyc, which any user may ask on loopback."""
    from bothsides.parse.chrony import from_tracking
    from bothsides.probe.net.process import Child, find, finished

    path = find("chronyc")
    if not path:
        return LocalClock(None, account=f"{unknown}, no chronyc here")
    deadline.enter("asking chronyc")
    try:
        child = Child([path, "-n", "-c", "tracking"])
    except Unable as fault:
        return LocalClock(None, account=f"{unknown}, {fault}")
    try:
        answered = finished([child], time.monotonic() + min(_PATIENCE, deadline.left() / 2))
    finally:
        child.end(0.0)
    output = child.out.decode("ascii", "replace")
    try:
        tracking = from_tracking(output)
    except Unreadable:
        words = " ".join(output.split())[:40] if answered else ""
        return LocalClock(None, account=f"{unknown}, chronyc: {words or 'no answer'}")
    if tracking.error is None or tracking.error >= _CEILING:
        return LocalClock(None, account=f"{unknown}, chrony: follows nobody")
    source = f"{tracking.source}, stratum {tracking.stratum}"
    return LocalClock(tracking.error, account=f"chrony ({source})")


class Timeline:
    """Our own clock as it was at the start of a run, carried on by the monotonic clock.

    Whoever sets our clock during the run, or fakes it for this process alone, changes no interval.
    """

    def __init__(self) -> None:
        self.shift = wall_minus_monotonic()  # ns

    def now(self) -> int:
        """Nanoseconds since 1970."""
        return time.monotonic_ns() + self.shift

    def received(self, stamp: int | None, sent: int) -> int:
        """When a reply arrived that is read now; stamp: the kernel's, of our clock as it is now.

        A stamp that does not lie between the query and now is of another clock than ours.
        """
        waited = 0 if stamp is None else time.time_ns() - stamp
        now = self.now()
        return now - waited if 0 <= waited <= now - sent else now


def wall_minus_monotonic() -> int:
    """How far the wall clock is ahead of the monotonic one, ns; a change of it is a step.

    Both are read a few times: whoever is held up between the two readings would see a step that was
    none.
    """
    return min(_wall_minus_monotonic() for _ in range(_READINGS))[1]


def _wall_minus_monotonic() -> tuple[int, int]:
    """How long the reading took, and the difference, ns."""
    before, wall, after = time.monotonic_ns(), time.time_ns(), time.monotonic_ns()
    return after - before, wall - (before + after) // 2
