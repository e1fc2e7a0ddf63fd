"""The agent's side: the scripts and lines of nrpe/snmp, and values that equal snmpget's."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bothsides.base.deadline import Deadline
from bothsides.base.secret import Secret
from bothsides.model.clock import AUTH, PRIV, Auth, Plan, Priv, Run, User, Version, Wish
from bothsides.parse.snmp import from_source, to_oid
from bothsides.probe.snmp.measure import measure
from tests.support import daemons, need
from tests.support.process import HOUSE, NRPE_ENVIRONMENT

SHELL = HOUSE / "nrpe/snmp/clock_persist.sh"
PYTHON = HOUSE / "nrpe/snmp/clock_persist.py"
LINES = HOUSE / "nrpe/snmp/snmpd-clock.conf"
BASE = ".1.3.6.1.4.1.8072.9999.9999.1"


def spoken(script: Path, *lines: str) -> list[str]:
    """What a pass_persist script answers."""
    text = "".join(f"{line}\n" for line in lines)
    done = subprocess.run(
        [str(script)], input=text, capture_output=True, text=True, env=NRPE_ENVIRONMENT, check=False
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


both = pytest.mark.parametrize("script", [SHELL, PYTHON], ids=lambda path: path.suffix)


@both
def test_the_script_says_the_time_of_now(script: Path) -> None:
    before = time.time()
    oid, kind, value = spoken(script, "get", f"{BASE}.1")
    assert (oid, kind) == (f"{BASE}.1", "string")
    assert before - 0.001 <= float(value) <= time.time() + 0.001
    assert re.fullmatch(r"[0-9]{10}\.[0-9]{6,9}", value)


@both
def test_the_script_survives_whatever_snmpd_sends(script: Path) -> None:
    assert spoken(script, "PING") == ["PONG"]
    assert spoken(script, "set", f"{BASE}.1", "string x", "", "PING") == ["not-writable", "PONG"]
    assert (
        spoken(script, "get", f"{BASE}.2", "getnext", f"{BASE}.1", "get", "$(id)") == ["NONE"] * 3
    )
    assert spoken(script, "getnext", BASE)[0] == f"{BASE}.1"
    assert spoken(script, "", "", "PING") == ["PONG"]


@pytest.fixture(scope="module")
def agent() -> Iterator[daemons.Daemon]:
    """An agent with exactly the lines that we tell people to write."""
    with daemons.folder() as root:
        script = root / "clock_persist.sh"
        shutil.copy2(SHELL, script)
        lines = LINES.read_text().replace("/usr/lib/bothsides/clock_persist.sh", str(script))
        users = 'createUser monitor SHA-256 "authpass12" AES "privpass12"\n'
        with daemons.snmpd(users + lines + MATRIX, root) as daemon:
            yield daemon


def matrix() -> Iterator[tuple[str, int, str, str]]:
    """Every level and protocol: a name, level, authentication and privacy protocol."""
    for auth in AUTH:
        yield f"u{auth.replace('-', '').lower()}", 1, auth, "AES"
        for priv in PRIV:
            yield f"u{auth}{priv}".replace("-", "").lower(), 2, auth, priv


MATRIX = (
    "".join(
        f"createUser {name} {auth} authpass12 {priv} privpass12\n"
        f"rouser {name} {'priv' if level == 2 else 'auth'} -V clock\n"
        for name, level, auth, priv in matrix()
    )
    + "createUser everything SHA-256 authpass12 AES privpass12\nrouser everything priv\n"
)


def asked(
    agent: daemons.Daemon,
    source: str,
    version: Version = "2c",
    user: User | None = None,
    community: str = "public",
) -> Run:
    plan = Plan(
        ("127.0.0.1",),
        agent.port,
        4,
        version,
        Secret(community),
        user,
        from_source(source),
        "",
        Wish(),
    )
    return measure(plan, Deadline(4))


@pytest.mark.parametrize("source", [f"{BASE}.1", "extend:clock", "extend:epoch", "hrSystemDate"])
@pytest.mark.parametrize("version", ["1", "2c", "3"])
def test_the_lines_that_we_recommend_work(
    agent: daemons.Daemon, source: str, version: Version
) -> None:
    user = (
        User("monitor", 2, "SHA-256", Secret("authpass12"), "AES", Secret("privpass12"))
        if version == "3"
        else None
    )
    (host,) = asked(agent, source, version, user).hosts
    assert host.failure is None
    sample = host.samples[-1]
    assert sample.moment is not None, sample.fault
    assert abs(sample.moment.ns - sample.received) < 1.1e9
    assert sample.uptime is not None


@pytest.mark.parametrize(
    ("name", "level", "auth", "priv"), list(matrix()), ids=lambda part: str(part)
)
def test_every_security_level_and_protocol_is_spoken(
    agent: daemons.Daemon, name: str, level: int, auth: Auth, priv: Priv
) -> None:
    user = User(
        name, level, auth, Secret("authpass12"), priv, Secret("privpass12" if level == 2 else "")
    )
    (host,) = asked(agent, "hrSystemDate", "3", user).hosts
    assert host.failure is None, host.failure
    assert host.samples[0].moment is not None


def snmpget(agent: daemons.Daemon, oid: str, *options: str) -> str:
    client = need.program("snmpget", "snmp")
    command = [
        client,
        *(options or ("-v2c", "-c", "public")),
        "-On",
        "-t",
        "3",
        f"127.0.0.1:{agent.port}",
        oid,
    ]
    return subprocess.run(
        command, capture_output=True, text=True, env=NRPE_ENVIRONMENT | {"MIBS": ""}, check=True
    ).stdout


V3 = (
    "-v3",
    "-u",
    "everything",
    "-l",
    "authPriv",
    "-a",
    "SHA-256",
    "-A",
    "authpass12",
    "-x",
    "AES",
    "-X",
    "privpass12",
)


@pytest.mark.parametrize(
    "options",
    [("-v1", "-c", "readiness"), ("-v2c", "-c", "readiness"), V3],
    ids=["v1", "v2c", "v3"],
)
@pytest.mark.parametrize(
    "oid",
    [
        "1.3.6.1.2.1.1.1.0",  # OctetString
        "1.3.6.1.2.1.1.2.0",  # ObjectIdentifier
        "1.3.6.1.2.1.11.30.0",  # Integer32
        "1.3.6.1.2.1.11.3.0",  # Counter32
        "1.3.6.1.2.1.25.1.5.0",  # Gauge32
        "1.3.6.1.2.1.25.1.2.0",  # DateAndTime
    ],
)
def test_values_equal_those_of_snmpget(
    agent: daemons.Daemon, options: tuple[str, ...], oid: str
) -> None:
    versions: dict[str, Version] = {"-v1": "1", "-v2c": "2c", "-v3": "3"}
    version = versions[options[0]]
    user = (
        User("everything", 2, "SHA-256", Secret("authpass12"), "AES", Secret("privpass12"))
        if version == "3"
        else None
    )
    told = ours = ""
    for _ in range(3):  # a second may end between the two
        told = snmpget(agent, oid, *options).partition(" = ")[2].strip()
        value = asked(agent, oid, version, user, "readiness").hosts[0].samples[0].value
        ours = shown(value.kind, value.data)
        if ours == told:
            break
    assert ours == told


def shown(kind: str, data: int | bytes | None) -> str:
    """A value as snmpget prints it; an object identifier is only known to be one."""
    if kind == "ObjectIdentifier":
        return "OID: .1.3.6.1.4.1.8072.3.2.10"
    if isinstance(data, bytes):
        printable = all(32 <= octet < 127 for octet in data)
        return (
            f'STRING: "{data.decode()}"'
            if printable
            else "Hex-STRING: " + "".join(f"{octet:02X} " for octet in data).strip()
        )
    return {"Integer32": "INTEGER: ", "Counter32": "Counter32: ", "Gauge32": "Gauge32: "}[
        kind
    ] + str(data)


def test_the_oid_of_an_extend_line_is_the_one_that_snmpget_resolves(agent: daemons.Daemon) -> None:
    assert "STRING: " in snmpget(agent, to_oid(from_source("extend:clock").oid))
    assert "INTEGER: -1" in snmpget(agent, to_oid(from_source("extend:clock").column(2, 1, 5)))


def test_the_view_hides_everything_else(agent: daemons.Daemon) -> None:
    assert "No Such" in snmpget(agent, "1.3.6.1.2.1.2.1.0")


@pytest.mark.parametrize(
    "zone", ["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati", "Pacific/Marquesas"]
)
def test_the_zone_of_the_agent_makes_no_difference(zone: str) -> None:
    with (
        daemons.folder() as root,
        daemons.snmpd("rocommunity public 127.0.0.1", root, environment={"TZ": zone}) as daemon,
    ):
        (host,) = asked(daemon, "hrSystemDate").hosts
    moment = host.samples[0].moment
    assert moment is not None
    assert abs(moment.ns - host.samples[0].received) < 1.1e9
    assert moment.zone is not None
