"""UDP runs as the probe would have kept them, made of plain numbers."""

from collections.abc import Iterable, Sequence
from typing import Any

from bothsides.analyse.udp_run import TargetAnalysis, analyse
from bothsides.base.deadline import Stop
from bothsides.check.udp_loss.check import CHECK
from bothsides.check.udp_loss.figures import FIGURES
from bothsides.check.udp_loss.judge import judge
from bothsides.check.udp_loss.options import Limits
from bothsides.model.udp import FIRST_CLOSING, Packet, Plan, Reply, Run, TargetRun
from bothsides.plugin.command_line import limits_of
from bothsides.plugin.finding import Facts, Finding, Part, Reading, Remark, Table, Target
from bothsides.plugin.parser import Namespace

WALL = 1_700_000_000_000_000_000
MS = 1_000_000
PLAN = Plan(("far",), 862)


def packet(flow: int, sequence: int, at: float, fault: str = "") -> Packet:
    """A packet that left a microsecond after T1."""
    sent = WALL + round(at * 1e9)
    return Packet(flow, sequence, at, sent, None if fault else sent + 1000, fault)


def reply(asked: Packet, number: int | None, rtt: float = 0.010, ttl: int = 250) -> Reply:
    """A reply after `rtt` seconds, a tenth of a millisecond of which was spent at the far end."""
    sent = asked.left or asked.sent
    arrived = sent + round(rtt * 1e9) + MS // 10
    received, replied = sent + 4 * MS, sent + 4 * MS + MS // 10
    at = asked.at + (arrived - asked.sent + 1000) / 1e9
    whole = Reply(
        flow=asked.flow,
        sequence=asked.sequence,
        at=at,
        read=arrived + 1000,
        arrived=arrived,
        number=number,
        received=received,
        replied=replied,
        error=0x2001,
        ttl_there=ttl,
        ttl_here=250,
    )
    return (
        whole
        if number is not None
        else whole._replace(received=None, replied=None, error=None, ttl_there=None)
    )


def kept(
    packets: Iterable[Packet],
    replies: Iterable[Reply],
    closing: Iterable[Packet] = (),
    closed: Iterable[Reply] = (),
) -> TargetRun:
    """What the probe keeps of one target: packets, replies, closing probes, replies to those."""
    return TargetRun(
        host="far",
        address="192.0.2.7",
        port=862,
        failure=None,
        packets=tuple(packets),
        replies=tuple(replies),
        closing=(tuple(closing), tuple(closed)),
        icmp_errors=(),
        strays={},
        other_sources=(),
    )


def target(
    count: int,
    flows: int = 1,
    lost_out: Iterable[int] = (),
    lost_back: Iterable[int] = (),
    **changes: Any,
) -> TargetRun:
    """What a stateful reflector leaves when the packets in those places are lost."""
    packets = tuple(packet(place % flows, place // flows, place * 0.02) for place in range(count))
    numbers = dict.fromkeys(range(flows), 0)
    replies = []
    for place, asked in enumerate(packets):
        if place not in lost_out:
            if place not in lost_back:
                replies.append(reply(asked, numbers[asked.flow]))
            numbers[asked.flow] += 1
    closing = [packet(flow, FIRST_CLOSING, count * 0.02 + 1) for flow in range(flows)]
    closed = [reply(asked, numbers[asked.flow]) for asked in closing]
    made = kept(packets, replies, closing, closed)
    return made._replace(**changes)


def run(*targets: TargetRun, stopped: Stop | None = None) -> Run:
    """A run about these targets."""
    return Run(subject="far", targets=targets, overflow=0, corrupt=0, ended=9.0, stopped=stopped)


def analysed(measured: TargetRun) -> TargetAnalysis:
    """The analysis of one target."""
    return analyse(PLAN, run(measured)).targets[0]


def judged(measured: Run, *limits: str, confidence: float = 0.0) -> list[Part]:
    """The findings about a run as a whole, with these items as -w and -c."""
    found = _all(measured, limits, confidence)
    return [finding for finding in found if not isinstance(finding, Target | Facts)]


def reports(measured: Run, *limits: str) -> list[Target]:
    """The reports on single targets of a run, with these items as -w and -c."""
    return [finding for finding in _all(measured, limits) if isinstance(finding, Target)]


def _all(measured: Run, limits: Sequence[str], confidence: float = 0.0) -> list[Finding]:
    given = Namespace(warning=list(limits), critical=list(limits))
    return list(judge(analyse(PLAN, measured), Limits(limits_of(CHECK, given), confidence)))


def values(measured: Run) -> dict[str, float | None]:
    """All figures of a run."""
    found = {
        finding.figure.label: finding.value
        for finding in judged(measured)
        if isinstance(finding, Reading)
    }
    return {figure.label: found[figure.label] for figure in FIGURES}


def words(measured: Run) -> str:
    """The words of all remarks and tables of a run."""
    return "\n".join(
        "\n".join(finding.lines) if isinstance(finding, Table) else finding.words
        for finding in judged(measured)
        if isinstance(finding, Table | Remark)
    )
