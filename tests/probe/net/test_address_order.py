"""The order of addresses, by what this host can reach."""

import pytest

from bothsides.probe.net import address_order
from bothsides.probe.net.address_order import in_order


@pytest.fixture
def routes(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Our own address towards each host that we have a way to."""
    known: dict[str, str] = {}
    monkeypatch.setattr(address_order, "_source", lambda host: known.get(host, ""))
    return known


def test_addresses_without_a_way_to_them_come_last(routes: dict[str, str]) -> None:
    routes["192.0.2.2"] = "192.0.2.1"
    assert in_order(["2001:db8::1", "192.0.2.9", "192.0.2.2"])[0] == "192.0.2.2"


def test_a_private_address_of_ours_does_not_prefer_the_public_version_6(
    routes: dict[str, str],
) -> None:
    routes |= {"192.0.2.2": "192.0.2.1", "2001:db8::2": "fd00::1"}
    assert in_order(["2001:db8::2", "192.0.2.2"]) == ("192.0.2.2", "2001:db8::2")
    routes["2001:db8::2"] = "2001:db8::1"
    assert in_order(["192.0.2.2", "2001:db8::2"]) == ("2001:db8::2", "192.0.2.2")


def test_the_order_of_the_server_stands_among_equals_and_doubles_are_left_out() -> None:
    assert in_order(["127.0.0.2", "127.0.0.1", "127.0.0.2"]) == ("127.0.0.2", "127.0.0.1")


def test_loopback_of_version_6_comes_before_that_of_version_4() -> None:
    assert in_order(["127.0.0.1", "::1"]) == ("::1", "127.0.0.1")
