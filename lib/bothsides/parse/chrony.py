"""What `chronyc -n -c tracking` prints: how far chrony allows our clock to be off, and by whose time."""

from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable

_FIELDS = 14
_NOBODY = (
    "00000000",
    "7F7F0101",
)  # no source at all, or chronyd's own `local` clock: neither is anybody's time
_LEAPS = ("Normal", "Insert second", "Delete second", "Not synchronised")


class Tracking(NamedTuple):
    """error: the greatest that our clock may have, seconds, None where chronyd follows nobody.

    source: address or reference clock that it follows; stratum as in NTP.
    """

    error: float | None
    source: str = ""
    stratum: int = 0


def from_tracking(text: str) -> Tracking:
    """The one line of comma-separated values; the bound is that of chronyc(1), "tracking"."""
    fields = text.strip().split(",")
    if len(fields) != _FIELDS or fields[-1] not in _LEAPS:
        raise Unreadable(f"{text.strip()[:60]!r} is not chronyc's tracking")
    try:
        stratum, offset, delay, dispersion = (
            int(fields[2]),
            *(float(fields[place]) for place in (4, 10, 11)),
        )
    except ValueError:
        raise Unreadable(f"{text.strip()[:60]!r} is not chronyc's tracking") from None
    if fields[-1] == "Not synchronised" or fields[0] in _NOBODY:
        return Tracking(None)
    error = abs(offset) + abs(dispersion) + abs(delay) / 2
    if not error < float("inf"):
        raise Unreadable(f"{text.strip()[:60]!r} is not chronyc's tracking")
    return Tracking(error, fields[1], stratum)
