"""UDP evidence out of a recorded run of check_udp_loss."""

import math

from bothsides.analyse.evidence.family import family_of
from bothsides.analyse.one_way_loss import OneWayLoss
from bothsides.analyse.udp_run import Analysis, Flow, TargetAnalysis, analyse
from bothsides.base.types import NamedTuple, Sequence
from bothsides.model.evidence import FlowLoss, IcmpWord, UdpEvidence
from bothsides.model.interval import Interval
from bothsides.model.udp import Plan, Run

_LEAST = 8  # packets before and behind a turn
_DIFFERENT = 0.15  # by which the shares before and after it differ
_CERTAIN = 10.0  # logarithm of how much better two shares explain the losses: a burst is no turn


def udp_evidence(plan: Plan, run: Run, place: int = 0) -> UdpEvidence | None:
    """What a run proves about one of its targets; None where it has no such target."""
    analysis = analyse(plan, run)
    if place >= len(analysis.targets):
        return None
    return of_target(plan.protocol, analysis, analysis.targets[place])


def of_target(protocol: str, analysis: Analysis, target: TargetAnalysis) -> UdpEvidence:
    """What an analysis proves about one target; protocol: what its reflector speaks, "" unknown."""
    samples = target.samples
    statistics = target.delay_statistics
    there = target.at_reflector
    turn = turn_of_loss(_outcomes(target))
    return UdpEvidence(
        at=round(samples.packets[0].sent / 1e9, 3) if samples.packets else 0.0,
        lasted=round(target.lasted, 3),
        sent=target.sent,
        lost=target.lost,
        forward=_forward(target.loss, target.lost),
        flows=_flows(target.flows),
        dead_flows=target.bad_flows,
        rtt=_pair(statistics.shortest, statistics.median),
        owd=_pair(statistics.median_forward, statistics.median_backward),
        icmp=tuple(
            IcmpWord(error.source, error.kind, error.code, error.version == 6, times)
            for error, times in samples.icmp_errors
        ),
        unsent=target.unsent,
        overflow=analysis.overflow,
        refused_there=there.over_rate + there.overflow if there else 0,
        host_lives=samples.silence.host_lives if samples.silence else None,
        protocol=protocol,
        failure=samples.failure,
        turned=turn.at if turn is not None else None,
        worst=turn.worst if turn is not None else 0.0,
        ended=turn.ended if turn is not None else None,
        family=family_of(samples.address),
    )


def _outcomes(target: TargetAnalysis) -> list[tuple[float, bool]]:
    """When each packet was sent, s after the first, and whether it was lost."""
    answered = {delay.place for delay in target.delays}
    first = target.counted[0].at if target.counted else 0.0
    return [
        (packet.at - first, place not in answered) for place, packet in enumerate(target.counted)
    ]


class Turn(NamedTuple):
    """When loss began or ended."""

    at: float  # s after the first packet
    worst: float  # share that was lost in the worse part
    ended: bool  # whether the worse part came first


def turn_of_loss(outcomes: Sequence[tuple[float, bool]]) -> Turn | None:
    """When loss began or ended; None where two different shares explain no more than one does.

    outcomes: seconds and whether the packet was lost, in the order of sending.
    """
    sent, lost = len(outcomes), sum(gone for _, gone in outcomes)
    if not lost > 0:
        return None
    best: float = _CERTAIN
    turn = None
    before = 0
    for place, (at, gone) in enumerate(outcomes):
        if place >= _LEAST and sent - place >= _LEAST:
            shares = before / place, (lost - before) / (sent - place)
            gain = _log(before, place) + _log(lost - before, sent - place) - _log(lost, sent)
            if gain > best and abs(shares[0] - shares[1]) >= _DIFFERENT:
                best = gain
                turn = Turn(round(at, 3), round(max(shares), 3), shares[0] > shares[1])
        before += gone
    return turn


def _log(lost: int, sent: int) -> float:
    """The logarithm of the greatest likelihood of so many losses."""
    if lost in (0, sent):
        return 0.0
    share = lost / sent
    return lost * math.log(share) + (sent - lost) * math.log1p(-share)


def _flows(flows: Sequence[Flow]) -> tuple[FlowLoss, ...]:
    return tuple(
        FlowLoss(flow.sent, flow.lost, _forward(flow.loss, flow.lost), flow.fastest)
        for flow in flows
    )


def _forward(loss: OneWayLoss | None, lost: int) -> Interval | None:
    """Packets lost forward; none of none are known to be lost forward."""
    if loss is None:
        return Interval(0, 0) if not lost else None
    return loss.forward


def _pair(low: float | None, high: float | None) -> Interval | None:
    return None if low is None or high is None else Interval(round(low, 7), round(high, 7))
