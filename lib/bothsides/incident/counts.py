"""What is known of the loss in one direction between two hosts, out of both hosts' UDP."""

from bothsides.analyse.statistics import at_least, wilson
from bothsides.base.types import Iterable, Iterator, Literal, NamedTuple, Sequence
from bothsides.incident.case import Case, View
from bothsides.model.evidence import FlowLoss, UdpEvidence
from bothsides.model.interval import Interval

USUAL = 0.005  # share that a healthy way may lose
RARE = 1e-3  # probability below which losses are no chance
_CONTRAST = 10.0  # times the share of the others that packets of one kind lose
_PART = 0.5  # of the flows, those that one of parallel links hits
_DOUBTFUL = 0.02  # probability below which so few losses are not taken for a healthy way either
_CUT = 0.9  # share from which nothing gets through
FEW = 3  # losses below which nothing is said to be lossy
_SMALL = 1 / 6  # of the other direction's losses: below that a direction is clean


class FlowCount(NamedTuple):
    """Packets of one source port in one direction."""

    sent: int  # packets that entered the direction
    lost: Interval  # of these, packets lost there


class Counts(NamedTuple):
    """Everything about one direction."""

    flows: tuple[FlowCount, ...]
    sent: int  # packets
    lost: Interval  # packets of these
    silent: bool  # whether nothing at all got through, either way
    steady: bool = True  # whether the loss neither began nor ended while it was measured
    cut: bool = False  # whether nothing got through before or after that
    ended: bool = False  # whether the loss came first, and ended while it was measured

    @property
    def share(self) -> Interval:
        """Where the share that is lost lies, with 95 % confidence on top of the bounds."""
        if not self.sent:
            return Interval(0.0, 1.0)
        low = wilson(round(self.lost.low), self.sent).low
        return Interval(low, wilson(round(self.lost.high), self.sent).high)


State = Literal["clean", "lossy", "silent", "unknown"]


def directional(case: Case, start: str, target: str) -> Counts:
    """What both hosts' measurements say about the packets from `start` to `target`."""
    flows = [*_forward(case.view(start, target)), *_backward(case.view(target, start))]
    sent = sum(flow.sent for flow in flows)
    low = sum(flow.lost.low for flow in flows)
    high = sum(flow.lost.high for flow in flows)
    views = (case.view(start, target), case.view(target, start))
    asked = [view.now.udp for view in views if view is not None and view.now.udp is not None]
    sending = [udp for udp in asked if udp.sent]
    silent = bool(sending) and all(is_silent(udp) for udp in sending)
    steady = all(udp.turned is None for udp in sending)
    cut = any(udp.turned is not None and udp.worst >= _CUT for udp in sending)
    ended = not steady and all(udp.ended is True for udp in sending if udp.turned is not None)
    return Counts(tuple(flows), sent, Interval(low, high), silent, steady, cut, ended)


def is_silent(udp: UdpEvidence | None) -> bool:
    """Whether packets were sent and none was answered."""
    return udp is not None and udp.sent > 0 and udp.lost == udp.sent


def _forward(view: View | None) -> Iterator[FlowCount]:
    """The requests of a view, flow by flow."""
    for flow in _flows(view):
        lost = flow.forward or Interval(0, flow.lost)
        yield FlowCount(flow.sent, lost)


def _backward(view: View | None) -> Iterator[FlowCount]:
    """The replies to a view's requests; how many there were depends on what was lost before."""
    for flow in _flows(view):
        forward = flow.forward or Interval(0, flow.lost)
        lost = Interval(flow.lost - forward.high, flow.lost - forward.low)
        sent = flow.sent - int(forward.low)
        if sent > 0:
            yield FlowCount(sent, Interval(lost.low, min(lost.high, sent)))


def _flows(view: View | None) -> Iterable[FlowLoss]:
    if view is None or view.now.udp is None or is_silent(view.now.udp):
        return ()
    return view.now.udp.flows


