"""Loss by direction from the reflector's own account."""

from typing import Any

import pytest

from bothsides.analyse.account_loss import at_reflector, losses_by_account, new_count
from bothsides.analyse.one_way_loss import OneWayLoss
from bothsides.model.interval import Interval
from bothsides.model.udp import FlowAccount
from tests.support.udp_run import packet, target

PACKETS = [packet(0, place, place * 0.1) for place in range(10)]


def account(**changes: Any) -> FlowAccount:
    made = FlowAccount(
        flow=0, at=2.0, known=True, by_port=False, first=0, end=16, forgotten=0,
        arrived=tuple(range(10)), refused=(), uptime=100.0, age=1.99, boot="1", requests=10,
        ports=1, overflow=0, over_rate=0, evicted=0,
    )  # fmt: skip
    return made._replace(**changes)


def losses(told: FlowAccount, answered: range | set[int], ports_kept: bool = True) -> Any:
    read = {(0, sequence): PACKETS[sequence].at + 0.01 for sequence in answered}
    return losses_by_account(PACKETS, read, told, ports_kept)


def exactly(forward: int, backward: int) -> OneWayLoss:
    return OneWayLoss(Interval(forward, forward), Interval(backward, backward))


def test_what_arrived_was_lost_backward_and_the_rest_forward() -> None:
    assert losses(account(arrived=(0, 1, 2, 3, 5)), {0, 1, 2}) == exactly(5, 2)
    assert losses(account(), range(10)) == exactly(0, 0)


def test_what_arrived_and_had_no_reply_sent_is_left_open() -> None:
    """The reflector's own kernel refused to send: that is no loss on the way back for certain."""
    told = account(arrived=(0, 1, 2, 3, 5), refused=(5,))
    assert losses(told, {0, 1, 2}) == OneWayLoss(Interval(5, 6), Interval(1, 2))


def test_a_flow_that_is_not_known_has_not_arrived() -> None:
    unknown = account(known=False, arrived=(), age=0.0)
    assert losses(unknown, set()) == exactly(10, 0)
    assert losses(unknown._replace(by_port=True), set(), ports_kept=False) is None
    assert losses(unknown._replace(evicted=3), set()) is None
    assert losses(unknown._replace(uptime=1.0), set()) is None


def test_after_a_restart_only_what_was_sent_since_is_known_for_certain() -> None:
    restarted = account(arrived=(6, 8), age=1.45, uptime=1.5)  # from 0.55 s on
    assert losses(restarted, {0, 1, 6}) == OneWayLoss(Interval(2, 6), Interval(1, 5))
    assert losses(restarted._replace(uptime=100.0), {0, 1, 6}) == OneWayLoss(
        Interval(2, 6), Interval(1, 5)
    )


def test_slow_packets_are_no_sign_of_a_restart() -> None:
    late = account(arrived=(6, 8), age=1.45, took=0.6, uptime=1.9)
    assert losses(late, {0, 1, 6}) == exactly(6, 1)
    assert new_count(target(1)._replace(accounts=(late,))) == "unknown"


def test_an_account_of_an_earlier_run_is_not_used() -> None:
    assert losses(account(age=60.0), {0}) is None


def test_what_may_be_forgotten_or_was_not_asked_about_is_left_open() -> None:
    partly = account(first=2, end=8, forgotten=4, arrived=(5,))
    assert losses(partly, set()) == OneWayLoss(Interval(3, 9), Interval(1, 7))


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"uptime": 1.0}, "restarted"),
        ({"evicted": 4}, "evicted"),
        ({"ports": 2}, "rebound"),
        ({}, "unknown"),
    ],
)
def test_why_it_counts_again_is_told_apart(changes: dict[str, Any], cause: str) -> None:
    assert new_count(target(10, accounts=(account(**changes),))) == cause
    assert new_count(target(10)) == "unknown"


def test_what_the_reflectors_host_did_is_counted() -> None:
    told = account(refused=(3, 4, 5), arrived=(0, 1, 2, 5), overflow=7)
    assert at_reflector(target(10), set()) is None
    assert at_reflector(target(10, accounts=(told,)), {(0, 3)}) == (1, 7)
