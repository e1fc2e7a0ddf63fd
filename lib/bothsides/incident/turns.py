"""From which hop on the replies of a trace take a link of the opposite way.

The ways from all routers to one host are a tree: the replies of a router join the opposite way
somewhere, and take its links from there on. A router of a network that the opposite way passes
joins it there. One of another network joins it behind the networks that follow on its own way:
those carry packets to their customers, none between two of their providers.
"""

from bothsides.base.types import NamedTuple, Sequence
from bothsides.incident.case import Way
from bothsides.incident.places import Link

_NO, _MAYBE, _YES = 0.05, 0.4, 0.9
"""How likely a router's replies take a link: by where its network lies on the way of the replies.
A network may carry them inside to where it hands them over, so nothing is certain."""
_NEVER = 0.01
"""The same where packets would come back to the router's own network behind that link."""
_AGAIN = 0.3
"""How much of both is left if the router before, of the same network, does not."""


class _Span(NamedTuple):
    """Where the replies of one hop may join the opposite way."""

    first: int  # hop of the opposite way
    last: int  # hop of the opposite way
    passed: bool  # whether the opposite way passes the hop's network


def turns(way: Way, opposite: Way | None, link: Link | None) -> tuple[float, ...]:
    """The probability of each hop of `way` to be the first whose replies take the link.

    opposite: the way on which the link is; link None: nothing is known.
    """
    length = way.length
    if opposite is None or link is None:
        return (1 / length,) * length
    spans = _spans(way, opposite)
    chances = [_chance(spans, link, place) for place in range(length - 1)] + [1.0]
    weights, left = [], 1.0
    for chance in chances:
        weights.append(left * chance)
        left *= 1 - chance
    return tuple(weights)


def _chance(spans: Sequence[_Span], link: Link, place: int) -> float:
    """How likely the replies of one router take the link, if those of routers before it do not."""
    if link.hop == 1:
        return 0.01  # the target's own link: only its own replies leave by it
    here = spans[place]
    if here.first >= link.hop:
        chance = _NEVER if here.passed and here.first > link.hop else _NO
        return chance * _AGAIN if place and spans[place - 1] == here else chance
    return _YES if here.last < link.hop - 1 else _MAYBE


def _spans(way: Way, opposite: Way) -> list[_Span]:
    """For each hop where its replies may join the opposite way."""
    hops = [_positions(router.sides, opposite) for router in way.line]
    spans = []
    for place, here in enumerate(hops):
        if here:
            spans.append(_Span(min(here), max(here), True))
            continue
        near = next((each for each in reversed(hops[:place]) if each), [opposite.length])
        behind = next((each for each in hops[place + 1 :] if each), [0])
        spans.append(_Span(max(behind) + 1, max(near), False))
    return spans


def _positions(sides: Sequence[str], way: Way) -> list[int]:
    """The hops of a way that may belong to one of these sides."""
    return [hop for hop, router in enumerate(way.line, 1) if set(router.sides) & set(sides)]
