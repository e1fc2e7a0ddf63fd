"""Behind which hop a path begins to lose, judged by what arrives at the target."""

import math

from bothsides.base.types import Mapping, NamedTuple

_LEAST = 3  # losses at the target below which nothing is said
_RUDE = 0.2  # share of routers that lose or limit answers of their own, without losing anybody's packets
_STRAY = (
    0.01  # of the target's share: what is lost by chance in front of the place where loss begins
)
_STEPS = 24  # shares of loss that are tried


class Segment(NamedTuple):
    """Loss begins behind hop `after` (0: at the start) and before hop `before`; share: of the target's loss."""

    after: int
    before: int
    share: float


def begins(
    asked: Mapping[int, tuple[int, int]], target: tuple[int, int], length: int
) -> Segment | None:
    """Where loss begins, from probes (sent, lost) by TTL and of the target itself; None when it loses too little.

    A hop's own loss proves nothing. For every place where the path may begin to lose, and every share
    that the target's losses allow: hops before it lose nothing unless they are rude, hops behind it
    lose that share, or more when they are rude. The likeliest place is the answer.
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
            continue  # nobody could tell it from the hop before
        total = sum(
            _likely(sent, lost, share)
            * math.exp(sum(clean[t] if t <= place else lossy[share][t] for t in hops))
            for share in shares
        )
        if total > best:
            best, after = total, place
    return Segment(after, min((ttl for ttl in hops if ttl > after), default=length), lost / sent)


def _everywhere(hops: Mapping[int, tuple[int, int]], share: float) -> float:
    """What even hops in front of the loss lose, because this machine is busy: the median of the small losses.

    Never nothing at all: one stray loss must not pull the place towards us.
    """
    small = sorted(lost / sent for sent, lost in hops.values() if lost <= sent * share / 4)
    return max(_STRAY * share, small[len(small) // 2] if small else 0.0)


def _before(sent: int, lost: int, base: float) -> float:
    """How likely a hop in front of the loss loses so many: next to none, or any number when it is rude."""
    return _RUDE / (sent + 1) + (1 - _RUDE) * _likely(sent, lost, base)


def _behind(sent: int, lost: int, share: float) -> float:
    """How likely a hop behind the loss loses so many: the share, or any larger one when it is rude."""
    more = (
        sum(_likely(sent + 1, number, share) for number in range(lost + 1))
        / (sent + 1)
        / (1 - share)
    )
    return (1 - _RUDE) * _likely(sent, lost, share) + _RUDE * more + 1e-300


def _likely(sent: int, lost: int, share: float) -> float:
    return math.comb(sent, lost) * share**lost * (1 - share) ** (sent - lost)
