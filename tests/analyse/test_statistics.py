"""Statistics against values worked out elsewhere."""

import math
import statistics
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse import statistics as stats
from bothsides.analyse.statistics import Bursts

TIMES = st.lists(st.floats(min_value=0, max_value=1e3), min_size=1, max_size=50)


@given(TIMES)
def test_mean_deviation_and_median_agree_with_the_standard_library(values: list[float]) -> None:
    assert stats.mean(values) == pytest.approx(statistics.fmean(values))
    assert stats.deviation(values) == pytest.approx(statistics.pstdev(values), abs=1e-6)
    assert stats.median(values) == pytest.approx(statistics.median(values))
    assert stats.upper_median(values) == statistics.median_high(values)


@given(TIMES, st.floats(min_value=0, max_value=1))
def test_a_quantile_was_measured_and_is_not_exceeded_by_its_share(
    values: list[float], share: float
) -> None:
    found = stats.quantile(values, share)
    assert found in values
    assert (
        sum(value <= found for value in values if found is not None) >= share * len(values) - 1e-6
    )


def test_the_95th_of_twenty_is_the_nineteenth() -> None:
    assert stats.quantile(range(1, 21), 0.95) == 19


def test_nothing_has_no_statistics() -> None:
    assert [
        f([]) for f in (stats.mean, stats.deviation, stats.median, stats.upper_median, stats.jitter)
    ] == [None] * 5
    assert stats.quantile([], 0.5) is None
    assert stats.jitter([1.0]) is None
    assert stats.variation([1.0]) is None


def test_jitter_follows_rfc_3550_and_ignores_the_offset_of_clocks() -> None:
    assert stats.jitter([5.0, 5.016, 5.0]) == pytest.approx(0.001 + (0.016 - 0.001) / 16)
    assert stats.jitter([0.0, 0.016, 0.0]) == pytest.approx(0.001 + (0.016 - 0.001) / 16)


def test_variation_is_the_middle_step() -> None:
    assert stats.variation([1.0, 3.0, 2.0, 2.0]) == pytest.approx(1.0)


def test_ten_losses_in_a_row_are_not_ten_single_losses() -> None:
    row = [True] * 5 + [False] * 10 + [True] * 5
    singles = [True, False] * 10
    assert stats.bursts(row) == Bursts(1, 10)
    assert stats.bursts(singles) == Bursts(10, 1)
    assert stats.bursts([]) == Bursts(0, 0)


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [
        (0, 100, 0.0, 0.0370),
        (1, 20, 0.0089, 0.2361),
        (5, 100, 0.0215, 0.1118),
        (100, 100, 0.9630, 1.0),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson_gives_the_published_intervals(
    hits: int, trials: int, low: float, high: float
) -> None:
    span = stats.wilson(hits, trials)
    assert span.low == pytest.approx(low, abs=1e-4)
    assert span.high == pytest.approx(high, abs=1e-4)


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_observed_share_and_stays_between_0_and_1(case: tuple[int, int]) -> None:
    hits, trials = case
    span = stats.wilson(hits, trials)
    assert 0 <= span.low <= hits / trials <= span.high <= 1


def test_binomial_tails_are_exact_sums() -> None:
    exact = sum(math.comb(20, k) * 0.3**k * 0.7 ** (20 - k) for k in range(8, 21))
    assert stats.at_least(8, 20, 0.3) == pytest.approx(exact)
    assert stats.at_least(0, 20, 0.3) == 1.0
    assert stats.at_least(21, 20, 0.3) == 0.0
    assert stats.at_least(1, 20, 0.0) == 0.0
    assert stats.at_least(20, 20, 1.0) == 1.0


def test_normal_quantiles() -> None:
    assert stats.normal(0.975) == pytest.approx(1.959964, abs=1e-6)
    assert stats.normal(0.5) == pytest.approx(0.0, abs=1e-9)


@given(st.lists(st.integers(0, 5)))
def test_frequencies_are_in_the_order_of_the_standard_library(values: list[int]) -> None:
    assert list(stats.frequencies(values).items()) == Counter(values).most_common()
