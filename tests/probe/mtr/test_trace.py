"""The steps of a trace over a described network."""

from typing import Literal

import pytest

from bothsides.analyse.path.baseline import Baseline
from bothsides.base.deadline import Deadline
from bothsides.model.path import Plan, ProbeResult, Run
from bothsides.probe.mtr.trace import partial_run, trace
from tests.support.networks import NASTY, changed
from tests.support.offline import Offline, Route
from tests.support.world import World

APP = Plan("app")
LOSSY = {**NASTY, "hosts": {**NASTY.get("hosts", {}), "80.249.208.10": {"fwdloss": 0.4}}}


def traced(
    network: dict[str, object], baseline: Baseline, fixed: bool = True, plan: Plan = APP
) -> list[Run]:
    prober = Offline(World(network, 3), 6)
    start = Run("app", "app", prober.world.target, at=1e9, fixed=fixed)
    return list(trace(plan, start, prober, baseline, Deadline(30)))


def test_a_new_path_is_looked_at_once_with_more_flows() -> None:
    first, second = traced(NASTY, Baseline())
    assert {result.flow for result in first.first} >= set(range(16))
    assert (first.second, second.second, len(second.echoes)) == (None, None, 20)


def test_a_path_that_differs_is_looked_at_twice_and_not_with_flows_that_vary() -> None:
    route = Route(NASTY, 3)
    route.run(5)
    other = changed(NASTY, 4, "80.249.208.99")
    assert traced(other, route.memory)[1].second is not None
    assert traced(other, route.memory, fixed=False)[1].second is None


def test_loss_is_located_last() -> None:
    *_, last = traced(LOSSY, Baseline())
    assert last.segments
    assert {result.ttl for result in last.segments} >= {1, 2, 3}


@pytest.mark.parametrize(("state", "learns"), [("off", False), ("rw", True)])
def test_where_a_loss_is_known_no_time_is_spent_on_learning_what_nobody_remembers(
    state: Literal["off", "rw"], learns: bool
) -> None:
    *_, last = traced(LOSSY, Baseline(), plan=Plan("app", lossy=True, state=state))
    assert ({result.flow for result in last.first} > set(range(6))) is learns
    assert {result.flow for result in last.segments} >= set(range(16))


@pytest.mark.parametrize("lossy", [False, True])
def test_what_another_measurement_says_meanwhile_counts_after_the_first_look(lossy: bool) -> None:
    prober = Offline(World(NASTY, 3), 6)
    start = Run("app", "app", prober.world.target, at=1e9)
    *_, last = trace(APP, start, prober, Baseline(), Deadline(30), lambda: lossy)
    assert bool(last.segments) is lossy


def test_an_interrupted_run_keeps_what_there_is() -> None:
    taken = (ProbeResult(0, 1, "expired", "a", 0.01), ProbeResult(-1, 0, "reply", "x", 0.02))
    run = partial_run(Run("app", "app"), taken)
    assert (run.first, run.echoes) == (taken[:1], (0.02,))
    assert partial_run(run, ()) == run
