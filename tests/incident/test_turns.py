"""From which hop on replies may take a link of the other way: by the networks on both ways."""

import pytest

from bothsides.incident.case import Way, way_of
from bothsides.incident.places import Link
from bothsides.incident.turns import turns
from tests.support.evidence import BACK, OUT, owners_of, trace

AROUND = ("52.1.9.1", "52.1.3.2", "81.1.0.1", "81.1.1.2", "81.1.1.6", "62.2.3.2", "10.0.0.10")
"""A way back through a network that the way out does not pass."""


def way(line: tuple[str, ...]) -> Way:
    found = way_of(trace(line), None, owners_of(line))
    assert found is not None
    return found


def at(hop: int) -> Link:
    """The link in front of a hop of the way out."""
    address = frozenset({OUT[hop - 1]})
    return Link(hop, frozenset({OUT[hop - 2]}), address, frozenset(), True, (("x", 1.0),))


def from_hop(line: tuple[str, ...], link: Link) -> list[float]:
    """For each hop of a way how likely its replies take the link, or those of one before it do."""
    chances = turns(way(line), way(OUT), link)
    assert sum(chances) == pytest.approx(1)
    return [sum(chances[: hop + 1]) for hop in range(len(chances))]


def test_a_network_that_the_other_way_does_not_pass_sends_nothing_through_its_customer() -> None:
    inside = from_hop(AROUND, at(3))  # inside TalNet, which follows on the way back
    assert inside[3] < 0.15  # the last router of Bergnet
    behind = from_hop(AROUND, at(5))  # from TalNet to Nimbus: Bergnet hands over somewhere
    assert behind[3] > 0.6


def test_replies_do_not_come_back_to_the_network_that_sends_them() -> None:
    assert from_hop(AROUND, at(3))[1] < 0.02
    assert from_hop(AROUND, at(2))[1] < 0.02


def test_replies_of_a_network_in_front_of_a_link_take_it() -> None:
    assert from_hop(BACK, at(5))[3] > 0.4
    assert from_hop(BACK, at(6))[2] > 0.8
