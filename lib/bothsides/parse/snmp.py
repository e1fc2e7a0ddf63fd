"""Object identifiers, the variables of an SNMP agent, and the place where its clock is read.

.1.3.6.1.2.1.25.1.2.0   hrSystemDate   extend:epochns
"""

from bothsides.base.types import Literal, Mapping, NamedTuple
from bothsides.parse import Unreadable

Oid = tuple[int, ...]

SYS_UPTIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)
HR_SYSTEM_UPTIME: Oid = (1, 3, 6, 1, 2, 1, 25, 1, 1, 0)
IN_PACKETS: Oid = (1, 3, 6, 1, 2, 1, 11, 1, 0)  # snmpInPkts: shows whether others asked meanwhile
HR_SYSTEM_DATE: Oid = (1, 3, 6, 1, 2, 1, 25, 1, 2, 0)
UCD_VERSION_DATE: Oid = (1, 3, 6, 1, 4, 1, 2021, 100, 4, 0)
SYS_OBJECT_ID: Oid = (1, 3, 6, 1, 2, 1, 1, 2, 0)  # which product the agent runs on
_ENTERPRISES: Oid = (1, 3, 6, 1, 4, 1)
CISCO_CLOCK: Oid = (*_ENTERPRISES, 9, 9, 168, 1, 1, 10, 0)
RAISECOM_CLOCK: Oid = (*_ENTERPRISES, 8886, 6, 1, 44, 1, 1, 10, 0)
NTP_CLOCKS = (CISCO_CLOCK, RAISECOM_CLOCK)
MIKROTIK_DATE: Oid = (*_ENTERPRISES, 14988, 1, 1, 12, 1, 0)
APC_TIME: Oid = (*_ENTERPRISES, 318, 2, 1, 6, 2, 0)
DELL_TIME: Oid = (*_ENTERPRISES, 674, 10895, 5000, 2, 6132, 1, 1, 42, 1, 1, 0)
_DATES: Mapping[Oid, Oid] = {
    APC_TIME: (*_ENTERPRISES, 318, 2, 1, 6, 1, 0),
    DELL_TIME: (*_ENTERPRISES, 674, 10895, 5000, 2, 6132, 1, 1, 42, 1, 2, 0),
}
"""The date that stands beside a time of day in a variable of its own."""
UCD_EXEC: Oid = (1, 3, 6, 1, 4, 1, 2021, 8)
_EXTEND: Oid = (1, 3, 6, 1, 4, 1, 8072, 1, 3, 2)
_EXTEND_LINE = (3, 1, 1)  # nsExtendOutput1Line below the base
_NAMES = {
    "sysUpTime": SYS_UPTIME,
    "hrSystemDate": HR_SYSTEM_DATE,
    "versionCDate": UCD_VERSION_DATE,
    "cntpSysClock": CISCO_CLOCK,
    "raisecomSysClock": RAISECOM_CLOCK,
    "mtxrDate": MIKROTIK_DATE,
    "mconfigClockTime": APC_TIME,
    "agentSystemTime": DELL_TIME,
    "upsConfigDateAndTime": (*_ENTERPRISES, 232, 165, 3, 9, 5, 0),
    "xupsConfigDateAndTime": (*_ENTERPRISES, 534, 1, 10, 5, 0),
    "hikSysTime": (*_ENTERPRISES, 39165, 1, 19, 0),
}
_MONTH_FIRST = ("mconfigClockTime", "upsConfigDateAndTime", "xupsConfigDateAndTime")
_MOST_PARTS = 128  # of an OID (RFC 2578 section 3.5)
_LONGEST_NAME = 100  # characters of the name of an extend line


class Value(NamedTuple):
    """A variable as the agent sent it."""

    kind: (
        str  # SNMP type ("Integer32", "OctetString", ...) or "noSuchObject", "noSuchInstance", ...
    )
    data: int | bytes | None = None  # the number or the octets; None where the kind says it all

    @property
    def missing(self) -> bool:
        """Whether the agent has no such variable."""
        return self.kind in ("noSuchObject", "noSuchInstance", "endOfMibView")


def to_integer(value: Value | None) -> int | None:
    """The integer of a variable; None for none, or a value of another kind."""
    return value.data if value is not None and isinstance(value.data, int) else None


