"""The figures of check_udp_loss, and how each comes out of an account."""

from bothsides.analyse import statistics
from bothsides.analyse.one_way_loss import Account, bad_flows, known
from bothsides.base.types import Mapping, Sequence
from bothsides.plugin.finding import Figure
from bothsides.probe.udp.measure import Run

FIGURES = (
    Figure("rta", "s", "mean round trip, the far end's own time taken off"),
    Figure("pl", "%", "packets that were never answered", 0, 100),
    Figure("rtmax", "s", "longest round trip"),
    Figure("rtmin", "s", "shortest round trip"),
    Figure("rtmedian", "s", "median round trip"),
    Figure("rtp95", "s", "95 of 100 round trips were no longer"),
    Figure("rtsdev", "s", "standard deviation of the round trips"),
    Figure("jitter", "s", "interarrival jitter of the round trips (RFC 3550)"),
    Figure("ipdv_out", "s", "delay variation on the way out: median step"),
    Figure("ipdv_back", "s", "delay variation on the way back: median step"),
    Figure("pl_out", "%", "packets lost on the way out", 0, 100),
    Figure("pl_back", "%", "answers lost on the way back", 0, 100),
    Figure("bursts", "", "runs of losses"),
    Figure("burst_max", "", "packets in the longest run of losses"),
    Figure("dup_out", "", "packets doubled on the way out"),
    Figure("dup_back", "", "answers doubled on the way back"),
    Figure("reorder_out", "", "packets overtaken on the way out, within a flow"),
    Figure("reorder_back", "", "answers overtaken on the way back, within a flow"),
    Figure("late", "", "answers that came after --wait; late is not lost"),
    Figure("corrupt", "", "datagrams with a wrong checksum that this host received"),
    Figure("overflow", "", "answers that our own sockets dropped"),
    Figure("senderr", "", "packets that this host could not send"),
    Figure("hops_out", "", "routers on the way out"),
    Figure("hops_back", "", "routers on the way back"),
    Figure("flows", "", "source ports that were used"),
    Figure("flows_bad", "", "of these, those that lose far more than the others"),
    Figure("owd_out", "s", "median delay out, when both clocks claim to be right", None),
    Figure("owd_back", "s", "median delay back, when both clocks claim to be right", None),
    Figure("sent", "", "packets sent"),
    Figure("recv", "", "packets answered"),
)


def figures(settled: Account, run: Run) -> dict[str, float | None]:
    """Every figure of one target by its label; None: not measured."""
    trips = [delay.rtt for delay in settled.delays]
    outs = [delay.out for delay in settled.delays if delay.out is not None]
    backs = [delay.back for delay in settled.delays if delay.back is not None]
    counted = settled.direction not in ("echo", "stateless")
    right = run.clock is not None and settled.error_far is not None
    sums = {
        name: sum(getattr(flow, name) for flow in settled.flows)
        if counted and settled.received
        else None
        for name in ("dup_out", "dup_back", "reorder_out", "reorder_back")
    }
    return {
        "rta": statistics.mean(trips),
        "pl": _percent(settled.lost, settled.sent),
        "rtmax": max(trips, default=None),
        "rtmin": min(trips, default=None),
        "rtmedian": statistics.median(trips),
        "rtp95": statistics.quantile(trips, 0.95),
        "rtsdev": statistics.deviation(trips),
        "jitter": statistics.jitter(trips),
        "ipdv_out": statistics.variation(outs),
        "ipdv_back": statistics.variation(backs),
        "pl_out": _percent(known(settled.out), settled.sent),
        "pl_back": _percent(known(settled.back), settled.sent),
        "bursts": settled.bursts.number if settled.sent else None,
        "burst_max": settled.bursts.longest if settled.sent else None,
        **sums,
        "late": settled.late if settled.sent else None,
        "corrupt": run.corrupt,
        "overflow": run.overflow,
        "senderr": settled.senderr,
        "hops_out": max(settled.hops_out, default=None),
        "hops_back": max(settled.hops_back, default=None),
        "flows": len(settled.flows) if settled.sent else None,
        "flows_bad": len(bad_flows(settled)) if settled.sent else None,
        "owd_out": statistics.median(outs) if right else None,
        "owd_back": statistics.median(backs) if right else None,
        "sent": settled.sent,
        "recv": settled.received,
    }


def _percent(part: int | None, whole: int) -> float | None:
    return 100 * part / whole if part is not None and whole else None


def together(values: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """Many targets' figures as one: the worst of each, all packets together."""
    whole: dict[str, float | None] = {}
    for figure in FIGURES:
        measured = [value for value in (one[figure.label] for one in values) if value is not None]
        if not measured:
            whole[figure.label] = None
        elif figure.label in ("sent", "recv"):
            whole[figure.label] = sum(measured)
        else:
            whole[figure.label] = min(measured) if figure.label == "rtmin" else max(measured)
    return whole
