"""R10: inside a tunnel nobody is accused; the evidence of the underlay speaks in its place.

A way that passes a tunnel shows one link where other networks carry it. Two hosts that measure the
underlay, and are no ends of the tunnel's users, see the same trouble at its place.
"""

from bothsides.base.types import Callable, Iterator, Sequence
from bothsides.incident.case import Case
from bothsides.incident.conclusion import Conclusion, confidence_of, named, suspects_of
from bothsides.incident.routers import UNSEEN
from bothsides.model.verdict import FAR_END, MONITOR, Confidence, Fault, Step, Suspect, Way

_LEAST = 0.03  # likelihood of the tunnel below which a fault has nothing to do with it
_MAYBE = 0.2  # likelihood of the tunnel from which nobody beside it is named
_PACKETS = ("loss", "silence", "refusal")

Judge = Callable[[Case], Conclusion]
"""All rules for one pair."""


def through_tunnel(case: Case, result: Conclusion, judge: Judge) -> Conclusion:
    """What was found, with faults inside of a tunnel put to the networks that carry it."""
    if not _tunnels(case):
        return result
    under = [judged for pair in _underlays(case) if (judged := _below(case, pair, judge)).faults]
    faults, steps = [], list(result.steps)
    for fault in result.faults:
        if not _inside(fault):
            faults.append(fault)
            continue
        match = next((other for part in under if (other := _like(fault, part)) is not None), None)
        if match is None:
            steps.append(Step("R10", "tunnel", _unseen(case, bool(under))))
            faults.append(_of_nobody(fault))
        else:
            words = f"inside the tunnel; the underlay says: {match.words}"
            steps.append(Step("R10", "underlay", f"{words}: {named(_codes(match))}"))
            faults.append(_in_its_place(case, fault, match))
    if not result.faults:
        changes = [fault for part in under for fault in part.faults if fault.kind == "change"]
        faults += changes
        steps += [Step("R10", "underlay", fault.words) for fault in changes]
    settle = result.settle if under else (*result.settle, "measure the underlay from both gateways")
    return result._replace(faults=tuple(faults), steps=tuple(steps), settle=settle)


def _of_nobody(fault: Fault) -> Fault:
    """The fault without a name where it may well be one of the tunnel's unseen carriers."""
    tunnel = sum(each.share for each in fault.suspects if each.role == "tunnel")
    return fault._replace(confidence="none") if tunnel >= _MAYBE else fault


def _in_its_place(case: Case, fault: Fault, match: Fault) -> Fault:
    """The fault with the underlay's sides; one of both directions leaves the other one open."""
    words = f"{fault.words}; {match.words}"
    if fault.way != "both" or match.way in ("both", ""):
        return match._replace(way=fault.way, words=words)
    shares: dict[str, float] = {}
    for suspect in (*fault.suspects, *match.suspects):
        shares[suspect.code] = shares.get(suspect.code, 0.0) + suspect.share / 2
    suspects = suspects_of(case, list(shares.items()))
    return fault._replace(suspects=suspects, confidence="none", words=words)


def _tunnels(case: Case) -> bool:
    """Whether a way between both hosts passes a tunnel."""
    views = (view for view in (case.there, case.here) if view is not None and view.way is not None)
    return any(hop.role == "tunnel" for view in views if view.way for hop in view.way.line)


def _underlays(case: Case) -> Iterator[tuple[str, str]]:
    """Pairs of third hosts that measure each other."""
    seen: set[frozenset[str]] = set()
    for view in case.witnesses():
        pair = frozenset((view.start, view.target))
        if not pair & {case.start, case.target} and pair not in seen:
            seen.add(pair)
            yield view.start, view.target


def _below(case: Case, pair: tuple[str, str], judge: Judge) -> Conclusion:
    """The verdict about the underlay alone, its hosts under the names of the gateways' networks."""
    views = {key: view for key, view in case.views.items() if set(key) == set(pair)}
    below = judge(case._replace(start=pair[0], target=pair[1], views=views))
    names = dict(zip((MONITOR, FAR_END), _gateways(case), strict=True))
    faults = tuple(
        fault._replace(suspects=renamed, confidence=_again(fault, renamed))
        for fault in below.faults
        if (renamed := _renamed(case, fault.suspects, names))
    )
    return below._replace(faults=faults)


def _gateways(case: Case) -> tuple[str, str]:
    """Whose the routers at both ends of the tunnel are."""
    for view in (case.there, case.here):
        line = view.way.line if view is not None and view.way is not None else ()
        for place, hop in enumerate(line):
            if hop.role == "tunnel":
                near = line[place - 1].sides[:1] if place else ()
                far = hop.sides[:1]
                mine, other = (near or ("",))[0] or UNSEEN, (far or ("",))[0] or UNSEEN
                return (mine, other) if view is case.there else (other, mine)
    return UNSEEN, UNSEEN


def _renamed(case: Case, suspects: Sequence[Suspect], names: dict[str, str]) -> tuple[Suspect, ...]:
    shares: dict[str, float] = {}
    for suspect in suspects:
        code = names.get(suspect.code, suspect.code)
        shares[code] = shares.get(code, 0.0) + suspect.share
    return suspects_of(case, list(shares.items()))


def _again(fault: Fault, suspects: Sequence[Suspect]) -> Confidence:
    """The confidence under the new names, never more than by the underlay itself."""
    if fault.confidence == "none":
        return "none"
    return confidence_of(suspects)


def _inside(fault: Fault) -> bool:
    return any(each.role == "tunnel" and each.share >= _LEAST for each in fault.suspects)


def _codes(fault: Fault) -> list[str]:
    return [suspect.code for suspect in fault.suspects]


def _like(fault: Fault, below: Conclusion) -> Fault | None:
    """The fault of the underlay that explains one in the tunnel."""
    for other in below.faults:
        packets = fault.kind in _PACKETS and other.kind in _PACKETS
        if not packets and fault.kind != other.kind:
            continue
        if _ways(fault.way) & _ways(other.way):
            return other
    return None


def _ways(way: Way) -> set[str]:
    return {"out", "back"} if way in ("both", "") else {way}


def _unseen(case: Case, asked: bool) -> str:
    words = f"inside the tunnel to {case.target}; its carriers are not seen from here"
    return words + (", and the underlay shows no such trouble" if asked else "")
