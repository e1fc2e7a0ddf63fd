"""What the packets of a UDP run prove, target by target: loss, delay, order and dead paths."""

from bothsides.analyse import statistics
from bothsides.analyse.account_loss import (
    AtReflector,
    NewCount,
    at_reflector,
    losses_by_account,
    new_count,
)
from bothsides.analyse.bad_flows import Tally, bad_flows
from bothsides.analyse.one_way_loss import (
    ClosingProbes,
    Direction,
    OneWayLoss,
    direction,
    losses_by_direction,
    total,
)
from bothsides.analyse.packet_delay import Delay, DelayStatistics, delays, first_replies, summary
from bothsides.analyse.packet_order import Disorder, disorder, duplicated_forward
from bothsides.base.deadline import Stop
from bothsides.base.types import Iterable, Mapping, NamedTuple, Sequence
from bothsides.model.interval import Interval
from bothsides.model.udp import Packet, Plan, Reply, Run, TargetRun
from bothsides.parse import stamp

_TTLS = (64, 128, 255)  # with which hosts send packets

FirstReplies = Mapping[tuple[int, int], Reply]
"""The first reply to each answered packet, by flow and sequence number."""


class Flow(NamedTuple):
    """The packets of one source port."""

    sent: int  # packets
    lost: int  # packets without a reply
    loss: OneWayLoss | None  # the same by direction; None when that is not known
    disorder: Disorder  # duplicated and reordered packets
    fastest: float | None  # s, shortest round trip; None when no packet was answered


class TargetAnalysis(NamedTuple):
    """All that the packets of one target prove."""

    samples: TargetRun  # the packets themselves
    counted: tuple[Packet, ...]  # those that were sent and had time to be answered
    faults: tuple[tuple[str, int], ...]  # reasons why packets were not sent (errno), with counts
    answered: int  # packets with a reply
    loss: OneWayLoss | None  # of all flows, by direction; None when that is not known
    direction: Direction  # whether the reflector's numbers tell the direction, or why not
    new_count: NewCount  # why it began to count again, where it did
    at_reflector: AtReflector | None  # what its host did to packets; None when it does not say
    duplicates: int  # replies beyond the first to each packet
    bursts: statistics.Bursts  # runs of lost packets in the order of sending
    late: int  # packets whose reply took longer than the plan's patience
    delays: tuple[Delay, ...]  # of answered packets, in the order of sending
    delay_statistics: DelayStatistics  # of these delays
    flows: tuple[Flow, ...]  # by source port
    bad_flows: tuple[int, ...]  # places of those that lose far more than the others
    disorder: Disorder | None  # sums over all flows; None when the reflector does not count
    hops_forward: tuple[int, ...]  # different numbers of routers on the way, ascending
    hops_backward: tuple[int, ...]  # likewise
    stepped: int  # packets during which our clock was set
    clock_error: float | None  # s, of both clocks together; None unless both claim to follow UTC
    lasted: float  # s, from the first packet to the last

    @property
    def sent(self) -> int:
        """Packets that were sent and had time to be answered."""
        return len(self.counted)

    @property
    def lost(self) -> int:
        """Packets that were sent and not answered."""
        return len(self.counted) - self.answered

    @property
    def unsent(self) -> int:
        """Packets that this host could not send."""
        return sum(count for _, count in self.faults)

    @property
    def pace(self) -> float:
        """Packets a second, as they were sent; 0 of a single one."""
        return (len(self.samples.packets) - 1) / self.lasted if self.lasted > 0 else 0.0


class Analysis(NamedTuple):
    """All that one run proves."""

    targets: tuple[TargetAnalysis, ...]  # in the order of the plan
    overflow: int  # datagrams that our own sockets dropped
    corrupt: int | None  # UDP datagrams with a wrong checksum that this host got; None: unknown
    stopped: Stop | None  # why the run ended early; None when it did not
    resolver: tuple[str, ...] = ()  # what is wrong with our resolver, though it found the names
    memory: str | None = None  # directory that keeps the direction of loss, "" for the usual one


def analyse(plan: Plan, run: Run, memory: str | None = None) -> Analysis:
    """Analyses a run; memory: directory that is to keep the direction of loss, None for none."""
    return Analysis(
        targets=tuple(_target(target, plan, run) for target in run.targets),
        overflow=run.overflow,
        corrupt=run.corrupt,
        stopped=run.stopped,
        resolver=run.resolver,
        memory=memory,
    )


def _target(target: TargetRun, plan: Plan, run: Run) -> TargetAnalysis:
    first = first_replies(target.replies)
    counted = [packet for packet in target.packets if not packet.fault]
    if run.stopped is not None:
        counted = _settled(counted, first, plan.patience, run.ended)
    measured = delays(counted, first, plan.patience)
    direction_of_loss = direction(target)
    flows = _flows(target, counted, direction_of_loss, measured)
    counts = direction_of_loss not in ("echo", "stateless") and bool(first)
    return TargetAnalysis(
        samples=target,
        counted=tuple(counted),
        faults=_faults(target.packets),
        answered=len(first),
        loss=total(flow.loss for flow in flows),
        direction=direction_of_loss,
        new_count=new_count(target),
        at_reflector=at_reflector(target, first),
        duplicates=len(target.replies) - len(first),
        bursts=statistics.bursts((packet.flow, packet.sequence) in first for packet in counted),
        late=sum(delay.late for delay in measured),
        delays=measured,
        delay_statistics=summary(measured),
        flows=flows,
        bad_flows=bad_flows([Tally(flow.sent, flow.lost) for flow in flows], counted, first.keys())
        if first
        else (),
        disorder=_disorder(flow.disorder for flow in flows) if counts else None,
        hops_forward=_hops_forward(first.values()),
        hops_backward=_hops_backward(first.values()),
        stepped=sum(delay.stepped for delay in measured),
        clock_error=_clock_error(run.clock_error, list(first.values())),
        lasted=target.packets[-1].at - target.packets[0].at if target.packets else 0.0,
    )


