"""Least round trips of earlier runs (M9)."""

import pytest

from bothsides.analyse.path.delay_memory import (
    Delays,
    growth,
    least_by_hop,
    least_of_target,
    remember,
)
from bothsides.model.path import Run
from tests.support.sample_loss import OUT, whole


def test_a_least_round_trip_has_grown_only_beyond_its_own_noise() -> None:
    assert growth((0.01, 0.01, 0.01), 0.0115) == 0.0
    assert growth((0.01, 0.01, 0.01), 0.0135) == pytest.approx(0.0035)
    assert growth((0.1, 0.11, 0.09), 0.12) == 0.0
    assert growth((0.01, 0.01), 0.5) is None
    assert growth((0.01,) * 5, None) is None


def test_runs_are_remembered_with_their_least_round_trips() -> None:
    run = whole(OUT)._replace(echoes=(0.007, 0.008))
    delays = Delays()
    for _ in range(20):
        delays = remember(delays, run)
    assert (len(delays.target), {len(times) for times in delays.hops.values()}) == (12, {12})
    assert least_of_target(run) == 0.007
    assert least_by_hop(run)[3] == 0.003
    assert remember(delays, Run("x", "x")).target == delays.target
