"""What Linux has counted."""

import socket

import pytest

from bothsides.probe.net.kernel_counters import counted


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_what_arrives_by_both_versions_of_ip_is_counted(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    before = counted("Ip", "InDelivers")
    with socket.socket(family, socket.SOCK_DGRAM) as ours, ours.dup() as theirs:
        ours.bind((host, 0))
        theirs.sendto(b"x", ours.getsockname())
        ours.recv(1)
    after = counted("Ip", "InDelivers")
    assert before is not None
    assert after is not None
    assert after > before


def test_what_the_kernel_does_not_count_is_not_known() -> None:
    assert counted("Udp", "NoSuch") is None
    assert counted("Nobody", "InErrors") is None