def _settled(
    sent: list[Packet], first: FirstReplies, patience: float, ended: float
) -> list[Packet]:
    """Of a run that was cut short, without those whose reply may still have been on its way."""
    slowest = max(
        (
            first[key].at - packet.at
            for packet in sent
            if (key := (packet.flow, packet.sequence)) in first
        ),
        default=None,
    )
    if slowest is None:
        return sent
    since = ended - min(patience, 4 * slowest + 0.05)
    return [
        packet for packet in sent if packet.at <= since or (packet.flow, packet.sequence) in first
    ]


def _faults(packets: Iterable[Packet]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for packet in packets:
        if packet.fault:
            counts[packet.fault] = counts.get(packet.fault, 0) + 1
    return tuple(counts.items())


def _flows(
    target: TargetRun,
    counted: Sequence[Packet],
    direction_of_loss: Direction,
    measured: Sequence[Delay],
) -> tuple[Flow, ...]:
    packets: dict[int, list[Packet]] = {}
    for packet in counted:
        packets.setdefault(packet.flow, []).append(packet)
    replies: dict[int, list[Reply]] = {flow: [] for flow in packets}
    for reply in target.replies:
        replies[reply.flow].append(reply)
    fastest: dict[int, float] = {}
    for delay in measured:
        flow = counted[delay.place].flow
        fastest[flow] = min(fastest.get(flow, delay.rtt), delay.rtt)
    duplicated = duplicated_forward(target.replies)
    return tuple(
        Flow(
            sent=len(packets[flow]),
            lost=len(packets[flow]) - len({reply.sequence for reply in replies[flow]}),
            loss=_flow_loss(target, packets[flow], replies[flow], direction_of_loss, duplicated),
            disorder=disorder(replies[flow]),
            fastest=fastest.get(flow),
        )
        for flow in sorted(packets)
    )


def _flow_loss(
    target: TargetRun,
    packets: Sequence[Packet],
    replies: Sequence[Reply],
    direction_of_loss: Direction,
    duplicated: bool,
) -> OneWayLoss | None:
    """The losses of one flow, by the reflector's account of it where there is one."""
    flow = packets[0].flow
    answered = {(flow, reply.sequence): reply.at for reply in reversed(replies)}
    if direction_of_loss == "known" and len(answered) == len(packets):
        return OneWayLoss(Interval(0, 0), Interval(0, 0))
    by_numbers = None
    if direction_of_loss == "known":
        sequences = [packet.sequence for packet in packets]
        by_numbers = losses_by_direction(sequences, replies, _closing(target, flow), duplicated)
    elif len(answered) == len(packets) and (target.accounts or direction_of_loss == "restarted"):
        return OneWayLoss(Interval(0, 0), Interval(0, 0))
    for account in target.accounts:
        if account.flow == flow:
            ports_kept = any(other.known for other in target.accounts)
            return losses_by_account(packets, answered, account, ports_kept) or by_numbers
    return by_numbers


def _closing(target: TargetRun, flow: int) -> ClosingProbes:
    """The closing probes of one flow."""
    return ClosingProbes(
        [
            packet.sequence
            for packet in target.closing_packets
            if packet.flow == flow and not packet.fault
        ],
        [reply for reply in target.closing_replies if reply.flow == flow],
    )


def _disorder(parts: Iterable[Disorder]) -> Disorder:
    return Disorder(*map(sum, zip(*parts, strict=True)))


def _hops_forward(replies: Iterable[Reply]) -> tuple[int, ...]:
    """Routers on the way to the reflector; our packets leave with a TTL of 255."""
    return tuple(sorted({255 - reply.ttl_there for reply in replies if reply.ttl_there}))


def _hops_backward(replies: Iterable[Reply]) -> tuple[int, ...]:
    """Routers on the way back, from the lowest usual TTL that a reply may have left with."""
    ttls = {
        reply.ttl_here
        for reply in replies
        if reply.ttl_here is not None and reply.ttl_here <= _TTLS[-1]
    }
    return tuple(sorted({next(usual for usual in _TTLS if ttl <= usual) - ttl for ttl in ttls}))


def _clock_error(ours: float | None, replies: Sequence[Reply]) -> float | None:
    """Within how many seconds both clocks together follow UTC; every reply has to claim it."""
    theirs = [None if reply.error is None else stamp.from_error(reply.error) for reply in replies]
    claims = [error for error in theirs if error is not None]
    if ours is None or not claims or len(claims) < len(theirs):
        return None
    return ours + max(claims)
