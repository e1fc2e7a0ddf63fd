"""Instants that a remote clock shows through SNMP, in every spelling in use.

07 EA 0B 14 15 25 35 00 2B 00 00    DateAndTime: 2026-11-20 21:37:53.0 +0:0 (RFC 2579)
EE A9 3C 01 80 00 00 00             NTPTimeStamp: seconds since 1900 in 32.32 fixed point
1795210673                          epoch: s, ms, us or ns by its number of digits
Fri Nov 20 21:37:53 2026            text, in the spellings of `clock_text`
"""

from bothsides.base.types import TYPE_CHECKING, NamedTuple
from bothsides.parse import Unreadable, ntp_time
from bothsides.parse.civil_date import is_date, to_days
from bothsides.parse.snmp import NTP_CLOCKS, Oid, Value

if TYPE_CHECKING:
    from datetime import tzinfo

    from bothsides.parse.clock_text import Order

SECOND = 10**9  # ns
_ERA = 50 * 365 * 86400 * SECOND  # ns from now at most, for octets that may be a time of NTP
_LAST_MINUTE = (to_days(9999, 12, 31) + 1) * 1440 - 1  # of `datetime`; a leap second may lie behind

Civil = tuple[int, int, int, int, int, int]
"""Year, month, day, hour, minute, second."""


class Moment(NamedTuple):
    """An instant that a clock has shown; what it shows stands for ns up to ns + grain."""

    ns: int  # ns since 1970, UTC
    grain: int  # ns
    form: str  # how it was written, for people
    zone: int | None = 0  # minutes east of UTC; None where the value has no zone


def from_value(
    value: Value,
    oid: Oid = (),
    zone: "tzinfo | None" = None,
    near: int = 0,
    order: "Order" = "",
    time_format: str = "",
) -> Moment:
    """The instant that a variable shows; Unreadable for everything that is no time.

    zone: what local times without a zone of their own mean (None: UTC); near: ns since 1970, which
    of two readings is meant when a local hour exists twice or the value's era is open; order: of
    month and day in a text that leaves it open; time_format: of a text, as strptime(3) takes it.
    """
    if value.kind in ("TimeTicks", "IpAddress", "ObjectIdentifier", "Null") or value.data is None:
        raise Unreadable(f"a value of type {value.kind} is no time of day")
    if isinstance(value.data, int):
        if len(str(value.data)) in (8, 14):  # digits of a date, maybe
            return from_text(str(value.data), zone, near, order, time_format)
        return _from_integer(value.data, value.kind)
    octets = value.data
    if len(octets) == 8 and not time_format and _is_ntp(octets, oid, near):
        return from_ntp(octets, near)
    if len(octets) in (8, 11) and octets[0] < 0x20:  # text starts at 0x20, years end at 8191
        return from_date_and_time(octets, zone, near)
    return from_text(octets.decode("ascii", "replace"), zone, near, order, time_format)


def _is_ntp(octets: bytes, oid: Oid, near: int) -> bool:
    """Whether 8 octets are an NTPTimeStamp; those of era 1, from 2036 on, begin as years do."""
    if oid in NTP_CLOCKS or octets[0] >= 0x80:
        return True
    if octets[0] >= 0x20 or _looks_like_a_year(octets):
        return False
    return any(octets) and abs(ntp_time.from_ntp(int.from_bytes(octets, "big"), near) - near) < _ERA


def _looks_like_a_year(octets: bytes) -> bool:
    """Whether the octets begin as a DateAndTime of the years 1900 to 2199 does."""
    return 1900 <= int.from_bytes(octets[:2], "big") <= 2199 and 1 <= octets[2] <= 12


def _from_integer(number: int, kind: str) -> Moment:
    if -(2**31) <= number < 0:  # an Integer32 that overflowed in 2038
        return Moment((number + 2**32) * SECOND, SECOND, f"{kind}, wrapped in 2038")
    if number <= 0 or number >= 10**20:
        raise Unreadable(f"the number {number} is no time of day")
    unit = _unit(number)
    return Moment(number * unit, unit, kind)


def _unit(number: int) -> int:
    """Nanoseconds per unit of an epoch, by its digits: s up to the year 5138, ms, us, ns."""
    digits = len(str(number))
    return SECOND if digits <= 11 else 10**6 if digits <= 14 else 10**3 if digits <= 17 else 1


