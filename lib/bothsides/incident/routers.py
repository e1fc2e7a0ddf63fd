"""Whose router an address is: the owner map names the owner of the address, not of the router.

A link between two networks carries addresses of one of them. So a provider's last address in front
of its customer is the customer's router, and an address of an exchange is the router of the network
that follows. `Hop.sides` has every network that the router may belong to, the likeliest first.
"""

from bothsides.analyse.path.ownership import Owner, is_network
from bothsides.base.types import Mapping, NamedTuple, Sequence

_RANK = {"transit": 3, "isp": 2, "cloud": 1, "hoster": 1, "us": 0, "far end": 0}
"""Networks of a higher rank number the links to their customers."""


class Hop(NamedTuple):
    """One address on a way and whose router it may be."""

    address: str  # "": silent
    label: str  # of the address by the owner map; "": not known
    role: str  # likewise
    sides: tuple[str, ...]  # labels of whose router it may be, likeliest first; empty: unknown


def routers_along(line: Sequence[str], owners: Mapping[str, Owner]) -> tuple[Hop, ...]:
    """The routers of a way from its first hop to its target ("" for silent hops)."""
    known = [owners.get(address, Owner()) for address in line]
    hops: list[Hop] = []
    for place, address in enumerate(line):
        before = hops[-1].sides if hops else ()
        sides = _sides(place, line, known, before)
        hops.append(Hop(address, _label(known[place]), known[place].role, sides))
    return tuple(hops)


def _label(owner: Owner) -> str:
    return owner.label if is_network(owner) else ""


def _sides(
    place: int, line: Sequence[str], known: Sequence[Owner], before: tuple[str, ...]
) -> tuple[str, ...]:
    """before: whose router the hop before may be."""
    owner = known[place]
    mine = _label(owner)
    if not line[place]:
        return _around(place, known)
    if owner.role in ("exchange", "tunnel"):
        return _following(place, known)
    if not mine or place == len(line) - 1:
        return (mine,) if mine else _around(place, known)
    after = _next(place, known)
    if after is None or _label(after) == mine or after.role in ("exchange", "tunnel"):
        return (mine,)
    if mine not in before:
        # the first router of this network: it was entered by a link that the network numbers
        return (mine,)
    border = _at_border(owner, after)
    return border if before == (mine,) else tuple(dict.fromkeys((*border, mine)))


def _at_border(owner: Owner, after: Owner) -> tuple[str, ...]:
    """The last address of a network in front of another one."""
    ranks = _RANK.get(owner.role), _RANK.get(after.role)
    if None in ranks:
        return _label(owner), _label(after)
    if (ranks[0] or 0) > (ranks[1] or 0):
        return (_label(after),)
    if ranks[0] == ranks[1]:
        return _label(owner), _label(after)
    return (_label(owner),)


def _next(place: int, known: Sequence[Owner]) -> Owner | None:
    """The owner of the next hop; None where it is not known."""
    if place + 1 >= len(known) or not _label(known[place + 1]):
        return None
    return known[place + 1]


def _following(place: int, known: Sequence[Owner]) -> tuple[str, ...]:
    """The network behind an exchange or a tunnel."""
    for owner in known[place + 1 :]:
        if not _label(owner):
            return ()
        if owner.role not in ("exchange", "tunnel"):
            return (owner.label,)
    return ()


def _around(place: int, known: Sequence[Owner]) -> tuple[str, ...]:
    """The networks around a silent hop, which may belong to either."""
    before = next((_label(o) for o in reversed(known[:place]) if _label(o)), "")
    after = next((_label(o) for o in known[place + 1 :] if _label(o)), "")
    return tuple(dict.fromkeys(label for label in (before, after) if label))
