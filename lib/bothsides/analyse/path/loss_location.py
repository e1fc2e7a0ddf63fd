"""Behind which hop a path begins to lose packets, by what arrives at the target."""

import math

from bothsides.base.types import Mapping, NamedTuple

_LEAST = 3  # losses of the target below which no place is named
_LIMITED = 0.2  # share of routers that drop or limit their own answers, but forward all packets
_STRAY = 0.01  # of the target's share: lost by chance before the place where loss begins
_STEPS = 24  # shares of loss that are tried


class Segment(NamedTuple):
    """The section of a path in which loss begins."""

    after: int  # the last hop before the loss; 0: this host
    before: int  # the first hop behind it
    share: float  # fraction that the target loses


def locate_loss(
    asked: Mapping[int, tuple[int, int]], target: tuple[int, int], length: int
) -> Segment | None:
    """Where loss begins, from (sent, lost) by TTL and of the target; None: it loses too little.

    A hop's own loss proves nothing. For every place where loss may begin, and every share that the
    target's losses allow: hops before it lose nothing unless they limit their answers, hops behind
    it lose that share, or more when they limit their answers. The likeliest place is the answer.
    """
    sent, lost = target
    if lost < _LEAST or not sent:
        return None
    hops = {ttl: counts for ttl, counts in asked.items() if ttl < length and counts[1] < counts[0]}
    shares = [
        (step + 0.5) / _STEPS
        for step in range(_STEPS)
        if _likely(sent, lost, (step + 0.5) / _STEPS) > 1e-6
    ] or [lost / sent]
    base = _everywhere(hops, lost / sent)
    clean = {ttl: math.log(_before(*counts, base)) for ttl, counts in hops.items()}
    lossy = {
        share: {ttl: math.log(_behind(*counts, share)) for ttl, counts in hops.items()}
        for share in shares
    }
    best, after = -math.inf, 0
    for place in range(length):
        if place and place not in hops:
            continue  # not to be told from the hop before
        total = sum(
            _likely(sent, lost, share)
            * math.exp(sum(clean[t] if t <= place else lossy[share][t] for t in hops))
            for share in shares
        )
        if total > best:
            best, after = total, place
    return Segment(after, min((ttl for ttl in hops if ttl > after), default=length), lost / sent)


def _everywhere(hops: Mapping[int, tuple[int, int]], share: float) -> float:
    """What even hops before the loss lose, as this machine is busy: the median of small losses.

    Never zero: one loss by chance must not move the place towards this host.
    """
    small = sorted(lost / sent for sent, lost in hops.values() if lost <= sent * share / 4)
    return max(_STRAY * share, small[len(small) // 2] if small else 0.0)


def _before(sent: int, lost: int, base: float) -> float:
    """The likelihood at a hop before the loss: next to none, or any number with a limit."""
    return _LIMITED / (sent + 1) + (1 - _LIMITED) * _likely(sent, lost, base)


def _behind(sent: int, lost: int, share: float) -> float:
    """The likelihood at a hop behind the loss: the share, or any larger one with a limit."""
    more = (
        sum(_likely(sent + 1, number, share) for number in range(lost + 1))
        / (sent + 1)
        / (1 - share)
    )
    return (1 - _LIMITED) * _likely(sent, lost, share) + _LIMITED * more + 1e-300


def _likely(sent: int, lost: int, share: float) -> float:
    return math.comb(sent, lost) * share**lost * (1 - share) ** (sent - lost)
