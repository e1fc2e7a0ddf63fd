"""Moments and windows of time as people give them, in UTC.

16:15   16:15:30   yesterday 16:15   2019-01-10 16:15   2019-01-10T16:15:00Z   -30m   now
16:00-16:05   yesterday 16:00-16:05   2019-01-10 16:00-16:05   -2h/-1h   2019-01-10T16:00Z/2019-01-10T16:05Z
"""

import re

from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.text import from_duration

_DAY = 86400
_CLOCK = r"(?P<{0}h>[0-9]{{1,2}}):(?P<{0}m>[0-9]{{2}})(?::(?P<{0}s>[0-9]{{2}}))?"
_DATE = r"(?:(?P<day>today|yesterday)|(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<date>[0-9]{2}))"
_MOMENT = re.compile(rf"(?:{_DATE}[ T]+)?{_CLOCK.format('')}\s*(?:Z|UTC)?", re.ASCII)
_WINDOW = re.compile(
    rf"(?:{_DATE}[ T]+)?{_CLOCK.format('a')}\s*-\s*{_CLOCK.format('b')}\s*(?:Z|UTC)?", re.ASCII
)
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_NEAR = 150.0  # seconds around a single moment that belong to its window


class Window(NamedTuple):
    """From `start` to `end`, UTC seconds, both included; words: as it was given."""

    start: float
    end: float
    words: str


def from_moment(text: str, now: float) -> float:
    """UTC seconds of a moment; a time of day is the last one that is not in the future."""
    bare = text.strip()
    if bare == "now":
        return now
    if bare.startswith("-"):
        return now - from_duration(bare[1:])
    found = _MOMENT.fullmatch(bare)
    if found is None:
        raise Unreadable(
            f"{text[:40]!r} is not a time; write 16:15, yesterday 16:15, 2019-01-10 16:15 (UTC) or -30m"
        )
    at = _midnight(found, now, text) + _clock(found, "", text)
    return at - _DAY if at > now and not found["year"] and not found["day"] else at


def from_window(text: str, now: float) -> Window:
    """A span of time; a single moment stands for the two and a half minutes before and after it."""
    bare = text.strip()
    found = _WINDOW.fullmatch(bare)
    if found is not None:
        midnight = _midnight(found, now, text)
        start, end = midnight + _clock(found, "a", text), midnight + _clock(found, "b", text)
        if not found["year"] and not found["day"] and start > now:
            start, end = start - _DAY, end - _DAY
        return Window(start, end if end >= start else end + _DAY, bare)
    first, slash, last = bare.partition("/")
    if slash:
        start, end = from_moment(first, now), from_moment(last, now)
        if end < start:
            raise Unreadable(f"{text[:40]!r} ends before it begins")
        return Window(start, end, bare)
    at = from_moment(bare, now)
    return Window(at - _NEAR, at + _NEAR, bare)


def to_instant(at: float) -> str:
    """`2019-01-10 16:15:00Z`."""
    days, seconds = divmod(int(at), _DAY)
    year, month, day = _civil(days)
    return f"{year:04d}-{month:02d}-{day:02d} {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}Z"


def _midnight(found: re.Match[str], now: float, text: str) -> float:
    if found["year"]:
        year, month, day = int(found["year"]), int(found["month"]), int(found["date"])
        leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        if not 1 <= month <= 12 or not 1 <= day <= _MONTHS[month - 1] + leap:
            raise Unreadable(f"{text[:40]!r}: there is no such day")
        return float(to_days(year, month, day) * _DAY)
    return float(int(now) // _DAY * _DAY - (_DAY if found["day"] == "yesterday" else 0))


def _clock(found: re.Match[str], which: str, text: str) -> float:
    hour, minute, second = (int(found[which + part] or 0) for part in "hms")
    if hour > 24 or minute > 59 or second > 60:
        raise Unreadable(f"{text[:40]!r}: there is no such time of day")
    return float(hour * 3600 + minute * 60 + second)


def to_days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 of the Gregorian calendar."""
    shifted = year - (month <= 2)
    of_year = (153 * (month + (9 if month <= 2 else -3)) + 2) // 5 + day - 1
    return shifted * 365 + shifted // 4 - shifted // 100 + shifted // 400 + of_year - 719468


def _civil(days: int) -> tuple[int, int, int]:
    days += 719468
    era, of_era = divmod(days, 146097)
    of_years = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * of_years + of_years // 4 - of_years // 100)
    month = (5 * of_year + 2) // 153
    return (
        of_years + era * 400 + (month >= 10),
        month + (3 if month < 10 else -9),
        of_year - (153 * month + 2) // 5 + 1,
    )
