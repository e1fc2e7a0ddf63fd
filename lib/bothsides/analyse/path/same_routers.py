"""Differences that prove no other path: a router with another address, hops hidden by a tunnel.

A router answers from the interface by which a probe came in. So where the hop behind a changed one
answers from the same address as before, it is entered by the same link, and the router in front
of it is the same. A tunnel inside a network hides hops, or shows them again: all others stay in
order, with their addresses.
"""

from bothsides.analyse.path.alignment import Hops
from bothsides.base.types import Callable

SameNetwork = Callable[[str, str], bool | None]
"""Whether two addresses belong to the same network; None where an owner is unknown."""


def is_readdressed(old: Hops, new: Hops, lengths: tuple[int, int], same: SameNetwork) -> bool:
    """Whether each hop of a flow that differs is the router of before with another address.

    lengths: of the flow before and now; 0 where the target did not answer.
    """
    if lengths[0] != lengths[1] and all(lengths):
        return False
    spots = [ttl for ttl in sorted(old.keys() & new.keys()) if not _share(old, new, ttl)]
    return bool(spots) and all(
        _share(old, new, ttl + 1)
        and (ttl - 1 not in old or ttl - 1 not in new or _share(old, new, ttl - 1))
        and _is_near(new[ttl], [old.get(ttl + step, ()) for step in (-1, 0, 1)], same)
        for ttl in spots
    )


def is_tunnelled(members: Hops, new: Hops, lengths: tuple[int, int], same: SameNetwork) -> bool:
    """Whether a flow lacks hops that a tunnel hides, or has hops that one has hidden before.

    members: every known router by TTL; lengths: of the flow before and now.
    """
    if not all(lengths) or lengths[0] == lengths[1]:
        return False
    places: dict[str, int] = {}
    for ttl, hosts in sorted(members.items()):
        for host in hosts:
            places.setdefault(host, ttl)
    last, strange = 0, []
    for ttl in sorted(new):
        known = [places[host] for host in new[ttl] if host in places]
        if not known:
            strange.append(ttl)
        elif min(known) <= last:
            return False
        else:
            last = min(known)
    if lengths[1] < lengths[0]:
        return not strange
    between = _around(strange, new)
    return len(strange) <= lengths[1] - lengths[0] and all(
        _is_near(new[ttl], between, same) for ttl in strange
    )


def may_be_parallel(known: Hops, new: Hops, same: SameNetwork) -> bool:
    """Whether the new routers may be those of a parallel path, which one flow cannot tell apart.

    Where a flow can be held, other flows show the parallel paths; where all probes take one way, a
    balancer that deals anew shows routers that were never met. So nothing is proved as long as the
    rest stays in order, the path is no longer than before, and no other network surely is entered.
    """
    if not new or any(len(hosts) > 1 for hosts in new.values()):
        return False  # probes take several ways: a new router on all of them is no member
    places: dict[str, int] = {}
    for ttl, hosts in sorted(known.items()):
        for host in hosts:
            places.setdefault(host, ttl)
    last, strange = 0, []
    for ttl in sorted(new):
        place = places.get(new[ttl][0])
        if place is None:
            strange.append(ttl)
        elif place == last:
            continue  # the target answers the probes behind it too
        elif place < max(last, ttl):
            return False
        else:
            last = place
    if max(new) in strange:
        return False
    near = {ttl: [known.get(ttl + step, ()) for step in (-1, 0, 1)] for ttl in strange}
    return all(_may_be_near(new[ttl], near[ttl], same) for ttl in strange)


def _around(ttls: list[int], new: Hops) -> list[tuple[str, ...]]:
    """The routers next to these hops."""
    near = {ttl + step for ttl in ttls for step in (-1, 1)} - {*ttls}
    return [new[ttl] for ttl in sorted(near) if ttl in new]


def _share(old: Hops, new: Hops, ttl: int) -> bool:
    return bool(set(old.get(ttl, ())) & set(new.get(ttl, ())))


def _is_near(hosts: tuple[str, ...], others: list[tuple[str, ...]], same: SameNetwork) -> bool:
    """Whether an address surely belongs to a network that the path passes there anyway."""
    return all(any(same(host, other) for each in others for other in each) for host in hosts)


def _may_be_near(hosts: tuple[str, ...], others: list[tuple[str, ...]], same: SameNetwork) -> bool:
    """Whether an address may belong to a network that the path passes there anyway."""
    beside = [other for each in others for other in each]
    return all(any(same(host, other) is not False for other in beside) for host in hosts)
