"""How many looks at a clock are taken, when, and what they decide."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from bothsides.analyse.clock_offset import knowledge
from bothsides.analyse.clock_schedule import moved_by, next_look, next_tick
from bothsides.analyse.interval_sets import (
    severity,
)
from bothsides.model.clock import Look, Wish
from bothsides.model.interval import Interval
from bothsides.parse.range import Range
from tests.support.examples import examples
from tests.support.far_clock import LIMITS, SECOND, START, Far, looked


@examples(200)
@given(
    st.randoms(use_true_random=False),
    st.sampled_from([0.0, 4.9, 5.0, 5.2, 42.0, 59.9, 60.0, 75.0]),
    st.booleans(),
)
def test_three_looks_and_two_seconds_decide_on_a_clock_of_whole_seconds(
    dice: random.Random, much: float, ahead: bool
) -> None:
    far = Far(much if ahead else -much, SECOND, 0.0002, 0.0002, 0.0, 0.0, 8_000_000, dice)
    looks, took = looked(far, Wish(*LIMITS))
    assert len(looks) <= 3
    assert took <= 2.3
    least, _ = severity(knowledge(looks).offset, *LIMITS)
    assert least == severity(Interval(far.offset, far.offset), *LIMITS)[0]


@examples(300)
@given(
    st.integers(
        0, 2**32
    ),  # a seed: jitter by chance, not by an adversary, who could hide anything below its size
    st.sampled_from([5.2, -5.2, 5.5, -60.2, 60.2, 75.0]),
    st.sampled_from([(0.02, 0.08), (0.08, 0.02), (0.02, 0.02), (0.0001, 0.0001)]),
)
def test_a_clock_0_2_s_beyond_a_limit_is_found_out_however_uneven_the_path(
    seed: int, offset: float, delays: tuple[float, float]
) -> None:
    far = Far(offset, SECOND, *delays, 0.02, 0.0, 8_000_000, random.Random(seed))
    looks, took = looked(far, Wish(*LIMITS))
    assert len(looks) <= 3
    assert took <= 2.3
    assert (
        severity(knowledge(looks).offset, *LIMITS)[0]
        == severity(Interval(offset, offset), *LIMITS)[0]
    )


@examples(200)
@given(
    st.randoms(use_true_random=False),
    st.sampled_from([1.0, 5.0]),
    st.sampled_from([5.2, -5.2, 75.0, -75.0, 4.9, 0.0]),
)
def test_a_known_cache_is_waited_out_where_a_limit_is_near(
    dice: random.Random, cache: float, offset: float
) -> None:
    looks, took = looked(Far(offset, SECOND, 0.0002, 0.0002, 0.0, cache, 0, dice), Wish(*LIMITS))
    assert took < cache + 2.5
    least, _ = severity(knowledge(looks).offset, *LIMITS)
    assert least == severity(Interval(offset, offset), *LIMITS)[0]


@settings(max_examples=100)
@given(st.randoms(use_true_random=False), st.floats(-90, 90))
def test_milliseconds_come_out_of_a_clock_of_whole_seconds(
    dice: random.Random, offset: float
) -> None:
    looks, took = looked(
        Far(offset, SECOND, 0.0002, 0.0002, 0.0, 0.0, 0, dice), Wish(precision=0.005)
    )
    known = knowledge(looks)
    assert took <= 5
    assert abs(known.offset.middle - offset) <= 0.005
    assert known.offset.half <= 0.0051


@examples(200)
@given(st.randoms(use_true_random=False), st.floats(-90, 90))
def test_slow_answers_leave_little_more_than_their_round_trip(
    dice: random.Random, offset: float
) -> None:
    looks, took = looked(Far(offset, SECOND, 0.01, 0.01, 0.0, 0.0, 0, dice), Wish(precision=0.005))
    assert took <= 5
    assert knowledge(looks).offset.half <= 0.016  # 10 ms at best


@given(st.randoms(use_true_random=False), st.sampled_from([42.0, -42.0, 75.0]))
def test_one_look_is_enough_for_a_fine_clock_far_from_the_limits(
    dice: random.Random, offset: float
) -> None:
    looks, took = looked(Far(offset, 1, 0.0002, 0.0002, 0.0, 0.0, 0, dice), Wish(*LIMITS))
    assert len(looks) <= 2
    assert took < 0.1


def test_precision_is_still_wanted_where_a_limit_cannot_be_decided() -> None:
    dice = random.Random(5)
    for _ in range(300):
        looks, _ = looked(Far(5.0, SECOND, 0.0003, 0.0003, 0.0, 0.0, 0, dice), Wish(*LIMITS, 0.005))
        assert knowledge(looks).offset.half <= 0.0055


def test_a_clock_far_from_its_limits_is_looked_at_once() -> None:
    look = Look(START, START + 1_000_000, START, 1, live=True)
    assert next_look([look], Wish(*LIMITS)) is None
    assert next_look([look], Wish()) is None


def test_a_value_that_stands_still_is_watched_for_a_while() -> None:
    looks = [
        Look(START + n * SECOND, START + n * SECOND + 1000, START, SECOND // 10) for n in range(3)
    ]
    assert next_look(looks, Wish(*LIMITS)) == looks[-1].received + 250_000_000
    late = looks[-1]._replace(sent=START + 7 * SECOND, received=START + 7 * SECOND + 1000)
    assert next_look([*looks, late], Wish(*LIMITS)) is None


@given(st.floats(-90, 90), st.integers(0, 10 * SECOND))
def test_at_a_tick_the_far_clock_begins_a_new_grain(offset: float, after: int) -> None:
    tick = next_tick(offset, SECOND, START + after)
    assert 0 <= tick - START - after < SECOND
    assert (tick + round(offset * 1e9)) % SECOND == 0


def test_a_wish_for_a_clock_ahead_of_ours_is_moved_by_as_much() -> None:
    moved = moved_by(Wish(Range(-5, 5), None, 0.01), 42.0)
    assert moved == Wish(Range(37, 47), None, 0.01)
