"""How good our own clock is: the kernel's or chrony's account, steps while we measure, and another clock instead."""

import os
import time

from bothsides.analyse.clock_offset import Bounds, meeting
from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.base.types import Any, NamedTuple
from bothsides.model.failure import Failure
from bothsides.parse import Unreadable
from bothsides.probe.net.datagrams import Ask, Reply, Talk, converse
from bothsides.probe.net.resolve import resolve

_UNDISCIPLINED = 16_000_000  # microseconds: the kernel's ceiling, reached when nothing has set the clock for hours
_TIMEX_LONGS = 26  # struct timex of adjtimex(2) is 208 octets on 64 bit
_MAXERROR = 3  # its place in longs: modes, offset, freq, maxerror
_LEAP = 3  # adjtimex(2)'s TIME_OOP: a leap second is being inserted now
_EXCHANGES = 3  # with a reference: the narrowest of a few is much better than any one
_READINGS = 5
_PATIENCE = (
    1.0  # seconds to wait for a reference's answer, and for chronyc, which itself would wait 14
)


class LocalClock(NamedTuple):
    """Our own clock. error: its greatest error, seconds; None: nobody keeps account.

    stepped: by how much it was moved while we measured, seconds; told: by whose account, or why there is none.
    """

    error: float | None
    stepped: float = 0.0
    told: str = ""

    @property
    def synchronised(self) -> bool:
        """Whether somebody disciplines it.

        Judged by the maximum error and not by STA_UNSYNC, which chrony leaves set without rtcsync.
        """
        return self.error is not None


class Reference(NamedTuple):
    """A clock that is taken instead of ours. ahead: by how much it is ahead of ours; stratum as in NTP."""

    name: str
    ahead: Bounds | None
    stratum: int = 0
    failure: Failure | None = None


def local_clock(deadline: Deadline, chrony: bool = True) -> LocalClock:
    """The kernel's account of our clock, else chrony's, which a kernel without rtcsync knows nothing of."""
    error = _kernels()
    if error is not None:
        return LocalClock(error, told="the kernel")
    unknown = "kernel: no maximum error"
    return _chronys(unknown, deadline) if chrony else LocalClock(None, told=unknown)


def _kernels() -> float | None:
    """The maximum error of adjtimex(2), which needs no privilege to read."""
    import ctypes

    timex = (ctypes.c_long * _TIMEX_LONGS)()
    try:
        state = ctypes.CDLL(None).adjtimex(timex)
    except (AttributeError, OSError):
        return None
    microseconds = int(timex[_MAXERROR])
    if state < 0 or microseconds >= _UNDISCIPLINED:
        return None
    return microseconds / 1e6 + (1.0 if state == _LEAP else 0.0)


def _chronys(unknown: str, deadline: Deadline) -> LocalClock:
    """What chronyd says through chronyc, which any user may ask on loopback."""
    from bothsides.parse.chrony import from_tracking
    from bothsides.probe.net.process import Child, find, finished

    path = find("chronyc")
    if not path:
        return LocalClock(None, told=f"{unknown}, no chronyc here")
    deadline.enter("asking chronyc")
    try:
        child = Child([path, "-n", "-c", "tracking"])
    except Unable as fault:
        return LocalClock(None, told=f"{unknown}, {fault}")
    try:
        answered = finished([child], time.monotonic() + min(_PATIENCE, deadline.left() / 2))
    finally:
        child.end(0.0)
    try:
        found = from_tracking(child.out.decode("ascii", "replace"))
    except Unreadable:
        said = " ".join(child.out.decode("ascii", "replace").split())[:40] if answered else ""
        return LocalClock(None, told=f"{unknown}, chronyc: {said or 'no answer'}")
    if found.error is None or found.error * 1e6 >= _UNDISCIPLINED:
        return LocalClock(None, told=f"{unknown}, chrony: follows nobody")
    return LocalClock(found.error, told=f"chrony ({found.source}, stratum {found.stratum})")


def anchor() -> int:
    """How far the wall clock is ahead of the monotonic one, ns; a change between two calls is a step.

    Both are read a few times: whoever is held up between the two readings would see a step that was none.
    """
    return min(_ahead_of_monotonic() for _ in range(_READINGS))[1]


def _ahead_of_monotonic() -> tuple[int, int]:
    """How long the reading took, and what it says, ns."""
    before, wall, after = time.monotonic_ns(), time.time_ns(), time.monotonic_ns()
    return after - before, wall - (before + after) // 2


def reference(host: str, port: int, family: int, deadline: Deadline) -> Reference:
    """Asks an NTP server how far it is ahead of our clock."""
    found = resolve(host, family, deadline)
    if isinstance(found, Failure):
        return Reference(host, None, failure=found)
    deadline.enter(f"waiting for the time of {host}")
    heard: Reference = converse([(found[0], port, lambda: _exchanged(host, deadline))], deadline)[0]
    return heard


def _exchanged(name: str, deadline: Deadline) -> Talk:
    """A few exchanges with one server; what all of them allow."""
    from bothsides.parse.ntp import to_request

    allowed: list[Bounds] = []
    stratum = 0
    for attempt in range(_EXCHANGES):
        cookie = os.urandom(8)
        heard = yield Ask(
            to_request(cookie), attempt, time.monotonic() + _PATIENCE, _reader(attempt, cookie)
        )
        if isinstance(heard, Failure):
            return Reference(name, None, failure=heard)
        if heard is None:
            if deadline.left() <= 0:
                break
            continue
        answer = heard.answer
        if answer.refused:
            return Reference(name, None, answer.stratum, Failure("server", answer.refused))
        allowed.append(_ahead(heard))
        stratum = answer.stratum
    if not allowed:
        return Reference(name, None, failure=Failure("server", "no answer to NTP"))
    met = meeting(allowed)
    if met is None:
        return Reference(
            name, None, stratum, Failure("server", "its answers contradict each other")
        )
    return Reference(name, met, stratum)


def _reader(attempt: int, cookie: bytes) -> Any:
    from bothsides.parse.ntp import from_reply

    def read(octets: bytes) -> tuple[int, Any] | None:
        try:
            return attempt, from_reply(octets, cookie, time.time_ns())
        except Unreadable:
            return None

    return read


def _ahead(heard: Reply) -> Bounds:
    """It got our question after we had sent it, and answered before we had the answer."""
    answer = heard.answer
    exact = Bounds((answer.transmit - heard.received) / 1e9, (answer.receive - heard.sent) / 1e9)
    return exact.widened(answer.error)
