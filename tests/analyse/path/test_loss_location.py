"""Where loss begins, told from thousands of simulated runs whose truth is known."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.path.loss_location import Counts, Segment, locate_loss, loss_span

RUDE = {
    2: 0.85,
    9: 0.2,
}  # a rate limited router and one that loses its own answers; hop 8 is silent


def told(
    entry: int, share: float, chance: random.Random, probes: int = 38, stray: float = 0.0
) -> tuple[int, int] | None:
    """Where a path of 12 hops is said to lose that loses from the hop `entry` on (13: nowhere)."""
    asked = {}
    for ttl in range(1, 12):
        own = RUDE.get(ttl, stray)
        lost = sum(
            chance.random() < share * (ttl >= entry) or chance.random() < own for _ in range(probes)
        )
        asked[ttl] = (probes, probes if ttl == 8 else lost)
    target = sum(chance.random() < share * (entry <= 12) for _ in range(52))
    found = locate_loss(asked, (52, target), 12)
    return None if found is None else (found.after, found.before)


def right(
    entry: int,
    share: float,
    expected: tuple[int, int] | None,
    trials: int = 100,
    probes: int = 38,
    stray: float = 0.0,
) -> float:
    chance = random.Random(entry)
    return (
        sum(told(entry, share, chance, probes, stray) == expected for _ in range(trials)) / trials
    )


def test_no_loss_at_the_target_is_no_loss_whatever_routers_do() -> None:
    assert right(13, 0.0, None) == 1.0


def test_a_fifth_lost_is_put_on_the_right_segment() -> None:
    assert right(5, 0.2, (4, 5)) >= 0.9
    assert right(9, 0.2, (7, 9)) >= 0.9
    assert right(12, 0.2, (11, 12)) >= 0.9
    assert right(1, 0.2, (0, 1)) >= 0.9


def test_half_lost_is_always_put_on_the_right_segment() -> None:
    assert right(12, 0.5, (11, 12)) == 1.0
    assert right(9, 0.5, (7, 9)) == 1.0


def test_an_answer_that_goes_astray_in_front_does_not_pull_the_place_towards_us() -> None:
    assert right(12, 0.35, (11, 12), 400, probes=25, stray=0.01) >= 0.96
    assert right(12, 0.2, (11, 12), 400, stray=0.005) >= 0.92


@given(
    st.dictionaries(
        st.integers(1, 30), st.tuples(st.integers(1, 80), st.integers(0, 80)), max_size=30
    ),
    st.tuples(st.integers(0, 80), st.integers(0, 80)),
    st.integers(1, 30),
)
def test_any_counts_make_a_segment_inside_the_path_or_none(
    asked: dict[int, tuple[int, int]], target: tuple[int, int], length: int
) -> None:
    asked = {ttl: (max(counts), min(counts)) for ttl, counts in asked.items()}
    found = locate_loss(asked, (max(target), min(target)), length)
    assert found is None or 0 <= found.after < found.before <= length


def spanned(entry: int, share: float, chance: random.Random, rounds: int = 20) -> Segment | None:
    """The section of a path of 9 hops that loses from the hop `entry` on, by two kinds of probes."""
    lossy = [sum(chance.random() < share for _ in range(rounds)) for _ in range(20)]
    echoes = {ttl: (rounds, lossy[ttl] * (ttl >= entry)) for ttl in range(1, 9)}
    flows = {ttl: (rounds, lossy[ttl + 9] * (ttl >= entry)) for ttl in range(1, 10)}
    kinds = (Counts(echoes, (rounds, lossy[19])), Counts(flows))
    return loss_span(kinds, 9, range(1, 10))


@pytest.mark.parametrize("share", [0.15, 0.25, 0.4, 1.0])
def test_the_section_that_is_named_holds_the_place(share: float) -> None:
    chance = random.Random(7)
    found = [(entry, spanned(entry, share, chance)) for entry in range(1, 10) for _ in range(20)]
    told = [(entry, span) for entry, span in found if span is not None]
    held = sum(span.after < entry <= span.before for entry, span in told)
    assert held >= 0.99 * len(told) - 1
    exact = sum(span.before - span.after == 1 for _, span in told)
    assert exact >= {0.15: 0.2, 0.25: 0.5, 0.4: 0.8, 1.0: 1.0}[share] * len(told)


def test_packets_that_take_a_sound_parallel_path_do_not_move_the_section() -> None:
    echoes = {ttl: (20, 9 * (ttl >= 5)) for ttl in range(1, 9)}
    flows = {ttl: (20, 0) for ttl in range(1, 10)}
    kinds = (Counts(echoes, (20, 8)), Counts(flows))
    assert loss_span(kinds, 9, range(1, 10)) == Segment(4, 5, 0.4)


def test_silence_behind_the_place_counts_only_of_hops_that_usually_answer() -> None:
    echoes = {ttl: (20, 20 * (ttl >= 5)) for ttl in range(1, 9)}
    kinds = (Counts(echoes, (20, 20)),)
    assert loss_span(kinds, 9, range(1, 10)) == Segment(4, 5, 1.0)
    assert loss_span(kinds, 9, range(1, 5)) == Segment(4, 9, 1.0)
    assert loss_span(kinds, 9, (*range(1, 5), 7)) == Segment(4, 7, 1.0)
