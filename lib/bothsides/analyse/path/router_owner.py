"""Whose router a hop is: a router often answers from an address of its neighbour's network.

A router answers from the interface by which the probe came in, and the link behind that interface
is numbered by one of both sides. So three kinds of address say less than the owner map does:

    4.68.1.2    Rhonelink   transit     a router of Rhonelink
    4.68.7.2    Rhonelink   transit     the last one before a customer: TalNet's, or Rhonelink's
    62.2.3.6    TalNet      isp         likewise: our own, or TalNet's
    193.8.40.1  Alpenhaus   us

    62.2.11.6      TalNet   isp
    80.249.208.30  SwissIX  exchange    the router of the network that follows: Nimbus
    52.93.1.2      Nimbus   cloud

    10.10.0.1   Stammhaus   us
    10.200.0.2  our tunnel  tunnel      the router at the tunnel's end; its carriers are not seen
    10.20.0.10  Stammhaus   us
"""

from bothsides.analyse.path.ownership import Owner, is_network, same_network
from bothsides.base.types import Mapping, NamedTuple, Sequence

_RANK = {"transit": 3, "isp": 2, "cloud": 1, "hoster": 1, "us": 0, "far end": 0}
"""Who numbers a link between two networks: usually the one of the higher rank, for its customer."""

_PROVIDERS = ("isp", "transit", "hoster")
_PEERS = ("isp", "cloud", "hoster")
"""Networks of these roles exchange traffic on links that either of both may number."""


class Router(NamedTuple):
    """One hop of a path and who may operate it."""

    ttl: int
    address: str  # "" for a hop that was never known to answer
    owners: tuple[Owner, ...]  # those that may operate it, the likeliest first; (): not known
    exchange: Owner | None = None  # the exchange whose network the address is in
    tunnel: bool = False  # whether the address is one of a tunnel: carriers lie before it
    likely: tuple[Owner, ...] = ()  # those left if providers number the links to their customers


class Section(NamedTuple):
    """A part of a path in which something happens, and all whose it may be."""

    near: int  # TTL of the last hop before it; 0: this host
    far: int  # TTL of the first hop behind it
    owners: tuple[Owner, ...]  # networks, in the order of the path
    host: bool  # whether it may be this host or its own link
    target: bool  # whether it may be the target host
    tunnel: bool  # whether it lies inside a tunnel, whose carriers are not seen
    known: bool  # whether every hop of it has a known owner


def routers_along(line: Sequence[str | None], owners: Mapping[str, Owner]) -> tuple[Router, ...]:
    """The router of each hop from 1 on; None is a silent hop. The last hop may be the target."""
    labels = [owners.get(address, Owner()) if address else Owner() for address in line]
    routers: list[Router] = []
    for place, address in enumerate(line):
        before = routers[-1].likely if routers else ()
        likely = _likely(place, labels, before, place == len(line) - 1)
        router = _router(place, address or "", labels)
        first = [owner for owner in likely if owner in router.owners]
        owners_in_order = (*first, *(owner for owner in router.owners if owner not in first))
        routers.append(router._replace(owners=owners_in_order, likely=likely))
    return (*routers,)


def _router(place: int, address: str, labels: Sequence[Owner]) -> Router:
    mine, ttl = labels[place], place + 1
    if not is_network(mine):
        return Router(ttl, address, ())
    following = [owner for owner in labels[place + 1 :] if is_network(owner)]
    if _is_link(mine):
        behind = [owner for owner in following if not _is_link(owner)]
        exchange = mine if mine.role == "exchange" else None
        return Router(ttl, address, (*behind[:1],), exchange, mine.role == "tunnel")
    if not following or same_network(mine, following[0]) or _is_link(following[0]):
        return Router(ttl, address, (mine,))
    likely = _at_border(mine, following[0])
    if not is_network(labels[place + 1]):  # nothing shows who numbers the link to the next one
        likely = tuple(dict.fromkeys((*likely, mine, following[0])))
    elif (mine.role in _PEERS and following[0].role in _PEERS) or likely == (following[0],):
        likely = (*likely, *(owner for owner in (mine, following[0]) if owner not in likely))
    return Router(ttl, address, likely)


