"""Whose router an address is, as the joined verdict reads a way: labels, the likeliest ones alone.

`Hop.sides` has every network that the router may belong to if providers number the links to their
customers, the likeliest first; the path's own check names all that are left without that rule.
"""

from bothsides.analyse.path import router_owner
from bothsides.analyse.path.ownership import Owner, is_network, is_special, same_network
from bothsides.base.types import Mapping, NamedTuple, Sequence
from bothsides.model.verdict import UNKNOWN as UNSEEN
from bothsides.parse import Unreadable

__all__ = ["UNSEEN", "Hop", "networks_of", "routers_along", "with_those_of"]

_AGAINST = 0.08  # share of borders that are numbered against custom
_GATEWAY, _HIDDEN, _ACCESS, _STRANGER = 0.7, 0.5, 0.3, 0.08
"""How likely a router with a private address is of a network that shows no address of its own: the
first one of a host whose network nobody knows; without a provider in sight on one of its sides;
beside a customer with one that seldom connects offices; elsewhere, where owners that are inferred
from the neighbours alone are wrong in up to 8 % (bdrmapIT, 2018)."""
_LINKS = ("exchange", "tunnel")  # roles of networks whose addresses are those of others' routers


class Hop(NamedTuple):
    """One address on a way and whose router it may be."""

    address: str  # "": silent
    label: str  # of the address by the owner map; "": not known
    role: str  # likewise
    sides: tuple[str, ...]  # labels of whose router it may be, likeliest first; empty: unknown
    against: str = ""  # label of whose router it is if the link is numbered against custom
    rest: float = 0.0  # how likely it is of a network that this way does not show
    others: tuple[str, ...] = ()  # labels of networks that may be this, as the way back shows them

    @property
    def shares(self) -> tuple[tuple[str, float], ...]:
        """Whose router it may be, and how likely; UNSEEN where nothing is known."""
        sides = self.sides or (UNSEEN,)
        against = ((self.against, _AGAINST),) if self.against else ()
        left = 1.0 - self.rest - (_AGAINST if against else 0.0)
        strange = (*self.others, UNSEEN) if self.rest else ()
        return (
            *((side, left / len(sides)) for side in sides),
            *against,
            *((side, self.rest / len(strange)) for side in strange),
        )


def routers_along(
    line: Sequence[str], owners: Mapping[str, Owner], source: str = ""
) -> tuple[Hop, ...]:
    """The routers of a way from its first hop to its target ("" for silent hops).

    source: address of the host that sends; "": not known.
    """
    hops: list[Hop] = []
    for router in router_owner.routers_along([address or None for address in line], owners):
        owner = owners.get(router.address, Owner())
        label = owner.label if is_network(owner) else ""
        sides = tuple(dict.fromkeys(other.label for other in router.likely if other.label))
        rest = 0.0
        if not label and _is_special(router.address):
            sides, rest = _of_private(router.ttl - 1, line, owners, source)
        elif not label:
            sides = _between(router.ttl - 1, line, owners, source)
        elif not sides and owner.role == "exchange":
            sides = _member(router.ttl - 1, line, owners)
            rest = _HIDDEN if sides else 0.0
        elif _before_a_gap(router.ttl - 1, line, owners) or (
            sides and _before_a_stranger(router.ttl - 1, line, owners)
        ):
            sides = (*sides, UNSEEN)
        elif _before_a_private_one(router.ttl - 1, line, owners):
            rest = _of_private(router.ttl, line, owners, source)[1] / 2  # one end of the border
        against = _against(router.ttl - 1, line, owners, sides)
        hops.append(Hop(router.address, label, owner.role, sides, against, rest))
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
    if {mine.role, after.role} & {*_LINKS} or len(sides) != 1:
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


def _of_private(
    place: int, line: Sequence[str], owners: Mapping[str, Owner], source: str
) -> tuple[tuple[str, ...], float]:
    """Whose a router with an address is that nobody announces, and how likely nobody's of these.

    Networks number their inner links so, and some a link to a customer: it is of a network next to
    it. But small providers show no other address at all, and a host's own network may stand in
    front of the first one that is known.
    """
    known = [owners.get(address, Owner()) for address in line]
    near = [each for each in (owners.get(source, Owner()), *known[:place]) if is_network(each)]
    far = [each for each in known[place + 1 :] if is_network(each)]
    around = [each for each in (*near[-1:], *far[:1]) if each.role not in _LINKS]
    labels = tuple(dict.fromkeys(each.label for each in around))
    if not around:
        return (), 0.0
    if not near and not place and far[0].role not in _LINKS:
        return labels, _STRANGER if far[0].role == "us" else _GATEWAY
    if len(around) < 2:
        return labels, _HIDDEN
    if len(labels) < 2:
        return labels, _HIDDEN if around[0].role == "us" else 0.0
    return labels, _hidden(near, far)


