"""UDP evidence out of recorded runs, and when loss began."""

import random

import pytest

from bothsides.analyse.evidence.from_udp import turn_of_loss, udp_evidence
from bothsides.base.record import from_record
from bothsides.model.evidence import IcmpWord, UdpEvidence
from bothsides.model.interval import Interval
from bothsides.model.udp import Plan, Run
from tests.support.process import HOUSE


def recorded(name: str) -> UdpEvidence:
    text = (HOUSE / f"tests/data/records/check_udp_loss-{name}.json").read_text()
    evidence = udp_evidence(*from_record(text, "check_udp_loss", Plan, Run))
    assert evidence is not None
    return evidence


def test_losses_keep_their_direction_and_flows() -> None:
    found = recorded("return_loss")
    assert (found.sent, found.lost, found.forward) == (100, 14, Interval(0, 0))
    assert sum(flow.lost for flow in found.flows) == 14
    assert found.rtt is not None
    assert found.rtt.low <= found.rtt.high


def test_a_closed_port_is_a_word_of_the_host() -> None:
    found = recorded("not_running")
    assert found.lost == found.sent
    assert any((word.kind, word.code) == (3, 3) for word in found.icmp)
    assert isinstance(found.icmp[0], IcmpWord)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 1.0])
def test_steady_loss_has_no_turn(share: float) -> None:
    chance = random.Random(7)
    for _ in range(40):
        outcomes = [(place / 100, chance.random() < share) for place in range(200)]
        assert turn_of_loss(outcomes) is None


def test_loss_that_begins_has_a_turn_where_it_begins() -> None:
    chance = random.Random(8)
    outcomes = [(place / 100, place >= 90 and chance.random() < 0.4) for place in range(200)]
    turn = turn_of_loss(outcomes)
    assert turn is not None
    assert abs(turn.at - 0.9) < 0.1
    assert turn.worst > 0.25
    assert not turn.ended


def test_loss_that_ends_says_so() -> None:
    turn = turn_of_loss([(place / 100, place < 60) for place in range(200)])
    assert turn is not None
    assert (turn.at, turn.worst, turn.ended) == (0.6, 1.0, True)


def test_a_burst_is_no_turn() -> None:
    assert turn_of_loss([(place / 100, 60 <= place < 66) for place in range(200)]) is None
    assert turn_of_loss([]) is None
