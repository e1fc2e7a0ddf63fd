"""Whose fault it is: routes that are missing, addresses that are dead, in a namespace."""

import re
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest

from tests.support import need, net
from tests.support.back_ends import START
from tests.support.lab import lab
from tests.support.process import HOUSE
from tests.support.two_hosts import World, built, said

SLACK = 0.3


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with built(lab(tmp_path_factory.mktemp("lab"))) as world:
        yield world


@pytest.mark.parametrize("kind", ["unreachable", "prohibit", "blackhole", "none"])
def test_no_way_out_is_unknown(world: World, kind: str) -> None:
    if kind != "none":
        world.us("ip", "route", "replace", kind, "10.80.0.1")
    outcome = world.check("-I", "10.80.0.1", "-H", "good.test", "-t", "2")
    if kind != "none":
        world.us("ip", "route", "delete", kind, "10.80.0.1")
    assert (
        outcome.code,
        "no way out to 10.80.0.1" in said(outcome),
        "blame: local" in outcome.text,
    ) == (3, True, True), outcome.text


def test_a_neighbour_that_is_not_there_is_the_paths_fault(world: World) -> None:
    outcome = world.check("-I", "10.79.0.99", "-H", "good.test")
    words = "is absent on our own link: no answer to ARP or neighbour discovery (blame: path or far"
    assert (outcome.code, words in said(outcome)) == (2, True), outcome.text


def test_an_address_that_swallows_everything_ends_at_the_deadline(world: World) -> None:
    outcome = world.check("-I", "10.79.1.1", "-H", "good.test", "-t", "2.5")
    assert outcome.code == 2
    # Linux sends the third one after 2 s from 6.5 on, after 3 s before
    sent = r"(2 SYN packets within [12]\.\d|3 SYN packets within 2\.\d) s"
    assert re.search(r"no answer from 10\.79\.1\.1 port 443 to " + sent, said(outcome))
    assert outcome.seconds <= 2.5 + SLACK + 0.3
    assert outcome.perfdata["time_tls"].value is None
    assert world.check("-I", "10.79.1.1", "-H", "good.test", "-t", "0.5:unknown").code == 3


def test_a_host_that_rejects_by_icmp_is_the_servers_fault(world: World) -> None:
    world.network.drop(
        "far", "ip daddr 10.79.0.2 tcp dport 443 reject with icmpx type host-unreachable"
    )
    outcome = world.check("-H", "good.test", "-t", "2")
    world.network.heal("far")
    words = "10.79.0.2 port 443 refuses: host unreachable (blame: server)"
    assert (outcome.code, words in said(outcome)) == (2, True), outcome.text


@pytest.mark.parametrize(
    ("name", "state", "answering"),
    [("one.test", 1, 1), ("three.test", 1, 1), ("none.test", 2, 0)],
)
def test_dead_addresses_that_were_skipped_are_named(
    world: World, name: str, state: int, answering: int
) -> None:
    outcome = world.check("-I", name, "-H", "good.test", "-t", "3")
    assert outcome.code == state, outcome.text
    assert outcome.seconds <= 3 + SLACK + 0.3
    if answering:
        assert "10.79.1.1" in said(outcome)
        assert "addresses dead" in said(outcome)
        assert world.check("-I", name, "-H", "good.test", "--state", "addresses=ok").code == 0
    else:
        assert "no answer from all 4 addresses of" in said(outcome)


def test_a_dead_address_is_waited_for_once_and_not_in_every_try(world: World) -> None:
    outcome = world.check("-I", "one.test", "-H", "good.test", "--repeat", "4", "-t", "6")
    assert (outcome.code, outcome.perfdata["tries"].value) == (1, 4), outcome.text
    assert "10.79.1.1" in said(outcome)
    assert outcome.seconds < 1.5 + 4 * 0.3 + 0.5


def test_among_many_urls_too_a_slow_address_is_not_called_dead(world: World) -> None:
    far = (*world.network.inside("far"), "ip")
    net.command(*far, "address", "add", "10.79.1.1/32", "dev", "lo")
    world.us("ip", "neighbour", "del", "10.79.1.1", "dev", world.interface)
    world.network.drop("far", "ip daddr 10.79.1.1 tcp dport 443 drop")
    healing = threading.Timer(
        0.7, world.network.heal, ("far",)
    )  # before its first SYN is sent again
    healing.start()
    urls = [f"https://good.test/{number}" for number in range(3)]
    outcome = world.check("-I", "one.test", *urls, "-t", "5")
    healing.join()
    net.command(*far, "address", "del", "10.79.1.1/32", "dev", "lo")
    world.us(
        "ip",
        "neighbour",
        "replace",
        "10.79.1.1",
        "lladdr",
        "02:00:00:00:00:99",
        "dev",
        world.interface,
    )
    assert outcome.code == 0, outcome.text
    assert outcome.elapsed >= 1  # it was waited for
    assert outcome.seconds < 2.5


def test_a_link_local_target_has_a_scope_and_may_refuse(world: World) -> None:
    for _ in range(50):  # an address is tentative at first
        shown = world.us(
            "ip",
            "-6",
            "-o",
            "address",
            "show",
            "dev",
            world.interface,
            "scope",
            "link",
            "-tentative",
        )
        if shown:
            break
        time.sleep(0.1)
    url = f"https://[{shown.split()[3].partition('/')[0]}%25{world.interface}]:444/"
    outcome = world.check(url, "-t", "2")
    assert (outcome.code, "connection refused by fe80:" in said(outcome)) == (2, True), outcome.text
    assert url in said(outcome)


def test_every_address_on_its_own(world: World) -> None:
    outcome = world.check("-I", "one.test", "-H", "good.test", "--all-addresses", "-t", "3")
    assert outcome.code == 2
    assert (outcome.perfdata["addresses"].value, outcome.perfdata["addresses_ok"].value) == (4, 3)
    assert "[OK] 10.79.2.2: 200 OK" in outcome.text
    assert "no answer from 10.79.1.1 port 443" in said(outcome)
    assert (
        world.check("-I", "one.test", "-H", "good.test", "--all-addresses=3", "-t", "1.5").code == 0
    )


def test_lost_packets_are_told_from_a_slow_server(world: World) -> None:
    world.network.drop("far", "tcp dport 443 tcp flags syn / syn,ack numgen inc mod 2 == 0 drop")
    outcome = world.check("-H", "good.test", "-w", "tcp_retrans=0")
    world.network.heal("far")
    assert outcome.code == 1, outcome.text
    assert "the network lost packets: 1 sent again" in said(outcome)
    assert (outcome.perfdata["time_connect"].value or 0) >= 0.9


def test_debians_pycurl_gets_past_dead_addresses_too(world: World) -> None:
    command = [
        *world.network.inside("us"),
        "/usr/bin/python3",
        "-c",
        START,
        str(HOUSE / "lib"),
        "-I",
        "three.test",
    ]
    asked = [*command, "-H", "good.test", "--ca-cert", world.made.bundle]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)
    if "not installed" in done.stdout:
        need.missing("python3-pycurl or python3-nagiosplugin is not installed")
    assert (done.returncode, done.stderr) == (1, ""), done.stdout
    assert "3 of 4 addresses dead: 10.79.1.1 silent" in done.stdout
