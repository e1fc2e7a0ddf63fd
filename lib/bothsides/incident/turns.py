"""From which hop on the replies of a trace take a link of the opposite way."""

from bothsides.base.types import Sequence
from bothsides.incident.case import Way
from bothsides.incident.places import Link

_NO, _MAYBE, _YES = 0.06, 0.4, 0.9
"""How likely a router's replies take a link: by where its network lies on the way of the replies.
A network may carry them inside to where it hands them over, so nothing is certain."""


def turns(way: Way, opposite: Way | None, link: Link | None) -> tuple[float, ...]:
    """The probability of each hop of `way` to be the first whose replies take the link.

    opposite: the way on which the link is; link None: nothing is known.
    """
    length = way.length
    if opposite is None or link is None:
        return (1 / length,) * length
    chances = [_chance(way, opposite, link, place) for place in range(length - 1)] + [1.0]
    weights, left = [], 1.0
    for chance in chances:
        weights.append(left * chance)
        left *= 1 - chance
    return tuple(weights)


def _chance(way: Way, opposite: Way, link: Link, place: int) -> float:
    """How likely the replies of one router take the link."""
    if link.hop == 1:
        return 0.01  # the target's own link: only its own replies leave by it
    sides = way.line[place].sides
    hops = _positions(sides, opposite)
    if not hops:
        return _MAYBE
    if min(hops) >= link.hop:
        return _NO
    return _YES if max(hops) < link.hop - 1 else _MAYBE


def _positions(sides: Sequence[str], way: Way) -> list[int]:
    """The hops of a way that may belong to one of these sides."""
    return [hop for hop, router in enumerate(way.line, 1) if set(router.sides) & set(sides)]
