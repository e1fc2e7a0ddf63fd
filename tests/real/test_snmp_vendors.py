"""check_snmp_clock against agents that serve what vendors' devices serve, with clocks that move."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bothsides.parse.clock_value import Moment, to_date_and_time
from tests.support.clock_daemons import shifted
from tests.support.process import Outcome, run
from tests.support.snmp_agent import HR_SYSTEM_DATE, SYS_OBJECT_ID, Variable, serving

PRODUCT = "1.3.6.1.4.1."
CISCO = "1.3.6.1.4.1.9.9.168.1.1."
RFC5907 = "1.3.6.1.2.1.197.1.2."


def check(port: int, *arguments: str) -> Outcome:
    common = ("-H", "127.0.0.1", "-p", str(port), "--local-sync", "ignore")
    return run("check_snmp_clock", *common, *arguments)


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


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize("product", list(vendors(0)))
def test_the_clock_of_every_product_is_found_by_itself(product: str, version: str) -> None:
    for offset, code in ((0.3, 0), (-75.0, 2)):
        variables, more, source = vendors(offset)[product]
        with serving(variables) as port:
            outcome = check(port, "-o", "auto", "-P", version, *more)
        assert outcome.code == code, outcome.text
        assert source in outcome.line
        found, half = outcome.perfdata["offset"].value, outcome.perfdata["uncertainty"].value
        assert found is not None
        assert half is not None
        assert abs(found - offset) <= half + 2e-6, outcome.line


def test_a_missing_variable_comes_with_the_advice_of_its_product() -> None:
    for version in ("1", "2c"):
        with serving({SYS_OBJECT_ID: f"{PRODUCT}9.1.1745"}) as port:
            outcome = check(port, "-P", version)
        assert outcome.code == 3
        assert "the agent has no hrSystemDate for us (noSuch" in outcome.line
        assert "Cisco: configure ntp server" in outcome.text
        assert "snmpd.conf" not in outcome.text
    with serving({SYS_OBJECT_ID: f"{PRODUCT}99999.7"}) as port:
        outcome = check(port, "-o", ".1.3.6.1.4.1.99999.1.0")
    assert "its product (.1.3.6.1.4.1.99999.7) is not known here" in outcome.text


def test_a_right_clock_whose_own_ntp_follows_nobody_is_a_warning() -> None:
    with serving(cisco(0.0, status=3, stratum=16, leap=3)) as port:
        outcome = check(port, "-o", "cntpSysClock")
        assert outcome.code == 1, outcome.text
        assert "its own NTP says that it is not synchronised, stratum 16" in outcome.line
        assert outcome.perfdata["stratum"].value == 16
        dispersion = outcome.perfdata["root_dispersion"].value
        assert dispersion == pytest.approx(0.046875)
        mended = check(port, "-o", "cntpSysClock", "--state", "unsynchronised=ok")
        assert mended.code == 0
        assert check(port, "-o", "cntpSysClock", "-w", "stratum=15").code == 1
    variables: dict[str, Variable] = {
        HR_SYSTEM_DATE: with_zone(0.0, 0),
        f"{RFC5907}1.0": 2,
        f"{RFC5907}2.0": 16,
        f"{RFC5907}7.0": b"12.5",
    }
    with serving(variables) as port:
        outcome = check(port)
        assert outcome.code == 1, outcome.text
        assert "its own NTP says that it is not synchronised" in outcome.line
        assert outcome.perfdata["queries"].value == 1, "in the same packet"
        full = check(port, "-o", "auto")
        assert full.perfdata["stratum"].value == 16
        assert full.perfdata["root_dispersion"].value == pytest.approx(0.0125)
    with serving(variables | {f"{RFC5907}1.0": 6, f"{RFC5907}2.0": 2}) as port:
        assert check(port).code == 0


FORMATS = {
    "2026/11/21 10:23:21": "+%Y/%m/%d %H:%M:%S",
    "RFC 2822": "-R",
    "compact": "+%Y%m%dT%H%M%SZ",
    "21 Nov 2026": "+%d %b %Y %H:%M:%S",
    "14 digits": "+%Y%m%d%H%M%S",
    "CIM": "+%Y%m%d%H%M%S.000000+000",
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_spelling_of_a_real_date_command_is_understood(name: str) -> None:
    config = f"rocommunity public\nextend -cacheTime -1 now /bin/date -u '{FORMATS[name]}'\n"
    with shifted(config, "+7.3") as (port,):
        outcome = check(port, "-o", "extend:now")
    assert outcome.code == 1, outcome.text
    offset, half = outcome.perfdata["offset"].value, outcome.perfdata["uncertainty"].value
    assert offset is not None
    assert half is not None
    assert abs(offset - 7.3) <= half + 0.001


def test_what_may_be_two_dates_is_asked_for_and_named() -> None:
    now = {"1.3.6.1.4.1.99999.1.0": b"10/11/2026 10:23:21"}
    with serving(now) as port:
        outcome = check(port, "-o", ".1.3.6.1.4.1.99999.1.0")
    assert outcome.code == 3
    assert "month or day first" in outcome.line
    moving: dict[str, Variable] = {"1.3.6.1.4.1.99999.1.0": text("%d/%m/%Y %H:%M:%S", 1.0)}
    with serving(moving) as port:
        common = ("-o", ".1.3.6.1.4.1.99999.1.0")
        named = check(port, *common, "--time-format", "%d/%m/%Y %H:%M:%S")
    assert named.code == 0, named.text


@pytest.mark.parametrize(
    ("shift", "words"),
    [
        ("+18", "looks like GPS time, which is 18 s ahead of UTC"),
        ("+37", "looks like TAI, which is 37 s ahead of UTC"),
        ("+27", "looks like a zone of right/"),
        ("-619315200", "1024 weeks: a GPS receiver whose week number began again"),
        ("+172800", "looks like a date that is wrong by 2 days"),
    ],
)
def test_an_offset_that_has_a_name_is_named(shift: str, words: str) -> None:
    with shifted("rocommunity public\nextend -cacheTime -1 ns /bin/date +%s.%N\n", shift) as (
        port,
    ):
        outcome = check(port, "-o", "extend:ns")
    assert outcome.code in (1, 2)
    assert words in outcome.text
