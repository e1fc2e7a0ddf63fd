"""Where a path has become slower: by least round trips, against earlier runs (S8, M9)."""

import pytest

from bothsides.analyse.path.delay_location import Slower
from bothsides.analyse.path.delay_memory import Delays, remember
from bothsides.model.path import LossDirection, Run
from tests.support.sample_loss import OUT, analysed, known, reflection, whole


def slower_from(entry: int, by: float, own: int = 0) -> Run:
    """A run in which all hops from `entry` on answer later; `own`: one that answers late itself."""
    run = whole(OUT)
    first = tuple(
        each._replace(rtt=(each.rtt or 0) + (by if each.ttl >= entry or each.ttl == own else 0))
        for each in run.first
    )
    return run._replace(first=first, echoes=tuple(0.007 + by + 0.0001 * n for n in range(20)))


def found(run: Run, direction: LossDirection = "unknown") -> Slower | None:
    past = known(OUT)
    usual = Delays()
    for _ in range(4):
        healthy = slower_from(99, 0.0)
        asked = healthy._replace(
            reflection=reflection(healthy, 0, 0)._replace(delays=(0.003, 0.004))
        )
        usual = remember(usual, asked)
    remembered = past.paths[OUT[-1]]
    baseline = remembered.fixed._replace(delays=usual)
    paths = {OUT[-1]: remembered._replace(fixed=baseline)}
    return analysed(run, direction, past._replace(paths=paths)).faults.slower


def names(slower: Slower | None) -> list[str]:
    assert slower is not None
    return [str(owner) for owner in slower.place.owners] if slower.place else []


def test_the_first_hop_that_is_slower_as_all_behind_it_are() -> None:
    assert names(found(slower_from(4, 0.03), "out")) == ["TalNet", "SwissIX", "Nimbus"]
    assert names(found(slower_from(6, 0.03), "out")) == ["Nimbus"]
    last = found(slower_from(7, 0.03), "out")
    assert last is not None and last.place is not None
    assert last.place.target


def test_a_router_that_answers_late_itself_is_not_the_place() -> None:
    slower = found(slower_from(6, 0.03, own=2), "out")
    assert names(slower) == []
    assert found(slower_from(99, 0.0, own=5), "out") is None


@pytest.mark.parametrize(
    ("delays", "direction"),
    [
        ((0.033, 0.004), "out"),
        ((0.003, 0.034), "back"),
        ((0.018, 0.019), "both"),
        ((1.033, -0.996), "unknown"),
        (None, "unknown"),
    ],
)
def test_a_reflector_tells_which_way_is_slower(
    delays: tuple[float, float] | None, direction: LossDirection
) -> None:
    run = slower_from(4, 0.03)
    slower = found(run._replace(reflection=reflection(run, 0, 0)._replace(delays=delays)))
    assert slower is not None
    assert slower.direction == direction
    assert (slower.place is not None) == (direction == "out")


def test_the_link_to_the_first_hop_needs_no_direction() -> None:
    slower = found(slower_from(1, 0.03))
    assert slower is not None and slower.place is not None
    assert slower.place.host


def test_growth_within_noise_is_none() -> None:
    assert found(slower_from(4, 0.001), "out") is None


def test_echo_requests_that_are_slower_than_the_flows_have_no_place() -> None:
    slower = found(slower_from(99, 0.03), "out")
    assert slower is not None
    assert (slower.echoes_alone, slower.place) == (True, None)
    everything = found(slower_from(4, 0.03), "out")
    assert everything is not None
    assert not everything.echoes_alone
