"""The hop from which some flows of a trace are slower than before, while the others are not."""

from bothsides.base.types import NamedTuple
from bothsides.incident.case import View
from bothsides.model.evidence import PathEvidence

_LEAST = 2  # flows that must be slow


class SlowFrom(NamedTuple):
    """Where the slow flows leave those that are as quick as before."""

    low: int  # hop behind the last one at which the slow flows are quick
    first: int  # first hop at which they are slow
    slow: int  # flows that are slow
    flows: int  # flows that were followed hop by hop


def first_slow(view: View, growth: float) -> SlowFrom | None:
    """The hop from which the same flows are slower by `growth` s at least; None where none is.

    Flows must disagree, and each be slow at every hop from its first slow one on.
    """
    now, before = view.now.path, view.before.path
    if now is None or before is None or not now.fixed:
        return None
    usual = _usual(before)
    spots: dict[int, tuple[int, int]] = {}
    quick = 0
    for flow in now.flows:
        slower = {
            hop.ttl: hop.best - usual[hop.ttl] >= growth
            for hop in now.hops
            if hop.flow == flow and hop.best is not None and hop.ttl in usual
        }
        known = sorted(slower)
        first = next((ttl for ttl in known if all(slower[at] for at in known if at >= ttl)), 0)
        if not first:
            quick += not any(slower.values())
            continue
        spots[flow] = max((ttl for ttl in known if ttl < first), default=0) + 1, first
    if len(spots) < _LEAST or not quick:
        return None
    low, high = max(low for low, _ in spots.values()), min(first for _, first in spots.values())
    return SlowFrom(low, high, len(spots), len(now.flows)) if low <= high else None


def _usual(path: PathEvidence) -> dict[int, float]:
    """The shortest round trip to each hop."""
    best: dict[int, float] = {}
    for hop in path.hops:
        if hop.best is not None:
            best[hop.ttl] = min(hop.best, best.get(hop.ttl, hop.best))
    return best
