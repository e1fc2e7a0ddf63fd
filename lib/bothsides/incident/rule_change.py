"""R7: the way has changed: the network that turns off, and those that it enters now."""

from collections import Counter

from bothsides.base.types import Mapping, NamedTuple, Sequence
from bothsides.incident.case import Case, View, by_flow
from bothsides.incident.conclusion import (
    NOTHING,
    Conclusion,
    confidence_of,
    named,
    suspects_of,
    together,
)
from bothsides.incident.growth import grown, queued
from bothsides.incident.routers import UNSEEN, Hop, routers_along
from bothsides.model.evidence import PathEvidence
from bothsides.model.verdict import Fault, Kind, Step
from bothsides.model.verdict import Way as Direction

_ENTERED, _LONGER = 0.65, 0.2
"""How likely a delay on another way is in a network that it enters: where packets wait, and where
the way may only be longer."""
_MOST = 0.6  # share of the flows that must have turned off


class _Turn(NamedTuple):
    """Where most flows leave their former way."""

    hop: int  # the first that differs
    entered: tuple[str, ...]  # labels of networks that were not passed before


def changed(case: Case) -> Conclusion:
    """Changes of the ways between both hosts."""
    parts = []
    for view, way in ((case.there, "out"), (case.here, "back")):
        if view is not None:
            direction: Direction = "out" if way == "out" else "back"
            parts.append(_of_view(case, view, direction))
    return together(parts)


def _of_view(case: Case, view: View, direction: Direction) -> Conclusion:
    now, before = view.now.path, view.before.path
    if now is None or before is None or not now.length or not (now.fixed and before.fixed):
        return NOTHING
    if len(now.flows) < 2:
        return NOTHING  # a trace with one flow cannot prove a change
    turn = _turn(case, now, before)
    if turn is None:
        return NOTHING
    chooser = _chooser(case, now, before, turn.hop - 1)
    words = f"the way from {view.start} to {view.target} turns off after hop {turn.hop - 1}"
    if chooser:
        words += f" ({named(side for side, _ in chooser)})"
    words += f", now by {named(turn.entered) or 'other routers'}"
    if not chooser:
        return Conclusion((), (Step("R7", "other way", words),))
    suspects = suspects_of(case, chooser)
    waits = queued(case, direction)
    kind: Kind = "delay" if waits else "change"
    if waits:
        suspects = suspects_of(case, _entered_too(chooser, turn.entered, _ENTERED))
        words += f"; {waits}"
    elif growths := grown(case):
        suspects = suspects_of(case, _entered_too(chooser, turn.entered, _LONGER))
        words += f"; the round trip is {1e3 * growths[0][1].median:.3g} ms longer"
    fault = Fault(kind, direction, suspects, confidence_of(suspects), words, "R7")
    return Conclusion((fault,), (Step("R7", "other way", words),))


def _entered_too(
    chooser: Sequence[tuple[str, float]], entered: Sequence[str], theirs: float
) -> list[tuple[str, float]]:
    """Whose a delay on the new way may be: of the networks that it enters, or of who turned."""
    weights = {side: part * (1 - theirs if entered else 1.0) for side, part in chooser}
    for label in entered:
        weights[label] = weights.get(label, 0.0) + theirs / len(entered)
    return [*weights.items()]


def _chooser(
    case: Case, now: PathEvidence, before: PathEvidence, hop: int
) -> tuple[tuple[str, float], ...]:
    """Whose the last common router is, as far as its neighbours then and now agree.

    Silent hops before the first other router hide where the way turns off.
    """
    if not hop:
        return ()
    last, old = _line(case, now)[hop - 1], _line(case, before)
    if not last.address or hop > len(old) or not old[hop - 1].address:
        return ((UNSEEN, 1.0),)
    known, mine = dict(old[hop - 1].shares), dict(last.shares)
    parts = {side: _both(known, mine, side) for side in {**mine, **known}}
    total = sum(parts.values())
    return tuple((side, part / total) for side, part in parts.items() if part) or last.shares


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
    old_line = _line(case, before)
    was, is_now = _labels(old_line), _labels(_line(case, now))
    entered = tuple(label for label in is_now if label not in was)
    # hops of before without a known owner may be theirs: one other address proves no other way
    gaps = any(not hop.label for hop in old_line[:-1])
    if (gaps or not entered) and not _others(now, before, hop):
        return None
    return _Turn(hop, entered)


def _others(now: PathEvidence, before: PathEvidence, hop: int) -> bool:
    """Whether most flows meet two routers in a row that nobody has ever met on this way.

    One alone may be a router with another address, and a hop less a tunnel that hides it. Of a hop
    that was silent before nobody knows whether its router is new.
    """
    seen = list(by_flow(before).values())
    known = {host for hops in seen for host in hops.values()} | {now.target}
    answered = {ttl for hops in seen for ttl in hops}
    turned = sum(
        all(ttl in answered and hops.get(ttl, now.target) not in known for ttl in (hop, hop + 1))
        for hops in by_flow(now).values()
    )
    return turned >= max(2, _MOST * len(now.flows))


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
    if path.length:
        line[-1] = path.target  # which may answer echo requests alone
    return routers_along(line, case.owners, path.source)


def _labels(line: tuple[Hop, ...]) -> dict[str, None]:
    """The networks of a line, in order."""
    return dict.fromkeys(hop.label for hop in line if hop.label)


def _both(known: Mapping[str, float], mine: Mapping[str, float], side: str) -> float:
    """How well two lists of owners agree on a side; one may miss a network that the other has."""
    one, other = known.get(side, 0.0), mine.get(side, 0.0)
    if side == UNSEEN:
        return one * other
    return one * other + one * mine.get(UNSEEN, 0.0) + known.get(UNSEEN, 0.0) * other
