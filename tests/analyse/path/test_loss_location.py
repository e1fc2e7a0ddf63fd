"""Where loss begins, told from thousands of simulated runs whose truth is known."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.path.loss_location import Counts, Segment, loss_span

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
    found = loss_span((Counts(asked, (52, target)),), 12, (*range(1, 8), *range(9, 13)))
    return None if found is None else (found.after, found.before)


def held(entry: int, share: float, expected: tuple[int, int], **more: float) -> float:
    """How often the section that is named holds the place."""
    chance, trials = random.Random(entry), 60
    found = [told(entry, share, chance, **more) for _ in range(trials)]  # type: ignore[arg-type]
    return (
        sum(
            span is not None and span[0] <= expected[0] and expected[1] <= span[1] for span in found
        )
        / trials
    )


def test_no_loss_at_the_target_is_no_loss_whatever_routers_do() -> None:
    chance = random.Random(1)
    assert {told(13, 0.0, chance) for _ in range(50)} == {None}


def test_a_fifth_lost_is_put_on_the_right_segment_or_a_wider_one() -> None:
    assert held(5, 0.2, (4, 5)) >= 0.98
    assert held(9, 0.2, (7, 9)) >= 0.98
    assert held(12, 0.2, (11, 12)) >= 0.98
    assert held(1, 0.2, (0, 1)) >= 0.98


def test_half_lost_is_always_put_on_the_right_segment() -> None:
    chance = random.Random(2)
    assert [told(12, 0.5, chance) for _ in range(30)].count((11, 12)) >= 29
    rude = [told(9, 0.5, chance) for _ in range(30)]  # hop 9 loses answers of its own besides
    assert {span and span[0] for span in rude} == {7}


def test_an_answer_that_goes_astray_in_front_does_not_pull_the_place_towards_us() -> None:
    assert held(12, 0.35, (11, 12), probes=25, stray=0.01) >= 0.96
    assert held(12, 0.2, (11, 12), stray=0.005) >= 0.96


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
    kinds = (Counts(asked, (max(target), min(target))), Counts(asked))
    found = loss_span(kinds, length, range(1, 31))
    assert found is None or 0 <= found.after < found.before <= length


def spanned(entry: int, share: float, chance: random.Random, rounds: int = 20) -> Segment | None:
    """The section of a path of 9 hops that loses from hop `entry` on, by two kinds of probes."""
    lossy = [sum(chance.random() < share for _ in range(rounds)) for _ in range(20)]
    echoes = {ttl: (rounds, lossy[ttl] * (ttl >= entry)) for ttl in range(1, 9)}
    flows = {ttl: (rounds, lossy[ttl + 9] * (ttl >= entry)) for ttl in range(1, 10)}
    kinds = (Counts(echoes, (rounds, lossy[19])), Counts(flows))
    return loss_span(kinds, 9, range(1, 10))


@pytest.mark.parametrize("draws", [6, pytest.param(20, marks=pytest.mark.soak)])
@pytest.mark.parametrize("share", [0.15, 0.25, 0.4, 1.0])
def test_the_section_that_is_named_holds_the_place(share: float, draws: int) -> None:
    chance = random.Random(7)
    drawn = [(entry, spanned(entry, share, chance)) for entry in range(1, 10) for _ in range(draws)]
    spans = [(entry, span) for entry, span in drawn if span is not None]
    held = sum(span.after < entry <= span.before for entry, span in spans)
    assert held >= 0.99 * len(spans) - 1
    exact = sum(span.before - span.after == 1 for _, span in spans)
    assert exact >= {0.15: 0.2, 0.25: 0.5, 0.4: 0.8, 1.0: 1.0}[share] * len(spans)


def test_packets_that_take_a_sound_parallel_path_do_not_move_the_section() -> None:
    echoes = {ttl: (20, 9 * (ttl >= 5)) for ttl in range(1, 9)}
    flows = dict.fromkeys(range(1, 10), (20, 0))
    kinds = (Counts(echoes, (20, 8)), Counts(flows))
    assert loss_span(kinds, 9, range(1, 10)) == Segment(4, 5, 0.4)


def test_silence_behind_the_place_counts_only_of_hops_that_usually_answer() -> None:
    echoes = {ttl: (20, 20 * (ttl >= 5)) for ttl in range(1, 9)}
    kinds = (Counts(echoes, (20, 20)),)
    assert loss_span(kinds, 9, range(1, 10)) == Segment(4, 5, 1.0)
    assert loss_span(kinds, 9, range(1, 5)) == Segment(4, 9, 1.0)
    assert loss_span(kinds, 9, (*range(1, 5), 7)) == Segment(4, 7, 1.0)


def test_flows_that_lose_something_of_their_own_move_no_place() -> None:
    """Recorded: three of 16 flows unanswered at every hop, the first included.

    Echoes lose behind 8.
    """
    clean = dict.fromkeys((1, 3, 4, 5, 6, 7), (16, 0))
    echoes = Counts({**clean, 9: (16, 7), 10: (16, 2), 11: (16, 5)}, (32, 5))
    lossy = dict.fromkeys((3, 4, 5, 6, 7), (16, 3))
    flows = Counts({1: (16, 2), **lossy, 9: (16, 10), 10: (16, 5), 11: (16, 7), 12: (16, 6)})
    span = loss_span((echoes, flows), 12, range(1, 13))
    assert span is not None
    assert span.before >= 9
    alone = loss_span((echoes,), 12, range(1, 13))
    assert alone is not None
    assert alone.after >= 5
