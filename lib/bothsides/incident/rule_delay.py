"""R5: the round trip has grown: where, by the first hop that is slower and all later ones are."""

from bothsides.base.types import NamedTuple
from bothsides.incident.case import Case, View, Way
from bothsides.incident.conclusion import (
    NOTHING,
    Conclusion,
    confidence_of,
    covered,
    placed,
    suspects_of,
)
from bothsides.incident.places import Link, links
from bothsides.incident.slow_flows import SlowFrom, first_slow
from bothsides.model.evidence import PathEvidence, UdpEvidence
from bothsides.model.verdict import Fault, Step
from bothsides.model.verdict import Way as Direction

_LEAST = 0.001  # s, below which no growth counts
_SHARE = 0.5  # of the round trip before: a smaller growth is none
_JITTER = 4.0  # times the way's own jitter
_CLEAN = 0.25  # of the growth: a direction that grew by less did not
_PARTED = 0.9  # how likely a trace is right whose slow flows go by another router
_NEAR_FIRST = 0.65  # part of the side before a link, since queues stand in front of it


class _Growth(NamedTuple):
    """By how much a round trip has grown."""

    median: float  # s
    least: float  # s, of the shortest one
    out: bool | None  # whether it grew on the way out; None: not known


def delayed(case: Case) -> Conclusion:
    """The fault behind a longer round trip, seen from both ends."""
    growths = [
        (view, growth)
        for view in (case.there, case.here)
        if view is not None and (growth := _growth(view)) is not None
    ]
    both = case.there is not None and case.here is not None
    if not growths:
        return _some_flows(case)
    if both and len(growths) < 2 and _compared(case) == 2:
        return NOTHING
    view, growth = growths[0]
    words = f"round trip from {view.start} to {view.target} is {1e3 * growth.median:.3g} ms longer"
    direction = _direction(case, growths)
    ways = (("out", case.start, case.target), ("back", case.target, case.start))
    pairs = [(start, target) for way, start, target in ways if direction in (way, "")]
    candidates = [each for pair in pairs for each in _places(case, *pair, growth.least)]
    unseen = not all(_traced(case.view(*pair)) for pair in pairs)
    if not candidates:
        fault = Fault("delay", direction, (), "none", words, "R5")
        return Conclusion((fault,), (Step("R5", "delay", f"{words}; no hop shows where"),))
    weights: dict[str, float] = {}
    for link, weight in candidates:
        for side, part in _near_first(case, link):
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
        candidates = _between(case, along.way, ends, spot.low, spot.first)
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
    now, before = view.now.udp, _rtt(view.before.udp)
    if now is None or before is None:
        return 0.0
    grown = [flow.fastest - before[1] for flow in now.flows if flow.fastest is not None]
    return min((each for each in grown if each > _usual(before)), default=0.0)


def _slow_member(case: Case, view: View) -> Conclusion | None:
    """The parallel link by which the slow flows of a trace go, where the direction is known."""
    now, before = _rtt(view.now.udp), _rtt(view.before.udp)
    assert now is not None
    assert before is not None
    growth = now[1] - before[1]
    forward = _out(view, growth) if growth > _usual(before) else None
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
    candidates = _between(case, along.way, (start, target), spot.low, spot.first)
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
    now, before = view.now.udp, _rtt(view.before.udp)
    if now is None or before is None:
        return 0
    usual = _usual(before)
    slow = sum(flow.fastest is not None and flow.fastest - before[1] > usual for flow in now.flows)
    return slow if slow >= max(2, 0.15 * len(now.flows)) else 0


def _usual(before: tuple[float, float]) -> float:
    """The growth of one flow's round trip that may be chance."""
    return max(_LEAST, _SHARE * before[1], 2 * _JITTER * (before[1] - before[0]))


def _compared(case: Case) -> int:
    """How many of both views can be compared with an earlier time."""
    return sum(
        view is not None and _rtt(view.now.udp) is not None and _rtt(view.before.udp) is not None
        for view in (case.there, case.here)
    )


