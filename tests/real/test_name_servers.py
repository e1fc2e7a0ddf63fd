"""The four checks with a dead first name server, without AAAA, and with none (H1, H2, S12)."""

import re
from collections.abc import Iterator

import pytest

from tests.support import need
from tests.support.forked import run
from tests.support.lab import lab
from tests.support.process import Outcome
from tests.support.two_hosts import FAR, World, built

DEAD, DEAD_TOO = "10.79.1.4", "10.79.1.3"
CHECKS = ("check_https", "check_udp_loss", "check_mtr_path", "check_snmp_clock")
every_check = pytest.mark.parametrize("check", CHECKS)
mostly_soaked = pytest.mark.parametrize(
    "check", [CHECKS[0], *(pytest.param(check, marks=pytest.mark.soak) for check in CHECKS[1:])]
)
FOUND = {  # what each says of a far host that only has a web server
    "check_https": (0, "https://good.test/: 200 OK"),
    "check_udp_loss": (2, "good.test (10.79.0.2): reflector not running on 10.79.0.2"),
    "check_mtr_path": (0, "good.test (10.79.0.2): 1 hop"),
    "check_snmp_clock": (3, "good.test: nothing listens on udp port 161"),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with built(lab(tmp_path_factory.mktemp("lab"))) as world:
        yield world


def asked(world: World, check: str, *arguments: str) -> Outcome:
    """A check in our host, at the default of -t."""
    if check == "check_mtr_path":
        need.program("mtr-packet", "mtr-tiny")
        arguments = (*arguments, "--state", "off")
    if check == "check_https":
        arguments = (*arguments, "--ca-cert", world.made.bundle)
    return run(check, *arguments, inside=world.network.inside("us"))


def resolvers(world: World, *addresses: str) -> None:
    world.resolver("\nnameserver ".join(addresses))


@every_check
@pytest.mark.parametrize(
    "servers",
    [(DEAD, FAR), pytest.param((DEAD, DEAD_TOO, FAR), marks=pytest.mark.soak)],
    ids=["one of two", "two of three"],
)
@pytest.mark.parametrize("timeout", ["8", pytest.param("10", marks=pytest.mark.soak)])
def test_a_dead_first_name_server_is_a_remark_and_no_failure(
    world: World, check: str, servers: tuple[str, ...], timeout: str
) -> None:
    resolvers(world, *servers)
    outcome = asked(world, check, "-H", "good.test", "-t", timeout)
    code, words = FOUND[check]
    assert (outcome.code, words in outcome.line) == (code, True), outcome.text
    dead = ", ".join(servers[:-1])
    verb = "does" if len(servers) == 2 else "do"
    remark = rf"\[OK\] our resolver {dead} {verb} not answer \(silent for [01]\.\d s\), {FAR} does"
    assert re.search(remark, outcome.text), outcome.text


@mostly_soaked
def test_a_resolver_that_drops_aaaa_is_a_remark_and_no_failure(world: World, check: str) -> None:
    resolvers(world, FAR)
    named = ["-I", "noaaaa.good.test", "-H", "good.test"]
    host = named if check == "check_https" else ["-H", "noaaaa.good.test"]
    outcome = asked(world, check, *host)
    code, words = FOUND[check]
    if check != "check_https":
        words = words.replace("good.test", "noaaaa.good.test", 1)
    assert (outcome.code, words in outcome.line) == (code, True), outcome.text
    remark = f"{FAR} does not answer for the IPv6 address (AAAA) of noaaaa.good.test"
    assert remark in outcome.text, outcome.text


@mostly_soaked
def test_a_dead_resolver_is_unknown_whatever_the_limits(world: World, check: str) -> None:
    resolvers(world, DEAD, DEAD_TOO)
    limits = {
        "check_https": ("-w", "1", "-c", "2"),
        "check_udp_loss": ("-w", "50ms,5%", "-c", "100ms,20%"),
        "check_mtr_path": ("-w", "rta=50ms", "-c", "pl=20"),
        "check_snmp_clock": ("-w", "1", "-c", "5"),
    }
    outcome = asked(world, check, "-H", "good.test", *limits[check])
    words = f"our resolver {DEAD}, {DEAD_TOO} do not answer (target not tested)"
    assert (outcome.code, words in outcome.line) == (3, True), outcome.text
    assert outcome.seconds < 4.5


def test_the_time_that_a_dead_name_server_took_breaks_no_limit(world: World) -> None:
    resolvers(world, DEAD, FAR)
    outcome = asked(world, "check_https", "-H", "good.test", "-w", "0.5", "-c", "1,time_dns=1")
    assert outcome.code == 0, outcome.text
    assert 1.4 < (outcome.perfdata["time"].value or 0) < 3


def test_the_remark_can_be_given_a_state(world: World) -> None:
    resolvers(world, DEAD, FAR)
    outcome = asked(world, "check_https", "-H", "good.test", "--state", "local=warning")
    assert outcome.code == 1
    assert f"our resolver {DEAD} does not answer" in outcome.line


def test_a_name_server_that_refuses_is_said_to(world: World) -> None:
    resolvers(world, "10.79.0.1")
    outcome = asked(world, "check_https", "-H", "good.test")
    words = "our resolver 10.79.0.1 does not answer (connection refused, target not tested)"
    assert (outcome.code, words in outcome.line) == (3, True), outcome.text
    assert outcome.seconds < 2
