"""What vendors' devices serve.

By product, the variables of its clock, which may move and be off.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bothsides.parse.clock_value import Moment
from tests.support.date_and_time import to_date_and_time
from tests.support.snmp_agent import HR_SYSTEM_DATE, SYS_OBJECT_ID, Variable

PRODUCT = "1.3.6.1.4.1."
CISCO = "1.3.6.1.4.1.9.9.168.1.1."


def text(form: str, offset: float = 0.0, zone: str = "UTC") -> Callable[[], bytes]:
    """A clock that is written as text."""

    def shown() -> bytes:
        return (datetime.now(ZoneInfo(zone)) + timedelta(seconds=offset)).strftime(form).encode()

    return shown


def ntp_stamp(offset: float = 0.0) -> Callable[[], bytes]:
    def shown() -> bytes:
        return int((time.time() + offset + 2208988800) * 2**32).to_bytes(8, "big")

    return shown


def tenths(offset: float, zone: str) -> Callable[[], bytes]:
    """DateAndTime of 8 octets with deciseconds, as Windows sends it."""

    def shown() -> bytes:
        local = datetime.now(ZoneInfo(zone)).replace(tzinfo=UTC)
        ns = round(local.timestamp() * 1e9 + offset * 1e9) // 10**8 * 10**8
        return to_date_and_time(Moment(ns, 10**8, "", None))

    return shown


def with_zone(offset: float, minutes: int) -> Callable[[], bytes]:
    def shown() -> bytes:
        ns = round((time.time() + offset) * 1e9) // 10**9 * 10**9
        return to_date_and_time(Moment(ns, 10**9, "", minutes))

    return shown


def cisco(offset: float, status: int = 6, stratum: int = 3, leap: int = 0) -> dict[str, Variable]:
    return {
        SYS_OBJECT_ID: f"{PRODUCT}9.1.1745",
        f"{CISCO}1.0": leap,
        f"{CISCO}2.0": stratum,
        f"{CISCO}5.0": b"\x00\x00\x0c\x00",
        f"{CISCO}10.0": ntp_stamp(offset),
        f"{CISCO}11.0": status,
    }


def vendors(offset: float) -> dict[str, tuple[dict[str, Variable], tuple[str, ...], str]]:
    """By product: what it serves, further options, and the source that line 1 names."""
    hours = "%H:%M:%S"
    date = "1.3.6.1.4.1.674.10895.5000.2.6132.1.1.42.1."
    return {
        "Cisco": (cisco(offset), (), "cntpSysClock"),
        "Raisecom": (
            {
                SYS_OBJECT_ID: f"{PRODUCT}8886.6.1",
                "1.3.6.1.4.1.8886.6.1.44.1.1.10.0": ntp_stamp(offset),
            },
            (),
            "raisecomSysClock",
        ),
        "APC": (
            {
                SYS_OBJECT_ID: f"{PRODUCT}318.1.3.27",
                "1.3.6.1.4.1.318.2.1.6.1.0": text("%m/%d/%Y", offset),
                "1.3.6.1.4.1.318.2.1.6.2.0": text(hours, offset),
            },
            (),
            "mconfigClockTime",
        ),
        "Dell": (
            {
                SYS_OBJECT_ID: f"{PRODUCT}674.10895.3065",
                f"{date}1.0": text(hours, offset),
                f"{date}2.0": text("%b %d %Y", offset),
            },
            (),
            "agentSystemTime",
        ),
        "HP UPS": (
            {
                SYS_OBJECT_ID: f"{PRODUCT}232.165.3",
                "1.3.6.1.4.1.232.165.3.9.5.0": text(f"%m/%d/%Y {hours}", offset),
            },
            (),
            "upsConfigDateAndTime",
        ),
        "Eaton": (
            {
                SYS_OBJECT_ID: f"{PRODUCT}534.1",
                "1.3.6.1.4.1.534.1.10.5.0": text(f"%m/%d/%Y {hours}", offset),
            },
            (),
            "xupsConfigDateAndTime",
        ),
        "Hikvision": (
            {
                SYS_OBJECT_ID: f"{PRODUCT}39165.1.1",
                "1.3.6.1.4.1.39165.1.19.0": text(f"%Y-%m-%d {hours}", offset, "Asia/Shanghai"),
            },
            ("--timezone", "Asia/Shanghai"),
            "hikSysTime",
        ),
        "Juniper": (
            {SYS_OBJECT_ID: f"{PRODUCT}2636.1.1.1.2.29", HR_SYSTEM_DATE: with_zone(offset, -480)},
            (),
            "hrSystemDate",
        ),
        "MikroTik": (
            {
                SYS_OBJECT_ID: f"{PRODUCT}14988.1",
                HR_SYSTEM_DATE: with_zone(offset, 120),
                "1.3.6.1.4.1.14988.1.1.12.1.0": 0,
            },
            (),
            "hrSystemDate",
        ),
        "Windows": (
            {
                SYS_OBJECT_ID: f"{PRODUCT}311.1.1.3.1.2",
                HR_SYSTEM_DATE: tenths(offset, "Europe/Berlin"),
            },
            ("--timezone", "Europe/Berlin"),
            "hrSystemDate",
        ),
    }