def _rtt(udp: UdpEvidence | None) -> tuple[float, float] | None:
    """The shortest and the median round trip."""
    return None if udp is None or udp.rtt is None else (udp.rtt.low, udp.rtt.high)


def _growth(view: View) -> _Growth | None:
    now, before = _rtt(view.now.udp), _rtt(view.before.udp)
    if now is None or before is None:
        return None
    median, least = now[1] - before[1], now[0] - before[0]
    usual = max(_LEAST, _SHARE * before[1], _JITTER * (before[1] - before[0]))
    if median < usual or least < max(_LEAST, 0.2 * median):
        return None
    return _Growth(median, least, _out(view, median))


def _out(view: View, median: float) -> bool | None:
    """Whether one-way medians put the growth on the way out; clocks keep their difference."""
    now, before = view.now.udp, view.before.udp
    if now is None or before is None or now.owd is None or before.owd is None:
        return None
    out, back = now.owd.low - before.owd.low, now.owd.high - before.owd.high
    if abs(back) < _CLEAN * median and out > (1 - 2 * _CLEAN) * median:
        return True
    if abs(out) < _CLEAN * median and back > (1 - 2 * _CLEAN) * median:
        return False
    return None


def _direction(case: Case, growths: list[tuple[View, _Growth]]) -> Direction:
    """The direction as `start` sees it; "" where it is not known, or both ends disagree."""
    directions = set()
    for view, growth in growths:
        if growth.out is not None:
            directions.add("out" if growth.out == (view.start == case.start) else "back")
    if directions == {"out"}:
        return "out"
    return "back" if directions == {"back"} else ""


def _places(case: Case, start: str, target: str, least: float) -> list[tuple[Link, float]]:
    """The links behind which all hops of a trace are slower than before."""
    view = case.view(start, target)
    if view is None or view.way is None or view.now.path is None or view.before.path is None:
        return []
    now, before = _best(view.now.path), _best(view.before.path)
    slower = {ttl: now[ttl] - before[ttl] >= 0.5 * least for ttl in now if ttl in before}
    known = sorted(slower)
    first = next((ttl for ttl in known if all(slower[later] for later in known if later >= ttl)), 0)
    if not first:
        return []
    # a quick hop behind slow ones: one of them answered late before, or the others do now
    slow = next(ttl for ttl in known if slower[ttl])
    last_quick = max((ttl for ttl in known if ttl < slow), default=0)
    return _between(case, view.way, (start, target), last_quick + 1, first)


def _between(
    case: Case, way: Way, ends: tuple[str, str], low: int, high: int
) -> list[tuple[Link, float]]:
    """The links that come into question, and the next one, which earlier replies may take too."""
    places = []
    for link in links(case, *ends, way):
        if link.whole and low <= link.hop <= high:
            places.append((link, 1 / (high - low + 1)))
        elif link.whole and link.hop == high + 1 and link.early:
            places.append((link, link.early))
    return places


def _best(path: PathEvidence) -> dict[int, float]:
    """The shortest round trip to each hop, the target by its echo."""
    best: dict[int, float] = {}
    for hop in path.hops:
        if hop.best is not None:
            best[hop.ttl] = min(hop.best, best.get(hop.ttl, hop.best))
    if path.length and path.echo_best is not None:
        best[path.length] = path.echo_best
    return best


def _near_first(case: Case, link: Link) -> list[tuple[str, float]]:
    """The sides of a link, that of the router before it first.

    Sides that only an exception of custom speaks for keep their small part.
    """
    likely = [code for code, _ in link.sides if code in link.likely]
    if len(likely) < 2 or any(case.role(code) == "exchange" for code in link.codes):
        return list(link.sides)
    left = sum(link.weight(code) for code in likely)
    parts = {code: left * (1 - _NEAR_FIRST) / (len(likely) - 1) for code in likely}
    parts[likely[0]] = left * _NEAR_FIRST
    return [(code, parts.get(code, weight)) for code, weight in link.sides]
