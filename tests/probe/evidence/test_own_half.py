"""What this host measures of a peer by itself, against real sockets."""

import socket

import pytest

from bothsides.base.deadline import Deadline
from bothsides.probe.evidence.own_half import measured
from tests.support.daemons import free_port


def test_a_host_without_a_reflector_answers_that_nothing_listens() -> None:
    port = free_port(socket.SOCK_DGRAM)
    found = measured("B", "127.0.0.1", 4, Deadline(60), port)
    assert found.stopped is None
    assert found.peer.peer == "B"
    seen = found.peer.now.udp
    assert seen is not None
    assert (seen.lost, bool(seen.icmp)) == (seen.sent, True)


@pytest.mark.parametrize("address", ["no.such.name.invalid"])
def test_a_name_that_is_not_found_is_a_failure_and_no_exception(address: str) -> None:
    found = measured("B", address, 0, Deadline(2))
    assert found.peer.now.udp is None or found.peer.now.udp.failure is not None
