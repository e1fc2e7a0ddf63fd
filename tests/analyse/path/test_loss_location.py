"""Where loss begins, told from thousands of simulated runs whose truth is known."""

import random

from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.path.loss_location import locate_loss

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
