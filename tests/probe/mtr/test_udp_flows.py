"""Flows over IPv6 by sockets of our own, against this host."""

import socket
import time
from collections.abc import Iterator

import pytest

from bothsides.base.errors import Unable
from bothsides.base.poll import ready
from bothsides.probe.mtr.udp_flows import Answer, UdpFlows

HERE = "::1"


@pytest.fixture
def flows() -> Iterator[UdpFlows]:
    made = UdpFlows(HERE, HERE, (47000, 33434))
    try:
        yield made
    finally:
        made.close()


def answers(flows: UdpFlows, wanted: int) -> list[Answer]:
    found: list[Answer] = []
    until = time.monotonic() + 60
    while len(found) < wanted and (left := until - time.monotonic()) > 0:
        ready(flows.files(), left)
        found += flows.answers()
    return found


def test_a_closed_port_of_the_target_is_its_reply(flows: UdpFlows) -> None:
    assert [flows.send(token, flow, 9) for token, flow in ((1, 0), (2, 3), (3, 0))] == [""] * 3
    found = sorted(answers(flows, 3))
    assert [(each.token, each.kind, each.host) for each in found] == [
        (1, "reply", HERE),
        (2, "reply", HERE),
        (3, "reply", HERE),
    ]
    assert all(0 <= each.rtt < 1 for each in found)


def test_ports_of_a_flow_are_fixed_and_a_listener_is_the_target_too(flows: UdpFlows) -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as listening:
        listening.bind((HERE, 33434))
        listening.settimeout(2)
        assert flows.send(7, 2, 64) == ""
        data, source = listening.recvfrom(100)
        assert source[1] == 47002
        listening.sendto(b"something else", source)
        listening.sendto(data, source)
        assert [each.token for each in answers(flows, 1)] == [7]


def test_a_second_run_to_the_same_target_has_to_use_echo_requests(flows: UdpFlows) -> None:
    with pytest.raises(Unable):
        UdpFlows(HERE, HERE, (47000, 33434))
    other = UdpFlows(HERE, "::2", (47000, 33434))
    assert other.files() == []
    other.close()


def test_what_this_host_cannot_send_is_said() -> None:
    foreign = UdpFlows("2001:db8::1", HERE, (47000, 33434))
    assert foreign.send(1, 0, 3) != ""
    foreign.close()
