"""R5: the round trip has grown: where, by the first hop that is slower and all later ones are."""

from bothsides.incident.case import Case, View
from bothsides.incident.conclusion import (
    NOTHING,
    Conclusion,
    confidence_of,
    covered,
    placed,
    suspects_of,
)
from bothsides.incident.growth import (
    by_chance,
    direction_of,
    grown,
    is_out,
    links_between,
    round_trip,
    slower_links,
    unsteady,
)
from bothsides.incident.places import Link, links
from bothsides.incident.slow_flows import SlowFrom, first_slow
from bothsides.model.verdict import Fault, Step

_PARTED = 0.9  # how likely a trace is right whose slow flows go by another router


def delayed(case: Case) -> Conclusion:
    """The fault behind a longer round trip, seen from both ends."""
    growths = grown(case)
    both = case.there is not None and case.here is not None
    if not growths:
        some = _some_flows(case)
        return some if some.faults else _unsteady(case)
    if both and len(growths) < 2 and _compared(case) == 2:
        return NOTHING
    view, growth = growths[0]
    words = f"round trip from {view.start} to {view.target} is {1e3 * growth.median:.3g} ms longer"
    direction = direction_of(case, growths)
    ways = (("out", case.start, case.target), ("back", case.target, case.start))
    pairs = [(start, target) for way, start, target in ways if direction in (way, "")]
    candidates = [each for pair in pairs for each in slower_links(case, *pair, growth.least)]
    unseen = not all(_traced(case.view(*pair)) for pair in pairs)
    if not candidates:
        fault = Fault("delay", direction, (), "none", words, "R5")
        return Conclusion((fault,), (Step("R5", "delay", f"{words}; no hop shows where"),))
    weights: dict[str, float] = {}
    for link, weight in candidates:
        for side, part in link.sides:
            weights[side] = weights.get(side, 0.0) + weight * part
    suspects = covered(case, weights)
    fault = Fault(
        kind="delay",
        way=direction,
        suspects=suspects,
        confidence="none" if unseen else confidence_of(suspects),
        words=words + (f", all of it on the way {direction}" if direction else ""),
        rule="R5",
        places=placed(f"{view.start} to {view.target}", candidates),
    )
    return Conclusion((fault,), (Step("R5", "delay", fault.words),))


def _traced(view: View | None) -> bool:
    """Whether a way was traced now and before."""
    return view is not None and view.now.path is not None and view.before.path is not None


def _unsteady(case: Case) -> Conclusion:
    """A delay that begins, ends or comes and goes in the run: no trace tells where that is."""
    for view in (case.there, case.here):
        longer = unsteady(view) if view is not None else 0.0
        if view is not None and longer:
            words = (
                f"the median round trip from {view.start} to {view.target} is"
                f" {1e3 * longer:.3g} ms longer, the shortest one is not: a delay that comes and"
                " goes, or began or ended meanwhile"
            )
            fault = Fault("delay", "", (), "none", words, "R5")
            return Conclusion((fault,), (Step("R5", "delay", words),))
    return NOTHING


def _some_flows(case: Case) -> Conclusion:
    """One of several parallel links is slower: only some flows are."""
    views = [view for view in (case.there, case.here) if view is not None and _slow_flows(view)]
    for view in views:
        result = _slow_member(case, view)
        if result is not None:
            return result
    if not views:
        return NOTHING
    view = views[0]
    slow, flows = _slow_flows(view), len(view.now.udp.flows) if view.now.udp else 0
    words = f"{slow} of {flows} flows from {view.start} to {view.target} are slower than before"
    return _slow_by_traces(case, view, words)


