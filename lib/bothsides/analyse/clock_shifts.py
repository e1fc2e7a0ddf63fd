"""Offsets that have a name: time scales beside UTC, weeks of GPS, dates that are wrong by days.

The differences between the scales hold since 1 January 2017, when the last leap second was
inserted (IERS Bulletin C); a later one adds 1 s to each.
"""

from bothsides.base.types import NamedTuple
from bothsides.model.interval import Interval

_WEEKS = 1024 * 7 * 86400  # s after which the week number of old GPS receivers begins again
_DAY = 86400
_DAYS = 3660  # the most that are named as days
_REST = 90  # s that a clock may be off besides, as with a mistaken zone
_CLOSE = 0.5  # s besides the uncertainty, for a time scale
_SCALES = (
    (18, "GPS time, which is 18 s ahead of UTC"),
    (37, "TAI, which is 37 s ahead of UTC"),
    (27, "a zone of right/, which counts the 27 leap seconds since 1972"),
)


class Shift(NamedTuple):
    """A difference that explains an offset."""

    seconds: int  # ahead of UTC
    words: str  # what it looks like


def named_shift(offset: Interval) -> Shift | None:
    """What an offset looks like; None where it looks like nothing that has a name."""
    if offset.half >= _REST:
        return None
    for seconds, words in _SCALES:
        if abs(abs(offset.middle) - seconds) <= offset.half + _CLOSE and offset.half < 2:
            sign = 1 if offset.middle > 0 else -1
            other = "" if sign > 0 else ", subtracted where it was to be added"
            return Shift(sign * seconds, words + other)
    weeks = round(offset.middle / _WEEKS)
    if weeks and abs(offset.middle - weeks * _WEEKS) <= _REST:
        epochs = f"{abs(weeks) * 1024} weeks: a GPS receiver whose week number began again"
        return Shift(weeks * _WEEKS, epochs)
    days = round(offset.middle / _DAY)
    if days and abs(days) <= _DAYS and abs(offset.middle - days * _DAY) <= _REST:
        whole = f"{abs(days)} {'day' if abs(days) == 1 else 'days'}"
        return Shift(days * _DAY, f"a date that is wrong by {whole}")
    return None
