"""The tables of -v and -vv."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.packet_delay import Delay
from bothsides.analyse.udp_run import analyse
from bothsides.base.deadline import Stop
from bothsides.check.udp_loss import tables
from bothsides.check.udp_loss.figures import figures
from bothsides.model.udp import TargetRun
from tests.support.udp_run import PLAN, analysed, run, target

LOSSY = target(4, 2, lost_back={1})


def overview(measured: TargetRun) -> tuple[str, ...]:
    """The overview of one target."""
    analysis = analyse(PLAN, run(measured))
    return tables.overview(analysis.targets[0], figures(analysis.targets[0], analysis))


def test_the_overview_has_a_line_for_each_direction() -> None:
    assert overview(LOSSY) == (
        "4 packets sent to 192.0.2.7 port 862 in 60 ms by 2 flows, 3 answered, 1 lost, 0 late,"
        " 0 duplicated",
        "round trip min/mean/median/p95/max 10 ms/10 ms/10 ms/10 ms/10 ms, deviation 0 ms",
        "way out: 0 % lost, 0 duplicated, 0 reordered, variation 0 ms, delay unknown, 5 routers",
        "way back: 25 % lost, 0 duplicated, 0 reordered, variation 0 ms, delay unknown, 5 routers",
        "stamped by the kernel: 4 of 4 sent, 3 of 3 received",
    )


def test_what_is_not_measured_is_unknown() -> None:
    echo = tuple(
        each._replace(number=None, received=None, replied=None, ttl_there=None)
        for each in LOSSY.replies
    )
    assert overview(LOSSY._replace(replies=echo))[2] == (
        "way out: unknown % lost, unknown duplicated, unknown reordered, variation unknown,"
        " delay unknown, unknown routers"
    )
    assert len(overview(LOSSY._replace(replies=()))) == 1


def test_each_packet_and_each_flow_has_a_line() -> None:
    found = analysed(LOSSY)
    assert tables.packet_table(found) == (
        "packet flow  seq  sent at     round trip   out and back",
        "     0    0    0    0.000 s       10 ms   4 ms 6 ms",
        "     1    1    0    0.020 s  lost",
        "     2    0    1    0.040 s       10 ms   4 ms 6 ms",
        "     3    1    1    0.060 s       10 ms   4 ms 6 ms",
    )
    assert tables.flow_table(found.flows)[1:] == (
        "   0      2     0     0     0  10 ms",
        "   1      2     1     0     1  10 ms",
    )


def test_packets_of_a_run_that_was_cut_short_stand_beside_their_own_delay() -> None:
    early = target(10, lost_out={4, 8, 9}, closing=((), ()))
    stopped = run(early, stopped=Stop("SIGINT", "sending", 1.0))._replace(ended=0.18)
    (found,) = analyse(PLAN, stopped).targets
    rows = [line.split()[2:] for line in tables.packet_table(found)[1:]]
    assert [row[0] for row in rows if row[-1] == "lost"] == ["4"]
    assert [row[0] for row in rows] == ["0", "1", "2", "3", "4", "5", "6", "7"]


def test_each_target_has_a_line_with_its_directions() -> None:
    analysis = analyse(PLAN, run(LOSSY, target(0, host="other", closing=((), ()))))
    pairs = [(each, figures(each, analysis)) for each in analysis.targets]
    assert tables.target_table(pairs) == (
        "target   sent  lost   out  back        rta        p95     jitter",
        "far        4     1     0     1      10 ms      10 ms       0 ms",
        "other      0     0     0     0    unknown    unknown    unknown",
    )


@given(st.lists(st.floats(0, 100), max_size=50))
def test_every_round_trip_is_in_the_histogram_once(trips: list[float]) -> None:
    delays = [Delay(place, trip, None, None, False, False) for place, trip in enumerate(trips)]
    rows = tables.histogram(delays)[1:]
    assert sum(int(row.split("#")[0].split()[-1]) for row in rows) == len(trips)
    assert len(rows) <= 8
    assert not trips or max(row.count("#") for row in rows) == 40


@pytest.mark.parametrize("trip", [0.0, 0.01])
def test_equal_round_trips_are_one_row(trip: float) -> None:
    delays = [Delay(place, trip, None, None, False, False) for place in range(5)]
    assert len(tables.histogram(delays)) == 2
