"""What a host's own NTP says of itself through SNMP: CISCO-NTP-MIB, and NTPv4-MIB of RFC 5907.

                   CISCO-NTP-MIB                   NTPv4-MIB
is synchronised    cntpSysSrvStatus       .11      ntpEntStatusCurrentMode   .1
stratum            cntpSysStratum          .2      ntpEntStatusStratum       .2
leap indicator     cntpSysLeap             .1
root dispersion    cntpSysRootDispersion   .5      ntpEntStatusDispersion    .7
"""

from bothsides.base.types import Callable, Mapping, NamedTuple
from bothsides.parse.snmp import Oid, Value, to_integer

_CISCO: Oid = (1, 3, 6, 1, 4, 1, 9, 9, 168, 1, 1)
_RFC5907: Oid = (1, 3, 6, 1, 2, 1, 197, 1, 2)
CISCO_STATUS = tuple((*_CISCO, column, 0) for column in (11, 2, 5, 1))
NTP_STATUS = tuple((*_RFC5907, column, 0) for column in (1, 2, 7))
_CISCO_MODES = {2: "not running", 3: "not synchronised", 4: "synchronised to itself alone"}
_MODES = {
    1: "not running",
    2: "not synchronised",
    3: "configured without a server",
    4: "synchronised to itself alone",
}
_FOLLOWS = (5, 6)  # in both MIBs: a reference clock, a server
_UNSYNCHRONISED = 3  # leap indicator
_LEAPS = {1: "a leap second is to be inserted", 2: "a leap second is to be deleted"}
_UNITS = {"": 1e-3, "ms": 1e-3, "s": 1.0, "us": 1e-6}  # of ntpEntStatusDispersion; ntpd's are ms
_HIGHEST_STRATUM = 15


class NtpStatus(NamedTuple):
    """What a host's own NTP says of itself; None is not told."""

    synchronised: bool | None = None  # whether it follows a server or a reference clock
    words: str = ""  # why it does not
    stratum: int | None = None
    dispersion: float | None = None  # s, root dispersion
    leap: str = ""  # what is announced; "" for nothing


def from_values(values: Mapping[Oid, Value]) -> NtpStatus | None:
    """The status in the variables of either MIB; None where the agent has none of them."""
    status = _of(values, CISCO_STATUS, _CISCO_MODES, _fixed_point)
    return status if status is not None else _of(values, NTP_STATUS, _MODES, _in_words)


def _of(
    values: Mapping[Oid, Value],
    oids: tuple[Oid, ...],
    modes: Mapping[int, str],
    seconds: Callable[[bytes], float | None],
) -> NtpStatus | None:
    mode_oid, stratum_oid, dispersion_oid = oids[:3]
    leap_oid = oids[3] if len(oids) > 3 else ()
    mode, stratum = to_integer(values.get(mode_oid)), to_integer(values.get(stratum_oid))
    leap = to_integer(values.get(leap_oid))
    if mode is None and stratum is None:
        return None
    words = modes.get(mode or 0, "")
    if not words and leap == _UNSYNCHRONISED:
        words = "not synchronised (leap indicator 3)"
    if not words and mode is None and stratum is not None and stratum > _HIGHEST_STRATUM:
        words = f"not synchronised (stratum {stratum})"
    synchronised = False if words else (True if mode in _FOLLOWS else None)
    octets = values.get(dispersion_oid, Value("noSuchObject")).data
    dispersion = seconds(octets) if isinstance(octets, bytes) else None
    return NtpStatus(synchronised, words, stratum, dispersion, _LEAPS.get(leap or 0, ""))


def _fixed_point(octets: bytes) -> float | None:
    """Seconds of NTPUnsignedTimeValue: 16.16 fixed point."""
    return int.from_bytes(octets, "big") / 65536 if len(octets) == 4 else None


def _in_words(octets: bytes) -> float | None:
    """Seconds of a text such as `1.5 ms`, or `1.5`, as ntpd writes milliseconds."""
    number, _, unit = octets.decode("ascii", "replace").strip(" \0").partition(" ")
    bare = number.removeprefix("+")
    if not bare.replace(".", "", 1).isdecimal() or not bare.isascii() or unit not in _UNITS:
        return None
    return float(bare) * _UNITS[unit]
