"""What an SNMP agent says about its clock: object identifiers, and instants in every spelling in use.

07 EA 0B 14 15 25 35 00 2B 00 00    DateAndTime: 2026-11-20 21:37:53.0 +0:0 (RFC 2579)
EE A9 3C 01 80 00 00 00             NTPTimeStamp: seconds since 1900 in 32.32 fixed point
1795210673.250                      epoch: s, ms, us or ns by its number of digits
Fri Nov 20 21:37:53 2026            ctime
2026-11-20T21:37:53.25+01:00        ISO 8601
"""

import re

from bothsides.base.types import Any, NamedTuple
from bothsides.parse import Unreadable

Oid = tuple[int, ...]

SYS_UPTIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)
HR_SYSTEM_UPTIME: Oid = (1, 3, 6, 1, 2, 1, 25, 1, 1, 0)
IN_PACKETS: Oid = (1, 3, 6, 1, 2, 1, 11, 1, 0)  # snmpInPkts: tells whether others asked meanwhile
HR_SYSTEM_DATE: Oid = (1, 3, 6, 1, 2, 1, 25, 1, 2, 0)
UCD_VERSION_DATE: Oid = (1, 3, 6, 1, 4, 1, 2021, 100, 4, 0)
CISCO_CLOCK: Oid = (1, 3, 6, 1, 4, 1, 9, 9, 168, 1, 1, 10, 0)
MIKROTIK_DATE: Oid = (1, 3, 6, 1, 4, 1, 14988, 1, 1, 12, 1, 0)
UCD_EXEC: Oid = (1, 3, 6, 1, 4, 1, 2021, 8)
_EXTEND: Oid = (1, 3, 6, 1, 4, 1, 8072, 1, 3, 2)
_EXTEND_LINE = (3, 1, 1)  # nsExtendOutput1Line below the base
_NAMES = {
    "sysUpTime": SYS_UPTIME,
    "hrSystemDate": HR_SYSTEM_DATE,
    "versionCDate": UCD_VERSION_DATE,
    "cntpSysClock": CISCO_CLOCK,
    "mtxrDate": MIKROTIK_DATE,
}
_OID = r"\.?(?:0|[1-9][0-9]{0,9})(?:\.(?:0|[1-9][0-9]{0,9}))+"

SECOND = 10**9
_NTP_TO_UNIX = 2208988800  # seconds from 1900 to 1970
_NTP_ERA = 2**32
_EPOCH = r"(?P<whole>[0-9]{1,20})(?:[.,](?P<fraction>[0-9]{1,9})[0-9]*)?"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CTIME = (
    r"(?:[A-Z][a-z]{2},? +)?(?P<month>[A-Z][a-z]{2}) +(?P<day>[0-9]{1,2}) +(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):"
    r"(?P<second>[0-9]{2})(?: +(?P<zone>[A-Z]{1,5}|[+-][0-9]{4}))? +(?P<year>[0-9]{4})"
)
_ISO = (
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})[T ,](?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2}):"
    r"(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9})[0-9]*)?[ ,]*(?P<zone>Z|UTC|GMT|[+-][0-9]{1,2}(?::?[0-9]{1,2})?)?"
)


class Value(NamedTuple):
    """A variable as the agent sent it.

    kind: its SNMP type ("Integer32", "OctetString", ...) or "noSuchObject", "noSuchInstance",
    "endOfMibView"; data: the number or the octets, None where the kind says it all.
    """

    kind: str
    data: int | bytes | None = None

    @property
    def missing(self) -> bool:
        """Whether the agent has no such variable."""
        return self.kind in ("noSuchObject", "noSuchInstance", "endOfMibView")


class Moment(NamedTuple):
    """An instant that a clock has shown.

    ns: nanoseconds since 1970, UTC; grain: nanoseconds, what the clock shows stands for ns up to
    ns + grain; form: how it was written; zone: minutes east of UTC, None where the value has no zone.
    """

    ns: int
    grain: int
    form: str
    zone: int | None = 0


