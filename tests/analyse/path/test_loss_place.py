"""On which way loss is, and where it begins: named only where it is proved (S1, S3, S4, S5)."""

import pytest

from bothsides.analyse.path.loss_place import Loss, loss_direction
from bothsides.model.path import ECHO, LossDirection, Plan, Reflection
from tests.support.sample_loss import OUT, VPN, analysed, losing, reflection

PLAN = Plan("app")


def loss_of(*where: object, direction: LossDirection = "unknown") -> Loss:
    found = analysed(losing(*where), direction).faults.loss  # type: ignore[arg-type]
    assert found is not None
    return found


def names(loss: Loss) -> list[str]:
    assert loss.place is not None
    return [str(owner) for owner in loss.place.owners]


@pytest.mark.parametrize(
    ("forward", "backward", "way"),
    [
        (40, 0, "out"),
        (42, 7, "out"),
        (42, 8, "both"),
        (0, 3, "back"),
        (2, 0, "unknown"),
        (0, 0, "none"),
        (20, 20, "both"),
    ],
)
def test_a_reflector_tells_the_way(forward: int, backward: int, way: LossDirection) -> None:
    run = losing(OUT, 5, 2)
    seen = run._replace(reflection=reflection(run, forward, backward))
    assert loss_direction(PLAN, seen) == way
    assert loss_direction(PLAN._replace(direction="back"), seen) == "back"


def test_bounds_name_a_way_only_where_the_other_one_surely_loses_little() -> None:
    run = losing(OUT, 5, 2)
    seen = reflection(run, 130, 15)
    mostly = seen._replace(forward=(120, 145), backward=(0, 25))
    assert loss_direction(PLAN, run._replace(reflection=mostly)) == "out"
    hardly = seen._replace(forward=(99, 145), backward=(0, 25))
    assert loss_direction(PLAN, run._replace(reflection=hardly)) == "unknown"
    returned = seen._replace(forward=(0, 25), backward=(120, 145))
    assert loss_direction(PLAN, run._replace(reflection=returned)) == "back"


def test_bounds_that_leave_both_ways_open_tell_nothing() -> None:
    run = losing(OUT, 5, 2)
    wide = reflection(run, 10, 10)._replace(forward=(0, 20), backward=(0, 20))
    assert loss_direction(PLAN, run._replace(reflection=wide)) == "unknown"
    assert loss_direction(PLAN, run._replace(reflection=wide._replace(forward=None))) == "unknown"
    assert loss_direction(PLAN, run) == "unknown"


def test_a_reflector_that_loses_far_less_than_the_echo_requests_speaks_of_another_loss() -> None:
    run = losing(OUT, 5, 2)
    seen = run._replace(reflection=reflection(run, 10, 0))
    assert [loss_direction(PLAN, seen, share) for share in (0.2, 0.4)] == ["out", "unknown"]


@pytest.mark.parametrize(
    ("arrived", "way"), [(None, "unknown"), (0.5, "out"), (2.9, "unknown"), (60.0, "unknown")]
)
def test_requests_of_a_silent_target_that_still_arrive_prove_the_way_back(
    arrived: float | None, way: LossDirection
) -> None:
    silent = Reflection("b", 862, "192.0.2.2", sent=200, lasted=3.0, arrived=arrived)
    run = losing(OUT, 5, 2)._replace(reflection=silent)
    assert loss_direction(PLAN, run, reached=False) == way
    assert loss_direction(PLAN, run) == "unknown"  # only the reflector is silent


@pytest.mark.parametrize("direction", ["unknown", "back", "both", "none"])
def test_a_loss_that_is_not_on_the_way_out_has_no_place(direction: LossDirection) -> None:
    assert loss_of(OUT, 5, 8, direction=direction).place is None


def test_a_loss_on_the_way_out_has_all_owners_of_its_section() -> None:
    assert names(loss_of(OUT, 4, 8, direction="out")) == ["TalNet", "SwissIX", "Nimbus"]
    assert names(loss_of(OUT, 6, 8, direction="out")) == ["Nimbus"]
    last = loss_of(OUT, 7, 8, direction="out")
    assert last.place is not None
    assert (names(last), last.place.target) == (["Nimbus"], True)


