"""The command line of check_snmp_clock: what it asks for, and what it refuses."""

from pathlib import Path

import pytest

from bothsides.base.errors import Misuse
from bothsides.base.secret import Secret
from bothsides.check.snmp_clock.limits import Limits
from bothsides.check.snmp_clock.options import options, plan
from bothsides.model.clock import Plan, User, Wish
from bothsides.parse.range import Range
from bothsides.parse.snmp import from_source
from bothsides.plugin.parser import Parser
from tests.support.clocks import RANGES


def planned(*words: str) -> Plan:
    parser = Parser("check_snmp_clock", "", "")
    options(parser)
    given = parser.parse_args(words)
    given.family, given.replay = 0, None
    return plan(given, Limits(RANGES))


@pytest.fixture(autouse=True)
def no_secrets_around_us(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SNMP_COMMUNITY", "SNMP_AUTH_PASSPHRASE", "SNMP_PRIV_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)


def test_a_host_is_enough() -> None:
    assert planned("-H", "web1") == Plan(
        hosts=("web1",),
        community=Secret("public"),
        wish=Wish(Range(-5, 5), Range(-60, 60)),
        chrony=True,
    )


def test_hosts_come_once_from_the_line_and_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    file.write_text("web2 # a comment\n192.0.2.7\n")
    asked = planned("-H", "web1, web2,", "--targets", str(file))
    assert asked.hosts == ("web1", "web2", "192.0.2.7")


def test_everything_can_be_asked_for() -> None:
    asked = planned(
        "-H", "web1", "-p", "1161", "-o", "extend:a", "--timezone", "Europe/Berlin",
        "--precision", "5ms", "-e", "0", "--reference", "ntp:[2001:db8::1]:124",
        "--local-sync", "ignore", "-P", "v1", "-C", "c", "--state", "ro",
    )  # fmt: skip
    assert asked._replace(wish=Wish()) == Plan(
        hosts=("web1",),
        port=1161,
        version="1",
        community=Secret("c"),
        source=from_source("extend:a"),
        zone="Europe/Berlin",
        retries=0,
        reference=("2001:db8::1", 124),
        restarts=True,
    )
    assert asked.wish.precision == 0.005
    assert planned("-H", "web1", "--timezone", "auto").zone == ""
    assert planned("-H", "web1", "--reference", "ntp:2001:db8::1").reference == (
        "2001:db8::1",
        123,
    )


def test_passwords_decide_on_the_level(monkeypatch: pytest.MonkeyPatch) -> None:
    assert planned("-H", "a", "-U", "mon").user == User("mon", 0)
    one = planned("-H", "a", "-U", "mon", "-A", "password1", "-a", "sha256")
    assert one.version == "3"
    assert one.user == User("mon", 1, "SHA-256", Secret("password1"))
    monkeypatch.setenv("SNMP_AUTH_PASSPHRASE", "password1")
    monkeypatch.setenv("SNMP_PRIV_PASSPHRASE", "password2")
    two = planned("-H", "a", "-U", "mon", "-x", "aes256c", "-N", "vlan").user
    assert two == User(
        "mon", 2, "SHA", Secret("password1"), "AES-256-C", Secret("password2"), "vlan"
    )
    assert planned("-H", "a", "-U", "mon", "-L", "noauthnopriv").user == two._replace(
        level=0, priv="AES", context=""
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "missing option -H"),
        (("-H", ","), "missing option -H"),
        (("-H", "a", "-A", "password1"), "SNMPv3 needs a user: -U"),
        (("-H", "a", "-U", ""), "SNMPv3 needs a user: -U, and this one is empty"),
        (("-H", "a", "-U", "m", "-L", "authPriv"), "authentication password is missing (-A"),
        (("-H", "a", "-U", "m", "-A", "short"), "authentication password has less than 8"),
        (("-H", "a", "-U", "m", "-A", "password1", "-X", "x"), "privacy password has less than 8"),
        (("-H", "a", "-P", "2c", "-U", "m"), "-P 2c has no users and passwords"),
        (("-H", "a", "-P", "4"), "'4' is no SNMP version; write 1, 2c or 3"),
        (("-H", "a", "-L", "x"), "'x' is no security level; write noAuthNoPriv, "),
        (("-H", "a", "-a", "ROT13"), "'ROT13' is not known; write one of MD5, SHA, "),
        (("-H", "a", "--reference", "gps"), "'gps' is no reference; write ntp:HOST"),
        (("-H", "a", "-o", "1"), "'1' is not an OID"),
    ],
)
def test_what_does_not_fit_together_is_refused(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(Misuse) as refused:
        planned(*words)
    assert message in str(refused.value)
