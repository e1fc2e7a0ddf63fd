"""The tables of the laboratory are sound, and what is derived from them is right."""

import pytest

from tests.support.side.catalogue import catalogue, main_steps
from tests.support.side.faults import Fault, truth_for
from tests.support.side.routing import mistakes, pairs_over, steps
from tests.support.side.table import exchanges_text, label_of, map_text, owner_of, role_of
from tests.support.side.worlds import WORLDS, short, tunnel

NAMES = tuple(WORLDS)


def links(name: str, start: str, end: str) -> set[frozenset[str]]:
    """The links that a pair's packets pass, in either direction."""
    world = WORLDS[name]
    passed = (*steps(world, start, end), *steps(world, end, start))
    return {frozenset(step[:2]) for step in passed}


def named(name: str) -> Fault:
    """The short world's fault of that name."""
    return next(fault for fault in catalogue(short.WORLD) if fault.name == name)


@pytest.mark.parametrize("name", NAMES)
def test_a_world_has_no_mistakes(name: str) -> None:
    assert mistakes(WORLDS[name]) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_way_back_is_another_way(name: str) -> None:
    world = WORLDS[name]
    there = {step[:2] for step in steps(world, "A", "B")}
    back = {step[:2][::-1] for step in steps(world, "B", "A")}
    assert len(there - back) >= 4


@pytest.mark.parametrize("name", NAMES)
def test_the_third_vantage_shares_a_part_of_the_way_and_the_fourth_none(name: str) -> None:
    assert links(name, "A", "B") & links(name, "C", "B")
    near = {"hidden": "q4-B", "corner": "w4-B w4-w5", "longway": "s3-B s3-s4"}  # one link of B
    shared = {frozenset(link.split("-")) for link in near.get(name, "").split()}
    assert links(name, "A", "B") & links(name, "D", "B") == shared


@pytest.mark.parametrize("name", NAMES)
def test_some_borders_are_numbered_by_the_neighbour(name: str) -> None:
    world = WORLDS[name]
    owners = owner_of(world)
    foreign = [
        address
        for link in world.links
        for node, address in ((link.one, link.address), (link.other, link.peer))
        if label_of(world, address) != owners[node]
    ]
    assert len(foreign) >= 4


@pytest.mark.parametrize("name", NAMES)
def test_a_catalogue_has_enough_faults_of_every_sort(name: str) -> None:
    faults = catalogue(WORLDS[name])
    harmless = [fault for fault in faults if not fault.harmful]
    assert len(faults) >= 60
    assert len({fault.name for fault in faults}) == len(faults)
    assert len(harmless) >= len(faults) / 4
    assert sum(len(fault.places) > 1 for fault in faults) >= 4
    assert sum(fault.begins > 0 for fault in faults) >= 2
    assert sum(fault.ends is not None for fault in faults) >= 2
    assert len({fault.kind for fault in faults}) >= 30


@pytest.mark.parametrize("name", NAMES)
def test_every_harm_of_the_path_hits_a_pair_and_has_a_side_of_its_link(name: str) -> None:
    for fault in catalogue(WORLDS[name]):
        for place in fault.places:
            assert place.pairs or place.views, fault.name
            assert place.side in place.sides, fault.name


def test_a_tunnels_way_is_followed_by_its_carriers() -> None:
    passed = [str(step) for step in steps(tunnel.WORLD, "A", "B")]
    assert passed[:3] == ["A>ga", "ga>gb", "ga>q1"]
    assert pairs_over(tunnel.WORLD, "z1", "z2") == ("A>B", "U>V")
    assert "ga>gb" not in [str(step) for step in main_steps(tunnel.WORLD)]


def test_a_host_is_the_monitor_of_its_own_checks_and_the_far_end_of_others() -> None:
    fault = named("host B down")
    truths = [truth_for(short.WORLD, fault, view, "check_https") for view in short.WORLD.views]
    seen = [truth.culprits for truth in truths]
    assert seen == [{"far end"}, {"monitor"}, {"far end"}, {"far end"}]


def test_a_fault_of_one_way_has_the_direction_of_each_view() -> None:
    fault = named("loss 40% n4>t1")
    views = short.WORLD.views
    truths = [truth_for(short.WORLD, fault, view, "check_udp_loss") for view in views]
    assert [truth.direction for truth in truths] == ["back", "out", "none", "none"]
    assert [set(truth.culprits) for truth in truths] == [{"Nimbus"}, {"Nimbus"}, set(), set()]


def test_a_fault_of_one_protocol_concerns_no_other_check() -> None:
    fault = named("reflector of B stopped")
    truth = truth_for(short.WORLD, fault, ("A", "B"), "check_https")
    assert (truth.effect, truth.culprits) == ("none", frozenset())
    assert not truth_for(short.WORLD, fault, ("B", "A"), "check_udp_loss").culprits


def test_the_map_keeps_to_the_roles_that_its_reader_knows() -> None:
    world = tunnel.WORLD
    assert "10.200.0.0/16 = our tunnel, tunnel\n" in map_text(world)
    assert "10.200.0.0/16 = our tunnel, us\n" in map_text(world, ("us", "isp", "cloud", "transit"))
    assert exchanges_text(world) == "91.206.52.0/23 AlpIX\n"
    assert role_of(world, "Fernhost") == "hoster"