def _likely(
    place: int, labels: Sequence[Owner], before: tuple[Owner, ...], last: bool
) -> tuple[Owner, ...]:
    """Who operates a router if providers number the links to their customers.

    before: who likely operates the router in front of it; a silent one may be of either side.
    """
    mine = labels[place]
    known = is_network(mine)
    if known and _is_link(mine):
        return _behind_link(labels[place + 1 :])
    if not known:
        return _around(place, labels)
    after = Owner() if last else labels[place + 1]
    if not last and not is_network(after):
        return _before_unknown(mine, labels[place + 1 :])
    if not is_network(after) or same_network(mine, after) or _is_link(after):
        return (mine,)
    if not any(same_network(mine, owner) for owner in before):
        return (mine,)  # the first router of its network: it was entered by a link of that network
    border = _at_border(mine, after)
    return border if len(before) == 1 or mine in border else (*border, mine)


def _before_unknown(mine: Owner, following: Sequence[Owner]) -> tuple[Owner, ...]:
    """Whose a router in front of an unknown hop is: nothing shows who numbers the border."""
    behind = next((owner for owner in following if is_network(owner)), mine)
    return (mine,) if same_network(mine, behind) or _is_link(behind) else (mine, behind)


def _at_border(mine: Owner, following: Owner) -> tuple[Owner, ...]:
    """Who operates the last router with an address of a network, in front of another network."""
    ranks = _RANK.get(mine.role), _RANK.get(following.role)
    if ranks[0] is None or ranks[1] is None or ranks[0] == ranks[1]:
        return (mine, following)
    return (following,) if ranks[0] > ranks[1] else (mine,)


def _is_link(owner: Owner) -> bool:
    """Whether addresses of a network stand for the router of the network that follows."""
    return owner.role in ("exchange", "tunnel")


def _behind_link(following: Sequence[Owner]) -> tuple[Owner, ...]:
    """The network behind an exchange or a tunnel, as far as every hop up to it is known."""
    for owner in following:
        if not is_network(owner):
            return ()
        if not _is_link(owner):
            return (owner,)
    return ()


def _around(place: int, labels: Sequence[Owner]) -> tuple[Owner, ...]:
    """The networks around a hop that nobody knows."""
    before = [owner for owner in reversed(labels[:place]) if is_network(owner)][:1]
    after = [owner for owner in labels[place + 1 :] if is_network(owner)][:1]
    if before and after and same_network(before[0], after[0]):
        after = []
    return (*before, *after)


def section(routers: Sequence[Router], near: int, far: int, own: Owner | None = None) -> Section:
    """All whose the part of a path between two hops may be, both routers included.

    near: 0 is this host; far: the number of the last router is the target; own: the network of
    this host.
    """
    inside = [router for router in routers if near <= router.ttl <= far]
    entered = [router for router in inside if router.ttl > near]
    owners: list[Owner] = [own] if own is not None and near == 0 else []
    for router in inside:
        crossed = router.exchange if router.ttl > near else None
        for owner in (crossed, *router.owners):
            if owner is not None and not any(same_network(owner, other) for other in owners):
                owners.append(owner)
    target = far >= len(routers)
    if own is not None and target and _may_be_ours(routers) and own not in owners:
        owners.append(own)
    return Section(
        near=near,
        far=far,
        owners=tuple(owners),
        host=near == 0,
        target=target,
        tunnel=any(router.tunnel for router in entered),
        known=all(router.owners for router in inside),
    )


def _may_be_ours(routers: Sequence[Router]) -> bool:
    """Whether the target has an address on a provider's link: the host is its customer's."""
    return any(owner.role in _PROVIDERS for router in routers[-1:] for owner in router.owners)