class Source(NamedTuple):
    """Where the time comes from. words: for people; extend: the name, where it is an extend line."""

    oid: Oid
    words: str
    extend: str = ""

    @property
    def known(self) -> bool:
        """Whether it is an object with a name of its own, made by the agent itself."""
        return self.oid in _NAMES.values()

    @property
    def executed(self) -> bool:
        """Whether it is of the table of `exec` lines, whose values net-snmp keeps for 5 s."""
        return self.oid[: len(UCD_EXEC)] == UCD_EXEC

    @property
    def described(self) -> tuple[Oid, ...]:
        """Where the agent tells the name and command of its snmpd.conf line, in this order."""
        if self.extend:
            return self.column(2, 1, 2), self.column(2, 1, 3)
        return (
            ((*UCD_EXEC, 1, 2, self.oid[-1]), (*UCD_EXEC, 1, 3, self.oid[-1]))
            if self.executed
            else ()
        )

    def column(self, *column: int) -> Oid:
        """Another column of the same extend line, such as 2.1.5 for its cache time."""
        return (*_EXTEND, *column, *self.oid[len(_EXTEND) + len(_EXTEND_LINE) :])


def _matched(pattern: str, text: str) -> "re.Match[str] | None":
    """Compiled when it is needed: most runs read a DateAndTime and need none."""
    return re.fullmatch(pattern, text, re.ASCII)


def from_oid(text: str) -> Oid:
    """A numeric object identifier, with or without the leading dot."""
    if not _matched(_OID, text):
        raise Unreadable(
            f"{text[:40]!r} is not an OID; write .1.3.6.1.2.1.25.1.2.0, hrSystemDate or extend:NAME"
        )
    oid = tuple(int(part) for part in text.lstrip(".").split("."))
    if len(oid) > 128 or max(oid) >= 2**32 or oid[0] > 2 or (oid[0] < 2 and oid[1] > 39):
        raise Unreadable(f"{text[:40]!r} is not an OID: a part is too large")
    return oid


def to_oid(oid: Oid) -> str:
    """With the leading dot, as net-snmp writes it."""
    return "".join(f".{part}" for part in oid)


def from_source(text: str) -> Source:
    """What -o takes: an OID, one of a few names, or `extend:NAME` for a line of snmpd.conf."""
    if text.startswith("extend:"):
        name = text[len("extend:") :]
        if not name or len(name) > 100 or not name.isascii():
            raise Unreadable(
                f"{text[:40]!r}: write extend:NAME with the NAME that stands in snmpd.conf"
            )
        return Source(
            (*_EXTEND, *_EXTEND_LINE, len(name), *name.encode("ascii")), f"extend {name}", name
        )
    oid = _NAMES.get(text.removesuffix(".0")) or from_oid(text)
    name = next((name for name, named in _NAMES.items() if named == oid), "")
    return Source(oid, name or to_oid(oid), _extended(oid))


def _extended(oid: Oid) -> str:
    """The name behind an OID of nsExtendOutput1Line, or nothing."""
    head = (*_EXTEND, *_EXTEND_LINE)
    name = oid[len(head) + 1 :]
    if (
        oid[: len(head)] != head
        or len(oid) <= len(head)
        or len(name) != oid[len(head)]
        or not all(32 < c < 127 for c in name)
    ):
        return ""
    return bytes(name).decode("ascii")


