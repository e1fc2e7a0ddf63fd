"""check_snmp_clock against agents that serve what vendors' devices serve, with clocks that move."""

from collections.abc import Iterator

import pytest

from tests.support import snmpsim
from tests.support.clock_daemons import shifted
from tests.support.forked import run
from tests.support.process import Outcome
from tests.support.snmp_agent import HR_SYSTEM_DATE, SYS_OBJECT_ID, Variable, serving
from tests.support.vendor_clocks import PRODUCT, cisco, text, vendors, with_zone

RFC5907 = "1.3.6.1.2.1.197.1.2."


def check(port: int, *arguments: str) -> Outcome:
    common = ("-H", "127.0.0.1", "-p", str(port), "--local-sync", "ignore")
    return run("check_snmp_clock", *common, *arguments)


KEYS = ("-a", "SHA-256", "-A", "authpass12", "-x", "AES", "-X", "privpass12")
LOGIN = ("-U", "mon", "-L", "authPriv", *KEYS)
OFFSETS = {0.3: 0, -75.0: 2}  # s, by the state that is right


@pytest.fixture(scope="module")
def simulated() -> Iterator[tuple[int, dict[tuple[str, float], str]]]:
    with snmpsim.serving(list(OFFSETS)) as served:
        yield served


@pytest.mark.parametrize("version", ["1", "2c", "3"])
@pytest.mark.parametrize("product", list(vendors(0)))
def test_the_clock_of_every_product_is_found_by_itself(
    product: str, version: str, simulated: tuple[int, dict[tuple[str, float], str]]
) -> None:
    port, communities = simulated
    for offset, code in OFFSETS.items():
        _, more, source = vendors(offset)[product]
        name = communities[product, offset]
        asked = (*LOGIN, "-N", name) if version == "3" else ("-C", name)
        outcome = check(port, "-o", "auto", "-P", version, *asked, *more)
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
