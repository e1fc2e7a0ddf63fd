"""How often chance alone raises an alarm, and how often a real loss goes without one."""

import random

import pytest

from bothsides.analyse.udp_run import analyse
from bothsides.check.udp_loss.check import CHECK
from bothsides.check.udp_loss.judge import judge
from bothsides.check.udp_loss.options import Limits
from bothsides.plugin.command_line import limits_of
from bothsides.plugin.finding import Reading, State
from bothsides.plugin.parser import Namespace
from tests.support.udp_run import PLAN, run, target


def alarms(loss: float, runs: int, packets: int, limit: str, confidence: float = 0.0) -> int:
    """How many of `runs` runs with this true loss break the limit."""
    dice = random.Random(5)
    given = Namespace(warning=[limit], critical=["pl=100"])
    limits = Limits(limits_of(CHECK, given), confidence)
    whole = target(packets, 8)
    count = 0
    for _ in range(runs):
        replies = tuple(reply for reply in whole.replies if dice.random() >= loss)
        first = next(
            f
            for f in judge(analyse(PLAN, run(whole._replace(replies=replies))), limits)
            if isinstance(f, Reading)
        )
        count += first.state is not State.OK
    return count


def test_a_base_level_of_loss_wakes_nobody() -> None:
    assert alarms(0.005, 100, 200, "pl=5") == 0
    assert alarms(0.005, 100, 200, "pl=5", 0.95) == 0


def test_a_real_loss_is_seen() -> None:
    assert alarms(0.10, 50, 500, "pl=5") == 50
    assert alarms(0.15, 50, 500, "pl=5", 0.95) == 50


@pytest.mark.soak
def test_a_thousand_runs_of_two_hundred_packets() -> None:
    assert alarms(0.005, 1000, 200, "pl=5") == 0
    assert alarms(0.005, 1000, 200, "pl=5", 0.95) == 0
    # 10 of 200 lost is not above 5 %, and comes by chance in 8 of 1000 runs: P(X <= 10) = 0.0081
    assert alarms(0.10, 1000, 200, "pl=5") >= 980
    assert alarms(0.10, 1000, 500, "pl=5") == 1000
