"""A full mesh votes: which host, data centre or pair of providers explains the losses best.

Every directed pair belongs to a few elements: what its first host sends, what its second one gets,
the same of their data centres, and the pair of their providers. The element whose pairs lose more
than all others do, by the likelihood, is the answer. Those with the same pairs are named together.
"""

import math

from bothsides.base.types import Iterable, Iterator, Literal, Mapping, NamedTuple, Sequence

USUAL = 0.0005  # share that a healthy pair loses
_NAMED = math.log(1000)  # by which an element explains the losses better than chance
_COVERED = math.log(100)  # within this of the best one an element is not excluded

Kind = Literal["host out", "host in", "data centre out", "data centre in", "between"]


class Window(NamedTuple):
    """The packets of one direction between two hosts in one time."""

    start: str  # name of the host that sent
    target: str  # name of the host that should have got them
    sent: int  # packets
    lost: int  # packets that did not arrive


class Member(NamedTuple):
    """Where a host of the mesh stands."""

    datacenter: str  # "": not known
    provider: str  # "": not known


class Element(NamedTuple):
    """What may lose packets."""

    kind: Kind
    name: str  # of the host, the data centre, or both providers as "P to Q"


class Vote(NamedTuple):
    """What the mesh says."""

    elements: tuple[Element, ...]  # the answer; several have the same pairs; empty: nothing is bad
    also: tuple[Element, ...]  # elements that are not excluded
    share: float  # that the element's pairs lose, 0 to 1
    pairs: int  # directed pairs of the element


def vote(windows: Iterable[Window], members: Mapping[str, Member]) -> Vote:
    """The elements that explain the losses best."""
    by_element: dict[Element, list[Window]] = {}
    for window in windows:
        if window.sent > 0:
            for element in _elements(window, members):
                by_element.setdefault(element, []).append(window)
    gains = {element: _gain(mine) for element, mine in by_element.items()}
    ranked = sorted(gains, key=lambda element: (-gains[element], element))
    if not ranked or gains[ranked[0]] < _NAMED:
        return Vote((), (), 0.0, 0)
    best = by_element[ranked[0]]
    same = tuple(element for element in ranked if by_element[element] == best)
    least = gains[ranked[0]] - _COVERED
    also = tuple(each for each in ranked if each not in same and gains[each] >= least)
    return Vote(same, also, _share(best), len(best))


def holds(element: Element, window: Window, members: Mapping[str, Member]) -> bool:
    """Whether a pair belongs to an element."""
    return element in _elements(window, members)


def _elements(window: Window, members: Mapping[str, Member]) -> Iterator[Element]:
    yield Element("host out", window.start)
    yield Element("host in", window.target)
    nowhere = Member("", "")
    here, there = members.get(window.start, nowhere), members.get(window.target, nowhere)
    if here.datacenter != there.datacenter:
        if here.datacenter:
            yield Element("data centre out", here.datacenter)
        if there.datacenter:
            yield Element("data centre in", there.datacenter)
    if here.provider and there.provider and here.provider != there.provider:
        yield Element("between", f"{here.provider} to {there.provider}")


def _share(windows: Sequence[Window]) -> float:
    return sum(each.lost for each in windows) / sum(each.sent for each in windows)


def _gain(windows: Sequence[Window]) -> float:
    """How much better one share of their own explains these pairs than the usual one does."""
    share = _share(windows)
    if share <= USUAL:
        return 0.0
    lost = sum(each.lost for each in windows)
    sent = sum(each.sent for each in windows)
    rest = (sent - lost) * (math.log1p(-share) - math.log1p(-USUAL)) if share < 1 else 0.0
    return lost * math.log(share / USUAL) + rest - _uneven(windows, share)


def _uneven(windows: Sequence[Window], share: float) -> float:
    """What speaks against one share for all pairs: pairs that fit their own share far better."""
    total = 0.0
    for each in windows:
        own = min(max(each.lost / each.sent, 0.5 / each.sent), 1 - 0.5 / each.sent)
        likely = min(max(share, 1e-9), 1 - 1e-9)
        total += each.lost * math.log(own / likely)
        total += (each.sent - each.lost) * (math.log1p(-own) - math.log1p(-likely))
    return max(0.0, total - len(windows) / 2)