def from_value(value: Value, oid: Oid = (), zone: Any = None, near: int = 0) -> Moment:
    """The instant that a variable shows.

    zone: a tzinfo, what local times without a zone of their own mean (None: UTC); near: nanoseconds since 1970,
    which of two readings is meant when a local hour exists twice or the value's era is open.
    Raises Unreadable for everything that is no time.
    """
    if value.kind in ("TimeTicks", "IpAddress", "ObjectIdentifier", "Null") or value.data is None:
        raise Unreadable(f"a value of type {value.kind} is no time of day")
    if isinstance(value.data, int):
        return _from_integer(value.data, value.kind)
    octets = value.data
    if len(octets) == 8 and (oid == CISCO_CLOCK or octets[0] >= 0x80):
        return from_ntp(octets, near)
    if len(octets) in (8, 11) and octets[0] < 0x20:  # text starts at 0x20, years end at 8191
        return from_date_and_time(octets, zone, near)
    return from_text(octets.decode("ascii", "replace"), zone, near)


def _from_integer(number: int, kind: str) -> Moment:
    if -(2**31) <= number < 0:  # an Integer32 that ran over in 2038
        return Moment((number + 2**32) * SECOND, SECOND, f"{kind}, wrapped in 2038")
    if number <= 0 or number >= 10**20:
        raise Unreadable(f"the number {number} is no time of day")
    unit = _unit(number)
    return Moment(number * unit, unit, kind)


def _unit(number: int) -> int:
    """Nanoseconds per unit of an epoch, by its digits: s up to the year 5138, ms, us, ns."""
    digits = len(str(number))
    return SECOND if digits <= 11 else 10**6 if digits <= 14 else 10**3 if digits <= 17 else 1


