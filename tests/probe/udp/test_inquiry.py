"""What is asked about lossy flows, through whom, and what is kept."""

import random
import time
from collections.abc import Sequence

import pytest

from bothsides.analyse.one_way_loss import OneWayLoss
from bothsides.analyse.udp_run import analyse
from bothsides.base.deadline import Deadline
from bothsides.model.interval import Interval
from bothsides.model.udp import FIRST_CLOSING, FlowAccount, Plan, TargetRun
from bothsides.probe.udp.measure import measure
from tests.support.far_end import Behaviour, far_end, stamping

PLAN = Plan(("127.0.0.1",), 9, packets=40, interval=0.002, flows=4, patience=0.1)


def measured(behaviour: Behaviour, plan: Plan = PLAN) -> TargetRun:
    with far_end(behaviour) as port:
        return measure(plan._replace(port=port), Deadline(60)).targets[0]


def account_of(target: TargetRun, flow: int) -> FlowAccount:
    return next(account for account in target.accounts if account.flow == flow)


def test_nothing_is_asked_while_nothing_is_lost() -> None:
    lengths = set[int]()
    reflect = stamping()

    def noting(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        lengths.add(len(data))
        return reflect(data, source)

    target = measured(noting)
    assert (target.accounts, target.closing_packets, lengths) == ((), (), {44})


def test_each_flow_with_a_loss_has_its_account() -> None:
    reflect = stamping()

    def lossy(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        replies = [] if data[3] == 2 and data[1] == 0 else reflect(data, source)
        return [] if data[3] == 5 and data[1] == 0 else replies

    target = measured(lossy)
    assert sorted(account.flow for account in target.accounts) == [0, 1, 2, 3]
    for account in target.accounts:
        assert (account.known, account.first, account.arrived) == (True, 2, (3, 4, 5, 6, 7, 8, 9))
        assert (account.ports, account.over_rate, account.overflow) == (1, 0, 0)


def test_living_flows_ask_about_a_dead_one() -> None:
    for out in (True, False):
        reflect, dead = stamping(), list[int]()

        def broken(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
            dead[:] = dead or [source[1]]  # noqa: B023 (the flow of the first packet)
            if out and source[1] in dead:  # noqa: B023
                return []
            replies = reflect(data, source)  # noqa: B023
            return [] if source[1] in dead else replies  # noqa: B023

        target = measured(broken)
        flow = target.packets[0].flow
        account = account_of(target, flow)
        assert account.known is not out
        assert len(account.arrived) == (0 if out else 10)
        assert all(probe.sequence < 2 * FIRST_CLOSING for probe in target.closing_packets)


def test_a_foreign_reflector_is_not_disturbed() -> None:
    reflect = stamping()

    def foreign(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        if data[3] == 4 and data[1] == 0:
            return []
        return [reply + data[44:] for reply in reflect(data[:44], source)]

    target = measured(foreign)
    assert target.accounts == ()
    assert len(target.closing_replies) == 4


def test_a_reflector_that_takes_44_octets_only_still_gets_its_closing_probes() -> None:
    reflect = stamping()

    def strict(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        lost = data[3] == 4 and data[1] == 0
        return [] if lost or len(data) != 44 else reflect(data, source)

    target = measured(strict)
    assert len(target.closing_replies) == 4


class Wire:
    """A wire with losses, doubles, NAT and restarts in front of a reflector, and its own books."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.out, self.back = (self.dice.choice((0, 0.05, 0.2)) for _ in range(2))
        self.double = self.dice.choice((0, 0.2))
        self.rebound = self.dice.choice((0, 20))  # packets after which NAT gives other ports
        self.dead: dict[int, str] = {}  # way on which a flow is dead, by its port
        self.kinds = self.dice.choice((("", "", ""), ("out", "", ""), ("out", "back", "")))
        self.reflect = stamping()
        self.seen: set[tuple[int, int]] = set()  # port and sequence of sample packets
        self.arrived: set[tuple[int, int]] = set()
        self.returned: set[tuple[int, int]] = set()

    def __call__(self, data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        key, sample = (source[1], int.from_bytes(data[:4])), data[1] < 16
        dead = self.dead.setdefault(source[1], self.kinds[len(self.dead) % 3])
        if sample:
            self.seen.add(key)
        if dead == "out" or (sample and self.dice.random() < self.out):
            return []
        if sample:
            self.arrived.add(key)
        other = bool(self.rebound) and len(self.seen) > self.rebound
        replies: list[bytes] = []
        for _ in range(2 if sample and self.dice.random() < self.double else 1):
            came = self.reflect(data, (source[0], source[1] // 2 if other else source[1]))
            if dead != "back" and not (sample and self.dice.random() < self.back):
                replies += came
                self.returned |= {key} if sample else set()
        return replies


@pytest.mark.parametrize("seed", range(12))
def test_the_direction_of_every_loss_is_exact(seed: int) -> None:
    _exact(seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(12, 500))
def test_the_direction_of_every_loss_is_exact_in_five_hundred_runs(seed: int) -> None:
    _exact(seed)


def _exact(seed: int) -> None:
    wire, plan = Wire(seed), PLAN._replace(packets=80, interval=0.001, flows=8)
    with far_end(wire) as port:
        run = measure(plan._replace(port=port), Deadline(60))
    found = analyse(plan, run).targets[0]
    out, back = len(wire.seen - wire.arrived), len(wire.arrived - wire.returned)
    assert found.lost == out + back
    assert found.loss == OneWayLoss(Interval(out, out), Interval(back, back))


def test_a_restart_in_the_middle_leaves_bounds_that_hold() -> None:
    reflect, count = [stamping()], [0]

    def restarting(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        count[0] += 1
        if count[0] == 60:
            time.sleep(0.1)
            reflect[0] = stamping()
        lost_out, lost_back = count[0] % 10 == 3, count[0] % 10 == 7
        if data[1] < 16 and lost_out:
            return []
        replies = reflect[0](data, source)
        return [] if data[1] < 16 and lost_back else replies

    plan = PLAN._replace(packets=120, interval=0.004)
    with far_end(restarting) as port:
        run = measure(plan._replace(port=port), Deadline(60))
    found = analyse(plan, run).targets[0]
    assert (found.direction, found.new_count, found.lost) == ("restarted", "restarted", 24)
    assert found.loss is not None
    assert found.loss.forward.low <= 12 <= found.loss.forward.high
    assert found.loss.forward.high - found.loss.forward.low < 24
