"""check_snmp_clock against a real snmpd whose clock is off by a known amount."""

import socket
import subprocess
import threading
from collections.abc import Iterator

import pytest

from tests.support import daemons, need
from tests.support.process import Outcome, command_of, run

CONFIG = """
rocommunity public 127.0.0.1
rocommunity thin 127.0.0.1 .1.3.6.1.2.1.1
view old included .1.3.6.1.2.1.1
view old included .1.3.6.1.4.1.2021.100
rocommunity old 127.0.0.1 -V old
extend -cacheTime -1 epochns /bin/date +%s.%N
extend -cacheTime -1 epoch /bin/date +%s
extend broken /bin/false
createUser md5des MD5 authpass12 DES privpass12
createUser shaaes SHA authpass12 AES privpass12
createUser sha256 SHA-256 authpass12 AES privpass12
createUser sha512 SHA-512 authpass12 AES-256 privpass12
createUser shaciscoaes SHA authpass12 AES-256-C privpass12
rouser md5des priv
rouser shaaes priv
rouser sha256 auth
rouser sha512 priv
rouser shaciscoaes priv
"""
UTC = {"TZ": "UTC"}  # versionCDate has no time zone
OFFSET = 3.3  # within the default limits: one query is enough


@pytest.fixture(scope="module")
def agent() -> Iterator[daemons.Daemon]:
    """An agent whose clock is 3.3 s ahead."""
    faketime = need.program("faketime", "faketime")
    with (
        daemons.folder() as root,
        daemons.snmpd(CONFIG, root, (faketime, "-f", f"+{OFFSET}"), UTC) as daemon,
    ):
        yield daemon


def check(agent: daemons.Daemon | int, *arguments: str) -> Outcome:
    port = agent if isinstance(agent, int) else agent.port
    return run(
        "check_snmp_clock", "-H", "127.0.0.1", "-p", str(port), "--local-sync", "ignore", *arguments
    )


def holds(outcome: Outcome, truth: float = OFFSET, slack: float = 0.001) -> bool:
    """Whether the truth lies within what the output says."""
    offset, half = outcome.perfdata["offset"].value, outcome.perfdata["uncertainty"].value
    assert offset is not None
    assert half is not None
    return abs(truth - offset) <= half + slack


V3 = ("-P", "3", "-A", "authpass12", "-X", "privpass12")
WAYS = {
    "v1": ("-P", "1"),
    "v2c": ("-P", "2c"),
    "v3 MD5 DES": (*V3, "-U", "md5des", "-a", "MD5", "-x", "DES"),
    "v3 SHA AES": (*V3, "-U", "shaaes"),
    "v3 SHA-256": ("-U", "sha256", "-a", "SHA-256", "-A", "authpass12"),
    "v3 SHA-512 AES-256": (*V3, "-U", "sha512", "-a", "SHA512", "-x", "AES256"),
    "v3 SHA AES-256-C": (*V3, "-U", "shaciscoaes", "-a", "SHA", "-x", "AES256C"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("source", ["hrSystemDate", "extend:epochns"])
def test_the_offset_is_found_by_every_version_and_level(
    agent: daemons.Daemon, way: str, source: str
) -> None:
    outcome = check(agent, *WAYS[way], "-o", source)
    assert outcome.error == ""
    assert outcome.code == 0, outcome.text
    assert "s ahead" in outcome.line
    assert holds(outcome)


def test_nothing_asked_for_means_the_system_date(agent: daemons.Daemon) -> None:
    outcome = check(agent)
    assert outcome.code == 0
    assert "hrSystemDate" in outcome.line
    assert holds(outcome)


@pytest.mark.parametrize("version", ["1", "2c"])
def test_without_a_system_date_the_version_table_has_the_time(
    agent: daemons.Daemon, version: str
) -> None:
    outcome = check(agent, "-C", "old", "-P", version)
    assert outcome.code == 0, outcome.text
    assert "versionCDate" in outcome.line
    assert holds(outcome)


def test_limits_count_either_way_or_with_their_signs(agent: daemons.Daemon) -> None:
    assert check(agent, "-w", "10").code == 0
    assert check(agent, "-w", "1", "-c", "2").code == 2
    assert check(agent, "-w", "-10:10", "-c", "-60:60").code == 0
    assert check(agent, "-w", "~:0", "-o", "extend:epochns").code == 1
    assert check(agent, "-w", "@3:4", "-o", "extend:epochns").code == 1


def test_a_limit_inside_the_second_is_decided_by_three_queries(agent: daemons.Daemon) -> None:
    for _ in range(4):  # a busy machine leaves it open
        outcome = check(agent, "-w", "3.1", "-c", "60")
        if outcome.code:
            break
    assert outcome.code == 1
    queries = outcome.perfdata["queries"].value
    assert queries is not None
    assert queries <= 3
    assert holds(outcome)


def test_precision_gets_milliseconds_out_of_seconds(agent: daemons.Daemon) -> None:
    outcome = check(agent, "-o", "extend:epoch", "--precision", "5ms", "-w", "10")
    assert outcome.code == 0
    offset = outcome.perfdata["offset"].value
    assert offset is not None
    assert holds(outcome)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*V3, "-U", "nobody"), "it does not know the user (unknownUserNames)"),
        (
            (*V3, "-U", "shaaes", "-a", "MD5"),
            "wrong authentication password or protocol (wrongDigests)",
        ),
        (
            ("-U", "shaaes", "-A", "wrongwrong", "-X", "privpass12"),
            "wrong authentication password or protocol (wrongDigests)",
        ),
        (
            ("-U", "shaaes", "-A", "authpass12"),
            "(authorizationError): this user needs a higher security level there",
        ),
        (
            ("-U", "sha256", "-a", "SHA-256", "-A", "short"),
            "the authentication password has less than 8 characters",
        ),
        (("-P", "3"), "SNMPv3 needs a user: -U"),
        (
            ("-o", ".1.3.6.1.4.1.99999.1"),
            "the agent has no .1.3.6.1.4.1.99999.1 for us (noSuchObject)",
        ),
        (
            ("-P", "1", "-o", ".1.3.6.1.4.1.99999.1"),
            "the agent has no .1.3.6.1.4.1.99999.1 for us (noSuchName)",
        ),
        (("-o", "extend:nothing"), "the agent has no extend nothing for us (noSuchInstance)"),
        (("-o", "extend:broken"), "the command behind extend broken failed with exit code 1"),
        (("-o", "sysUpTime"), "sysUpTime: a value of type TimeTicks is no time of day"),
        (("-C", "thin"), "the agent has no hrSystemDate for us"),
        (("-o", "1.3.x"), "is not an OID"),
        (("--timezone", "Europe/Atlantis"), "no time zone Europe/Atlantis on this machine"),
    ],
)
def test_every_fault_is_told_by_its_cause(
    agent: daemons.Daemon, arguments: tuple[str, ...], words: str
) -> None:
    outcome = check(agent, *arguments)
    assert outcome.code == 3
    assert words in outcome.text.replace("\n", " ")
    assert outcome.error == ""
    assert "pass12" not in outcome.text
    assert "wrongwrong" not in outcome.text