def from_date_and_time(octets: bytes, zone: Any = None, near: int = 0) -> Moment:
    """DateAndTime of RFC 2579: year(2) month day hour minute second decisecond [sign hours minutes].

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
    minutes = None
    if len(octets) == 11:
        sign, east, rest = chr(octets[8]), octets[9], octets[10]
        if sign not in "+-" or east > 14 or rest > 59:
            raise Unreadable(
                f"octets 9 to 11 of the DateAndTime are no offset from UTC: {octets[8:].hex(' ')}"
            )
        minutes = (east * 60 + rest) * (1 if sign == "+" else -1)
    form = f"DateAndTime of {len(octets)} octets"
    # net-snmp never fills in the deciseconds, so 0 stands for the whole second.
    grain = SECOND // 10 if tenth else SECOND
    fraction = tenth * (SECOND // 10)
    return _moment(
        (year, month, day, hour, minute, second), fraction, grain, form, minutes, zone, near
    )


def to_date_and_time(moment: Moment) -> bytes:
    """The DateAndTime that shows the moment, in its own zone; 8 octets where it has none."""
    from datetime import datetime, timedelta

    local = datetime(1970, 1, 1) + timedelta(
        microseconds=moment.ns // 1000, minutes=moment.zone or 0
    )
    octets = local.year.to_bytes(2, "big") + bytes(
        (local.month, local.day, local.hour, local.minute, local.second)
    )
    octets += bytes((local.microsecond // 100000,))
    if moment.zone is None:
        return octets
    return octets + (b"+" if moment.zone >= 0 else b"-") + bytes(divmod(abs(moment.zone), 60))


def from_ntp(octets: bytes, near: int = 0) -> Moment:
    """NTPTimeStamp: 32.32 fixed point seconds since 1900; the era of 136 years that is next to `near`."""
    if len(octets) != 8:
        raise Unreadable(f"an NTPTimeStamp has 8 octets, not {len(octets)}")
    stamp = int.from_bytes(octets, "big")
    if stamp == 0:
        raise Unreadable("the agent does not know its time (NTPTimeStamp 0)")
    ns = (stamp * SECOND >> 32) - _NTP_TO_UNIX * SECOND
    era = _NTP_ERA * SECOND
    return Moment(ns + era * max(0, round((near - ns) / era)), 1, "NTPTimeStamp")


def from_text(text: str, zone: Any = None, near: int = 0) -> Moment:
    """A time written as text: epoch with or without fraction, ISO 8601, ctime."""
    bare = text.strip(" \t\r\n\0\"'")
    found = _matched(_EPOCH, bare)
    if found:
        return _from_epoch(found["whole"], found["fraction"] or "")
    found = _matched(_ISO, bare) or _matched(_CTIME, bare)
    if not found:
        raise Unreadable(
            f"{bare[:40]!r} is no time in a known spelling" if bare else "the value is empty"
        )
    part = found.groupdict()
    month = _MONTHS.index(part["month"]) + 1 if part["month"] in _MONTHS else _number(part["month"])
    fraction = part.get("fraction") or ""
    civil = (
        int(part["year"]),
        month,
        int(part["day"]),
        int(part["hour"]),
        int(part["minute"]),
        int(part["second"]),
    )
    form = "ISO 8601" if bare[0].isdigit() else "ctime"
    nanoseconds = int(fraction.ljust(9, "0") or 0)
    return _moment(
        civil, nanoseconds, 10 ** (9 - len(fraction)), form, _zone(part["zone"]), zone, near
    )


def _number(text: str) -> int:
    if not text.isdigit():
        raise Unreadable(f"{text[:10]!r} is no month")
    return int(text)


def _from_epoch(whole: str, fraction: str) -> Moment:
    number = int(whole)
    if number == 0:
        raise Unreadable("the number 0 is no time of day")
    unit = _unit(number)
    rest = int(fraction.ljust(9, "0")) * unit // SECOND if fraction else 0
    return Moment(number * unit + rest, max(1, unit // 10 ** len(fraction)), "epoch as text")


def _zone(text: str | None) -> int | None:
    """Minutes east of UTC; None for no zone and for names such as CET, which mean several things."""
    if text is None or (text.isalpha() and text not in ("Z", "UTC", "GMT")):
        return None
    if text.isalpha():
        return 0
    sign, digits = text[0], text[1:]
    hours, minutes = (
        digits.split(":")
        if ":" in digits
        else (digits[:-2] or digits, digits[-2:] if len(digits) > 2 else "0")
    )
    if int(hours) > 14 or int(minutes) > 59:
        raise Unreadable(f"{text!r} is no offset from UTC")
    return (int(hours) * 60 + int(minutes)) * (1 if sign == "+" else -1)


def _moment(
    civil: tuple[int, int, int, int, int, int],
    fraction: int,
    grain: int,
    form: str,
    minutes: int | None,
    zone: Any,
    near: int,
) -> Moment:
    """Civil time to an instant; second 60 is the leap second, counted as the second after it."""
    year, month, day, hour, minute, second = civil
    if second > 60 or hour > 23 or minute > 59:
        raise Unreadable(f"{hour}:{minute}:{second} is no time of day")
    days = _days(year, month, day)
    ns = (days * 86400 + hour * 3600 + minute * 60 + second) * SECOND + fraction
    if minutes is not None:
        return Moment(ns - minutes * 60 * SECOND, grain, form, minutes)
    if zone is None:
        return Moment(ns, grain, form, None)
    return Moment(
        ns - _east((year, month, day, hour, minute), zone, ns, near) * SECOND, grain, form, None
    )


def _days(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the Gregorian calendar; `datetime` would cost every run 1 ms of CPU."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    lengths = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if not 1 <= year <= 9999 or not 1 <= month <= 12 or not 1 <= day <= lengths[month - 1]:
        raise Unreadable(f"{year}-{month}-{day} is no date")
    before = year - 1
    return (
        before * 365
        + before // 4
        - before // 100
        + before // 400
        + sum(lengths[: month - 1])
        + day
        - 719163
    )


def _east(local: tuple[int, int, int, int, int], zone: Any, ns: int, near: int) -> int:
    """Seconds east of UTC in a zone; of an hour that exists twice, the one that is next to `near`."""
    from datetime import datetime, timedelta

    offsets = [
        zone.utcoffset(datetime(*local, fold=fold, tzinfo=zone)) or timedelta() for fold in (0, 1)
    ]
    seconds = [int(offset.total_seconds()) for offset in offsets]
    return min(seconds, key=lambda east: abs(ns - east * SECOND - near))