@pytest.mark.parametrize("direction", ["unknown", "back", "out"])
def test_the_link_to_the_first_hop_is_the_same_both_ways(direction: LossDirection) -> None:
    loss = loss_of(OUT, 1, 8, direction=direction)
    assert loss.place is not None
    assert (loss.place.host, names(loss)) == (True, ["Alpenhaus"])


def test_a_loss_inside_a_tunnel_is_its_carriers_who_are_not_seen() -> None:
    loss = loss_of(VPN, 2, 8, direction="out")
    assert loss.place is not None
    assert loss.place.tunnel
    behind = loss_of(VPN, 3, 8, direction="out")
    assert behind.place is not None
    assert not behind.place.tunnel


def test_a_target_that_limits_echo_requests_is_no_loss() -> None:
    run = losing(OUT, 7, 16, 20, False)
    loss = analysed(run).faults.loss
    assert loss is not None
    assert (loss.limited, loss.flows[1], loss.place) == (True, 0, None)


def test_echo_requests_that_lose_on_the_way_beside_few_flows_are_a_parallel_path() -> None:
    run = losing(OUT, 4, 15, 20, False)
    few = run._replace(segments=tuple(each for each in run.segments if each.flow < 6))
    loss = analysed(few, "unknown").faults.loss
    assert loss is not None
    assert (loss.spared, loss.limited, loss.place) == (True, False, None)
    many = analysed(run).faults.loss
    assert many is not None
    assert many.limited  # sixteen flows see every one of four parallel paths


def test_flows_that_lose_packets_too_are_no_sign_of_a_limit_for_echo_requests() -> None:
    """Of a target that loses half of all, once 21 of 24 other probes were answered by chance."""
    run = losing(OUT, 7, 13, 20, False)
    aimed = [each for each in run.segments if each.flow != ECHO and each.ttl >= len(OUT)]
    assert len(aimed) == 20  # and six in the first look
    lost = set(map(id, aimed[:3]))
    some = run._replace(
        segments=tuple(
            each._replace(kind="silent", host="") if id(each) in lost else each
            for each in run.segments
        )
    )
    before, after = analysed(run).faults.loss, analysed(some).faults.loss
    assert before is not None
    assert after is not None
    assert (before.spared, before.limited) == (True, True)
    assert (after.spared, after.limited) == (False, False)


def test_two_lost_echoes_are_no_loss() -> None:
    assert analysed(losing(OUT, 4, 1)).faults.loss is None


def test_a_target_that_falls_silent_in_the_run_is_like_one_that_was_silent() -> None:
    run = losing(OUT, 4, 20)._replace(echoes=(0.02,) * 12 + (None,) * 8)
    silent = Reflection("b", 862, "192.0.2.2", sent=200, lasted=3.0, arrived=0.5)
    loss = analysed(run._replace(reflection=silent)).faults.loss
    assert loss is not None
    assert (loss.direction, names(loss)) == ("out", ["TalNet", "SwissIX", "Nimbus"])
    some = losing(OUT, 4, 16)._replace(reflection=silent)
    loss = analysed(some).faults.loss
    assert loss is not None
    assert loss.direction == "unknown"


def test_what_check_udp_loss_found_lately_tells_the_way_unless_this_run_has_asked_itself() -> None:
    run = losing(OUT, 5, 2)
    lately = run._replace(remembered=reflection(run, 40, 0)._replace(age=120.0))
    assert loss_direction(PLAN, lately) == "out"
    assert loss_direction(PLAN._replace(direction="back"), lately) == "back"
    assert loss_direction(PLAN, lately._replace(reflection=reflection(run, 0, 40))) == "back"
    silent = Reflection("far", 862)
    assert loss_direction(PLAN, lately._replace(reflection=silent)) == "out"


@pytest.mark.parametrize("changes", [{"answered": 200}, {"answered": 0}, {"forward": None}])
def test_an_earlier_run_without_loss_or_without_replies_tells_nothing(
    changes: dict[str, int | None],
) -> None:
    run = losing(OUT, 5, 2)
    seen = reflection(run, 40, 0)._replace(**changes)  # type: ignore[arg-type]
    assert loss_direction(PLAN, run._replace(remembered=seen)) == "unknown"
