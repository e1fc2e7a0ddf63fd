"""Times that are written as text, in every spelling that agents use.

1795210673.250                          epoch: s, ms, us or ns by its number of digits
2026-11-20T21:37:53.25+01:00            ISO 8601, also with / and as 20261120T213753Z
20261120213753.250000+060               CIM datetime (DSP0004), the zone in minutes
Fri Nov 20 21:37:53 2026                ctime
Fri, 20 Nov 2026 21:37:53 +0100         RFC 5322, also without weekday, zone or in another order
11/20/2026 21:37:53                     month and day; which is which may have to be named
"""

from bothsides.base.types import Literal, NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.civil_date import is_date
from bothsides.parse.text import whole_match

Order = Literal["", "mdy", "dmy"]
"""What comes first in 11/10/2026: the month, the day; "" where nobody says."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EARLIEST, _LATEST = 1970, 2199  # years of a date that is written in digits alone
_EPOCH = r"(?P<whole>[0-9]{1,20})(?:[.,](?P<fraction>[0-9]{1,9})[0-9]*)?"
_FRACTION = r"(?:[.,](?P<fraction>[0-9]{1,9})[0-9]*)?"
_TIME = rf"(?P<hour>[0-9]{{1,2}}):(?P<minute>[0-9]{{2}}):(?P<second>[0-9]{{2}}){_FRACTION}"
_HALF = r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
_ZONE = r"[ ,]*\(?(?P<zone>Z|[A-Z]{3,5}|[+-][0-9]{1,2}(?::?[0-9]{1,2})?)?\)?"
_WEEKDAY = r"(?:[A-Z][a-z]{2,8}[,.]? +)?"
_MONTH = r"(?P<month>[A-Z][a-z]{2})[a-z]*[.]?"
_YEAR, _DAY = r"(?P<year>[0-9]{4})", r"(?P<day>[0-9]{1,2})"
_PATTERNS = {
    "ISO 8601": rf"{_YEAR}[-/.](?P<month>[0-9]{{1,2}})[-/.]{_DAY}[T ,]+{_TIME}{_ZONE}",
    "compact ISO 8601": (
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})T?"
        rf"(?P<hour>[0-9]{{2}})(?P<minute>[0-9]{{2}})(?P<second>[0-9]{{2}}){_FRACTION}"
        r"(?P<zone>Z|[+-][0-9]{4}|[+-][0-9]{2}:[0-9]{2})?"
    ),
    "CIM datetime": (
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?P<hour>[0-9]{2})"
        r"(?P<minute>[0-9]{2})(?P<second>[0-9]{2})[.](?P<fraction>[0-9]{6})"
        r"(?P<east>[+-][0-9]{3}|.?[*]+)"
    ),
    "ctime": (
        rf"{_WEEKDAY}{_MONTH} +{_DAY},? +{_TIME}{_HALF}(?: +(?P<zone>[A-Z]{{1,5}}|[+-][0-9]{{4}}))?"
        rf" +{_YEAR}"
    ),
    "RFC 5322": rf"{_WEEKDAY}{_DAY}[ -]+{_MONTH}[ -]+{_YEAR},? +{_TIME}{_HALF}{_ZONE}",
    "month, day, year": rf"{_WEEKDAY}{_MONTH} +{_DAY},? +{_YEAR},? +{_TIME}{_HALF}{_ZONE}",
    "month/day/year": (
        rf"(?P<first>[0-9]{{1,2}})[-/.](?P<second_part>[0-9]{{1,2}})[-/.]{_YEAR}[T ,]+"
        rf"{_TIME}{_HALF}{_ZONE}"
    ),
}


class Written(NamedTuple):
    """A civil time as it is written."""

    civil: tuple[int, int, int, int, int, int]  # year, month, day, hour, minute, second
    nanoseconds: int  # behind the second
    grain: int  # ns that its last digit stands for
    form: str  # the spelling
    zone: int | None  # minutes east of UTC; None where it names none


class Epoch(NamedTuple):
    """A number of seconds, or of parts of seconds, since 1970."""

    whole: int
    fraction: str  # digits behind the point


def from_written(text: str, order: Order = "", time_format: str = "") -> Written | Epoch:
    """The time that a text shows; Unreadable for what is none, or may be two.

    order: of month and day, where the text leaves it open; time_format: as strptime(3) takes it.
    """
    bare = text.strip(" \t\r\n\0\"'")
    if time_format:
        return _by_format(bare, time_format)
    matched = whole_match(_EPOCH, bare)
    if matched and not _is_digital_date(matched["whole"]):
        return Epoch(int(matched["whole"]), matched["fraction"] or "")
    if len(bare) == 8 and matched:
        raise Unreadable(f"{bare} is a date without a time of day")
    for form, pattern in _PATTERNS.items():
        matched = whole_match(pattern, bare)
        if matched:
            return _written(matched.groupdict(), form, order, bare)
    raise Unreadable(
        f"{bare[:40]!r} is no time in a known spelling; name it with --time-format"
        if bare
        else "the value is empty"
    )


def _is_digital_date(digits: str) -> bool:
    """Whether 8 or 14 digits are a date, or a date and a time of day, and no epoch."""
    if len(digits) not in (8, 14):
        return False
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    if not _EARLIEST <= year <= _LATEST or not is_date(year, max(1, min(12, month)), day):
        return False
    if not 1 <= month <= 12:
        return False
    clock = digits[8:]
    return not clock or (clock[:2] < "24" and clock[2:4] < "60" and clock[4:] <= "60")


def _written(part: dict[str, str | None], form: str, order: Order, text: str) -> Written:
    month, day = _month_and_day(part, order, text)
    fraction = part.get("fraction") or ""
    if len(fraction) > 2 and not fraction.strip("0"):  # mostly a clock of whole seconds
        fraction = ""
    hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
    half = (part.get("half") or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise Unreadable(f"{text[:40]!r}: hour {hour} of a clock of 12 hours")
        hour = hour % 12 + (12 if half == "p" else 0)
    east = part.get("east")
    zone = to_zone(part.get("zone"))
    if east and "*" not in east:
        zone = int(east)
    return Written(
        civil=(int(part["year"] or 0), month, day, hour, minute, second),
        nanoseconds=int(fraction.ljust(9, "0") or 0),
        grain=10 ** (9 - len(fraction)),
        form=form,
        zone=zone,
    )


def _month_and_day(part: dict[str, str | None], order: Order, text: str) -> tuple[int, int]:
    if part.get("first") is None:
        return _month(part["month"] or ""), int(part["day"] or 0)
    first, second = int(part["first"] or 0), int(part["second_part"] or 0)
    if first == second or first > 12 or second > 12:
        return (first, second) if second > 12 or first == second else (second, first)
    if not order:
        raise Unreadable(
            f"{text[:40]!r}: month or day first? name it with --time-format, as %m/%d/%Y %H:%M:%S"
        )
    return (first, second) if order == "mdy" else (second, first)


def _month(text: str) -> int:
    if text in _MONTHS:
        return _MONTHS.index(text) + 1
    if not text.isdigit():
        raise Unreadable(f"{text[:10]!r} is no month")
    return int(text)


def to_zone(text: str | None) -> int | None:
    """Minutes east of UTC; None for no zone and for names such as CET, which mean several."""
    if text is None or (text.isalpha() and text not in ("Z", "UTC", "GMT")):
        return None
    if text.isalpha():
        return 0
    sign, digits = text[0], text[1:]
    if ":" in digits:
        hours, minutes = digits.split(":")
    else:
        hours, minutes = digits[:-2] or digits, digits[-2:] if len(digits) > 2 else "0"
    if int(hours) > 14 or int(minutes) > 59:
        raise Unreadable(f"{text!r} is no offset from UTC")
    return (int(hours) * 60 + int(minutes)) * (1 if sign == "+" else -1)


def _by_format(text: str, time_format: str) -> Written:
    """The time by a format of strptime(3); its last unit is what the digits stand for."""
    from datetime import datetime

    try:
        read = datetime.strptime(text, time_format)
    except (ValueError, OverflowError) as fault:
        words = f"{text[:40]!r} is not in the form of --time-format {time_format[:40]}"
        raise Unreadable(f"{words} ({str(fault)[:60]})") from None
    offset = read.utcoffset()
    whole = any(sign in time_format for sign in ("%S", "%X", "%c", "%T", "%s"))
    grain = 60 * 10**9 if not whole else 10**9
    if "%f" in time_format:
        grain = 1000
    return Written(
        civil=(read.year, read.month, read.day, read.hour, read.minute, read.second),
        nanoseconds=read.microsecond * 1000,
        grain=grain,
        form=f"as {time_format}",
        zone=None if offset is None else int(offset.total_seconds() // 60),
    )
