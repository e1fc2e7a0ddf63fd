"""The time of an NTP server instead of our own."""

import time
from collections.abc import Sequence

import pytest

from bothsides.base.deadline import Deadline
from bothsides.model.failure import Failure
from bothsides.probe.net.ntp_reference import reference
from tests.support.snmp import scripted


def test_a_reference_that_contradicts_itself_is_no_reference() -> None:
    def lying(octets: bytes) -> Sequence[bytes]:
        cookie = octets[40:48]
        now = int((time.time() + 2208988800) * 2**32)
        later = now + (10 << 32)  # sent ten seconds after it came, within a millisecond
        return [
            bytes([0x24, 2, 6, 0xE8])
            + bytes(20)
            + cookie
            + now.to_bytes(8, "big")
            + later.to_bytes(8, "big")
        ]

    with scripted(lying) as port:
        found = reference("127.0.0.1", port, 4, Deadline(60))
    assert found.ahead is None
    assert found.failure is not None


def test_a_server_that_is_ahead_is_so_within_its_interval() -> None:
    def ahead(octets: bytes) -> Sequence[bytes]:
        now = int((time.time() + 42 + 2208988800) * 2**32).to_bytes(8, "big")
        return [bytes([0x24, 2, 6, 0xE8]) + bytes(20) + octets[40:48] + now + now]

    with scripted(ahead) as port:
        found = reference("127.0.0.1", port, 4, Deadline(60))
    assert (found.name, found.stratum, found.failure) == ("127.0.0.1", 2, None)
    assert found.ahead is not None
    assert found.ahead.low - 1e-5 <= 42 <= found.ahead.high + 1e-5
    assert found.ahead.half < 0.5


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (bytes([0xE4, 3]), "it is not synchronised itself"),
        (bytes([0x24, 0]) + bytes(10) + b"RATE", "it refuses (RATE)"),
    ],
)
def test_a_server_that_does_not_serve_is_no_reference(head: bytes, words: str) -> None:
    def refusing(octets: bytes) -> Sequence[bytes]:
        return [head.ljust(24, b"\0") + octets[40:48] + bytes(16)]

    with scripted(refusing) as port:
        found = reference("127.0.0.1", port, 4, Deadline(60))
    assert found.ahead is None
    assert found.failure == Failure("server", words)


def test_a_name_that_does_not_resolve_is_no_reference() -> None:
    found = reference("no-such-host.invalid", 123, 0, Deadline(4))
    assert found.ahead is None
    assert found.failure is not None
    assert found.failure.blame in ("dns", "local")


def test_a_port_without_a_server_is_told_at_once() -> None:
    found = reference("127.0.0.1", 9, 4, Deadline(4))
    assert found.failure is not None
    assert found.failure.words == "nothing listens on udp port 9 (ICMP port unreachable)"
