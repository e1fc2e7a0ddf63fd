"""R2a: a router that says itself that it does not forward, and routers that send in circles."""

from collections import Counter

from bothsides.base.types import Iterator, Mapping, NamedTuple, Sequence
from bothsides.incident.case import Case, View, Way, by_flow, way_of
from bothsides.incident.conclusion import NOTHING, Conclusion, confidence_of, named, suspects_of
from bothsides.incident.routers import UNSEEN
from bothsides.model.evidence import IcmpWord
from bothsides.model.verdict import Fault, Step
from bothsides.model.verdict import Way as Direction

_HOST_UNREACHABLE = ((False, 3, 1), (True, 1, 3))
_PORT_UNREACHABLE = ((False, 3, 3), (True, 1, 4))
_REFUSING = {(False, 3), (True, 1)}


class Refuser(NamedTuple):
    """Who refused, and of what kind."""

    address: str
    last_link: bool  # it got no answer from the host on its last link, or has no route to it


def refusals(case: Case) -> Conclusion:
    """Faults of routers that refuse, on the way out and on the way back."""
    parts = []
    for view, way in ((case.there, "out"), (case.here, "back")):
        if view is not None:
            direction: Direction = "out" if way == "out" else "back"
            parts.append(_of_view(case, view, direction))
    faults = tuple(fault for part in parts for fault in part.faults)
    return Conclusion(faults, tuple(step for part in parts for step in part.steps))


def _of_view(case: Case, view: View, direction: Direction) -> Conclusion:
    for refuser in _refusers(view):
        sides, settled = _sides_of(case, view, refuser)
        if not sides:
            continue
        suspects = suspects_of(case, sides)
        words = f"{refuser.address} ({named(code for code, _ in sides)}) refuses to forward"
        confidence = confidence_of(suspects, settled)
        fault = Fault("refusal", direction, suspects, confidence, words, "R2")
        return Conclusion(
            (fault,), (Step("R2", "refused", f"{view.start} to {view.target}: {words}"),)
        )
    loop = _circle(view)
    return _of_loop(case, view, loop, direction) if loop else NOTHING


def _circle(view: View) -> Sequence[str]:
    """The routers between which packets circle; a silent one among them hides in the trace."""
    path = view.now.path
    if path is None or path.loop or path.length or path.echoes > path.echoes_lost:
        return path.loop if path is not None else ()
    again = [_met_again(hops) for hops in by_flow(path).values()]
    circling = [each for each in again if each]
    if 2 * len(circling) <= len(again):
        return ()
    return Counter(circling).most_common(1)[0][0]


def _met_again(hops: Mapping[int, str]) -> tuple[str, ...]:
    """The routers from one to where a flow meets it again, a hop between; empty: it never does."""
    first: dict[str, int] = {}
    for ttl in sorted(hops):
        begin = first.setdefault(hops[ttl], ttl)
        if ttl > begin + 1 and hops.get(ttl - 1) != hops[ttl]:
            return tuple(dict.fromkeys(hops[at] for at in sorted(hops) if begin <= at < ttl))
    return ()


def _refusers(view: View) -> Iterator[Refuser]:
    """Routers that refuse packets of this view; the target itself is another rule's."""
    path, udp = view.now.path, view.now.udp
    target = path.target if path is not None else ""
    own = path.source if path is not None else ""
    if udp is not None and udp.sent and udp.lost == udp.sent:
        for word in udp.icmp:
            if _refuses(word) and word.source not in ("", target, own):
                kind = word.six, word.kind, word.code
                yield Refuser(word.source, kind in _HOST_UNREACHABLE)
    if path is not None:
        for refusal in path.refusals:
            if refusal.host not in (target, own):
                yield Refuser(refusal.host, True)


def _refuses(word: IcmpWord) -> bool:
    kind = word.six, word.kind, word.code
    return (word.six, word.kind) in _REFUSING and kind not in _PORT_UNREACHABLE


