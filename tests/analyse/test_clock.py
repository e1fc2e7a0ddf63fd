"""What one run proves about its clocks, beside earlier runs and other clocks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.clock import Analysis, HostAnalysis, analyse
from bothsides.analyse.clock_offset import Knowledge
from bothsides.model.clock import Earlier, Host, Look, Past, Plan, Run
from bothsides.model.failure import Failure
from bothsides.model.interval import Interval
from bothsides.model.local_clock import LocalClock, Reference
from tests.support.clocks import GOOD, SOURCE, START, earlier, host, local_time, named, sample


def analysed(
    *hosts: Host,
    local: LocalClock = GOOD,
    reference: Reference | None = None,
    past: tuple[Earlier, ...] = (),
) -> Analysis:
    plan = Plan(tuple(each.name for each in hosts))
    clocks = {("web1", SOURCE.oid): past}
    return analyse(plan, Run("web1", hosts, local, reference), Past(clocks))


def alone(*hosts: Host, past: tuple[Earlier, ...] = ()) -> HostAnalysis:
    (only,) = analysed(*hosts, past=past).hosts
    return only


def offset_of(analysis: HostAnalysis) -> Interval:
    assert analysis.known is not None
    return analysis.known.offset


def test_a_host_without_an_answer_proves_nothing() -> None:
    silent = alone(host(failure=Failure("server", "no answer")))
    assert silent.host.failure is not None
    assert silent[2:] == (None, None, None, None, False, None, None, None, None, None)


@given(st.floats(0, 10), st.floats(-100, 100))
def test_our_own_error_widens_the_interval(error: float, offset: float) -> None:
    exact = offset_of(alone(host(sample(offset))))
    wide = analysed(host(sample(offset)), local=LocalClock(error))
    assert offset_of(wide.hosts[0]) == exact.minus(Interval(-error, error))
    assert wide.scale.kind == "own"


def test_offsets_are_from_the_reference_where_there_is_one() -> None:
    reference = Reference("ntp1", Interval(41.9, 42.1), 2)
    seen = analysed(host(sample(42.0)), local=LocalClock(None), reference=reference)
    assert seen.scale.kind == "reference"
    assert seen.scale.answered
    assert offset_of(seen.hosts[0]).low == pytest.approx(-0.101)
    missing = analysed(host(sample(42.0)), reference=reference._replace(ahead=None))
    assert not missing.scale.answered
    assert offset_of(missing.hosts[0]).middle == pytest.approx(41.9995)


def test_a_value_that_is_the_same_as_in_the_last_run_stands_still() -> None:
    seen = alone(host(sample(0.0)), past=(earlier(300, 0.0, shown=START),))
    assert seen.alone is not None
    assert seen.alone.freshness == "fresh"
    assert seen.known == Knowledge(Interval(seen.alone.offset.low, float("inf")), "stuck")
    assert seen.still_for == pytest.approx(300.001)
    assert seen.course is None


def test_only_runs_before_this_one_count() -> None:
    later = earlier(-60, 0.0)
    assert alone(host(sample(0.0)), past=(later,)).course is None
    before = alone(host(sample(0.0)), past=(earlier(60, 0.0), later)).course
    assert before is not None
    assert before.since_last == pytest.approx(60.001)


def test_an_offset_that_looks_like_a_zone_is_also_known_without_it() -> None:
    seen = alone(local_time(7200.4), past=(earlier(60, 0.4),))
    assert (seen.zone, seen.zoneless) == (120, True)
    assert seen.without_zone is not None
    assert seen.without_zone.middle == pytest.approx(0.3995)
    assert seen.course is not None
    assert seen.course_without_zone is not None
    assert (seen.course.set_by is None, seen.course_without_zone.set_by) == (False, None)
    given_zone = alone(local_time(7200.4, "Europe/Berlin"))
    assert (given_zone.zone, given_zone.zoneless) == (120, False)


def test_the_age_of_a_value_is_what_is_kept_and_what_was_seen_to_be_kept() -> None:
    assert alone(host(sample(0.0))).age == 0.0
    kept = [
        Look(START, START + 1000, START - 10**9, 1, cache=5.0),
        Look(START + 10**9, START + 10**9 + 1000, START - 10**9, 1, cache=5.0),
    ]
    samples = [sample(0.0)._replace(look=look) for look in kept]
    assert alone(host(*samples)).age == 5.0
    longer = samples[1]._replace(look=kept[1]._replace(received=START + 7 * 10**9, cache=0.0))
    assert alone(host(samples[0], longer)).age == 7.0


def test_the_shortest_round_trip_counts() -> None:
    slow = sample(0.0)._replace(received=START + 5_000_000)
    assert alone(host(slow, sample(0.0))).rtt == 0.001


def test_most_clocks_alike_are_an_agreement_and_the_others_are_measured_by_it() -> None:
    seen = analysed(named("a", 42.0), named("b", 42.0), named("c", 42.0), named("d", 0.0))
    assert seen.agreement is not None
    assert seen.agreement.alike == 3
    assert seen.agreement.offset.middle == pytest.approx(41.9995)
    offsets = [offset_of(each).middle for each in seen.agreement.hosts]
    assert offsets == pytest.approx([0, 0, 0, -42.0])
    assert {each.scale.kind for each in seen.agreement.hosts} == {"others"}


@pytest.mark.parametrize(
    "hosts",
    [
        (named("a", 42.0), named("b", 42.0)),
        tuple(named(name, float(place // 3)) for place, name in enumerate("abcdef")),
        tuple(local_time(7200.3)._replace(name=name) for name in "abc"),
        tuple(host(failure=Failure("server", "x"))._replace(name=name) for name in "abc"),
    ],
    ids=["two", "no majority", "zones", "silent"],
)
def test_fewer_or_other_clocks_are_no_agreement(hosts: tuple[Host, ...]) -> None:
    assert analysed(*hosts).agreement is None
