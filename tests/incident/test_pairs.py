"""Which two places may be the two directions of one link."""

import pytest

from bothsides.incident.locate import Pair
from bothsides.incident.pairs import sides_of
from bothsides.incident.places import Link


def link(address: str, *sides: str) -> Link:
    parts = tuple((side, 1 / len(sides)) for side in sides)
    return Link(3, frozenset(), frozenset({address} - {""}), frozenset(), True, parts)


def one_fault(one: Link, other: Link) -> float:
    """How likely both places lose by one fault."""
    shares: dict[bool, float] = {}
    for (mine, theirs), share in sides_of(Pair(one, other)):
        shares[mine == theirs] = shares.get(mine == theirs, 0.0) + share
    assert sum(shares.values()) == pytest.approx(1)
    return shares.get(True, 0.0)


def test_addresses_of_one_small_subnet_are_of_one_link() -> None:
    border = one_fault(link("62.2.3.1", "Office", "TalNet"), link("62.2.3.2", "Office", "TalNet"))
    apart = one_fault(link("62.2.3.1", "Office", "TalNet"), link("62.2.9.9", "TalNet", "Nimbus"))
    assert border > 0.8
    assert apart < border


def test_two_places_without_a_network_in_common_are_two_faults() -> None:
    assert one_fault(link("62.2.3.1", "TalNet"), link("52.1.3.2", "Nimbus")) == 0


@pytest.mark.parametrize("address", ["", "62.2.10.1", "no address"])
def test_inside_a_network_a_link_without_known_addresses_may_be_the_same(address: str) -> None:
    assert one_fault(link("62.2.10.2", "TalNet"), link(address, "TalNet")) == pytest.approx(1)