class Response(NamedTuple):
    """A response PDU, or a report of SNMPv3."""

    request: int  # request-id
    error: int  # error-status (RFC 3416); 0 for none
    place: int  # error-index, from 1; 0 for none
    names: tuple[Oid, ...]
    values: tuple[Value, ...]  # of the names, in the same order
    report: Oid = ()  # what a report is about; () for a response


class Source(NamedTuple):
    """The variable that holds the time."""

    oid: Oid  # with its instance
    words: str  # for people: "hrSystemDate", "extend epochns", ".1.3..."
    extend: str = ""  # name of the extend line; "" where it is none
    date: Oid = ()  # of the date, where the variable has the time of day alone
    order: Literal["", "mdy"] = ""  # of month and day in its text, where its MIB says so

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
        """The variables with the name and the command of its snmpd.conf line, in this order."""
        if self.extend:
            return self.column(2, 1, 2), self.column(2, 1, 3)
        if self.executed:
            return (*UCD_EXEC, 1, 2, self.oid[-1]), (*UCD_EXEC, 1, 3, self.oid[-1])
        return ()

    def column(self, *column: int) -> Oid:
        """Another column of the same extend line, such as 2.1.5 for its cache time."""
        return (*_EXTEND, *column, *self.oid[len(_EXTEND) + len(_EXTEND_LINE) :])


def from_oid(text: str) -> Oid:
    """A numeric object identifier, with or without the leading dot."""
    parts = text.removeprefix(".").split(".")
    if len(parts) < 2 or not all(_is_part(part) for part in parts):
        raise Unreadable(
            f"{text[:40]!r} is not an OID; write .1.3.6.1.2.1.25.1.2.0, hrSystemDate or extend:NAME"
        )
    oid = tuple(int(part) for part in parts)
    if len(oid) > _MOST_PARTS or max(oid) >= 2**32 or oid[0] > 2 or (oid[0] < 2 and oid[1] > 39):
        raise Unreadable(f"{text[:40]!r} is not an OID: a part is too large")
    return oid


def _is_part(text: str) -> bool:
    """Whether it is a plain number without leading zeros."""
    return text.isascii() and text.isdigit() and len(text) <= 10 and text == str(int(text))


def to_oid(oid: Oid) -> str:
    """With the leading dot, as net-snmp writes it."""
    return "".join(f".{part}" for part in oid)


def from_source(text: str) -> Source:
    """What -o takes: an OID, a known name, `extend:NAME` for a line of snmpd.conf, DATE+TIME.

    A name may stand as MIB::name.0, and the instance .0 may be left out where the object is known.
    """
    if text.startswith("extend:"):
        name = text[len("extend:") :]
        if not name or len(name) > _LONGEST_NAME or not name.isascii():
            raise Unreadable(
                f"{text[:40]!r}: write extend:NAME with the NAME that stands in snmpd.conf"
            )
        oid = (*_EXTEND, *_EXTEND_LINE, len(name), *name.encode("ascii"))
        return Source(oid, f"extend {name}", name)
    date, plus, time = text.partition("+")
    if plus:
        oids = from_oid(date), from_oid(time)
        return Source(oids[1], f"{to_oid(oids[0])} and {to_oid(oids[1])}", date=oids[0])
    oid = _NAMES.get(text.rpartition("::")[2].removesuffix(".0")) or from_oid(text)
    oid = next((named for named in _NAMES.values() if named[:-1] == oid), oid)
    name = next((name for name, named in _NAMES.items() if named == oid), "")
    order: Literal["", "mdy"] = "mdy" if name in _MONTH_FIRST else ""
    return Source(oid, name or to_oid(oid), _extend_name(oid), _DATES.get(oid, ()), order)


def _extend_name(oid: Oid) -> str:
    """The name behind an OID of nsExtendOutput1Line; "" for any other OID."""
    head = (*_EXTEND, *_EXTEND_LINE)
    if len(oid) <= len(head) or oid[: len(head)] != head:
        return ""
    name = oid[len(head) + 1 :]
    if len(name) != oid[len(head)] or not all(32 < character < 127 for character in name):
        return ""
    return bytes(name).decode("ascii")
