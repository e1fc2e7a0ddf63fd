"""Whether a router's replies take the link behind it too, by the round trips of both its hops.

Where they do, the replies of both routers go home the same way behind that link, and all probes
have passed it once: both shortest round trips are the same. Where the round trips differ, the
router has a way back of its own, unless it answers slowly. On a way of short links they are the
same by chance.
"""

from bothsides.base.types import Mapping, Sequence
from bothsides.incident.routers import Hop
from bothsides.model.evidence import Look

_SAME_NETWORK, _BORDER = 0.15, 0.008
"""How likely replies take the link behind their router, inside of a network and at its border."""

_LEAST, _SHARE = 0.00015, 0.01  # s, and of the round trip: a smaller difference is none
_SLOW = 0.15  # share of routers whose fastest reply is late by more than that


def shortest(now: Look, before: Look) -> dict[int, float]:
    """The shortest round trip to each hop, of a trace and of an earlier one by the same routers."""
    best: dict[int, float] = {}
    hosts: dict[int, set[str]] = {}
    for hop in now.path.hops if now.path is not None else ():
        if hop.host:
            hosts.setdefault(hop.ttl, set()).add(hop.host)
    for path in (now.path, before.path):
        for hop in path.hops if path is not None else ():
            if hop.best is not None and hop.host in hosts.get(hop.ttl, {hop.host}):
                best[hop.ttl] = min(hop.best, best.get(hop.ttl, hop.best))
    return best


def early(line: Sequence[Hop], hop: int, best: Mapping[int, float]) -> float:
    """How likely the replies of the router before a link take it; hop: the one behind the link."""
    if hop == 1:
        return 0.0
    prior = _SAME_NETWORK if set(line[hop - 2].sides) & set(line[hop - 1].sides) else _BORDER
    if hop not in best or hop - 1 not in best:
        return prior
    others = [_same(best, ttl) for ttl in best if ttl not in (1, hop) and ttl - 1 in best]
    chance = (1 + sum(others)) / (2 + len(others))  # that both are the same by chance
    if _same(best, hop):
        taken, not_taken = 1 - _SLOW, chance
    else:
        taken, not_taken = _SLOW, 1 - chance
    return prior * taken / (prior * taken + (1 - prior) * not_taken)


def _same(best: Mapping[int, float], ttl: int) -> bool:
    """Whether the round trips to a hop and to the one before it are the same."""
    one, other = best[ttl - 1], best[ttl]
    return abs(other - one) <= max(_LEAST, _SHARE * max(one, other))