def from_date_and_time(octets: bytes, zone: "tzinfo | None" = None, near: int = 0) -> Moment:
    """DateAndTime of RFC 2579: year(2) month day hour minute second deciseconds [sign hour minute].

    Without the last three it is local time. Hours up to 14 are taken, Kiribati needs them.
    """
    if len(octets) not in (8, 11):
        raise Unreadable(f"a DateAndTime has 8 or 11 octets, not {len(octets)}")
    year = int.from_bytes(octets[:2], "big")
    month, day, hour, minute, second, tenth = octets[2:8]
    if year == 0:
        raise Unreadable("the agent does not know its time (year 0)")
    if tenth > 9:
        raise Unreadable(f"octet 8 of the DateAndTime is {tenth}, not 0 to 9 deciseconds")
    minutes = _offset_of_date_and_time(octets[8:]) if len(octets) == 11 else None
    # net-snmp never fills in the deciseconds, so 0 stands for the whole second.
    grain = SECOND // 10 if tenth else SECOND
    ns = _local_ns((year, month, day, hour, minute, second)) + tenth * (SECOND // 10)
    return _moment(ns, grain, f"DateAndTime of {len(octets)} octets", minutes, zone, near)


def _offset_of_date_and_time(octets: bytes) -> int:
    """Minutes east of UTC in octets 9 to 11."""
    sign, east, rest = chr(octets[0]), octets[1], octets[2]
    if sign not in "+-" or east > 14 or rest > 59:
        raise Unreadable(
            f"octets 9 to 11 of the DateAndTime are no offset from UTC: {octets.hex(' ')}"
        )
    return (east * 60 + rest) * (1 if sign == "+" else -1)


def from_ntp(octets: bytes, near: int = 0) -> Moment:
    """NTPTimeStamp: 32.32 fixed point seconds since 1900, in the era nearest to `near`."""
    if len(octets) != 8:
        raise Unreadable(f"an NTPTimeStamp has 8 octets, not {len(octets)}")
    stamp = int.from_bytes(octets, "big")
    if stamp == 0:
        raise Unreadable("the agent does not know its time (NTPTimeStamp 0)")
    return Moment(ntp_time.from_ntp(stamp, near), 1, "NTPTimeStamp")


def from_text(
    text: str,
    zone: "tzinfo | None" = None,
    near: int = 0,
    order: "Order" = "",
    time_format: str = "",
) -> Moment:
    """A time written as text: epoch with or without fraction, ISO 8601, ctime and others."""
    from bothsides.parse.clock_text import Epoch, from_written

    read = from_written(text, order, time_format)
    if isinstance(read, Epoch):
        return _from_epoch(read.whole, read.fraction)
    return _moment(
        _local_ns(read.civil) + read.nanoseconds, read.grain, read.form, read.zone, zone, near
    )


def _from_epoch(number: int, fraction: str) -> Moment:
    if number == 0:
        raise Unreadable("the number 0 is no time of day")
    unit = _unit(number)
    rest = int(fraction.ljust(9, "0")) * unit // SECOND if fraction else 0
    return Moment(number * unit + rest, max(1, unit // 10 ** len(fraction)), "epoch as text")


def _local_ns(civil: Civil) -> int:
    """Nanoseconds from 1970 to a civil time of the same zone.

    Second 60 is the leap second, counted as the second after it.
    """
    year, month, day, hour, minute, second = civil
    if second > 60 or hour > 23 or minute > 59:
        raise Unreadable(f"{hour}:{minute}:{second} is no time of day")
    if not 1 <= year <= 9999 or not is_date(year, month, day):
        raise Unreadable(f"{year}-{month}-{day} is no date")
    return (to_days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second) * SECOND


def _moment(
    ns: int, grain: int, form: str, minutes: int | None, zone: "tzinfo | None", near: int
) -> Moment:
    """The instant of a civil time. ns: as if it were UTC; minutes: its own offset from UTC."""
    if minutes is not None:
        return Moment(ns - minutes * 60 * SECOND, grain, form, minutes)
    if zone is not None:
        ns -= _east(ns, zone, near) * SECOND
    return Moment(ns, grain, form, None)


def _east(ns: int, zone: "tzinfo", near: int) -> int:
    """Seconds east of UTC in a zone at a local time; of an hour that exists twice, by `near`."""
    from datetime import datetime, timedelta

    minutes = min(ns // (60 * SECOND), _LAST_MINUTE)
    local = datetime(1970, 1, 1) + timedelta(minutes=minutes)
    offsets = [
        zone.utcoffset(local.replace(fold=fold, tzinfo=zone)) or timedelta() for fold in (0, 1)
    ]
    seconds = [int(offset.total_seconds()) for offset in offsets]
    return min(seconds, key=lambda east: abs(ns - east * SECOND - near))
