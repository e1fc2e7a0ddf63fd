"""Delays of answered packets: round trip, forward and backward, and statistics of them all."""

from bothsides.analyse import statistics
from bothsides.base.types import Mapping, NamedTuple, Sequence
from bothsides.model.udp import Packet, Reply

_STEP = 1_000_000  # ns by which wall and monotonic clock may disagree before it is called a step
_CLOCKS = 0.001  # s by which two clocks may part between two packets


class Delay(NamedTuple):
    """Delays of one answered packet."""

    place: int  # of the packet in the order of sending, from 0
    rtt: float  # s, time inside the reflector subtracted
    forward: float | None  # s, by two clocks that differ by a constant; None without T2 and T3
    backward: float | None  # s, likewise
    late: bool  # the reply took longer than the plan's patience
    stepped: bool  # our wall clock was set between sending and reading


class DelayStatistics(NamedTuple):
    """Statistics of one target's delays; None where too few packets were answered."""

    mean: float | None  # s, of the round trips, as all up to p95
    shortest: float | None  # s
    longest: float | None  # s
    median: float | None  # s
    p95: float | None  # s, not exceeded by 95 of 100 round trips
    deviation: float | None  # s, standard deviation
    jitter: float | None  # s, interarrival jitter (RFC 3550)
    variation_forward: float | None  # s, median difference of neighbours (RFC 3393)
    variation_backward: float | None  # s, likewise
    median_forward: float | None  # s, as far as both clocks agree
    median_backward: float | None  # s, likewise
    jump: float | None = None  # s, between stamps of neighbours that cannot be; None: they can


def first_replies(replies: Sequence[Reply]) -> dict[tuple[int, int], Reply]:
    """The first reply to each packet, by flow and sequence number; the others are duplicates."""
    first: dict[tuple[int, int], Reply] = {}
    for reply in replies:
        first.setdefault((reply.flow, reply.sequence), reply)
    return first


def delays(
    packets: Sequence[Packet], first: Mapping[tuple[int, int], Reply], patience: float
) -> tuple[Delay, ...]:
    """The delays of the packets that have a first reply, in the order of sending."""
    answered = (
        (place, packet, first.get((packet.flow, packet.sequence)))
        for place, packet in enumerate(packets)
    )
    return tuple(
        _delay(place, packet, reply, patience)
        for place, packet, reply in answered
        if reply is not None
    )


def _delay(place: int, packet: Packet, reply: Reply, patience: float) -> Delay:
    elapsed = reply.at - packet.at
    stepped = abs((reply.read - packet.sent) - elapsed * 1e9) > _STEP
    left, arrived = packet.left, reply.arrived
    # a kernel's stamp, unless it lies outside of our own two readings of the clock
    if left is None or not packet.sent <= left <= reply.read:
        left = packet.sent
    if arrived is None or not packet.sent <= arrived <= reply.read:
        arrived = reply.read
    outside = round(elapsed * 1e9) if stepped else max(0, arrived - left)
    inside = 0
    forward = backward = None
    if reply.received is not None and reply.replied is not None:
        departed = reply.left_there or reply.replied
        if not reply.replied - 1 <= departed <= reply.received + outside:
            departed = reply.replied  # a stamp of another reply
        inside = departed - reply.received
        if not 0 <= inside <= outside:  # the reflector's clock was set in between
            inside = 0
        if not stepped:
            forward, backward = (reply.received - left) / 1e9, (arrived - departed) / 1e9
    took = elapsed if stepped else outside / 1e9
    return Delay(place, (outside - inside) / 1e9, forward, backward, took > patience, stepped)


def summary(measured: Sequence[Delay]) -> DelayStatistics:
    """The statistics of one target's delays."""
    trips = [delay.rtt for delay in measured]
    forward = [delay.forward for delay in measured if delay.forward is not None]
    backward = [delay.backward for delay in measured if delay.backward is not None]
    jump = statistics.variation(forward)
    if jump is not None and jump <= max(trips) + _CLOCKS:
        jump = None
    if jump is not None:  # no delay changes by more than a whole round trip: these are no times
        forward = backward = []
    return DelayStatistics(
        mean=statistics.mean(trips),
        shortest=min(trips, default=None),
        longest=max(trips, default=None),
        median=statistics.median(trips),
        p95=statistics.quantile(trips, 0.95),
        deviation=statistics.deviation(trips),
        jitter=statistics.jitter(trips),
        variation_forward=statistics.variation(forward),
        variation_backward=statistics.variation(backward),
        median_forward=statistics.median(forward),
        median_backward=statistics.median(backward),
        jump=jump,
    )