def _slow_by_traces(case: Case, view: View, words: str) -> Conclusion:
    """By the one trace whose slow flows go by another router than its quick ones, if there is one.

    That is no proof: replies may return by parallel links too, and part in the same way by chance.
    """
    sides = dict.fromkeys(
        code
        for each in (case.there, case.here)
        if each is not None and each.way is not None
        for link in links(case, each.start, each.target, each.way)
        for code, _ in link.sides
    )
    least = 0.5 * _least_growth(view)
    weights = dict.fromkeys(sides, 1 / len(sides)) if sides else {}
    both = [_parted(along, least) for along in (case.there, case.here)]
    places = [each for each in both if each is not None]
    candidates: list[tuple[Link, float]] = []
    if len(places) == 1:
        ((along, spot),) = places
        assert along.way is not None
        ends = along.start, along.target
        candidates = links_between(case, along.way, ends, spot.low, spot.first)
        weights = {side: (1 - _PARTED) * part for side, part in weights.items()}
        total = sum(weight for _, weight in candidates)
        for link, weight in candidates:
            for side, part in link.sides:
                weights[side] = weights.get(side, 0.0) + _PARTED * weight * part / total
        words += f"; those of the trace from {along.start} by another router, at hop {spot.first}"
    suspects = suspects_of(case, [*weights.items()])
    confidence = confidence_of(suspects) if candidates else "none"
    fault = Fault("delay", "", suspects, confidence, words, "R5")
    return Conclusion((fault,), (Step("R5", "delay of some flows", words),))


def _parted(view: View | None, least: float) -> tuple[View, SlowFrom] | None:
    """A view and where its slow flows part from the quick ones; None where they do not."""
    if view is None or view.way is None:
        return None
    spot = first_slow(view, least)
    return (view, spot) if spot is not None and spot.parted else None


def _least_growth(view: View) -> float:
    """By how much the slow flows are slower at least, in seconds."""
    now, before = view.now.udp, round_trip(view.before.udp)
    if now is None or before is None:
        return 0.0
    grown = [flow.fastest - before[1] for flow in now.flows if flow.fastest is not None]
    return min((each for each in grown if each > by_chance(before)), default=0.0)


def _slow_member(case: Case, view: View) -> Conclusion | None:
    """The parallel link by which the slow flows of a trace go, where the direction is known."""
    now, before = round_trip(view.now.udp), round_trip(view.before.udp)
    assert now is not None
    assert before is not None
    growth = now[1] - before[1]
    forward = is_out(view, growth) if growth > by_chance(before) else None
    if forward is None:
        return None
    out = forward == (view.start == case.start)
    start, target = (case.start, case.target) if out else (case.target, case.start)
    along = case.view(start, target)
    if along is None or along.way is None:
        return None
    spot = first_slow(along, 0.5 * growth)
    if spot is None:
        return None
    candidates = links_between(case, along.way, (start, target), spot.low, spot.first)
    weights: dict[str, float] = {}
    for link, weight in candidates:
        for side, part in link.sides:
            weights[side] = weights.get(side, 0.0) + weight * part
    suspects = covered(case, weights)
    words = (
        f"{spot.slow} of {spot.flows} flows from {start} to {target} are"
        f" {1e3 * growth:.3g} ms slower from hop {spot.first} on"
    )
    fault = Fault(
        kind="delay",
        way="out" if out else "back",
        suspects=suspects,
        confidence=confidence_of(suspects),
        words=words,
        rule="R5",
        places=placed(f"{start} to {target}", candidates),
    )
    return Conclusion((fault,), (Step("R5", "delay of some flows", words),))


def _slow_flows(view: View) -> int:
    """Flows that have grown as `_growth` asks it of the whole, if at least two have."""
    now, before = view.now.udp, round_trip(view.before.udp)
    if now is None or before is None:
        return 0
    usual = by_chance(before)
    slow = sum(flow.fastest is not None and flow.fastest - before[1] > usual for flow in now.flows)
    return slow if slow >= max(2, 0.15 * len(now.flows)) else 0


def _compared(case: Case) -> int:
    """How many of both views can be compared with an earlier time."""
    return sum(
        view is not None
        and round_trip(view.now.udp) is not None
        and round_trip(view.before.udp) is not None
        for view in (case.there, case.here)
    )
