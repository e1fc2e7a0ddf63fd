"""The interval of the loss: how often it holds the truth, also when losses come in bursts."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.loss_interval import loss_interval, rests_on_few_bursts
from bothsides.analyse.statistics import bursts
from bothsides.model.interval import Interval

Counts = tuple[int, int]
"""Lost packets, and into how many bursts they fall."""


def gilbert(dice: random.Random, packets: int, loss: float, length: float) -> Iterator[bool]:
    """Whether each packet arrives, by Gilbert's model with bursts of this mean length."""
    stays, enters = 1 - 1 / length, loss / (1 - loss) / length
    lost = dice.random() < loss
    for _ in range(packets):
        yield not lost
        lost = dice.random() < (stays if lost else enters)


def sampled(runs: int, packets: int, loss: float, length: float) -> list[Counts]:
    """What so many runs lose; a length of 1 is independent loss."""
    dice = random.Random(packets + 7)
    counts = []
    for _ in range(runs):
        if length == 1:
            arrived = [dice.random() >= loss for _ in range(packets)]
        else:
            arrived = list(gilbert(dice, packets, loss, length))
        counts.append((arrived.count(False), bursts(arrived).number))
    return counts


def intervals(counts: list[Counts], packets: int, for_alarms: bool = False) -> list[Interval]:
    known = {pair: loss_interval(*pair, packets, for_alarms=for_alarms) for pair in set(counts)}
    return [known[pair] for pair in counts]


def coverage(runs: int, packets: int, loss: float, length: float) -> float:
    found = intervals(sampled(runs, packets, loss, length), packets)
    return sum(low <= loss <= high for low, high in found) / runs


def alarms(runs: int, packets: int, loss: float, length: float) -> int:
    """Runs whose whole interval is above twice the true loss."""
    found = intervals(sampled(runs, packets, loss, length), packets, for_alarms=True)
    return sum(low > 2 * loss for low, _ in found)


@pytest.mark.parametrize(("loss", "length"), [(0.05, 1), (0.05, 3), (0.01, 5), (0.2, 2)])
def test_the_interval_holds_the_truth_in_bursts_too(loss: float, length: float) -> None:
    assert coverage(400, 300, loss, length) >= 0.93 - 0.03 * (length > 1)


@pytest.mark.soak
@pytest.mark.parametrize("packets", [300, 1000, 3000])
@pytest.mark.parametrize("loss", [0.01, 0.025, 0.05, 0.1, 0.2])
@pytest.mark.parametrize("length", [1, 2, 3, 5])
def test_the_interval_holds_the_truth_in_two_thousand_runs(
    packets: int, loss: float, length: float
) -> None:
    assert coverage(2000, packets, loss, length) >= (0.93 if length == 1 else 0.9)


@pytest.mark.parametrize("length", [1, 3, 5])
def test_half_of_a_limit_is_never_certainly_above_it(length: float) -> None:
    assert alarms(400, 300, 0.025, length) == 0


@pytest.mark.soak
@pytest.mark.parametrize("packets", [100, 200, 500, 1000])
@pytest.mark.parametrize("length", [1, 2, 3, 5])
def test_half_of_a_limit_is_never_certainly_above_it_in_a_thousand_runs(
    packets: int, length: float
) -> None:
    assert alarms(1000, packets, 0.025, length) == 0


@pytest.mark.parametrize(("lost", "bursts"), [(1, 1), (15, 15), (20, 6), (90, 30), (300, 1)])
def test_alarms_rest_on_a_lower_end_than_the_words(lost: int, bursts: int) -> None:
    words = loss_interval(lost, bursts, 300)
    alarms = loss_interval(lost, bursts, 300, for_alarms=True)
    assert alarms.low < words.low
    assert alarms.high == words.high


def test_a_loss_far_above_the_limit_is_certain_in_bursts_too() -> None:
    assert intervals([(75, 25), (45, 40), (30, 30)], 300, for_alarms=True)[0].low > 0.1
    found = intervals(sampled(300, 300, 0.2, 3), 300, for_alarms=True)
    assert sum(low > 0.05 for low, _ in found) > 0.9 * len(found)


def test_single_losses_have_the_exact_interval_nearly() -> None:
    low, high = loss_interval(100, 95, 1000)
    assert 0.078 < low < 0.083 and 0.118 < high < 0.123
    assert loss_interval(0, 0, 0) == (0, 1)
    assert loss_interval(0, 0, 300).low == 0
    assert loss_interval(300, 1, 300).high == 1


@given(st.integers(1, 5000), st.data())
def test_it_always_holds_what_was_counted(sent: int, data: st.DataObject) -> None:
    lost = data.draw(st.integers(0, sent))
    runs = data.draw(st.integers(min(1, lost), min(lost, sent - lost + 1)))
    low, high = loss_interval(lost, runs, sent, 0.95)
    assert 0 <= low <= lost / sent <= high <= 1


def test_few_bursts_are_told_from_many_and_from_single_losses() -> None:
    assert [rests_on_few_bursts(*pair) for pair in ((6, 2), (20, 5), (2, 2), (0, 0))] == [
        True, False, False, False,
    ]  # fmt: skip
