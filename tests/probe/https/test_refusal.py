"""Who says that a host cannot be reached, in namespaces."""

import sys
from collections.abc import Iterator

import pytest

from bothsides.probe.https import refusal
from tests.support import net
from tests.support.forked import run
from tests.support.process import HOUSE

ASK = (
    f"import sys; sys.path.insert(0, {str(HOUSE / 'lib')!r}); "
    "from bothsides.probe.https.refusal import filtered_here, who_refuses; "
    "host, what = sys.argv[1:]; "
    "print(who_refuses(host, 443) if what == 'who' else filtered_here(host, 443))"
)


@pytest.fixture(scope="module")
def network() -> Iterator[net.Network]:
    """us - router - far, and a host that is absent on our link."""
    with net.network() as made:
        for host in ("us", "router", "far"):
            made.host(host)
        made.link("us", "10.81.1.2/24", "router", "10.81.1.1/24")
        made.link("router", "10.81.2.1/24", "far", "10.81.2.2/24")
        inside = made.inside("us")
        net.command(*inside, "ip", "route", "add", "default", "via", "10.81.1.1")
        net.command(*made.inside("router"), "sysctl", "-qw", "net.ipv4.ip_forward=1")
        net.command(*made.inside("router"), "sysctl", "-qw", "net.ipv4.icmp_ratelimit=0")
        net.command(*made.inside("far"), "ip", "route", "add", "default", "via", "10.81.2.1")
        made.link("us", "2001:db8:1::2/64", "router", "2001:db8:1::1/64")
        made.link("router", "2001:db8:2::1/64", "far", "2001:db8:2::2/64")
        made.route("us", "default", "via", "2001:db8:1::1")
        made.route("far", "default", "via", "2001:db8:2::1")
        made.set("router", "net.ipv6.icmp.ratelimit=0")
        yield made


def asked(network: net.Network, host: str, what: str = "who") -> str:
    return net.command(*network.inside("us"), sys.executable, "-c", ASK, host, what).strip()


def test_a_router_that_prohibits_is_named(network: net.Network) -> None:
    router = network.inside("router")
    net.command(*router, "ip", "route", "add", "prohibit", "10.81.9.9")
    assert asked(network, "10.81.9.9") == (
        "Refusal(source='10.81.1.1', words='administratively prohibited', gateway='')"
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("port-unreachable", "port unreachable (a firewall?)"),
        ("admin-prohibited", "administratively prohibited"),
    ],
)
def test_a_firewall_on_the_way_is_told_from_the_server(
    network: net.Network, kind: str, words: str
) -> None:
    network.drop(
        "router", f"ip daddr 10.81.2.2 tcp dport 443 reject with icmpx type {kind}", "forward"
    )
    try:
        told = asked(network, "10.81.2.2")
        outcome = run("check_https", "-H", "10.81.2.2", "-t", "3", inside=network.inside("us"))
    finally:
        network.heal("router")
    assert told.startswith("Refusal(source='10.81.1.1'")
    assert words in told
    assert (outcome.code, "(blame: path)" in outcome.line) == (2, True), outcome
    assert f"10.81.1.1 answers {words}" in outcome.line


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("admin-prohibited", "administratively prohibited"),
        ("no-route", "no route"),
        ("port-unreachable", "port unreachable (a firewall?)"),
    ],
)
def test_over_ipv6_a_routers_refusal_is_no_fault_of_this_host(
    network: net.Network, kind: str, words: str
) -> None:
    network.drop("router", f"ip6 daddr 2001:db8:2::2 reject with icmpv6 type {kind}", "forward")
    try:
        target = ("-H", "2001:db8:2::2", "-t", "3")
        outcome = run("check_https", *target, inside=network.inside("us"))
    finally:
        network.heal("router")
    assert (outcome.code, "(blame: path)" in outcome.line) == (2, True), outcome
    assert f"2001:db8:1::1 answers {words}" in outcome.line


def test_a_host_that_is_absent_on_our_own_link_is_told_by_our_own_kernel(
    network: net.Network,
) -> None:
    device = net.command(*network.inside("us"), "ip", "-o", "route", "get", "10.81.1.1").split()[2]
    neighbour = ["ip", "neighbour", "replace", "10.81.1.77", "dev", device, "nud", "failed"]
    net.command(*network.inside("us"), *neighbour)
    words = "no answer to ARP or neighbour discovery"
    assert asked(network, "10.81.1.77") == f"Refusal(source='', words='{words}', gateway='')"


def test_nobody_refuses_a_host_that_answers(network: net.Network) -> None:
    assert asked(network, "10.81.2.2") == "None"


def test_our_own_firewall_is_seen_by_a_packet_that_goes_no_further_than_a_hop(
    network: net.Network,
) -> None:
    assert asked(network, "10.81.2.2", "filtered") == "False"
    inside = network.inside("us")
    net.command(*inside, "nft", "add table ip f { chain o { type filter hook output priority 0; "
                "ip daddr 10.81.2.2 drop; }; }")  # fmt: skip
    assert asked(network, "10.81.2.2", "filtered") == "True"
    net.command(*inside, "nft", "delete table ip f")


def test_whether_this_host_receives_anything_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    received = [5, 5, 6]
    monkeypatch.setattr(refusal, "_RECEIVED", [])
    monkeypatch.setattr(refusal, "_delivered", lambda: received.pop(0))
    assert not refusal.nothing_received(), "nobody watched"
    refusal.watch()
    refusal.watch()
    assert [refusal.nothing_received(), refusal.nothing_received()] == [True, False]


def test_linux_says_how_many_packets_were_delivered() -> None:
    assert isinstance(refusal._delivered(), int)