def _hidden(near: Sequence[Owner], far: Sequence[Owner]) -> float:
    """How likely a network without an address of its own lies between those before and behind."""
    around, ends = (near[-1], far[0]), (_one_label(near), _one_label(far))
    roles = {each.role for each in around}
    if all(ends) and not roles & {"isp", "transit"}:
        return _HIDDEN
    customers = any(
        each.role in ("us", "far end") or (not each.role and end)
        for each, end in zip(around, ends, strict=True)
    )
    return _ACCESS if customers and "isp" not in roles else _STRANGER


def _before_a_private_one(place: int, line: Sequence[str], owners: Mapping[str, Owner]) -> bool:
    """Whether a private address follows, and another network or none behind: a border unseen.

    The first hop is no border.
    """
    following = line[place + 1 : -1]
    if not place or not following or not _is_special(following[0]):
        return False
    known = [owners.get(address, Owner()) for address in line[place:]]
    behind = next((each for each in known[1:] if is_network(each)), Owner())
    return not is_network(known[1]) and not same_network(known[0], behind)


def _one_label(networks: Sequence[Owner]) -> bool:
    """Whether there is one network alone."""
    return len({each.label for each in networks}) == 1


def _member(place: int, line: Sequence[str], owners: Mapping[str, Owner]) -> tuple[str, ...]:
    """Whose a router on an exchange is with none but private addresses up to the next network."""
    for address in line[place + 1 :]:
        owner = owners.get(address, Owner())
        if is_network(owner):
            return () if owner.role in _LINKS else (owner.label,)
        if not _is_special(address):
            break
    return ()


def _between(
    place: int, line: Sequence[str], owners: Mapping[str, Owner], source: str
) -> tuple[str, ...]:
    """The networks around a hop without a known owner.

    A silent one is of either, as far as they are known; a public address that the map does not have
    is of a third network, unless the same network lies on both sides of it. Between two of our own
    it may be a tunnel, which others carry. Silent first hops may be of the host's own network, as
    the address tells that it sends from (`source`).
    """
    known = [owners.get(address, Owner()) for address in line]
    before = next((owner for owner in reversed(known[:place]) if is_network(owner)), None)
    after = next((owner for owner in known[place + 1 :] if is_network(owner)), None)
    host = owners.get(source, Owner())
    if not line[place] and before is None and after is not None and after.role not in _LINKS:
        before = host if is_network(host) else None
    around = [each for each in (before, after) if each is not None and each.role not in _LINKS]
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


def with_those_of(line: Sequence[Hop], opposite: Sequence[Hop]) -> tuple[Hop, ...]:
    """The routers of a way with networks that they may be of, as the way back shows those alone.

    Both ways often pass one provider at each end, which may answer by private addresses on one.
    """
    shown = {label for hop in line for label in (hop.label, *hop.sides)}
    labels = [hop.label for hop in reversed(opposite) if hop.label and hop.role not in _LINKS]
    order = list(dict.fromkeys(labels))
    return tuple(
        hop._replace(others=tuple(each for each in _beside(hop.sides, order) if each not in shown))
        if hop.rest
        else hop
        for hop in line
    )


def _beside(sides: Sequence[str], order: Sequence[str]) -> Sequence[str]:
    """The networks between both sides in an order of networks; next to one of them without both."""
    places = [order.index(side) for side in sides if side in order]
    if len(places) > 1:
        return order[min(places) + 1 : max(places)]
    if not places:
        return ()
    after, before = order[places[0] + 1 :][:1], order[: places[0]][-1:]
    if len(sides) < 2:
        return (*before, *after)
    return after if order[places[0]] == sides[0] else before


def networks_of(line: Sequence[Hop], unseen: str) -> tuple[str, ...]:
    """All networks of a way, and `unseen` where a router may be of one that nobody knows."""
    sides = dict.fromkeys(side for hop in line for side in (*hop.sides, *hop.others))
    if not sides or any(not hop.sides or hop.rest for hop in line[:-1]):
        sides[unseen] = None
    return tuple(sides)
