"""UDP evidence out of a recorded run of check_udp_loss."""

from bothsides.analyse.one_way_loss import OneWayLoss
from bothsides.analyse.udp_run import Analysis, Flow, TargetAnalysis, analyse
from bothsides.base.types import Sequence
from bothsides.model.evidence import FlowLoss, IcmpWord, UdpEvidence
from bothsides.model.interval import Interval
from bothsides.model.udp import Plan, Run


def udp_evidence(plan: Plan, run: Run, place: int = 0) -> UdpEvidence | None:
    """What a run proves about one of its targets; None where it has no such target."""
    analysis = analyse(plan, run)
    if place >= len(analysis.targets):
        return None
    return of_target(plan, analysis, analysis.targets[place])


def of_target(plan: Plan, analysis: Analysis, target: TargetAnalysis) -> UdpEvidence:
    """What an analysis proves about one target."""
    samples = target.samples
    statistics = target.delay_statistics
    there = target.at_reflector
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
        protocol=plan.protocol,
        failure=samples.failure,
    )


def _flows(flows: Sequence[Flow]) -> tuple[FlowLoss, ...]:
    return tuple(FlowLoss(flow.sent, flow.lost, _forward(flow.loss, flow.lost)) for flow in flows)


def _forward(loss: OneWayLoss | None, lost: int) -> Interval | None:
    """Packets lost forward; none of none are known to be lost forward."""
    if loss is None:
        return Interval(0, 0) if not lost else None
    return loss.forward


def _pair(low: float | None, high: float | None) -> Interval | None:
    return None if low is None or high is None else Interval(round(low, 7), round(high, 7))
