"""Pairs of places, one on each way, that may lose, and how likely each pair is beforehand.

One fault that explains both directions is likelier than two faults at the same time: one of a link
that both ways pass, or one that a network has in common to several of its links.
"""

import math

from bothsides.base.types import Iterator, Literal, Sequence
from bothsides.incident.locate import OneWay, Pair
from bothsides.incident.places import Link
from bothsides.parse import Unreadable
from bothsides.parse.ip_owners import to_number

_LINK, _NETWORK, _SECOND = 0.65, 0.2, 0.15
"""How likely both directions lose by one fault of a link that both pass, by one elsewhere in the
same network, or by two faults."""
_MOST = 160  # links of one way that are tried together with those of the other

Which = Literal["out", "back", "either", "both"]
"""Which directions lose; either: one of them or both, nobody knows."""


def hypotheses(
    out: OneWay, back: OneWay, which: Which, alive: tuple[bool, bool]
) -> Iterator[tuple[Pair, float]]:
    """Every pair of places with the logarithm of its prior probability."""
    there = () if alive[0] else out.likeliest(_MOST)
    here = () if alive[1] else back.likeliest(_MOST)
    if which in ("out", "either"):
        yield from ((Pair(link, None), -math.log(len(there))) for link in there)
    if which in ("back", "either"):
        yield from ((Pair(None, link), -math.log(len(here))) for link in here)
    if which in ("both", "either"):
        yield from _both(there, here, which)


def _both(
    there: Sequence[Link], here: Sequence[Link], which: Which
) -> Iterator[tuple[Pair, float]]:
    """Pairs of places: those that one fault explains have most of the probability."""
    if which == "both" and there and not here:
        yield from ((Pair(link, None), -math.log(len(there))) for link in there)
    if which == "both" and here and not there:
        yield from ((Pair(None, link), -math.log(len(here))) for link in here)
    ends, others = [_End(link) for link in there], [_End(link) for link in here]
    same = sum(bool(one.sides & other.sides) for one in ends for other in others)
    mirrored = sum(one.mirrors(other) for one in ends for other in others)
    apart = 1 / max(1, len(there) * len(here))
    for one in ends:
        for other in others:
            prior = _SECOND * apart if same else apart
            if one.sides & other.sides:
                prior += _NETWORK / same
                prior += _LINK / mirrored if one.mirrors(other) else 0.0
            elif which == "either":
                continue  # two dead links at the same time
            yield Pair(one.link, other.link), math.log(prior)


class _End:
    """One link, with what tells whether a link of the other way is the same one."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.sides = link.likely
        self._subnets = frozenset(_subnet(address) for address in link.before)

    def mirrors(self, other: "_End") -> bool:
        """Whether both may be the two directions of one link.

        It lies between the same networks. A network has many links inside, and the addresses at
        both ends of one are of one small subnet: if they are known and are not, it is another link.
        """
        if not self.sides or self.sides != other.sides:
            return False
        inside = len(self.sides) == 1 and not self.link.host
        known = bool(self._subnets and other._subnets)
        return not (inside and known) or bool(self._subnets & other._subnets)


def _subnet(address: str) -> tuple[int, int]:
    """The subnet of four addresses that an address is in."""
    try:
        family, number = to_number(address)
    except Unreadable:
        return 0, 0
    return family, number >> 2


def _mirrored(pair: Pair) -> bool:
    """Whether both places may be the two directions of one link."""
    return (
        pair.out is not None and pair.back is not None and _End(pair.out).mirrors(_End(pair.back))
    )


def _overlap(pair: Pair) -> set[str]:
    """Sides that both places share; networks that nobody saw may be the same one."""
    if pair.out is None or pair.back is None:
        return set()
    return set(pair.out.likely & pair.back.likely)


def sides_of(pair: Pair) -> Iterator[tuple[tuple[str, str], float]]:
    """The sides at fault on the way out and on the way back, with their probabilities."""
    if pair.out is None or pair.back is None:
        link = pair.out or pair.back
        for side, part in link.sides if link is not None else ():
            yield (side, side), part
        return
    common = {side: pair.out.weight(side) * pair.back.weight(side) for side in _overlap(pair)}
    total = sum(common.values())
    one_fault = _LINK + _NETWORK if _mirrored(pair) else _NETWORK
    single = one_fault / (one_fault + _SECOND) if common else 0.0
    for side, part in common.items():
        yield (side, side), single * part / total
    for one, part in pair.out.sides:
        for other, rest in pair.back.sides:
            yield (one, other), (1 - single) * part * rest