def _sides_of(case: Case, view: View, refuser: Refuser) -> tuple[list[tuple[str, float]], bool]:
    """Whose the refusal is, and whether that is settled."""
    way = view.way
    place = _place(way, refuser.address) if way is not None else None
    if way is not None and place is not None:
        after = way.line[place + 1] if place + 1 < way.length else None
        if way.line[place].role == "tunnel":
            return [(way.line[place].label, 1.0)], False
        if after is not None and after.role == "tunnel" and refuser.last_link:
            return [(after.label, 1.0)], False
        sides = way.line[place].sides or (UNSEEN,)
        if place == way.length - 2 and refuser.last_link:
            host = case.host(view.target)
            return [(host, 0.6), *((side, 0.4 / len(sides)) for side in sides)], False
        # the owner of the address itself is certain, that of a router at a border is not
        shares = way.line[place].shares
        return list(shares), len(shares) == 1 and sides == (way.line[place].label,)
    return _elsewhere(case, view, refuser.address), False


def _elsewhere(case: Case, view: View, address: str) -> list[tuple[str, float]]:
    """Whose an address may be that no trace has met: at a border it may be a neighbour's router."""
    owner = case.owners.get(address)
    if owner is None or not owner.label or owner.role in ("exchange", "tunnel"):
        return []
    line = view.way.line if view.way is not None else ()
    others = dict.fromkeys(side for hop in line for side in hop.sides if side != owner.label)
    if not others:
        others = {UNSEEN: None}  # without a trace nobody knows who has a router at that border
    return [(owner.label, 0.7), *((side, 0.3 / len(others)) for side in others)]


def _place(way: Way, address: str) -> int | None:
    """The hop of a way that has this address for any flow, from 0."""
    for flow in way.flows.values():
        if address in flow:
            return flow.index(address)
    return None


def _turning(view: View, loop: Sequence[str]) -> str:
    """The address of the last router that packets meet as they did before; "": not in the loop.

    All routers up to it forward as usual, so it sends the packets where they come back from.
    """
    now, before = view.now.path, view.before.path
    if now is None or before is None:
        return ""
    usual: dict[int, set[str]] = {}
    for hops in by_flow(before).values():
        for ttl, host in hops.items():
            usual.setdefault(ttl, set()).add(host)
    last: dict[str, int] = {}
    for hops in by_flow(now).values():
        address = ""
        for ttl in sorted(hops):
            if hops[ttl] not in usual.get(ttl, ()):
                break
            address = hops[ttl]
        last[address] = last.get(address, 0) + 1
    most = max(last, key=lambda address: last[address], default="")
    return most if most in loop else ""


def _of_loop(case: Case, view: View, loop: Sequence[str], direction: Direction) -> Conclusion:
    weights: dict[str, float] = {}
    turning = _turning(view, loop)
    # where packets circle, the routers that follow are not those by which a border is told
    way = way_of(None, view.before.path, case.owners) if turning else view.way
    for address in (turning,) if turning else loop:
        place = _place(way, address) if way is not None else None
        owner = case.owners.get(address)
        shares: tuple[tuple[str, float], ...] = ((UNSEEN, 1.0),)
        if way is not None and place is not None:
            shares = way.line[place].shares
        elif owner is not None and owner.label and owner.role != "exchange":
            shares = ((owner.label, 1.0),)
        for side, part in shares if turning else (*shares, (UNSEEN, 1.0)):
            weights[side] = weights.get(side, 0.0) + part
    if not weights:
        return NOTHING
    total = sum(weights.values())
    suspects = suspects_of(case, [(side, part / total) for side, part in weights.items()])
    routers = " and ".join(loop[:4])
    words = f"packets circle between {routers}" if len(loop) > 1 else f"packets return to {routers}"
    words += f" ({named(weights)})"
    if turning:
        words += f"; up to {turning} they take their usual way"
    fault = Fault("refusal", direction, suspects, confidence_of(suspects), words, "R2")
    return Conclusion((fault,), (Step("R2", "loop", f"{view.start} to {view.target}: {words}"),))
