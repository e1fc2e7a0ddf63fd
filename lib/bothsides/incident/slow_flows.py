"""The hop from which some flows of a trace are slower than before, while the others are not."""

from bothsides.base.types import Container, NamedTuple
from bothsides.incident.case import View
from bothsides.model.evidence import PathEvidence

_LEAST = 2  # flows that must be slow


class SlowFrom(NamedTuple):
    """Where the slow flows leave those that are as quick as before."""

    low: int  # hop behind the last one at which the slow flows are quick
    first: int  # first hop at which they are slow
    slow: int  # flows that are slow
    flows: int  # flows that were followed hop by hop
    parted: bool = False  # whether they meet other routers there than the flows that are quick


def first_slow(view: View, growth: float) -> SlowFrom | None:
    """The hop from which the same flows are slower by `growth` s at least; None where none is.

    Flows must disagree, and each be slow at every hop from its first slow one on.
    """
    now, before = view.now.path, view.before.path
    if now is None or before is None or not now.fixed:
        return None
    usual = _usual(before)
    spots: dict[int, tuple[int, int]] = {}
    quick: list[int] = []
    for flow in now.flows:
        slower = {
            hop.ttl: hop.best - usual[hop.ttl] >= growth
            for hop in now.hops
            if hop.flow == flow and hop.best is not None and hop.ttl in usual
        }
        known = sorted(slower)
        first = next((ttl for ttl in known if all(slower[at] for at in known if at >= ttl)), 0)
        if not first:
            quick += [flow] if not any(slower.values()) else []
            continue
        spots[flow] = max((ttl for ttl in known if ttl < first), default=0) + 1, first
    if len(spots) < _LEAST or not quick:
        return None
    low, high = max(low for low, _ in spots.values()), min(first for _, first in spots.values())
    if low > high:
        return None
    return SlowFrom(low, high, len(spots), len(now.flows), _parted(now, high, spots, quick))


def _parted(path: PathEvidence, ttl: int, slow: Container[int], quick: Container[int]) -> bool:
    """Whether slow and quick flows meet different routers at a hop, or at the one before it."""
    for hop in (ttl, ttl - 1):
        met = [
            {each.host for each in path.hops if each.ttl == hop and each.flow in flows} - {""}
            for flows in (slow, quick)
        ]
        if all(met) and not met[0] & met[1]:
            return True
    return False


def _usual(path: PathEvidence) -> dict[int, float]:
    """The shortest round trip to each hop."""
    best: dict[int, float] = {}
    for hop in path.hops:
        if hop.best is not None:
            best[hop.ttl] = min(hop.best, best.get(hop.ttl, hop.best))
    return best
