"""Whose fault it is: a resolver that misbehaves, routes that are missing, addresses that are dead, in a namespace."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support import need, net
from tests.support.daemons import folder, squid
from tests.support.lab import Lab, lab
from tests.support.process import HOUSE, Outcome, run

US, FAR = "10.79.0.1", "10.79.0.2"
SLACK = 0.3


class World:
    """A host "us" with its own resolver configuration, and a host "far" with a web server and a name server."""

    def __init__(self, network: net.Network, made: Lab, folder: Path) -> None:
        self.network, self.made, self.folder = network, made, folder
        network.host("us")
        network.host("far")
        self.interface, far = network.link("us", f"{US}/16", "far", f"{FAR}/16")
        for number in range(1, 5):  # neighbours that are known, but are not there
            self.us(
                "ip",
                "neighbour",
                "replace",
                f"10.79.1.{number}",
                "lladdr",
                "02:00:00:00:00:99",
                "dev",
                self.interface,
            )
            # getaddrinfo sorts by how much of our own address they share: these come after the dead ones
            net.command(
                "ip",
                "-n",
                f"{network.prefix}far",
                "address",
                "add",
                f"10.79.2.{number}/16",
                "dev",
                far,
            )
        self.resolver(FAR)

    def us(self, *words: str) -> str:
        """A command in our host."""
        return net.command(*self.network.inside("us"), *words)

    def resolver(self, address: str) -> None:
        """Points our host at a name server."""
        (self.folder / "resolv.conf").write_text(f"nameserver {address}\n")

    def check(self, *arguments: str) -> Outcome:
        """check_https in our host, asking the web server in the other one."""
        return run(
            "check_https",
            *arguments,
            "--ca-cert",
            self.made.bundle,
            inside=self.network.inside("us"),
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = lab(tmp_path_factory.mktemp("lab"))
    with net.network() as network, ExitStack() as stack:
        folder = Path("/etc/netns") / f"{network.prefix}us"
        folder.mkdir(parents=True)
        stack.callback(folder.rmdir)
        (folder / "hosts").write_text("127.0.0.1 localhost\n")
        stack.callback((folder / "hosts").unlink)
        stack.callback((folder / "resolv.conf").unlink, missing_ok=True)
        world = World(network, made, folder)
        inside = network.inside("far")
        for command in (
            [sys.executable, str(HOUSE / "tests/support/resolver.py"), FAR],
            [
                sys.executable,
                str(HOUSE / "tests/support/web.py"),
                "443",
                made.file("good"),
                "0.0.0.0",
            ],
        ):
            process = stack.enter_context(
                subprocess.Popen([*inside, *command], stdout=subprocess.PIPE, text=True)
            )
            stack.callback(process.kill)
            if command[1].endswith("resolver.py"):
                assert process.stdout is not None
                assert "listening" in process.stdout.readline()
        for _ in range(100):
            if world.check("-H", "good.test", "-t", "2").code == 0:
                break
            time.sleep(0.05)
        yield world


def said(outcome: Outcome) -> str:
    assert outcome.error == ""
    return outcome.line


def test_the_name_look_up_is_part_of_the_time(world: World) -> None:
    outcome = world.check("-I", "slow.good.test", "-H", "good.test")
    assert outcome.code == 0, outcome.text
    values = {label: figure.value or 0.0 for label, figure in outcome.perfdata.items()}
    assert 1.0 <= values["time_dns"] < 2.0
    assert values["time"] >= values["time_dns"]
    assert values["time"] <= outcome.seconds
    parts = sum(
        values[f"time_{name}"]
        for name in ("dns", "connect", "proxy", "tls", "server", "transfer", "redirect")
    )
    assert abs(parts - values["time"]) < 0.001


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gone.test", "gone.test has no address"),
        ("nodata.test", "nodata.test has no address"),
        ("servfail.test", "the name servers of servfail.test give no answer, while our resolver"),
        ("refused.test", "the name servers of refused.test give no answer, while our resolver"),
    ],
)
def test_a_name_that_does_not_resolve_is_not_our_fault(world: World, name: str, words: str) -> None:
    outcome = world.check("-H", name)
    assert (outcome.code, words in said(outcome), "blame: dns" in outcome.text) == (
        2,
        True,
        True,
    ), outcome.text


def test_a_name_whose_servers_are_silent_is_not_our_fault_either(world: World) -> None:
    outcome = world.check("-H", "silent.test", "-t", "4")
    assert (outcome.code, "the name servers of silent.test" in said(outcome)) == (2, True), (
        outcome.text
    )
    assert outcome.seconds <= 4 + SLACK + 0.5


def test_names_without_an_answer_hold_up_no_other_url(world: World) -> None:
    silent = [f"https://silent.{number}.test/" for number in range(6)]
    good = [f"https://good.test/{number}" for number in range(20)]
    outcome = world.check(*silent[:3], *good, *silent[3:], "--parallel", "4", "-v")
    assert (outcome.code, outcome.error) == (2, ""), outcome.text
    assert outcome.text.count("[OK] https://good.test/") == len(good), outcome.text
    for number in range(6):
        assert f"the name servers of silent.{number}.test give no answer" in outcome.text
    assert outcome.seconds < 6


def test_a_dead_resolver_of_ours_is_unknown_within_three_seconds(world: World) -> None:
    world.resolver("10.79.1.4")
    try:
        outcome = world.check("-H", "good.test")
        canary = world.check("-H", "good.test", "--no-dns-canary")
        mapped = world.check("-H", "good.test", "--state", "local=critical", "-t", "1")
    finally:
        world.resolver(FAR)
    assert (outcome.code, "our resolver 10.79.1.4 does not answer" in said(outcome)) == (3, True), (
        outcome.text
    )
    assert outcome.seconds < 4.0
    assert (canary.code, mapped.code) == (3, 2)


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
    assert (outcome.code, "blame: path" in said(outcome)) == (2, True), outcome.text


def test_an_address_that_swallows_everything_ends_at_the_deadline(world: World) -> None:
    outcome = world.check("-I", "10.79.1.1", "-H", "good.test", "-t", "1.5")
    assert outcome.code == 2
    assert "no answer from 10.79.1.1 port 443 to 2 SYN packets within 1.5 s" in said(outcome)
    assert outcome.seconds <= 1.5 + SLACK + 0.3
    assert outcome.perfdata["time_tls"].value is None
    assert world.check("-I", "10.79.1.1", "-H", "good.test", "-t", "0.5:unknown").code == 3


def test_a_router_that_rejects_is_the_paths_fault(world: World) -> None:
    world.network.drop(
        "far", "ip daddr 10.79.0.2 tcp dport 443 reject with icmpx type host-unreachable"
    )
    outcome = world.check("-H", "good.test", "-t", "2")
    world.network.heal("far")
    assert (outcome.code, "blame: path" in said(outcome)) == (2, True), outcome.text


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


def test_the_look_up_of_a_redirect_holds_up_no_other_url(world: World) -> None:
    urls = [
        "https://good.test/to/slow.good.test",
        *(f"https://good.test/wait/0.{number}" for number in (3, 4, 5)),
    ]
    outcome = world.check(*urls, "-f", "follow", "-t", "5")
    assert "not for slow.good.test but for good.test" in said(outcome), outcome.text
    values = {label: figure.value or 0.0 for label, figure in outcome.perfdata.items()}
    assert 1.0 <= values["time_dns"] < 2.0
    assert 0.5 <= values["time_server"] < 0.7
    for silent in ("silent.test", "gone.test"):
        outcome = world.check(
            urls[0].replace("slow.good.test", silent), *urls[1:], "-f", "follow", "-t", "5"
        )
        assert (outcome.code, silent in said(outcome), "blame: dns" in outcome.text) == (
            2,
            True,
            True,
        ), outcome.text
        assert 0.5 <= (outcome.perfdata["time_server"].value or 0.0) < 0.7


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
    assert 1 <= outcome.seconds < 2.5  # it was waited for


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
    outcome = world.check("-I", "one.test", "-H", "good.test", "--all-addresses", "-t", "1.5")
    assert outcome.code == 2
    assert (outcome.perfdata["addresses"].value, outcome.perfdata["addresses_ok"].value) == (4, 3)
    assert "[OK] 10.79.2.2: 200 OK" in outcome.text
    assert "10.79.1.1: no answer" in said(outcome)
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


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gone.test", "gone.test has no address"),
        (
            "servfail.test",
            "the name servers of servfail.test give no answer, while our resolver 10.79.0.2 works",
        ),
    ],
)
def test_a_proxy_whose_name_does_not_resolve_is_told_from_a_target(
    world: World, name: str, words: str
) -> None:
    outcome = world.check("-H", "good.test", "-x", f"http://{name}:3128")
    assert (
        outcome.code,
        f"name of the proxy: {words}" in said(outcome),
        "blame: proxy-dns" in said(outcome),
    ) == (
        2,
        True,
        True,
    ), outcome.text
    assert (
        world.check(
            "-H", "good.test", "-x", f"http://{name}:3128", "--state", "proxy-dns=unknown"
        ).code
        == 3
    )


def test_a_dead_resolver_is_ours_whether_it_is_asked_for_the_proxy_or_the_target(
    world: World,
) -> None:
    world.resolver("10.79.1.4")
    try:
        outcome = world.check("-H", "good.test", "-x", "http://proxy.test:3128")
    finally:
        world.resolver(FAR)
    assert (outcome.code, "our resolver 10.79.1.4 does not answer" in said(outcome)) == (3, True), (
        outcome.text
    )
    assert "blame: local" in said(outcome)


def test_a_target_that_the_proxy_cannot_look_up(world: World) -> None:
    rules = f"dns_nameservers {FAR}\nhttp_port {FAR}:3128\nhttp_access allow all"
    words = "does not reach the target (500, Squid: no address for that name, or no way there)"
    with folder() as root, squid(root, rules, {}, before=world.network.inside("far")):
        for name in ("gone", "nodata", "servfail"):
            outcome = world.check(f"https://{name}.test/", "-x", f"http://{FAR}:3128")
            assert (outcome.code, words in said(outcome), "blame: path" in said(outcome)) == (
                2,
                True,
                True,
            ), outcome.text


def test_debians_pycurl_gets_past_dead_addresses_too(world: World) -> None:
    start = "import sys; sys.path.insert(0, sys.argv.pop(1)); from bothsides.check.https.check import main; main()"
    command = [
        *world.network.inside("us"),
        "/usr/bin/python3",
        "-c",
        start,
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
