"""Instants and windows of time as people write them, in UTC.

16:15   16:15:30   yesterday 16:15   2019-01-10 16:15   2019-01-10T16:15:00Z   -30m   now
16:00-16:05   yesterday 16:00-16:05   2019-01-10 16:00-16:05   -2h/-1h
2019-01-10T16:00Z/2019-01-10T16:05Z
"""

from bothsides.base.types import TYPE_CHECKING, NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.civil_date import from_days, is_date, to_days
from bothsides.parse.text import from_duration, quoted, whole_match

if TYPE_CHECKING:
    from re import Match

_DAY = 86400
_CLOCK = r"(?P<{0}h>[0-9]{{1,2}}):(?P<{0}m>[0-9]{{2}})(?::(?P<{0}s>[0-9]{{2}}))?"
_DATE = r"(?:(?P<day>today|yesterday)|(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<date>[0-9]{2}))"
_MOMENT = rf"(?:{_DATE}[ T]+)?{_CLOCK.format('')}\s*(?:Z|UTC)?"
_WINDOW = rf"(?:{_DATE}[ T]+)?{_CLOCK.format('a')}\s*-\s*{_CLOCK.format('b')}\s*(?:Z|UTC)?"
_NEAR = 150.0  # seconds around a single moment that belong to its window


class Window(NamedTuple):
    """A span of time, both ends included."""

    start: float  # s since 1970, UTC
    end: float  # s since 1970, UTC
    words: str  # as it was given


def from_moment(text: str, now: float) -> float:
    """UTC seconds of a moment; a time of day is the last one that is not in the future."""
    bare = text.strip()
    if bare == "now":
        return now
    if bare.startswith("-"):
        return now - from_duration(bare[1:])
    matched = whole_match(_MOMENT, bare)
    if matched is None:
        raise Unreadable(
            f"{quoted(bare)} is not a time; write 16:15, yesterday 16:15, 2019-01-10 16:15 (UTC)"
            " or -30m"
        )
    at = _midnight(matched, now, text) + _clock(matched, "", text)
    return at - _DAY if at > now and not matched["year"] and not matched["day"] else at


def from_window(text: str, now: float) -> Window:
    """A span of time; a single moment stands for the two and a half minutes before and after it."""
    bare = text.strip()
    matched = whole_match(_WINDOW, bare)
    if matched is not None:
        midnight = _midnight(matched, now, text)
        start, end = midnight + _clock(matched, "a", text), midnight + _clock(matched, "b", text)
        if not matched["year"] and not matched["day"] and start > now:
            start, end = start - _DAY, end - _DAY
        return Window(start, end if end >= start else end + _DAY, bare)
    first, slash, last = bare.partition("/")
    if slash:
        start, end = from_moment(first, now), from_moment(last, now)
        if end < start:
            raise Unreadable(f"{quoted(bare)} ends before it begins")
        return Window(start, end, bare)
    at = from_moment(bare, now)
    return Window(at - _NEAR, at + _NEAR, bare)


def to_instant(at: float) -> str:
    """`2019-01-10 16:15:00Z`."""
    days, seconds = divmod(int(at), _DAY)
    year, month, day = from_days(days)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{year:04d}-{month:02d}-{day:02d} {clock}Z"


def _midnight(matched: "Match[str]", now: float, text: str) -> float:
    """The beginning of the day that is named, or of today."""
    if matched["year"]:
        year, month, day = int(matched["year"]), int(matched["month"]), int(matched["date"])
        if not is_date(year, month, day):
            raise Unreadable(f"{quoted(text.strip())}: there is no such day")
        return float(to_days(year, month, day) * _DAY)
    return float(int(now) // _DAY * _DAY - (_DAY if matched["day"] == "yesterday" else 0))


def _clock(matched: "Match[str]", prefix: str, text: str) -> float:
    """Seconds since midnight. prefix: of the groups' names."""
    hour, minute, second = (int(matched[prefix + part] or 0) for part in "hms")
    if hour > 24 or minute > 59 or second > 60:
        raise Unreadable(f"{quoted(text.strip())}: there is no such time of day")
    return float(hour * 3600 + minute * 60 + second)
