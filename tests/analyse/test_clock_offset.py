"""Bounds of a clock's offset against simulated clocks: the truth is always inside."""

import random
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bothsides.analyse.clock_offset import (
    Bounds,
    Knowledge,
    Look,
    Wish,
    knowledge,
    next_look,
    open_cuts,
    severity,
)
from bothsides.parse.range import Range

SECOND = 10**9
START = 1_795_210_673 * SECOND
LIMITS = Range(-5.0, 5.0), Range(-60.0, 60.0)


class Far(NamedTuple):
    """A simulated agent. offset, delays and cache in seconds; grain, late in ns; drawn: its dice."""

    offset: float
    grain: int
    out: float
    back: float
    jitter: float
    cache: float
    late: int
    dice: random.Random


def looked(
    far: Far,
    wish: Wish,
    most: float = 8.0,
    told: bool = True,
    alone: bool = True,
    live: bool = False,
) -> tuple[list[Look], float]:
    """All looks at a simulated agent, as the probe would take them, and how long that took."""
    at = START + far.dice.randrange(SECOND)
    looks: list[Look] = []
    kept: tuple[int, int] | None = None
    when: int | None = at
    while when is not None and (when - at) / 1e9 < most:
        out = far.out + far.dice.random() * far.jitter
        back = far.back + far.dice.random() * far.jitter
        read = when + round(out * 1e9)
        if kept is None or read - kept[0] >= far.cache * 1e9:
            true = read + round(far.offset * 1e9) - far.dice.randrange(far.late + 1)
            kept = (read, true // far.grain * far.grain)
        received = read + round(back * 1e9)
        packets = len(looks) + 1 if alone else None
        slack = 10_000_000 if far.late else 0
        cache = far.cache if told else 0.0
        looks.append(
            Look(
                when,
                received,
                kept[1],
                far.grain,
                slack,
                cache,
                packets,
                len(looks) + 1,
                live or not far.cache,
            )
        )
        when = next_look(looks, wish)
    return looks, (looks[-1].received - at) / 1e9


far_ends = st.builds(
    Far,
    st.one_of(
        st.floats(-90, 90),
        st.sampled_from([0.0, 4.9, -4.9, 5.0, -5.0, 5.2, -5.2, 60.0, -60.0, 75.0]),
    ),
    st.sampled_from([SECOND, SECOND // 10, 1000, 1]),
    st.sampled_from([0.0001, 0.02, 0.08, 0.3]),
    st.sampled_from([0.0001, 0.02, 0.08, 0.3]),
    st.sampled_from([0.0, 0.02]),
    st.sampled_from([0.0, 0.0, 1.0, 5.0]),
    st.sampled_from([0, 8_000_000]),
    st.randoms(use_true_random=False),
)


@settings(max_examples=400, deadline=None)
@given(far_ends, st.booleans(), st.sampled_from([None, 0.005]))
def test_the_truth_is_inside_whatever_the_path_and_the_cache_do(
    far: Far, alone: bool, precision: float | None
) -> None:
    looks, _ = looked(far, Wish(*LIMITS, precision), alone=alone)
    known = knowledge(looks)
    assert known.bounds.low - 1e-6 <= far.offset <= known.bounds.high + 1e-6
    assert known.trust in ("fresh", "cached")


@settings(max_examples=400, deadline=None)
@given(far_ends)
def test_no_alarm_is_raised_that_the_truth_does_not_bear_out(far: Far) -> None:
    looks, _ = looked(far, Wish(*LIMITS))
    least, _ = severity(knowledge(looks).bounds, *LIMITS)
    true, _ = severity(Bounds(far.offset, far.offset), *LIMITS)
    assert least <= true


@settings(max_examples=200, deadline=None)
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
    least, _ = severity(knowledge(looks).bounds, *LIMITS)
    assert least == severity(Bounds(far.offset, far.offset), *LIMITS)[0]


@settings(max_examples=300, deadline=None)
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
        severity(knowledge(looks).bounds, *LIMITS)[0]
        == severity(Bounds(offset, offset), *LIMITS)[0]
    )


@settings(max_examples=200, deadline=None)
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
    least, _ = severity(knowledge(looks).bounds, *LIMITS)
    assert least == severity(Bounds(offset, offset), *LIMITS)[0]


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False), st.floats(-90, 90))
def test_milliseconds_come_out_of_a_clock_of_whole_seconds(
    dice: random.Random, offset: float
) -> None:
    looks, took = looked(
        Far(offset, SECOND, 0.0002, 0.0002, 0.0, 0.0, 0, dice), Wish(precision=0.005)
    )
    known = knowledge(looks)
    assert took <= 5
    assert abs(known.bounds.middle - offset) <= 0.005
    assert known.bounds.half <= 0.0051


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False), st.floats(-90, 90))
def test_slow_answers_leave_little_more_than_their_round_trip(
    dice: random.Random, offset: float
) -> None:
    looks, took = looked(Far(offset, SECOND, 0.01, 0.01, 0.0, 0.0, 0, dice), Wish(precision=0.005))
    assert took <= 5
    assert knowledge(looks).bounds.half <= 0.016  # 10 ms at best


