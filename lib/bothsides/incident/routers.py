"""Whose router an address is, as the joined verdict reads a way: labels, the likeliest ones alone.

`Hop.sides` has every network that the router may belong to if providers number the links to their
customers, the likeliest first; the path's own check names all that are left without that rule.
"""

from bothsides.analyse.path import router_owner
from bothsides.analyse.path.ownership import Owner, is_network
from bothsides.base.types import Mapping, NamedTuple, Sequence


class Hop(NamedTuple):
    """One address on a way and whose router it may be."""

    address: str  # "": silent
    label: str  # of the address by the owner map; "": not known
    role: str  # likewise
    sides: tuple[str, ...]  # labels of whose router it may be, likeliest first; empty: unknown


def routers_along(line: Sequence[str], owners: Mapping[str, Owner]) -> tuple[Hop, ...]:
    """The routers of a way from its first hop to its target ("" for silent hops)."""
    hops: list[Hop] = []
    for router in router_owner.routers_along([address or None for address in line], owners):
        owner = owners.get(router.address, Owner())
        label = owner.label if is_network(owner) else ""
        sides = tuple(dict.fromkeys(other.label for other in router.likely if other.label))
        hops.append(Hop(router.address, label, owner.role, sides))
    return (*hops,)
