"""Every figure of a run, by equality of values."""

import pytest

from bothsides.base.deadline import Stop
from bothsides.check.udp_loss.figures import lost_backward, lost_forward
from bothsides.plugin.finding import State, Table
from tests.support.udp_run import analysed, judged, reply, run, target, values, words


def test_nothing_lost_is_ok_and_every_figure_is_there() -> None:
    found = values(run(target(100, 8)))
    assert (found["sent"], found["recv"], found["pl"], found["pl_out"], found["pl_back"]) == (
        100,
        100,
        0,
        0,
        0,
    )
    assert found["rta"] == pytest.approx(0.010)
    assert (found["hops_out"], found["hops_back"]) == (5, 5)
    assert (found["flows"], found["flows_bad"]) == (8, 0)
    assert [found[label] for label in ("owd_out", "owd_back")] == [None, None]
    assert all(
        state is State.OK
        for state in (
            finding.state
            for finding in judged(run(target(100, 8)))
            if not isinstance(finding, Table)
        )
    )


@pytest.mark.parametrize("kind", [range(0), range(100)])
def test_all_lost_one_way_but_the_closing_probes(kind: range) -> None:
    found = values(
        run(
            target(
                100,
                1,
                lost_out=set(range(10, 100)) & set(kind),
                lost_back=set(range(10, 100)) - set(kind),
            )
        )
    )
    assert (found["pl_out"], found["pl_back"]) == ((90, 0) if len(kind) else (0, 90))


def test_a_duplicate_does_not_hide_a_loss() -> None:
    lossy = target(100, 4, lost_back={10, 20})
    doubled = lossy._replace(replies=lossy.replies + lossy.replies[:5])
    found = values(run(doubled))
    assert (found["pl"], found["dup_back"], found["dup_out"], found["recv"]) == (2, 5, 0, 98)


def test_a_duplicate_with_a_number_of_its_own_was_made_on_the_way_out() -> None:
    packets = target(3).packets
    replies = tuple(reply(packets[place], number) for number, place in enumerate((0, 1, 1, 2)))
    found = values(run(target(3)._replace(replies=replies)))
    assert (found["dup_out"], found["dup_back"], found["pl"]) == (1, 0, 0)


def test_overtaking_is_told_by_direction() -> None:
    packets = target(4).packets
    out = tuple(reply(packets[place], number) for number, place in enumerate((0, 2, 1, 3)))
    back = tuple(reply(packets[place], place) for place in (0, 2, 1, 3))
    assert [
        values(run(target(4)._replace(replies=out)))[label]
        for label in ("reorder_out", "reorder_back")
    ] == [1, 0]
    assert [
        values(run(target(4)._replace(replies=back)))[label]
        for label in ("reorder_out", "reorder_back")
    ] == [0, 1]


def test_late_is_not_lost() -> None:
    packets = target(10).packets
    replies = tuple(
        reply(asked, place, 1.5 if place == 3 else 0.01) for place, asked in enumerate(packets)
    )
    found = values(run(target(10)._replace(replies=replies)))
    assert (found["late"], found["pl"]) == (1, 0)


def test_bursts_are_counted_in_the_order_of_sending() -> None:
    found = values(run(target(100, 8, lost_back={1, 2, 3, 50, 60, 61})))
    assert (found["bursts"], found["burst_max"]) == (3, 3)


def test_a_dead_path_is_one_of_several_flows() -> None:
    found = values(run(target(96, 16, lost_out={place for place in range(96) if place % 16 == 5})))
    assert (found["flows"], found["flows_bad"], found["pl"]) == (16, 1, 6.25)


def test_a_reflector_that_remembers_an_earlier_run_still_tells_the_direction() -> None:
    lossy = target(40, 1, lost_out={10}, lost_back={20, 39})
    later = lossy._replace(
        replies=tuple(one._replace(number=(one.number or 0) + 13) for one in lossy.replies),
        closing=(
            lossy.closing[0],
            tuple(one._replace(number=(one.number or 0) + 13) for one in lossy.closing[1]),
        ),
    )
    found = values(run(later))
    assert (found["pl_out"], found["pl_back"]) == (2.5, 5)


@pytest.mark.parametrize("by", [-1, -10, 10])
def test_a_far_clock_that_is_set_during_the_run_is_no_restart(by: int) -> None:
    steady = target(100, 2, lost_back={30})
    replies = tuple(
        one._replace(
            received=(one.received or 0) + by * 10**9, replied=(one.replied or 0) + by * 10**9
        )
        if one.sequence >= 25
        else one
        for one in steady.replies
    )
    measured = run(steady._replace(replies=replies))
    assert "restarted" not in words(measured)
    assert (values(measured)["pl_out"], values(measured)["pl_back"]) == (0, 1)


def test_a_clock_that_is_set_during_the_run_does_no_harm() -> None:
    steady = target(20)
    replies = tuple(
        one._replace(read=one.read + 3600 * 10**9, arrived=(one.arrived or 0) + 3600 * 10**9)
        if one.sequence >= 10
        else one
        for one in steady.replies
    )
    packets = tuple(
        one._replace(sent=one.sent + 3600 * 10**9, left=None) if one.sequence > 10 else one
        for one in steady.packets
    )
    found = values(run(steady._replace(replies=replies, packets=packets)))
    assert found["rtmax"] == pytest.approx(0.010, abs=0.0003)


def test_packets_that_could_still_be_answered_at_an_interrupt_are_not_lost() -> None:
    early = target(100, 1, lost_out=range(98, 100))._replace(closing=((), ()))
    stopped = run(early, stopped=Stop("SIGINT", "sending", 2.0))._replace(ended=1.99)
    assert (values(stopped)["sent"], values(stopped)["pl"]) == (98, 0)


def test_even_loss_is_no_dead_path() -> None:
    for step in (2, 3, 5, 7):
        assert values(run(target(96, 16, lost_out=range(0, 96, step))))["flows_bad"] in (0, 8)
    assert values(run(target(100, 8, lost_out=range(0, 100, 3))))["flows_bad"] == 0


def test_one_way_delays_need_both_clocks_and_say_how_far_they_may_be_off() -> None:
    whole = target(20)
    sure = whole._replace(replies=tuple(one._replace(error=0x8C10) for one in whole.replies))
    for measured, clock in ((whole, 0.001), (sure, None)):
        assert values(run(measured)._replace(clock_error=clock))["owd_out"] is None
    both = run(sure)._replace(clock_error=0.001)
    assert values(both)["owd_out"] == pytest.approx(0.004)
    assert values(both)["owd_back"] == pytest.approx(0.006)
    assert "delay 4 ms +- 1.02 ms" in words(both)


def test_a_loss_by_direction_is_a_figure_only_when_it_is_known_to_within_one_packet() -> None:
    lossy = target(100, 1, lost_out=range(90, 100))
    assert (lost_forward(analysed(lossy)), lost_backward(analysed(lossy))) == (10, 0)
    unknown = analysed(lossy._replace(closing=(lossy.closing[0], ())))
    assert (lost_forward(unknown), lost_backward(unknown)) == (None, None)
