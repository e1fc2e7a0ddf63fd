"""Dead paths are found, and loss that knows nothing of flows invents none."""

import random
from collections.abc import Callable

import pytest

from bothsides.analyse.bad_flows import Tally, bad_flows
from bothsides.probe.udp.schedule import deal
from tests.support.udp_run import packet


def found(packets: int, flows: int, seed: int, lost: Callable[[int, int], bool]) -> tuple[int, ...]:
    """The bad flows of a run; lost: whether the packet in a place, of a flow, is lost."""
    counted = [
        packet(*dealt, place * 0.02) for place, dealt in enumerate(deal(packets, flows, seed))
    ]
    answered = {
        (sent.flow, sent.sequence)
        for place, sent in enumerate(counted)
        if not lost(place, sent.flow)
    }
    tallies = [
        Tally(len(own), sum((sent.flow, sent.sequence) not in answered for sent in own))
        for own in ([sent for sent in counted if sent.flow == flow] for flow in range(flows))
    ]
    return bad_flows(tallies, counted, answered)


def periodic(runs: int, packets: int) -> int:
    """How many runs over one wire that loses every n-th packet speak of a dead path."""
    dice = random.Random(3)
    count = 0
    for seed in range(runs):
        period, phase, flows = dice.randint(2, 64), dice.randrange(64), dice.choice((2, 4, 8, 16))

        def lost(place: int, _: object) -> bool:
            return (place + phase) % period == 0  # noqa: B023

        count += bool(found(packets, flows, seed + 1, lost))
    return count


@pytest.mark.parametrize("packets", [20, 100])
def test_periodic_loss_on_one_wire_is_no_dead_path(packets: int) -> None:
    assert periodic(1000, packets) == 0


@pytest.mark.soak
def test_periodic_loss_on_one_wire_is_no_dead_path_in_ten_thousand_runs() -> None:
    assert [periodic(10000, packets) for packets in (16, 20, 50, 100, 200)] == [0] * 5


def test_an_outage_in_the_middle_of_a_run_is_no_dead_path() -> None:
    assert not any(found(100, 8, seed, lambda place, _: 30 <= place < 85) for seed in range(1, 200))


@pytest.mark.parametrize("dead", [{3}, {0, 5}, {1, 2, 3, 4}])
@pytest.mark.parametrize("noise", [0, 20])
def test_dead_flows_are_found_also_beside_other_loss(dead: set[int], noise: int) -> None:
    for seed in range(1, 100):
        lost = found(
            100, 8, seed, lambda place, flow: flow in dead or bool(noise and place % noise == 0)
        )
        assert set(lost) == dead


def test_a_few_packets_prove_nothing() -> None:
    assert found(8, 8, 1, lambda place, flow: flow == 3) == ()
    assert bad_flows([Tally(10, 0)], [packet(0, place, 0.0) for place in range(10)], set()) == ()
