"""Which probes a run still needs."""

import pytest

from bothsides.analyse.path.baseline import Baseline
from bothsides.analyse.path.next_look import (
    further_probes,
    known_length,
    patience,
    second_look,
    segment_probes,
    widening_probes,
)
from bothsides.model.path import ECHO, Plan, ProbeResult
from tests.support.networks import NASTY
from tests.support.offline import Route
from tests.support.sample_path import USUAL, baseline_of, past, run

PLAN = Plan("app")
OTHER = ("10.0.0.1", "10.1.0.1", "10.3.0.1", "10.2.0.2", "10.2.9.9")


def test_the_usual_path_needs_no_second_look() -> None:
    known = baseline_of(past(*USUAL))
    assert second_look(PLAN, run(*USUAL), known) is None
    assert second_look(PLAN, run(*USUAL), Baseline()) is None
    assert known_length(known) == 5
    assert known_length(Baseline()) == 0


def test_a_path_that_differs_is_traced_again_as_far_as_it_was_seen() -> None:
    wanted = second_look(PLAN, run(*OTHER), baseline_of(past(*USUAL)))
    assert wanted is not None
    assert (wanted.stage, wanted.length, wanted.echoes) == ("looking again at what differs", 5, 0)


def test_a_change_that_is_known_needs_no_second_look() -> None:
    known = baseline_of(past(*USUAL))
    moved = known._replace(other=baseline_of(past(*OTHER)).normal)
    assert second_look(PLAN, run(*OTHER), moved) is None


def test_a_silent_target_is_asked_again() -> None:
    wanted = second_look(PLAN, run(*USUAL[:2], lost=20), Baseline())
    assert wanted is not None
    assert (wanted.jobs, wanted.echoes, wanted.length) == (
        tuple((flow, 2) for flow in range(6)),
        10,
        None,
    )


def test_a_new_path_is_probed_with_more_flows() -> None:
    made = run(*USUAL)
    jobs = widening_probes(PLAN, made, made.first)
    assert {ttl for _, ttl in jobs} == {1, 2, 3, 4}
    assert {flow for flow, _ in jobs} == set(range(6, 16))


def test_balanced_hops_get_further_probes_until_their_routers_are_known() -> None:
    route = Route({**NASTY, "seed": 1}, 1)
    route.run(3)
    young = list(further_probes(route.memory, 6))
    route.run(40)
    grown = list(further_probes(route.memory, 6))
    assert young
    assert len(grown) <= len(young)
    assert list(further_probes(Baseline(), 6)) == []


@pytest.mark.parametrize(
    ("lost", "seconds", "wanted"),
    [(0, 5.0, False), (20, 5.0, False), (5, 1.0, False), (5, 5.0, True)],
)
def test_loss_is_located_where_some_echoes_are_lost_and_time_is_left(
    lost: int, seconds: float, wanted: bool
) -> None:
    jobs = segment_probes(PLAN, run(*USUAL, lost=lost), Baseline(), seconds)
    assert bool(jobs) is wanted
    assert not wanted or jobs.count((ECHO, 0)) == 32


def test_loss_of_another_measurement_is_located_though_every_echo_was_answered() -> None:
    lossy = PLAN._replace(lossy=True)
    assert segment_probes(lossy, run(*USUAL, lost=0), Baseline(), 5.0)
    assert segment_probes(lossy, run(*USUAL, lost=0), Baseline(), 1.0) == []
    assert segment_probes(lossy, run(*USUAL[:2], lost=20), Baseline(), 5.0) == []


@pytest.mark.parametrize(
    ("silent", "wanted"),
    [
        ({(0, 5), (1, 4)}, True),
        ({(0, 5), (1, 5)}, False),  # the target alone may limit its answers
        ({(0, 3), (1, 4)}, False),  # routers on the way may limit theirs
        ({(flow, 4) for flow in range(6)} | {(0, 5)}, False),  # a router that never answers
        (set(), False),
    ],
)
def test_loss_of_the_flows_is_located_where_the_target_and_a_router_miss_some(
    silent: set[tuple[int, int]], wanted: bool
) -> None:
    whole = run(*USUAL, lost=0)
    first = tuple(
        ProbeResult(each.flow, each.ttl, "silent") if (each.flow, each.ttl) in silent else each
        for each in whole.first
    )
    jobs = segment_probes(PLAN, whole._replace(first=first), Baseline(), 5.0)
    assert bool(jobs) is wanted


def test_echo_requests_and_many_flows_locate_a_loss_side_by_side() -> None:
    known = baseline_of(past(*USUAL))
    jobs = segment_probes(PLAN, run(*USUAL, lost=20), known, 5.0)
    assert len(jobs) == 2 * 5 * 32
    assert {ttl for flow, ttl in jobs if flow == ECHO} == {0, 1, 2, 3, 4}
    assert {flow for flow, ttl in jobs if ttl == 5} == set(range(16))
    assert segment_probes(PLAN, run(*USUAL[:2], lost=20), known, 5.0) == []


def test_on_a_long_path_the_target_is_asked_twice_a_round() -> None:
    line = (*(f"10.1.0.{number}" for number in range(1, 12)), USUAL[-1])
    jobs = segment_probes(PLAN, run(*line, lost=5), Baseline(), 6.0)
    rounds = jobs.count((ECHO, 1))
    assert (rounds, jobs.count((ECHO, 0))) == (20, 40)
    assert len(jobs) <= 500  # 100 a second, and a second is kept for late answers


def test_the_slower_the_answers_the_more_time_is_kept_for_the_last_ones() -> None:
    line = (*(f"10.1.0.{number}" for number in range(1, 12)), USUAL[-1])
    near = run(*line, lost=5)
    far = near._replace(first=tuple(each._replace(rtt=0.3) for each in near.first))
    numbers = [len(segment_probes(PLAN, each, Baseline(), 4.0)) for each in (near, far)]
    assert [patience(0.01), patience(0.2), patience(3.0)] == [0.5, pytest.approx(0.9), 1.0]
    assert numbers == [300, 250]
