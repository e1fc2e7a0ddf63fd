"""Errors of datagram sockets, with routers that refuse."""

import errno
import os

import pytest

from bothsides.probe.net.socket_failure import failure_of
from tests.support import net


def failed(network: net.Network, target: str, *more: str) -> str:
    """What the plugin says about a target, asked from inside the namespace `us`."""
    from tests.support.process import run

    common = ("-H", target, "-t", "3", "--local-sync", "ignore")
    outcome = run("check_snmp_clock", *common, *more, inside=network.inside("us"))
    assert outcome.code == 3
    assert outcome.error == ""
    return outcome.line


def test_a_router_that_refuses_is_named() -> None:
    with net.network() as network:
        for name in ("us", "router"):
            network.host(name)
        network.link("us", "10.98.1.1/24", "router", "10.98.1.2/24")
        network.route("us", "default", "via", "10.98.1.2")
        assert "10.98.1.2 answers: Network is unreachable" in failed(network, "10.98.99.99")
        network.route("router", "prohibit", "10.98.99.0/24")
        assert "10.98.1.2 answers: No route to host" in failed(network, "10.98.99.99")


def test_no_route_from_here_is_our_own_fault() -> None:
    with net.network() as network:
        network.host("us")
        assert "no route from here: Network is unreachable" in failed(network, "10.98.99.99")


def test_a_neighbour_that_does_not_answer_is_not_said_to_be_this_host() -> None:
    """The kernel reports it as an ICMP error from an address of our own."""
    with net.network() as network:
        for name in ("us", "other"):
            network.host(name)
        network.link("us", "10.98.2.1/24", "other", "10.98.2.2/24")
        words = failed(network, "10.98.2.77", "-t", "6")
    assert "no neighbour answers on the way there: No route to host (from here, 10.98.2.1)" in words


@pytest.mark.parametrize(
    ("code", "sender", "failure"),
    [
        ("ECONNREFUSED", "", "refused: nothing listens on udp port 161 (ICMP port unreachable)"),
        ("ECONNREFUSED", "a", "refused: nothing listens on udp port 161 (ICMP port unreachable)"),
        ("ECONNREFUSED", "b", "path: b answers: Connection refused (ICMP)"),
        ("EHOSTUNREACH", "a", "path: the host answers: No route to host (ICMP)"),
        ("EHOSTUNREACH", "", "path: the way there is closed: No route to host (ICMP)"),
        ("ENETUNREACH", "", "local: no route from here: Network is unreachable"),
        ("ENETUNREACH", "b", "path: b answers: Network is unreachable (ICMP)"),
        ("EACCES", "b", "path: b answers: Permission denied (ICMP)"),
        (
            "EACCES",
            "",
            "local: this host may not send there: Permission denied (its own route or firewall)",
        ),
        ("EMFILE", "", "local: cannot send: Too many open files"),
    ],
)
def test_an_error_of_a_socket_says_whose_fault_it_is(code: str, sender: str, failure: str) -> None:
    number = getattr(errno, code)
    blamed = failure_of(OSError(number, os.strerror(number)), sender, "a", 161)
    assert f"{blamed.blame}: {blamed.words}" == failure
