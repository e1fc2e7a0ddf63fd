"""What `chronyc -n -c tracking` prints: how far off chrony allows our clock to be, and its source.

C0000201,192.0.2.1,2,1795214763.1,-0.000021,0.0,0.00003,-12.5,0.001,0.02,0.0004,0.0001,64.2,Normal
"""

from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable

_FIELDS = 14
_STRATUM, _OFFSET, _ROOT_DELAY, _ROOT_DISPERSION = 2, 4, 10, 11  # places in the line
_NO_SOURCE = ("00000000", "7F7F0101")  # none at all; chronyd's own `local` clock, nobody's time
_LEAPS = ("Normal", "Insert second", "Delete second", "Not synchronised")


class Tracking(NamedTuple):
    """What chronyd knows about our clock."""

    error: float | None  # s, the greatest that our clock may have; None where it follows no source
    source: str = ""  # address or reference clock that it follows
    stratum: int = 0  # as in NTP


def from_tracking(text: str) -> Tracking:
    """The one line of comma-separated values; the bound is that of chronyc(1), "tracking"."""
    fields = text.strip().split(",")
    unreadable = Unreadable(f"{text.strip()[:60]!r} is not chronyc's tracking")
    if len(fields) != _FIELDS or fields[-1] not in _LEAPS:
        raise unreadable
    try:
        stratum = int(fields[_STRATUM])
        offset, delay, dispersion = (
            float(fields[place]) for place in (_OFFSET, _ROOT_DELAY, _ROOT_DISPERSION)
        )
    except ValueError:
        raise unreadable from None
    if fields[-1] == "Not synchronised" or fields[0] in _NO_SOURCE:
        return Tracking(None)
    error = abs(offset) + abs(dispersion) + abs(delay) / 2
    if not error < float("inf"):
        raise unreadable
    return Tracking(error, fields[1], stratum)
