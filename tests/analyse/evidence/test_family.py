"""The version of IP by which a measurement went."""

import pytest

from bothsides.analyse.evidence.family import family_of, only_family


@pytest.mark.parametrize(
    ("address", "family"), [("192.0.2.1", 4), ("2001:db8::1", 6), ("fe80::1%eth0", 6), ("", None)]
)
def test_an_address_has_a_version_of_ip(address: str, family: int | None) -> None:
    assert family_of(address) == family


def test_addresses_of_both_versions_have_none_together() -> None:
    assert only_family(["192.0.2.1", "192.0.2.2"]) == 4
    assert only_family(["192.0.2.1", "2001:db8::1"]) is None
    assert only_family([]) is None
