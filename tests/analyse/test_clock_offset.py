"""The interval of a clock's offset against simulated clocks: the truth is always inside."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.clock_offset import Knowledge, kept_at_most, knowledge, zone_apart
from bothsides.analyse.clock_schedule import next_look
from bothsides.analyse.interval_sets import (
    severity,
    undecided,
)
from bothsides.model.clock import Look, Wish
from bothsides.model.interval import Interval
from tests.support.examples import examples
from tests.support.far_clock import LIMITS, SECOND, START, Far, far_ends, looked


@examples(400)
@given(far_ends, st.booleans(), st.sampled_from([None, 0.005]))
def test_the_truth_is_inside_whatever_the_path_and_the_cache_do(
    far: Far, alone: bool, precision: float | None
) -> None:
    looks, _ = looked(far, Wish(*LIMITS, precision), alone=alone)
    known = knowledge(looks)
    assert known.offset.low - 1e-6 <= far.offset <= known.offset.high + 1e-6
    assert known.freshness in ("fresh", "cached")


@examples(400)
@given(far_ends)
def test_no_alarm_is_raised_that_the_truth_does_not_bear_out(far: Far) -> None:
    looks, _ = looked(far, Wish(*LIMITS))
    least, _ = severity(knowledge(looks).offset, *LIMITS)
    true, _ = severity(Interval(far.offset, far.offset), *LIMITS)
    assert least <= true


@examples(500)
@given(
    st.floats(-90, 90),
    st.sampled_from([SECOND, SECOND // 10, 1000]),
    st.sampled_from([0.0001, 0.05]),
    st.one_of(st.just(0.0), st.floats(0.01, 40)),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_the_truth_is_inside_however_long_an_unknown_script_keeps_its_value(
    offset: float, grain: int, delay: float, cache: float, remembered: bool, dice: random.Random
) -> None:
    far = Far(offset, grain, delay, delay, 0.0, cache, 0, dice)
    looks, took = looked(far, Wish(*LIMITS), told=False, remembered=remembered)
    known = knowledge(looks)
    assert known.offset.low - 1e-6 <= offset <= known.offset.high + 1e-6
    assert known.moves or known.offset.high == float("inf")
    if cache == 0:
        assert known.moves
        assert took < 4.5
    bound = kept_at_most(looks)
    assert bound is None or cache <= bound + 1e-6


@pytest.mark.parametrize("grain", [SECOND, 1000])
def test_what_earlier_runs_proved_saves_the_second_look(grain: int) -> None:
    dice = random.Random(7)
    for _ in range(200):
        far = Far(0.3, grain, 0.0002, 0.0002, 0.0, 0.0, 0, dice)
        looks, _ = looked(far, Wish(*LIMITS), told=False, remembered=True)
        kept = kept_at_most(looks)
        assert kept is not None
        assert kept < 2.6 if grain == SECOND else kept < 0.02
        later = looks[-1]._replace(kept=kept)
        assert next_look([later], Wish(*LIMITS), True) is None
        known = knowledge([later])
        assert known.offset.low <= 0.3 <= known.offset.high


def test_a_value_that_stands_still_is_called_stuck() -> None:
    dice = random.Random(1)
    looks, took = looked(
        Far(-75.0, SECOND, 0.001, 0.001, 0.0, 1000.0, 0, dice), Wish(*LIMITS), told=False
    )
    assert knowledge(looks).freshness == "stuck"
    assert knowledge(looks).offset.high == float("inf")
    assert took < 8


@examples(200)
@given(st.randoms(use_true_random=False), st.floats(-7, 7), st.sampled_from([SECOND, SECOND // 10]))
def test_a_frozen_value_beside_a_limit_is_no_alarm(
    dice: random.Random, offset: float, grain: int
) -> None:
    """Although the agent seems to make it anew: `extend -cacheTime -1 NAME /bin/cat FILE`."""
    looks, _ = looked(
        Far(offset, grain, 0.0005, 0.0005, 0.0, 1e9, 0, dice), Wish(*LIMITS), told=False, live=True
    )
    known = knowledge(looks)
    assert known.freshness == "stuck" or severity(known.offset, *LIMITS)[0] == 0


def test_an_untold_cache_is_found_out_and_no_alarm_comes_of_it() -> None:
    far = Far(0.0, SECOND, 0.001, 0.001, 0.0, 5.0, 0, random.Random(3))
    stale = Look(START, START + SECOND // 1000, START - 30 * SECOND, SECOND)
    later = [
        Look(
            START + n * 250_000_000, START + n * 250_000_000 + 1000, START + n // 4 * SECOND, SECOND
        )
        for n in range(5, 9)
    ]
    known = knowledge([stale, *later])
    assert known.freshness == "cached"
    assert known.offset.low <= far.offset <= known.offset.high
    assert severity(known.offset, *LIMITS)[0] == 0


def test_a_clock_that_is_set_back_during_the_check_is_noticed() -> None:
    before = Look(START, START + 1000, START + 50 * SECOND, 1)
    after = Look(START + SECOND, START + SECOND + 1000, START + SECOND, 1)
    assert knowledge([before, after]).freshness == "stepped"


def test_bounds_and_cuts() -> None:
    asked = Look(START - 1000, START + 1000, START, SECOND)
    assert knowledge([asked]).offset == Interval(-1e-06, 1.000001)
    assert undecided(Interval(-6, 61), (-5.0, 5.0, 60.0)) == (5.0, -5.0, 60.0)
    assert knowledge([Look(START, START, START, 1)]) == Knowledge(Interval(0.0, 1e-09), "fresh")


def test_our_question_made_the_new_value_only_when_it_was_the_only_one() -> None:
    """Asked twice, a lost try may have made it long before."""
    old = Look(START, START + 1000, START - SECOND, 1, cache=5.0, packets=7, asked=1)
    later = START + 6 * SECOND
    once = Look(later, later + 1000, later, 1, cache=5.0, packets=8, asked=2)
    twice = once._replace(shown=later - SECOND, packets=9, asked=3)
    assert knowledge([old, once]).offset.half < 0.001
    met = knowledge([old, twice]).offset
    assert met.low <= 0.0 <= met.high


@pytest.mark.parametrize(
    ("offset", "minutes"),
    [
        (Interval(7199.9, 7200.3), 120),
        (Interval(-20700.5, -20700.1), -345),
        (Interval(-0.1, 0.1), None),
        (Interval(89, 91), None),
        (Interval(3700, 3701), None),
        (Interval(3500, 3700), None),
        (Interval(15 * 3600, 15 * 3600 + 1), None),
        (Interval(0.0, float("inf")), None),
    ],
)
def test_an_offset_of_quarter_hours_looks_like_a_zone(
    offset: Interval, minutes: int | None
) -> None:
    assert zone_apart(offset) == minutes
