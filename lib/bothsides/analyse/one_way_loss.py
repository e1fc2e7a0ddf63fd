"""Loss by direction: how many packets were lost forward, and how many replies backward.

A stateful reflector numbers the requests of each flow as they arrive. The number in a reply tells
how many requests had arrived before it: those below it that have no reply were lost backward, all
other unanswered ones forward. What happened after the last reply is told by closing probes, whose
replies carry such a number too.
"""

from itertools import pairwise

from bothsides.analyse.packet_delay import first_replies
from bothsides.base.types import Iterable, Literal, NamedTuple, Sequence
from bothsides.model.interval import Interval
from bothsides.model.udp import FIRST_CLOSING, Reply, TargetRun

Direction = Literal["known", "echo", "stateless", "restarted", "unsettled"]
"""Whether loss has a direction, and if not, why not:

echo: replies carry no number; stateless: the reflector returns the sender's numbers; restarted: it
began to count again during the run; unsettled: nothing tells whether it counts.
"""

_NARROW = 3  # packets between bounds that still give a number
_NARROW_SHARE = 0.1  # the same as a share of the loss
_ABOVE = 3  # replies with a number above their packet's own before most of them mean anything


class OneWayLoss(NamedTuple):
    """Losses of one flow or of one target by direction."""

    forward: Interval  # packets that did not arrive at the reflector
    backward: Interval  # replies that did not arrive here


class ClosingProbes(NamedTuple):
    """The closing probes of one flow."""

    sequences: Sequence[int]  # of the probes that were sent
    replies: Sequence[Reply]  # one at most to each


def counts(loss: OneWayLoss | None) -> tuple[int, int] | None:
    """Losses forward and backward as one number each, the middle of their bounds.

    None where the bounds are wider than 10 % of the loss and than 3 packets. Together they are
    always the whole loss.
    """
    if loss is None:
        return None
    whole = loss.forward.low + loss.backward.high
    width = loss.forward.high - loss.forward.low
    if width > _NARROW and width > _NARROW_SHARE * whole:
        return None
    forward = int(loss.forward.middle)
    return forward, int(whole) - forward


def total(losses: Iterable[OneWayLoss | None]) -> OneWayLoss | None:
    """The losses of several flows together; None as soon as one has no direction."""
    whole = OneWayLoss(Interval(0, 0), Interval(0, 0))
    for loss in losses:
        if loss is None:
            return None
        whole = OneWayLoss(whole.forward.plus(loss.forward), whole.backward.plus(loss.backward))
    return whole


def direction(target: TargetRun) -> Direction:
    """Whether the reflector's numbers tell the direction of loss."""
    numbered = [reply for reply in target.replies if reply.number is not None]
    if not numbered:
        return "echo" if target.replies else "unsettled"
    if any((reply.number or 0) >= FIRST_CLOSING for reply in target.closing_replies):
        return "stateless"
    flows: dict[int, list[Reply]] = {}
    for reply in numbered:
        flows.setdefault(reply.flow, []).append(reply)
    if any(_restarted(replies) for replies in flows.values()):
        return "restarted"
    sent = sum(not packet.fault for packet in target.packets)
    if (
        len(first_replies(target.replies)) == sent
        or target.closing_replies
        or any(reply.number != reply.sequence for reply in numbered)
    ):
        return "known"
    return "unsettled"  # a stateless reflector would look the same


def _restarted(replies: list[Reply]) -> bool:
    """Whether the reflector's count of one flow went back, or gave a number twice.

    Back both in the order of its own clock and in that of arrival: the one alone may be a clock
    that was set, the other reordering.
    """
    order = [(reply.received or 0, reply.number or 0) for reply in replies]
    if all(early[0] <= late[0] and early[1] < late[1] for early, late in pairwise(order)):
        return False  # as it nearly always is
    owners: dict[int | None, int] = {}
    for reply in replies:
        if owners.setdefault(reply.number, reply.sequence) != reply.sequence:
            return True
    ordered = sorted(
        (reply.received or 0, reply.number or 0, place) for place, reply in enumerate(replies)
    )
    return any(
        later[0] > earlier[0] and later[1] < earlier[1] and later[2] > earlier[2]
        for earlier, later in pairwise(ordered)
    )


def losses_by_direction(
    sequences: Sequence[int], replies: Sequence[Reply], closing: ClosingProbes, duplicated: bool
) -> OneWayLoss:
    """Losses of one flow, each within bounds.

    sequences: of the packets sent; duplicated: whether packets of this run arrived at the reflector
    more than once, so that it has counted some twice.
    """
    lost = len(sequences) - len({reply.sequence for reply in replies})
    if not lost:
        return OneWayLoss(Interval(0, 0), Interval(0, 0))
    numbers = {reply.number for reply in replies if reply.number is not None}
    last = max(numbers, default=-1)
    first = _first_number(replies, duplicated)
    unanswered = last + 1 - len(numbers)  # arrived before the last answered one
    after = _after_by_closing(last, closing) or _after_at_most(sequences, replies, last)
    low = max(0, unanswered - first.high) + after.low
    high = unanswered - first.low + after.high
    if duplicated or low > lost:
        low = 0  # each of the unanswered arrivals may be a copy of a packet that was answered
    backward = Interval(min(low, lost), min(high, lost))
    return OneWayLoss(Interval(lost - backward.high, lost - backward.low), backward)


def _first_number(replies: Sequence[Reply], duplicated: bool) -> Interval:
    """The number of the first request: 0, or more where the reflector remembers an earlier run.

    A number above the packet's own may also come from a duplicate or from reordering; only when
    most replies have one, the reflector has begun above 0.
    """
    lowest = min(replies, key=lambda reply: reply.number or 0, default=None)
    above = sum((reply.number or 0) > reply.sequence for reply in replies)
    if lowest is None or lowest.number is None or not above:
        return Interval(0, 0)
    if duplicated or above < _ABOVE or 2 * above < len(replies):
        return Interval(0, lowest.number)
    return Interval(max(0, lowest.number - lowest.sequence), lowest.number)


def _after_by_closing(last: int, closing: ClosingProbes) -> Interval | None:
    """How many requests arrived after the last answered one, by replies to closing probes.

    None when no closing probe was answered, or when the replies contradict each other.
    """
    best: Interval | None = None
    for reply in closing.replies:
        if reply.number is None or reply.number <= last:
            continue
        between = reply.number - last - 1
        probes = sum(sequence < reply.sequence for sequence in closing.sequences)
        # closing probes that were answered with a lower number are among those between
        arrived = sum(
            other.number is not None and other.number < reply.number for other in closing.replies
        )
        low, high = max(0, between - probes), between - arrived
        best = (
            Interval(low, high)
            if best is None
            else Interval(max(best.low, low), min(best.high, high))
        )
    return best if best is None or best.low <= best.high else None


def _after_at_most(sequences: Sequence[int], replies: Sequence[Reply], last: int) -> Interval:
    """The same without closing probes: all that was sent after it may have arrived, or nothing."""
    newest = max((reply.sequence for reply in replies if reply.number == last), default=-1)
    answered = {reply.sequence for reply in replies}
    return Interval(
        0, sum(sequence > newest and sequence not in answered for sequence in sequences)
    )
