"""What a whole run proves about each target."""

import pytest

from bothsides.analyse.packet_order import Disorder
from bothsides.analyse.udp_run import analyse
from bothsides.base.deadline import Stop
from bothsides.model.udp import Reply
from tests.support.udp_run import PLAN, analysed, packet, reply, run, target


def test_counts_add_up() -> None:
    found = analysed(target(100, 4, lost_out={3, 50}, lost_back={7}))
    assert (found.sent, found.answered, found.lost, found.unsent) == (100, 97, 3, 0)
    assert sum(flow.lost for flow in found.flows) == found.lost
    assert found.lasted == pytest.approx(99 * 0.02)
    assert found.pace == pytest.approx(50)


def test_targets_stay_in_the_order_of_the_plan() -> None:
    found = analyse(PLAN, run(target(4, host="b"), target(4, host="a")))
    assert [each.samples.host for each in found.targets] == ["b", "a"]


def test_what_could_not_be_sent_is_counted_by_its_reason() -> None:
    packets = [packet(0, place, 0.1, "" if place < 3 else "EPERM") for place in range(5)]
    found = analysed(target(5, packets=tuple(packets), replies=tuple(_replies(3))))
    assert (found.sent, found.unsent, found.faults) == (3, 2, (("EPERM", 2),))


def _replies(count: int) -> list[Reply]:
    return [reply(packet(0, place, 0.1), place) for place in range(count)]


def test_a_run_that_was_cut_short_counts_only_packets_that_had_time_to_be_answered() -> None:
    early = target(100, lost_out=range(97, 100), closing=((), ()))
    stopped = run(early, stopped=Stop("SIGINT", "sending", 2.0))._replace(ended=1.95)
    (found,) = analyse(PLAN, stopped).targets
    assert (found.sent, found.lost) == (97, 0)
    assert [shown.sequence for shown in found.counted] == list(range(97))


def test_without_a_reply_all_packets_of_a_run_that_was_cut_short_are_lost() -> None:
    silent = run(target(9, lost_out=range(9)), stopped=Stop("SIGINT", "sending", 1.0))
    (found,) = analyse(PLAN, silent).targets
    assert (found.sent, found.lost, found.bad_flows) == (9, 9, ())


def test_an_echo_has_neither_direction_nor_disorder() -> None:
    packets = [packet(0, place, place * 0.02) for place in range(3)]
    found = analysed(target(3, replies=tuple(reply(asked, None) for asked in packets)))
    assert (found.direction, found.loss, found.disorder) == ("echo", None, None)


def test_disorder_is_summed_over_flows() -> None:
    whole = target(20, 2)
    found = analysed(whole._replace(replies=whole.replies + whole.replies[:3]))
    assert found.disorder == Disorder(0, 3, 0, 0)
    assert found.duplicates == 3


def test_clocks_are_compared_only_when_both_claim_utc() -> None:
    whole = target(10)
    sure = whole._replace(replies=tuple(one._replace(error=0x8C10) for one in whole.replies))
    mixed = whole._replace(replies=sure.replies[:5] + whole.replies[5:])

    def clock_error(measured: object, ours: float | None) -> float | None:
        made = run(measured)._replace(clock_error=ours)  # type: ignore[arg-type]
        return analyse(PLAN, made).targets[0].clock_error

    assert clock_error(sure, 0.001) == pytest.approx(0.001 + 15.26e-6, rel=1e-3)
    assert [clock_error(sure, None), clock_error(whole, 0.1), clock_error(mixed, 0.1)] == [None] * 3


def test_routers_are_counted_from_the_usual_ttls() -> None:
    whole = target(3)
    ttls = ((250, 60), (249, 125), (250, 250))
    replies = tuple(
        one._replace(ttl_there=there, ttl_here=here)
        for one, (there, here) in zip(whole.replies, ttls, strict=True)
    )
    found = analysed(whole._replace(replies=replies))
    assert (found.hops_forward, found.hops_backward) == ((5, 6), (3, 4, 5))
    (broken, *_) = replies
    impossible = analysed(whole._replace(replies=(broken._replace(ttl_here=2**31),)))
    assert impossible.hops_backward == ()
