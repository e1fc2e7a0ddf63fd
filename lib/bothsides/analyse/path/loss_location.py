"""Behind which hop a path begins to lose packets, by what arrives at the target."""

import math

from bothsides.base.types import Container, Mapping, NamedTuple, Sequence

_LEAST = 3  # losses of the target below which no place is named
_LIMITED = 0.03  # share of routers that usually answer, but limit answers to so many probes
_STRAY = 0.01  # of the target's share: lost by chance before the place where loss begins
_STEPS = 24  # shares of loss that are tried
_SURE = 0.99  # of the likelihood must lie in the section that is named
_SPARED = 0.5  # chance that packets of another kind take a parallel path that loses nothing


class Segment(NamedTuple):
    """The section of a path in which loss begins."""

    after: int  # the last hop before the loss; 0: this host
    before: int  # the first hop behind it
    share: float  # fraction that the target loses


class Counts(NamedTuple):
    """Probes of one kind, which all take the same path: sent and lost."""

    hops: Mapping[int, tuple[int, int]]  # by TTL
    target: tuple[int, int] = (0, 0)  # those with a full TTL; none: this kind has only hops


def loss_span(kinds: Sequence[Counts], length: int, answering: Container[int]) -> Segment | None:
    """The section in which loss begins with 99 % of the likelihood; None: too little is lost.

    A hop's own loss proves nothing. For every place where loss may begin, and every share that the
    target's losses allow: hops before it lose nothing unless they limit their answers, hops behind
    it lose that share, or more when they limit their answers.

    kinds: the first has a target, whose loss it is; others may take a path that does not lose.
    answering: hops that usually answer; the silence of others means nothing.
    """
    sent, lost = kinds[0].target
    if lost < _LEAST or not sent:
        return None
    hops = [
        {
            ttl: counts
            for ttl, counts in kind.hops.items()
            if counts[0] and (counts[1] < counts[0] or ttl in answering)
        }
        for kind in kinds
    ]
    near, far = _likely_span(hops, (sent, lost), length)
    if len(hops) > 1:
        alone = _likely_span(hops[:1], (sent, lost), length)
        if alone[0] >= far or alone[1] <= near:  # the flows lose something of their own
            near, far = min(near, alone[0]), max(far, alone[1])
    return Segment(near, far, lost / sent)


def _likely_span(
    kinds: Sequence[Mapping[int, tuple[int, int]]], target: tuple[int, int], length: int
) -> tuple[int, int]:
    """The last hop before the loss and the first behind it, with 99 % of the likelihood."""
    chances = _joined_chances(kinds, target, length)
    best = max(chances)
    shares = [math.exp(chance - best) for chance in chances]
    whole, held, kept = sum(shares), 0.0, []
    for place in sorted(range(length), key=lambda place: -shares[place]):
        kept.append(place)
        held += shares[place]
        if held >= _SURE * whole:
            break
    return min(kept), max(kept) + 1


def _joined_chances(
    kinds: Sequence[Mapping[int, tuple[int, int]]], target: tuple[int, int], length: int
) -> list[float]:
    """For each place the logarithm of its likelihood, by the hops' (sent, lost) of every kind.

    A hop that limits its answers limits those to every kind of probe. Kinds behind the first may
    take a path that loses nothing.
    """
    ttls = sorted({ttl for hops in kinds for ttl in hops})
    base = _everywhere(kinds[0], target[1] / target[0])
    terms: list[list[float]] = [[] for _ in range(length)]
    clean = {ttl: math.log(_joined(kinds, ttl, base, base, limited_low=0.0)) for ttl in ttls}
    for share in _shares(target):
        weight = math.log(_likely(*target, share) + 1e-300)
        for others, chance in ((share, 1 - _SPARED), (base, _SPARED)):
            lossy = {
                ttl: math.log(_joined(kinds, ttl, share, others, limited_low=share)) for ttl in ttls
            }
            for place in range(length):
                total = sum(clean[ttl] if ttl <= place else lossy[ttl] for ttl in ttls)
                terms[place].append(weight + math.log(chance) + total)
    return [_summed(each) for each in terms]


def _joined(
    kinds: Sequence[Mapping[int, tuple[int, int]]],
    ttl: int,
    share: float,
    others: float,
    limited_low: float,
) -> float:
    """The likelihood at one hop: all kinds lose their share, or the hop limits its answers."""
    free = limited = 1.0
    for number, hops in enumerate(kinds):
        if ttl in hops:
            mine = others if number else share
            free *= _likely(*hops[ttl], mine)
            limited *= _any_above(*hops[ttl], min(limited_low, mine))
    return (1 - _LIMITED) * free + _LIMITED * limited + 1e-300


def _shares(target: tuple[int, int]) -> list[float]:
    """The shares of loss that a target's losses allow."""
    steps = ((step + 0.5) / _STEPS for step in range(_STEPS))
    return [share for share in steps if _likely(*target, share) > 1e-6] or [target[1] / target[0]]


def _summed(logarithms: Sequence[float]) -> float:
    """The logarithm of a sum of numbers that are given by their logarithms."""
    most = max(logarithms)
    return most + math.log(sum(math.exp(value - most) for value in logarithms))


def _everywhere(hops: Mapping[int, tuple[int, int]], share: float) -> float:
    """What even hops before the loss lose, as this machine is busy: the median of small losses.

    Never zero: one loss by chance must not move the place towards this host.
    """
    small = sorted(lost / sent for sent, lost in hops.values() if lost <= sent * share / 4)
    return max(_STRAY * share, small[len(small) // 2] if small else 0.0)


def _any_above(sent: int, lost: int, share: float) -> float:
    """The likelihood of any share above this one."""
    return sum(_likely(sent + 1, number, share) for number in range(lost + 1)) / (
        (sent + 1) * (1 - share)
    )


def _likely(sent: int, lost: int, share: float) -> float:
    return math.comb(sent, lost) * share**lost * (1 - share) ** (sent - lost)
