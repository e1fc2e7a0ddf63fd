"""Names to addresses: many at once, and none of them held up by another."""

import _socket
import time

import pytest

from bothsides.deadline import Deadline
from bothsides.probe import Failure
from bothsides.probe.address import Address, resolve_all


def test_addresses_are_what_they_are_and_cost_no_look_up() -> None:
    found = resolve_all(["127.0.0.1", "::1", "127.0.0.1"], 0, Deadline(1))
    assert found == {"127.0.0.1": ((Address(4, "127.0.0.1"),), 0.0), "::1": ((Address(6, "::1"),), 0.0)}


def test_a_family_that_an_address_does_not_have_is_a_failure_of_that_host_alone() -> None:
    found = resolve_all(["127.0.0.1", "::1"], 4, Deadline(2))
    assert found["127.0.0.1"][0] == (Address(4, "127.0.0.1"),)
    failure = found["::1"][0]
    assert isinstance(failure, Failure)
    assert "::1 has no IPv4 address" in failure.words


def test_names_that_are_slow_are_looked_up_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    real = _socket.getaddrinfo

    def slow(host: bytes | str, port: None, family: int = 0, kind: int = 0, proto: int = 0, flags: int = 0) -> object:
        if not flags:
            time.sleep(5.0 if b"silent" in bytes(str(host), "ascii") else 0.2)
            host = b"127.0.0.1"
        return real(host, port, family, kind, proto, flags)

    monkeypatch.setattr(_socket, "getaddrinfo", slow)
    names = [f"host{number}.test" for number in range(100)]  # more than are looked up at once
    began = time.monotonic()
    found = resolve_all([*names[:50], "silent.test", *names[50:]], 0, Deadline(10), patience=1.5)
    took = time.monotonic() - began
    assert all(found[name][0] == (Address(4, "127.0.0.1"),) for name in names)
    assert all(0.19 < found[name][1] < 1.4 for name in names)
    failure, seconds = found["silent.test"]
    assert isinstance(failure, Failure)
    assert (failure.blame, "our resolver does not answer for silent.test" in failure.words) == ("local", True)
    assert 1.4 < seconds <= took < 2.2
