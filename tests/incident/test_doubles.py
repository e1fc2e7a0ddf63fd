"""Two faults at once, simulated: nobody else is named, and one fault is never said to be two."""

import random
from collections.abc import Iterator, Sequence

import pytest

from tests.support.side import joined, simulated
from tests.support.side.routing import Step, steps
from tests.support.side.simulated import Lossy
from tests.support.side.table import World
from tests.support.side.worlds import WORLDS

_WORLDS = ("short", "long_haul", "ipv6", "peering")


def whole(world: World, start: str, end: str) -> list[Step]:
    """The directed links that all packets of a direction pass."""
    return [step for step in steps(world, start, end) if step.share == 1]


def lossy(step: Step, share: float, draw: random.Random) -> Lossy:
    return Lossy(step.start, step.end, share, draw.random() < 0.5)


def verdicts(world: World, faults: Sequence[Lossy], draw: random.Random) -> joined.Scored:
    run = simulated.run_of(world, faults, draw)
    truth = simulated.truth_of(world, faults)
    return joined.scored(world.name, " and ".join(map(str, faults)), truth, joined.case_of(run))


def one_each_way(world: World, draw: random.Random) -> Iterator[joined.Scored]:
    """A fault on the way out, and another one on the way back."""
    while True:
        places = [draw.choice(whole(world, *ends)) for ends in (("A", "B"), ("B", "A"))]
        faults = [lossy(step, draw.choice((0.1, 0.2, 0.3, 0.4)), draw) for step in places]
        yield verdicts(world, faults, draw)


def one_link(world: World, draw: random.Random) -> Iterator[joined.Scored]:
    """One router that loses packets of one link, both ways."""
    while True:
        step = draw.choice([*whole(world, "A", "B"), *whole(world, "B", "A")])
        share, at = draw.choice((0.1, 0.2, 0.3, 0.4)), draw.random() < 0.5
        faults = (
            Lossy(step.start, step.end, share, at),
            Lossy(step.end, step.start, share, not at),
        )
        yield verdicts(world, faults, draw)


def strangers(row: joined.Scored) -> set[str]:
    """Sides that are named and not at a faulty link, where a side at fault is excluded."""
    ends = {side for place in row.truth["places"] for side in place["sides"]}
    return set(row.verdict.side) - {"far end", "monitor", *ends} if row.mark == "wrong" else set()


def check(world: str, seed: int, count: int) -> None:
    draw = random.Random(f"{world} {seed}")
    for row, _ in zip(one_each_way(WORLDS[world], draw), range(count), strict=False):
        assert not strangers(row), (row.name, row.verdict.side, row.verdict.also)
    for row, _ in zip(one_link(WORLDS[world], draw), range(count), strict=False):
        assert len(row.verdict.side) < 2, (row.name, row.verdict.side, row.verdict.also)
        assert row.mark != "wrong", (row.name, row.verdict.side, row.verdict.also)


@pytest.mark.parametrize("world", ["short", "ipv6"])
def test_two_faults_name_no_third_and_one_fault_is_not_two(world: str) -> None:
    check(world, 1, 1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("world", _WORLDS)
def test_many_two_faults_name_no_third_and_one_fault_is_not_two(world: str, seed: int) -> None:
    check(world, 10 + seed, 12)
