"""The rows of a UDP run: one for each target, and on demand one for each packet."""

from bothsides.analyse.loss_interval import loss_interval
from bothsides.analyse.packet_delay import first_replies
from bothsides.analyse.udp_run import Analysis, TargetAnalysis
from bothsides.base.types import Iterator
from bothsides.export.point import Point, Value
from bothsides.export.schema import Measured, PacketRow, packet_points, points


def rows(analysis: Analysis, measured: Measured) -> Iterator[Point]:
    """The rows of all targets, in their order."""
    reports = {report.name: report for report in measured.targets}
    for target in analysis.targets:
        host = target.samples.host
        if host not in reports:
            continue
        packets = target.samples.packets
        at = packets[0].sent if packets else measured.began
        more = {"run_duration": measured.duration, **_interval(target)}
        yield from points("UDP_LOSS", reports[host], measured.origin, at, more=more)
        if measured.style == "packets":
            yield from packet_points(tuple(_packets(target)), host, measured.origin)


def _interval(target: TargetAnalysis) -> dict[str, Value]:
    """The bounds of the true loss, 95 %; nothing where nothing was sent."""
    if not target.sent:
        return {}
    low, high = loss_interval(target.lost, target.bursts.number, target.sent)
    return {"loss_low": low, "loss_high": high}


def _packets(target: TargetAnalysis) -> Iterator[PacketRow]:
    """Each packet that had time to be answered."""
    answered = first_replies(target.samples.replies)
    delays = {delay.place: delay for delay in target.delays}
    for place, packet in enumerate(target.counted):
        delay = delays.get(place)
        lost = (packet.flow, packet.sequence) not in answered
        yield PacketRow(
            flow=packet.flow,
            sequence=packet.sequence,
            sent=packet.sent,
            rtt=None if lost or delay is None else delay.rtt,
            out=delay.forward if delay is not None and target.clock_error is not None else None,
        )
