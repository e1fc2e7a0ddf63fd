"""What routers, firewalls and this host itself say, in namespaces."""

from collections.abc import Iterator

import pytest

from tests.support import net
from tests.support.forked import run
from tests.support.harm import PORT, reflecting
from tests.support.process import Outcome

QUICK = ("-p", str(PORT), "-n", "20", "-i", "5ms", "--wait", "0.2")


@pytest.fixture(scope="module")
def hosts() -> Iterator[net.Network]:
    with net.network() as made:
        for name in ("near", "router", "far", "maze"):
            made.host(name)
        made.link("near", "10.83.0.1/24", "router", "10.83.0.2/24")
        made.link("far", "10.83.1.1/24", "router", "10.83.1.2/24")
        made.link("router", "10.83.2.1/24", "maze", "10.83.2.2/24")
        made.route("maze", "default", "via", "10.83.2.1")
        made.link("near", "fd83::1/64", "router", "fd83::2/64")
        made.link("far", "fd83:1::1/64", "router", "fd83:1::2/64")
        for name in ("router", "maze", "far"):
            made.set(
                name,
                "net.ipv4.icmp_ratelimit=0",
                "net.ipv4.icmp_msgs_per_sec=100000",
                "net.ipv6.icmp.ratelimit=0",
            )
        made.route("near", "default", "via", "10.83.0.2")
        made.route("far", "default", "via", "10.83.1.2")
        made.route("near", "fd83:1::/64", "via", "fd83::2")
        made.route("far", "fd83::/64", "via", "fd83:1::2")
        with reflecting(made, "far"):
            yield made


@pytest.fixture
def asked(hosts: net.Network) -> Iterator[net.Network]:
    yield hosts
    for name in ("near", "router", "far"):
        hosts.heal(name)


def check(made: net.Network, *arguments: str, host: str = "10.83.1.1") -> Outcome:
    return run("check_udp_loss", "-H", host, *QUICK, *arguments, inside=made.inside("near"))


@pytest.mark.parametrize("host", ["10.83.1.1", "fd83:1::1"])
def test_all_is_well_through_one_router(asked: net.Network, host: str) -> None:
    outcome = check(asked, host=host)
    assert outcome.code == 0, outcome.text
    assert (outcome.perfdata["hops_out"].value, outcome.perfdata["hops_back"].value) == (1, 1)


@pytest.mark.parametrize(
    ("host", "router", "rule", "said"),
    [
        (
            "10.83.1.1",
            "10.83.0.2",
            "reject with icmp type admin-prohibited",
            "administratively prohibited by 10.83.0.2",
        ),
        (
            "10.83.1.1",
            "10.83.0.2",
            "reject with icmp type port-unreachable",
            "rejected by 10.83.0.2",
        ),
        (
            "10.83.1.1",
            "10.83.0.2",
            "reject with icmp type host-unreachable",
            "unreachable, reported by 10.83.0.2",
        ),
        (
            "fd83:1::1",
            "fd83::2",
            "reject with icmpv6 type admin-prohibited",
            "administratively prohibited by fd83::2",
        ),
    ],
)
def test_a_firewall_is_named(
    asked: net.Network, host: str, router: str, rule: str, said: str
) -> None:
    asked.drop("router", f"udp dport {PORT} {rule}", "forward")
    outcome = check(asked, host=host)
    assert outcome.code == 2
    assert said in outcome.line
    assert router in outcome.line


def test_the_far_end_without_a_reflector_is_named(asked: net.Network) -> None:
    outcome = check(asked, "-p", "8621")
    assert "reflector not running on 10.83.1.1:8621" in outcome.line
    assert outcome.code == 2


def test_a_routing_loop_is_named(asked: net.Network) -> None:
    outcome = check(asked, host="10.99.9.9")
    assert "unreachable, reported by" in outcome.line  # the router has no way there
    asked.route("router", "10.99.9.0/24", "via", "10.83.2.2")
    outcome = check(asked, host="10.99.9.9")
    assert "TTL exceeded at 10.83." in outcome.line, outcome.text


def test_a_packet_that_is_too_big_names_who_said_so(asked: net.Network) -> None:
    link = net.command(
        *asked.inside("router"), "ip", "-o", "address", "show", "to", "10.83.1.2"
    ).split()[1]
    net.command(*asked.inside("router"), "ip", "link", "set", link, "mtu", "1000")
    try:
        outcome = check(asked, "--size", "1200")
    finally:
        net.command(*asked.inside("router"), "ip", "link", "set", link, "mtu", "1500")
    assert "too big for 10.83.0.2 (MTU 1000)" in outcome.line, outcome.text


def test_this_hosts_own_firewall_is_not_the_networks_loss(asked: net.Network) -> None:
    asked.drop("near", f"udp dport {PORT} drop", "output")
    outcome = check(asked)
    assert outcome.code == 3, outcome.text
    assert "operation not permitted (on this host)" in outcome.line
    assert (outcome.perfdata["senderr"].value, outcome.perfdata["pl"].value) == (20, None)


def test_half_of_the_sends_failing_here_is_counted_apart(asked: net.Network) -> None:
    asked.drop("near", f"udp dport {PORT} numgen inc mod 2 == 0 drop", "output")
    outcome = check(asked)
    assert outcome.code == 1
    assert (
        outcome.perfdata["senderr"].value,
        outcome.perfdata["pl"].value,
        outcome.perfdata["sent"].value,
    ) == (10, 0, 10)


def test_a_reflector_that_does_not_count_tells_the_direction_by_its_account(
    asked: net.Network,
) -> None:
    with reflecting(asked, "router", "--stateless", "--listen", "10.83.0.2"):
        asked.drop("router", f"udp dport {PORT} numgen inc mod 5 == 3 drop")
        outcome = check(asked, host="10.83.0.2")
    assert outcome.perfdata["pl"].value == 20
    assert (outcome.perfdata["pl_out"].value, outcome.perfdata["pl_back"].value) == (20, 0)
    assert "all of it was lost on the way out" in outcome.text


def test_both_clocks_must_claim_to_be_right_for_a_one_way_delay(asked: net.Network) -> None:
    figures = check(asked).perfdata
    assert (figures["owd_out"].value is None) == (figures["owd_back"].value is None)


@pytest.mark.parametrize(
    ("host", "rule", "hook", "said"),
    [
        ("far", f"udp dport {PORT} drop", "input", "the host lives (a closed port answered)"),
        ("far", f"udp sport {PORT} drop", "output", "the host lives (a closed port answered)"),
        ("router", "meta l4proto udp drop", "forward", "routers answer up to hop 1, then nothing"),
        ("near", "meta l4proto { udp, icmp } drop", "input", "nothing on the way answers either"),
        ("router", "udp length > 500 drop", "forward", "a small packet was answered, larger ones"),
    ],
)
def test_silence_has_a_reason(
    asked: net.Network, host: str, rule: str, hook: str, said: str
) -> None:
    asked.drop(host, rule, hook)
    outcome = check(asked, "--size", "1200")
    assert outcome.code == 2
    assert f"no answer from port {PORT}: {said}" in outcome.line
    assert outcome.seconds < 3
    if "hop 1" in said:
        assert "the last router that answers is 10.83.0.2 (hop 1)" in outcome.text


def test_silence_has_a_reason_with_ipv6_and_within_the_deadline(asked: net.Network) -> None:
    asked.drop("far", f"udp dport {PORT} drop", "input")
    outcome = check(asked, host="fd83:1::1")
    assert "the host lives (a closed port answered)" in outcome.line
    short = check(asked, "-t", "0.6")
    assert short.seconds < 1.5
    assert "no answer from" in short.line
