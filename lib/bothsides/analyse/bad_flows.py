"""Flows that lose far more than the others: one of several parallel paths is dead or broken.

Packets are dealt to flows in a random order in every round. So whatever loses packets without
regard to their flow, in bursts or periodically, hits each flow of a round alike, and how probable
it is that some flows bear the loss of all follows from the rounds alone.
"""

import math

from bothsides.analyse import statistics
from bothsides.base.types import Container, NamedTuple, Sequence
from bothsides.model.udp import Packet

_PER_FLOW = 1e-6  # a flow is bad when its loss is less probable than this among the others
_PER_FLOW_PACKETS = 12  # packets in a flow for that; with fewer, less is asked for
_ALL_FLOWS = 5e-5  # the same of all bad flows together, by the random order of the rounds


class Tally(NamedTuple):
    """Packets of one flow."""

    sent: int
    lost: int


def bad_flows(
    flows: Sequence[Tally], counted: Sequence[Packet], answered: Container[tuple[int, int]]
) -> tuple[int, ...]:
    """Places of the flows whose loss neither chance nor the others' loss explains.

    counted: the packets sent; answered: flow and sequence number of those with a reply.
    """
    suspects = _suspects(flows)
    if not suspects:
        return ()
    numbers = sorted({packet.flow for packet in counted})
    chance = _by_the_order({numbers[place] for place in suspects}, counted, answered)
    choices = math.comb(len(flows), len(suspects))
    return suspects if choices * chance < _ALL_FLOWS else ()


def _suspects(flows: Sequence[Tally]) -> tuple[int, ...]:
    """Flows that lose most of their packets while the others lose few."""
    calm = [flow for flow in flows if 2 * flow.lost <= flow.sent]
    sent, lost = sum(flow.sent for flow in calm), sum(flow.lost for flow in calm)
    usual = statistics.wilson(lost, sent).high if sent else 1.0
    return tuple(
        place
        for place, flow in enumerate(flows)
        if 2 * flow.lost > flow.sent
        and statistics.at_least(flow.lost, flow.sent, usual)
        < _PER_FLOW ** min(1.0, flow.sent / _PER_FLOW_PACKETS)
    )


def _by_the_order(
    suspects: set[int], counted: Sequence[Packet], answered: Container[tuple[int, int]]
) -> float:
    """The probability that a random order lets these flows bear so much of the loss, or more."""
    rounds: dict[int, list[Packet]] = {}
    for packet in counted:
        rounds.setdefault(packet.sequence, []).append(packet)
    observed = 0
    spread = [1.0]  # probability of each number of losses among the suspects, over all rounds
    for packets in rounds.values():
        lost = [packet for packet in packets if (packet.flow, packet.sequence) not in answered]
        among = sum(packet.flow in suspects for packet in packets)
        observed += sum(packet.flow in suspects for packet in lost)
        spread = _convolved(spread, _hypergeometric(len(packets), len(lost), among))
    return math.fsum(spread[observed:])


def _hypergeometric(packets: int, lost: int, among: int) -> list[float]:
    """Probabilities of 0, 1, ... losses among so many of the packets of a round."""
    ways = math.comb(packets, lost)
    return [
        math.comb(among, hit) * math.comb(packets - among, lost - hit) / ways
        for hit in range(min(lost, among) + 1)
    ]


def _convolved(one: list[float], other: list[float]) -> list[float]:
    if other == [1.0]:
        return one
    whole = [0.0] * (len(one) + len(other) - 1)
    for place, left in enumerate(one):
        for offset, right in enumerate(other):
            whole[place + offset] += left * right
    return whole