def states(one: Counts, other: Counts) -> tuple[State, State]:
    """Whether each of two opposite directions loses."""
    if one.silent and other.silent:
        return "silent", "silent"
    return _state(one, other), _state(other, one)


def _state(mine: Counts, other: Counts) -> State:
    if not mine.sent:
        return "unknown"
    low, high = round(mine.lost.low), mine.lost.high
    if low >= FEW and at_least(low, mine.sent, USUAL) < RARE:
        if high > max(2.0, _SMALL * other.lost.low) or other.lost.low < FEW:
            return "lossy"
        return "clean"
    if high <= max(2.0, _SMALL * max(other.lost.low, other.lost.high)):
        return "clean"
    if high < FEW or at_least(round(high), mine.sent, USUAL) >= RARE:
        return "clean"
    return "unknown"


def doubtful(counts: Counts) -> bool:
    """Whether more is lost than a healthy way loses, but not so much that chance is excluded."""
    low = round(counts.lost.low)
    if low < FEW or counts.silent:
        return False
    return RARE <= at_least(low, counts.sent, USUAL) < _DOUBTFUL


def likelihood(flows: Sequence[FlowCount], share: float, part: float = 1.0) -> float:
    """How likely the losses are when each flow is hit with probability `part`, and then loses.

    share: of its packets that a flow loses which is hit. The result is a logarithm.
    """
    import math

    total = 0.0
    for flow in flows:
        hit = _within(flow, max(share, USUAL / 4))
        calm = _within(flow, USUAL / 4) if part < 1 else 0.0
        total += math.log(part * hit + (1 - part) * calm + 1e-30)
    return total


def lost_evenly(case: Case, start: str, target: str) -> float:
    """The share that requests or replies of one direction lose at least; 0.0 where it is by flow.

    Somebody may drop the ones and not the others, so the larger share counts. Where some flows lose
    and others none, they may take one of parallel links.
    """
    least = 0.0
    for flows in (
        tuple(_forward(case.view(start, target))),
        tuple(_backward(case.view(target, start))),
    ):
        lost, sent = sum(flow.lost.low for flow in flows), sum(flow.sent for flow in flows)
        if not lost:
            continue
        share = lost / sent
        some = likelihood(flows, min(1.0, share / _PART), _PART)
        if some > likelihood(flows, share):
            return 0.0
        least = max(least, wilson(round(lost), sent).low)
    return least


def by_kind(case: Case, start: str, target: str) -> bool:
    """Whether requests of one direction are lost and replies are not, or the other way round.

    Both have the same way and other ports, so somebody limits or filters them by what they are.
    """
    parts = [
        (sum(flow.lost.low for flow in flows), sum(flow.lost.high for flow in flows),
         sum(flow.sent for flow in flows))
        for flows in (
            tuple(_forward(case.view(start, target))),
            tuple(_backward(case.view(target, start))),
        )
    ]  # fmt: skip
    (low, _, sent), (other, most, replies) = sorted(parts)[::-1]
    if not sent or not replies or not lost_evenly(case, start, target):
        return False
    share = wilson(round(low), sent).low
    return most * _CONTRAST <= share * replies and binomial(replies, round(other), share) < RARE


def _within(flow: FlowCount, share: float) -> float:
    """The mean likelihood over all numbers of losses that are possible."""
    low, high = round(flow.lost.low), round(flow.lost.high)
    return sum(binomial(flow.sent, lost, share) for lost in range(low, high + 1)) / (high - low + 1)


def binomial(sent: int, lost: int, share: float) -> float:
    """The probability of just so many losses."""
    import math

    if share <= 0:
        return 1.0 if not lost else 0.0
    if share >= 1:
        return 1.0 if lost == sent else 0.0
    ways = math.lgamma(sent + 1) - math.lgamma(lost + 1) - math.lgamma(sent - lost + 1)
    return math.exp(ways + lost * math.log(share) + (sent - lost) * math.log1p(-share))
