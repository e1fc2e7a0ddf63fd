"""Delays of single packets and their statistics."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.packet_delay import Delay, DelayStatistics, delays, first_replies, summary
from bothsides.model.udp import Packet, Reply
from tests.support.udp_run import MS, packet, reply

ASKED = packet(0, 0, 0.5)
ANSWERED = reply(ASKED, 0)


def delay(asked: Packet, answered: Reply, patience: float = 1.0) -> Delay:
    """The delay of one packet."""
    (only,) = delays([asked], first_replies([answered]), patience)
    return only


def test_the_reflectors_own_time_is_no_part_of_the_round_trip() -> None:
    found = delay(ASKED, ANSWERED)
    assert found.rtt == pytest.approx(0.010)
    assert found.forward == pytest.approx(0.004)
    assert found.backward == pytest.approx(0.006)
    assert (found.place, found.late, found.stepped) == (0, False, False)


def test_without_kernel_stamps_our_own_readings_of_the_clock_count() -> None:
    found = delay(ASKED._replace(left=None), ANSWERED._replace(arrived=None))
    assert found.rtt == pytest.approx(0.010 + 2e-6)


@pytest.mark.parametrize("off", [-1_000 * MS, 1_000 * MS])
def test_a_kernel_stamp_outside_of_our_own_readings_is_not_believed(off: int) -> None:
    arrived = (ANSWERED.arrived or 0) + off
    found = delay(ASKED, ANSWERED._replace(arrived=arrived))
    assert found.rtt == pytest.approx(0.010 + 1e-6)


@pytest.mark.parametrize("inside", [-1, 1_000 * MS])
def test_a_reflector_that_claims_an_impossible_time_loses_nothing(inside: int) -> None:
    replied = (ANSWERED.received or 0) + inside
    assert delay(ASKED, ANSWERED._replace(replied=replied)).rtt == pytest.approx(0.0101)


def test_when_our_clock_is_set_the_monotonic_one_counts_and_no_direction_is_known() -> None:
    hour = 3600 * 1000 * MS
    moved = ANSWERED._replace(read=ANSWERED.read + hour, arrived=(ANSWERED.arrived or 0) + hour)
    found = delay(ASKED, moved)
    assert found.stepped
    assert found.rtt == pytest.approx(0.010, abs=1e-5)
    assert (found.forward, found.backward) == (None, None)


def test_late_is_what_takes_longer_than_the_patience() -> None:
    assert [delay(ASKED, ANSWERED, patience).late for patience in (0.02, 0.005)] == [False, True]


def test_only_the_first_reply_to_a_packet_counts() -> None:
    first, second = reply(ASKED, 0, 0.010), reply(ASKED, 1, 0.030)
    assert first_replies([first, second]) == {(0, 0): first}


def test_places_count_all_packets_and_unanswered_ones_have_no_delay() -> None:
    packets = [packet(0, number, number * 0.02) for number in range(4)]
    first = first_replies([reply(packets[1], 0), reply(packets[3], 1)])
    assert [found.place for found in delays(packets, first, 1.0)] == [1, 3]


def test_nothing_answered_has_no_statistics() -> None:
    assert set(summary([])) == {None}


@given(st.lists(st.floats(0, 10), min_size=1, max_size=30))
def test_statistics_lie_between_the_shortest_and_the_longest(trips: list[float]) -> None:
    found = summary(
        [Delay(place, trip, trip, None, False, False) for place, trip in enumerate(trips)]
    )
    assert isinstance(found, DelayStatistics)
    assert (found.shortest, found.longest) == (min(trips), max(trips))
    for value in (found.mean, found.median, found.p95, found.median_forward):
        assert value is not None
        assert min(trips) - 1e-9 <= value <= max(trips) + 1e-9
    assert (found.median_backward, found.variation_backward) == (None, None)


def test_delay_of_the_far_host_behind_t3_is_no_part_of_the_network() -> None:
    held = 3 * MS  # between T3 and the moment when the reply left
    late = ANSWERED._replace(
        read=ANSWERED.read + held,
        arrived=(ANSWERED.arrived or 0) + held,
        at=ANSWERED.at + held / 1e9,
    )
    assert delay(ASKED, late).rtt == pytest.approx(0.013)
    found = delay(ASKED, late._replace(left_there=(late.replied or 0) + held))
    assert found.rtt == pytest.approx(0.010)
    assert found.backward == pytest.approx(0.006)


@pytest.mark.parametrize("off", [-2 * MS, 500 * MS])
def test_a_far_stamp_that_cannot_be_of_this_reply_is_not_believed(off: int) -> None:
    found = delay(ASKED, ANSWERED._replace(left_there=(ANSWERED.replied or 0) + off))
    assert found == delay(ASKED, ANSWERED)


def test_stamps_that_jump_by_more_than_a_round_trip_are_no_times() -> None:
    """As twamp-light of domoslabs sends them with its time synchronisation off."""
    wild = [
        Delay(place, 0.0002, 3e8 + 1226.0 * (place % 2), -3e8, False, False) for place in range(9)
    ]
    found = summary(wild)
    assert found.jump == 1226.0
    assert (found.variation_forward, found.variation_backward, found.median_forward) == (None,) * 3
    assert found.mean == pytest.approx(0.0002)
    steady = [made._replace(forward=3e8) for made in wild]
    assert summary(steady).jump is None
    assert summary(steady).variation_forward == 0.0


@given(
    st.lists(st.tuples(st.floats(0, 2), st.floats(0, 2)), min_size=2, max_size=30),
    st.floats(-1e9, 1e9),
)
def test_real_delays_by_clocks_that_differ_never_jump(
    ways: list[tuple[float, float]], off: float
) -> None:
    made = [
        Delay(place, out + back, out + off, back - off, False, False)
        for place, (out, back) in enumerate(ways)
    ]
    assert summary(made).jump is None