@given(st.randoms(use_true_random=False), st.sampled_from([42.0, -42.0, 75.0]))
def test_one_look_is_enough_for_a_fine_clock_far_from_the_limits(
    dice: random.Random, offset: float
) -> None:
    looks, took = looked(Far(offset, 1, 0.0002, 0.0002, 0.0, 0.0, 0, dice), Wish(*LIMITS))
    assert len(looks) <= 2
    assert took < 0.1


def test_a_value_that_stands_still_is_called_stuck() -> None:
    dice = random.Random(1)
    looks, took = looked(
        Far(-75.0, SECOND, 0.001, 0.001, 0.0, 1000.0, 0, dice), Wish(*LIMITS), told=False
    )
    assert knowledge(looks).trust == "stuck"
    assert knowledge(looks).bounds.high == float("inf")
    assert took < 7


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False), st.floats(-7, 7), st.sampled_from([SECOND, SECOND // 10]))
def test_a_frozen_value_beside_a_limit_is_no_alarm(
    dice: random.Random, offset: float, grain: int
) -> None:
    """Although the agent is said to make it anew, as behind `extend -cacheTime -1 NAME /bin/cat FILE`."""
    looks, _ = looked(
        Far(offset, grain, 0.0005, 0.0005, 0.0, 1e9, 0, dice), Wish(*LIMITS), told=False, live=True
    )
    known = knowledge(looks)
    assert known.trust == "stuck" or severity(known.bounds, *LIMITS)[0] == 0


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
    assert known.trust == "cached"
    assert known.bounds.low <= far.offset <= known.bounds.high
    assert severity(known.bounds, *LIMITS)[0] == 0


def test_a_clock_that_is_set_back_during_the_check_is_noticed() -> None:
    before = Look(START, START + 1000, START + 50 * SECOND, 1)
    after = Look(START + SECOND, START + SECOND + 1000, START + SECOND, 1)
    assert knowledge([before, after]).trust == "stepped"


@pytest.mark.parametrize(
    ("known", "states"),
    [
        (Bounds(-1, 1), (0, 0)),
        (Bounds(4.9997, 5.0003), (0, 1)),
        (Bounds(5.1, 5.3), (1, 1)),
        (Bounds(4, 70), (0, 2)),
        (Bounds(-60.5, -60), (1, 2)),
        (Bounds(-31, 0.1), (0, 1)),
    ],
)
def test_the_states_that_bounds_allow(known: Bounds, states: tuple[int, int]) -> None:
    assert severity(known, *LIMITS) == states


def test_bounds_and_cuts() -> None:
    asked = Look(START - 1000, START + 1000, START, SECOND)
    assert knowledge([asked]).bounds == Bounds(-1e-06, 1.000001)
    assert open_cuts(Bounds(-6, 61), (-5.0, 5.0, 60.0)) == (5.0, -5.0, 60.0)
    assert knowledge([Look(START, START, START, 1)]) == Knowledge(Bounds(0.0, 1e-09), "fresh")


def test_precision_is_still_wanted_where_a_limit_cannot_be_decided() -> None:
    dice = random.Random(5)
    for _ in range(300):
        looks, _ = looked(Far(5.0, SECOND, 0.0003, 0.0003, 0.0, 0.0, 0, dice), Wish(*LIMITS, 0.005))
        assert knowledge(looks).bounds.half <= 0.0055


def test_our_question_made_the_new_value_only_when_it_was_the_only_one() -> None:
    """Asked twice, a lost try may have made it long before."""
    old = Look(START, START + 1000, START - SECOND, 1, cache=5.0, packets=7, asked=1)
    later = START + 6 * SECOND
    once = Look(later, later + 1000, later, 1, cache=5.0, packets=8, asked=2)
    twice = once._replace(shown=later - SECOND, packets=9, asked=3)
    assert knowledge([old, once]).bounds.half < 0.001
    met = knowledge([old, twice]).bounds
    assert met.low <= 0.0 <= met.high
