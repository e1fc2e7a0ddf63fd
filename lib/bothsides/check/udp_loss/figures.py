"""The figures of check_udp_loss, and how each comes out of the analysis."""

from bothsides.analyse.one_way_loss import counts
from bothsides.analyse.udp_run import Analysis, TargetAnalysis
from bothsides.base.types import Mapping
from bothsides.plugin.finding import Figure

FIGURES = (
    Figure("rta", "s", "mean round-trip time, without the time inside the reflector"),
    Figure("pl", "%", "packets without a reply", 0, 100),
    Figure("rtmax", "s", "longest round-trip time"),
    Figure("rtmin", "s", "shortest round-trip time"),
    Figure("rtmedian", "s", "median round-trip time"),
    Figure("rtp95", "s", "95th percentile of the round-trip times"),
    Figure("rtsdev", "s", "standard deviation of the round-trip times"),
    Figure("jitter", "s", "interarrival jitter of the round-trip times (RFC 3550)"),
    Figure("ipdv_out", "s", "delay variation on the way out: median step"),
    Figure("ipdv_back", "s", "delay variation on the way back: median step"),
    Figure("pl_out", "%", "packets lost on the way out", 0, 100),
    Figure("pl_back", "%", "replies lost on the way back", 0, 100),
    Figure("bursts", "", "runs of losses"),
    Figure("burst_max", "", "packets in the longest run of losses"),
    Figure("dup_out", "", "packets duplicated on the way out"),
    Figure("dup_back", "", "replies duplicated on the way back"),
    Figure("reorder_out", "", "packets reordered on the way out, within a flow"),
    Figure("reorder_back", "", "replies reordered on the way back, within a flow"),
    Figure("late", "", "replies later than --wait; late is not lost"),
    Figure("corrupt", "", "datagrams with a wrong checksum that this host received"),
    Figure("overflow", "", "replies that the sockets of this host dropped"),
    Figure("senderr", "", "packets that this host could not send"),
    Figure("hops_out", "", "routers on the way out"),
    Figure("hops_back", "", "routers on the way back"),
    Figure("flows", "", "source ports used"),
    Figure("flows_bad", "", "source ports that lose far more than the others"),
    Figure("owd_out", "s", "median one-way delay out, when both clocks are synchronised", None),
    Figure("owd_back", "s", "median one-way delay back, when both clocks are synchronised", None),
    Figure("sent", "", "packets sent"),
    Figure("recv", "", "packets with a reply"),
)

Values = Mapping[str, float | None]
"""Every figure of one target by its label; None is not measured."""


def figures(target: TargetAnalysis, analysis: Analysis) -> Values:
    """The figures of one target."""
    delay = target.delay_statistics
    disorder = target.disorder
    sent = bool(target.sent)
    return {
        "rta": delay.mean,
        "pl": _percent(target.lost, target.sent),
        "rtmax": delay.longest,
        "rtmin": delay.shortest,
        "rtmedian": delay.median,
        "rtp95": delay.p95,
        "rtsdev": delay.deviation,
        "jitter": delay.jitter,
        "ipdv_out": delay.variation_forward,
        "ipdv_back": delay.variation_backward,
        "pl_out": _percent(lost_forward(target), target.sent),
        "pl_back": _percent(lost_backward(target), target.sent),
        "bursts": target.bursts.number if sent else None,
        "burst_max": target.bursts.longest if sent else None,
        "dup_out": disorder.duplicated_forward if disorder else None,
        "dup_back": disorder.duplicated_backward if disorder else None,
        "reorder_out": disorder.reordered_forward if disorder else None,
        "reorder_back": disorder.reordered_backward if disorder else None,
        "late": target.late if sent else None,
        "corrupt": analysis.corrupt,
        "overflow": analysis.overflow,
        "senderr": target.unsent,
        "hops_out": max(target.hops_forward, default=None),
        "hops_back": max(target.hops_backward, default=None),
        "flows": len(target.flows) if sent else None,
        "flows_bad": len(target.bad_flows) if sent else None,
        "owd_out": None if target.clock_error is None else delay.median_forward,
        "owd_back": None if target.clock_error is None else delay.median_backward,
        "sent": target.sent,
        "recv": target.answered,
    }


def lost_forward(target: TargetAnalysis) -> int | None:
    """Packets lost on the way out, where the bounds are narrow."""
    known = counts(target.loss)
    return known[0] if known else None


def lost_backward(target: TargetAnalysis) -> int | None:
    """Replies lost on the way back, where the bounds are narrow."""
    known = counts(target.loss)
    return known[1] if known else None


def _percent(part: int | None, whole: int) -> float | None:
    return 100 * part / whole if part is not None and whole else None
