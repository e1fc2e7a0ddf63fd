"""Whose router an address is, as the joined verdict reads a way: labels, the likeliest ones alone.

`Hop.sides` has every network that the router may belong to if providers number the links to their
customers, the likeliest first; the path's own check names all that are left without that rule.
"""

from bothsides.analyse.path import router_owner
from bothsides.analyse.path.ownership import Owner, is_network, is_special, same_network
from bothsides.base.types import Mapping, NamedTuple, Sequence
from bothsides.parse import Unreadable

UNSEEN = "?"
"""Code of an unknown network: of a silent router, or of one that the map does not have."""

_AGAINST = 0.08  # share of borders that are numbered against custom


class Hop(NamedTuple):
    """One address on a way and whose router it may be."""

    address: str  # "": silent
    label: str  # of the address by the owner map; "": not known
    role: str  # likewise
    sides: tuple[str, ...]  # labels of whose router it may be, likeliest first; empty: unknown
    against: str = ""  # label of whose router it is if the link is numbered against custom

    @property
    def shares(self) -> tuple[tuple[str, float], ...]:
        """Whose router it may be, and how likely; UNSEEN where nothing is known."""
        left = 1.0 - _AGAINST if self.against else 1.0
        sides = self.sides or (UNSEEN,)
        shares = [(side, left / len(sides)) for side in sides]
        return (*shares, (self.against, _AGAINST)) if self.against else (*shares,)


def routers_along(line: Sequence[str], owners: Mapping[str, Owner]) -> tuple[Hop, ...]:
    """The routers of a way from its first hop to its target ("" for silent hops)."""
    hops: list[Hop] = []
    for router in router_owner.routers_along([address or None for address in line], owners):
        owner = owners.get(router.address, Owner())
        label = owner.label if is_network(owner) else ""
        sides = tuple(dict.fromkeys(other.label for other in router.likely if other.label))
        if not label:
            sides = _between(router.ttl - 1, line, owners)
        elif _before_a_gap(router.ttl - 1, line, owners) or (
            sides and _before_a_stranger(router.ttl - 1, line, owners)
        ):
            sides = (*sides, UNSEEN)
        against = _against(router.ttl - 1, line, owners, sides)
        hops.append(Hop(router.address, label, owner.role, sides, against))
    return (*hops,)


def _against(
    place: int, line: Sequence[str], owners: Mapping[str, Owner], sides: Sequence[str]
) -> str:
    """The other network at a border that is told by custom alone: who numbers the link there.

    The first hop is no border: its address is of the network that the host itself is in.
    """
    if not place:
        return ""
    mine = owners.get(line[place], Owner())
    after = owners.get(line[place + 1], Owner()) if place + 2 < len(line) else Owner()
    if not (is_network(mine) and is_network(after)) or same_network(mine, after):
        return ""
    if {mine.role, after.role} & {"exchange", "tunnel"} or len(sides) != 1:
        return ""
    return mine.label if sides == (after.label,) else after.label


def _before_a_gap(place: int, line: Sequence[str], owners: Mapping[str, Owner]) -> bool:
    """Whether several silent hops follow, which may hide a network whose router this one is.

    Up to the target, and on a way that shows one network alone, they may even where both are of one
    network, which has other ones between.
    """
    if place + 2 >= len(line) or line[place + 1] or line[place + 2]:
        return False
    if not any(line[place + 1 : -1]) or _one_network(line, owners):
        return True
    after = next((owners[each] for each in line[place + 1 :] if each in owners), Owner())
    mine = owners.get(line[place], Owner())
    return not is_network(after) or not same_network(mine, after)


def _one_network(line: Sequence[str], owners: Mapping[str, Owner]) -> bool:
    """Whether all addresses of a way that have an owner are of one network."""
    known = [owner for address in line if is_network(owner := owners.get(address, Owner()))]
    return bool(known) and all(same_network(known[0], each) for each in known)


def _before_a_stranger(place: int, line: Sequence[str], owners: Mapping[str, Owner]) -> bool:
    """Whether an address follows that the map does not have: the router may be of its network.

    Not where the same network follows behind that address: it is one of its own then. Private
    addresses are on links of networks that are known.
    """
    after = line[place + 1] if place + 1 < len(line) else ""
    if not after or _is_special(after):
        return False
    known = [owners.get(address, Owner()) for address in line[place + 1 :]]
    if is_network(known[0]):
        return False
    behind = next((owner for owner in known if is_network(owner)), None)
    return behind is None or not same_network(owners.get(line[place], Owner()), behind)


def _is_special(address: str) -> bool:
    """Whether nobody announces an address; False for what is none, as strangers may write it."""
    try:
        return is_special(address)
    except Unreadable:
        return False


def _in_a_row(place: int, line: Sequence[str]) -> bool:
    """Whether a silent hop has a silent neighbour."""
    return any(0 <= near < len(line) and not line[near] for near in (place - 1, place + 1))


def _before_the_target(place: int, line: Sequence[str]) -> bool:
    """Whether a silent hop is one of several in a row in front of the target."""
    first = next((at for at in range(place, -1, -1) if line[at]), -1) + 1
    return not any(line[place:-1]) and len(line) - 1 - first > 1


def _between(place: int, line: Sequence[str], owners: Mapping[str, Owner]) -> tuple[str, ...]:
    """The networks around a hop without a known owner.

    A silent one is of either, as far as they are known; an address that the map does not have is of
    a third network, unless the same network lies on both sides of it. Between two of our own it may
    be a tunnel, which others carry. Silent first hops may be of the host's own network.
    """
    known = [owners.get(address, Owner()) for address in line]
    before = next((owner for owner in reversed(known[:place]) if is_network(owner)), None)
    after = next((owner for owner in known[place + 1 :] if is_network(owner)), None)
    links = ("exchange", "tunnel")  # networks whose addresses are those of others' routers
    around = [each for each in (before, after) if each is not None and each.role not in links]
    labels = tuple(dict.fromkeys(each.label for each in around))
    if not line[place] and ((labels and before is None) or _before_the_target(place, line)):
        return (*labels, UNSEEN)
    ours = len(around) == 2 and len(labels) == 1 and around[0].role == "us"
    if line[place]:
        if len(around) < 2 or len(labels) > 1:
            return ()
        return labels if not ours else (*labels, UNSEEN)
    if ours or (_in_a_row(place, line) and _one_network(line, owners)):
        return (*labels, UNSEEN)
    member = after is not None and after.role == "exchange"  # of an exchange, whoever that is
    return labels if len(labels) < 2 and not (labels and member) else (*labels, UNSEEN)


def networks_of(line: Sequence[Hop], unseen: str) -> tuple[str, ...]:
    """All networks of a way, and `unseen` where a router may be of one that nobody knows."""
    sides = dict.fromkeys(side for hop in line for side in hop.sides)
    if not sides or any(not hop.sides for hop in line[:-1]):
        sides[unseen] = None
    return tuple(sides)
