"""R7: the way has changed: the network that turns off, and those that it enters now."""

from collections import Counter

from bothsides.base.types import Mapping, NamedTuple
from bothsides.incident.case import Case, View, by_flow
from bothsides.incident.found import NOTHING, Found, confidence_of, named, suspects_of, together
from bothsides.incident.routers import Hop, routers_along
from bothsides.model.evidence import PathEvidence
from bothsides.model.verdict import Fault, Step
from bothsides.model.verdict import Way as Direction

_MOST = 0.6  # share of the flows that must have turned off


class _Turn(NamedTuple):
    """Where most flows leave their former way."""

    hop: int  # the first that differs
    entered: tuple[str, ...]  # labels of networks that were not passed before
    left: tuple[str, ...]  # labels of networks that are not passed any more


def changed(case: Case) -> Found:
    """Changes of the ways between both hosts."""
    parts = []
    for view, way in ((case.there, "out"), (case.here, "back")):
        if view is not None:
            direction: Direction = "out" if way == "out" else "back"
            parts.append(_of_view(case, view, direction))
    return together(parts)


def _of_view(case: Case, view: View, direction: Direction) -> Found:
    now, before = view.now.path, view.before.path
    if now is None or before is None or not now.length or not (now.fixed and before.fixed):
        return NOTHING
    if len(now.flows) < 2:
        return NOTHING  # a trace with one flow cannot prove a change
    turn = _turn(case, now, before)
    if turn is None or not turn.entered:
        return NOTHING
    chooser = _line(case, now)[turn.hop - 2].sides if turn.hop > 1 else ()
    words = f"the way from {view.start} to {view.target} turns off after hop {turn.hop - 1}"
    if chooser:
        words += f" ({named(chooser)})"
    words += f", now by {named(turn.entered)}"
    if not chooser:
        return Found((), (Step("R7", "other way", words),))
    suspects = suspects_of(case, [(side, 1 / len(chooser)) for side in chooser])
    fault = Fault("change", direction, suspects, confidence_of(suspects), words, "R7")
    return Found((fault,), (Step("R7", "other way", words),))


def _turn(case: Case, now: PathEvidence, before: PathEvidence) -> _Turn | None:
    new, old = by_flow(now), by_flow(before)
    members: dict[int, set[str]] = {}
    for hops in old.values():
        for ttl, host in hops.items():
            members.setdefault(ttl, set()).add(host)
    spots = Counter(
        spot for flow in now.flows if (spot := _spot(new.get(flow, {}), members, now.target))
    )
    if not spots:
        return None
    hop, count = spots.most_common(1)[0]
    if count < 2 or sum(spots.values()) < _MOST * len(now.flows):
        return None
    was, is_now = _labels(_line(case, before)), _labels(_line(case, now))
    return _Turn(
        hop,
        tuple(label for label in is_now if label not in was),
        tuple(label for label in was if label not in is_now),
    )


def _spot(hops: Mapping[int, str], members: Mapping[int, set[str]], target: str) -> int:
    """The first hop of a flow whose router was never seen there; 0: none."""
    for ttl in sorted(hops):
        if hops[ttl] != target and ttl in members and hops[ttl] not in members[ttl]:
            return ttl
    return 0


def _line(case: Case, path: PathEvidence) -> tuple[Hop, ...]:
    """The routers of most flows."""
    hosts: dict[int, Counter[str]] = {}
    for hop in path.hops:
        if hop.host:
            hosts.setdefault(hop.ttl, Counter())[hop.host] += 1
    length = path.length or max(hosts, default=0)
    line = [hosts[ttl].most_common(1)[0][0] if ttl in hosts else "" for ttl in range(1, length + 1)]
    return routers_along(line, case.owners)


def _labels(line: tuple[Hop, ...]) -> dict[str, None]:
    """The networks of a line, in order."""
    return dict.fromkeys(hop.label for hop in line if hop.label)