def test_a_wrong_privacy_password_is_told_from_the_silence_after_discovery(
    agent: daemons.Daemon,
) -> None:
    outcome = check(agent, "-U", "shaaes", "-A", "authpass12", "-X", "wrongwrong", "-t", "5")
    assert outcome.code == 3
    assert "engine answers, then silence: wrong privacy password or protocol (AES)" in outcome.line
    assert outcome.seconds < 5 + 0.3 + 1


def test_a_wrong_community_is_silence_within_the_deadline(agent: daemons.Daemon) -> None:
    outcome = check(agent, "-C", "sekret", "-t", "1")
    assert outcome.code == 3
    assert "host down, filtered, or wrong community" in outcome.line
    assert "sekret" not in outcome.text
    assert outcome.seconds < 1 + 0.3 + 1
    assert check(agent, "-C", "sekret", "-t", "0.5", "--timeout-state", "critical").code == 2


def test_a_closed_port_is_told_at_once() -> None:
    outcome = check(daemons.free_port(socket.SOCK_DGRAM), "-t", "8")
    assert outcome.code == 3
    assert "nothing listens on udp port" in outcome.line
    assert outcome.seconds < 4


def test_ipv6_is_asked_as_ipv4_is(agent: daemons.Daemon) -> None:
    outcome = run(
        "check_snmp_clock", "-H", "::1", "-p", str(agent.port), "--local-sync", "ignore", "-t", "2"
    )
    assert outcome.code == 3
    assert "nothing listens on udp port" in outcome.line


def test_an_agent_that_answers_nonsense_harms_nobody() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.bind(("127.0.0.1", 0))
        far.settimeout(5)

        def answer() -> None:
            octets, peer = far.recvfrom(2000)
            for nonsense in (
                b"",
                b"\x30",
                b"\x30\x82\xff\xff" + octets,
                octets[:20],
                octets,
                b"\xff" * 1400,
                b"0" * 70,
            ):
                far.sendto(nonsense, peer)

        thread = threading.Thread(target=answer)
        thread.start()
        outcome = check(far.getsockname()[1], "-t", "1")
        thread.join()
    assert outcome.code == 3
    assert (
        "7 datagrams come back, but none that can be read as an answer of this agent"
        in outcome.line
    )
    assert outcome.error == ""


def test_few_descriptors_make_a_fleet_slower_and_nothing_else(agent: daemons.Daemon) -> None:
    prlimit = need.program("prlimit", "util-linux")
    hosts = ",".join(["127.0.0.1", *(f"127.0.9.{number}" for number in range(1, 40))])
    command = [
        prlimit,
        "--nofile=25",
        *command_of("check_snmp_clock"),
        "-H",
        hosts,
        "-p",
        str(agent.port),
        "-t",
        "3",
    ]
    done = subprocess.run(
        [*command, "--local-sync", "ignore", "-v"],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.count("nothing listens on udp port") >= 39
    assert "127.0.0.1                OK" in done.stdout
