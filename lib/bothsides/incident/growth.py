"""By how much a round trip has grown since all was well, which way, and from which hop on."""

from bothsides.base.types import Callable, Mapping, NamedTuple, Sequence
from bothsides.incident.case import Case, View, Way
from bothsides.incident.places import Link, links
from bothsides.model.evidence import PathEvidence, UdpEvidence
from bothsides.model.verdict import Way as Direction

_LEAST, _NOTICED = 0.001, 0.005
"""Seconds below which no growth counts, and none of the median alone: a busy host adds some."""
_SHARE, _FELT = 0.5, 0.04
"""Of the round trip before, and in seconds: a growth below the smaller one of both is none."""
_JITTER = 4.0  # times the way's own jitter
_WAITING = 0.5  # of the growth of the median: as much as replies of hops behind a queue are later
_CLEAN = 0.25  # of the growth: a direction that grew by less did not
_UNEVEN = 3  # hops by which parallel ways differ in length at most
_NEXT = 0.02  # part of the link behind the first late hop, whose replies may take it too
_NEAR_FIRST = 0.65  # part of the side before a link, since queues stand in front of it


class Growth(NamedTuple):
    """By how much a round trip has grown."""

    median: float  # s
    least: float  # s, of the shortest one
    out: bool | None  # whether it grew on the way out; None: not known


def by_chance(before: tuple[float, float]) -> float:
    """The growth of one flow's round trip that may be chance."""
    return max(_LEAST, _SHARE * before[1], 2 * _JITTER * (before[1] - before[0]))


def round_trip(udp: UdpEvidence | None) -> tuple[float, float] | None:
    """The shortest and the median round trip."""
    return None if udp is None or udp.rtt is None else (udp.rtt.low, udp.rtt.high)


def least_growth(before: tuple[float, float]) -> float:
    """The growth of a median round trip that may be chance, or is too small to be felt."""
    return max(_LEAST, min(_SHARE * before[1], _FELT), _JITTER * (before[1] - before[0]))


def growth_of(view: View) -> Growth | None:
    """The growth of a view's round trip; None where it has not grown, or was not measured."""
    now, before = round_trip(view.now.udp), round_trip(view.before.udp)
    if now is None or before is None:
        return None
    median, least = now[1] - before[1], now[0] - before[0]
    if median < least_growth(before) or least < max(_LEAST, 0.2 * median):
        return None
    return Growth(median, least, is_out(view, median))


def is_out(view: View, median: float) -> bool | None:
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


def direction_of(case: Case, growths: Sequence[tuple[View, Growth]]) -> Direction:
    """The direction as `start` sees it; "" where it is not known, or both ends disagree."""
    directions = set()
    for view, growth in growths:
        if growth.out is not None:
            directions.add("out" if growth.out == (view.start == case.start) else "back")
    if directions == {"out"}:
        return "out"
    return "back" if directions == {"back"} else ""


def grown(case: Case) -> list[tuple[View, Growth]]:
    """The views between both hosts whose round trips have grown."""
    return [
        (view, growth)
        for view in (case.there, case.here)
        if view is not None and (growth := growth_of(view)) is not None
    ]


def queue(case: Case, start: str, target: str) -> dict[int, float]:
    """The hops of a way in front of which packets wait, with parts; empty where none is known."""
    growths = [
        (view, Growth(longer, 0.0, is_out(view, longer)))
        for view in (case.there, case.here)
        if view is not None and (longer := _longer(view)) > 0
    ]
    way = "out" if start == case.start else "back"
    if not growths or direction_of(case, growths) != way:
        return {}
    least = _WAITING * min(growth.median for _, growth in growths)
    found = slower_links(case, start, target, least, _middle)
    total = sum(part for _, part in found)
    return {link.hop: part / total for link, part in found}


def queued(case: Case, way: Direction) -> str:
    """That packets wait on a way, by a round trip that is longer and varies more; "" if not."""
    growths = grown(case)
    if not growths or direction_of(case, growths) not in (way, ""):
        return ""
    view, growth = growths[0]
    now, before = round_trip(view.now.udp), round_trip(view.before.udp)
    assert now is not None
    assert before is not None
    more = (now[1] - now[0]) - (before[1] - before[0])
    if more < max(_LEAST, _JITTER * (before[1] - before[0])):
        return ""
    return (
        f"the round trip is {1e3 * growth.median:.3g} ms longer and varies by"
        f" {1e3 * more:.2g} ms more, so packets wait on it"
    )


def unsteady(view: View) -> float:
    """By how many seconds the median round trip is longer though the shortest one is not; 0: no."""
    longer = _longer(view)
    return longer if longer >= _NOTICED and growth_of(view) is None else 0.0


def _longer(view: View) -> float:
    """By how many seconds the median round trip is longer; 0: it is not, or nobody knows."""
    now, before = round_trip(view.now.udp), round_trip(view.before.udp)
    if now is None or before is None:
        return 0.0
    longer = now[1] - before[1]
    return longer if longer >= least_growth(before) else 0.0


def _best(path: PathEvidence) -> dict[int, float]:
    """The shortest round trip to each hop, the target by its echo."""
    best: dict[int, float] = {}
    for hop in path.hops:
        if hop.best is not None:
            best[hop.ttl] = min(hop.best, best.get(hop.ttl, hop.best))
    if path.length and path.echo_best is not None:
        best[path.length] = path.echo_best
    return best


def _middle(path: PathEvidence) -> dict[int, float]:
    """The median over the flows of the shortest round trip to each hop."""
    times: dict[int, list[float]] = {}
    for hop in path.hops:
        if hop.best is not None:
            times.setdefault(hop.ttl, []).append(hop.best)
    return {ttl: sorted(found)[len(found) // 2] for ttl, found in times.items()}


def slower_links(
    case: Case,
    start: str,
    target: str,
    least: float,
    times: Callable[[PathEvidence], Mapping[int, float]] = _best,
) -> list[tuple[Link, float]]:
    """The links behind which all hops of a trace are slower by half of `least` than before.

    Of their sides that of the router before the link comes first.
    """
    view = case.view(start, target)
    if view is None or view.way is None or view.now.path is None or view.before.path is None:
        return []
    now, before = times(view.now.path), _best(view.before.path)
    slower = {ttl: now[ttl] - before[ttl] >= 0.5 * least for ttl in now if ttl in before}
    known = sorted(slower)
    first = next((ttl for ttl in known if all(slower[later] for later in known if later >= ttl)), 0)
    if not first:
        return []
    # a quick hop behind slow ones: one of them answered late before, or the others do now
    slow = next(ttl for ttl in known if slower[ttl])
    last_quick = max((ttl for ttl in known if ttl < slow), default=0)
    last = min(view.way.length, first + _uneven(view.way))
    found = links_between(case, view.way, (start, target), last_quick + 1, last)
    return [
        (link._replace(sides=near_first(case, link, view.way)), weight) for link, weight in found
    ]


def _uneven(way: Way) -> int:
    """By how many hops parallel ways differ in length: their flows meet one router at two hops."""
    places = [[step.place for step in steps] for address, steps in way.steps.items() if address]
    return min(_UNEVEN, max((max(each) - min(each) for each in places), default=0))


def links_between(
    case: Case, way: Way, ends: tuple[str, str], low: int, high: int
) -> list[tuple[Link, float]]:
    """The links that come into question, and the next one, which earlier replies may take too."""
    places = []
    for link in links(case, *ends, way):
        if link.whole and low <= link.hop <= high:
            places.append((link, 1 / (high - low + 1)))
        elif link.whole and link.hop == high + 1:
            places.append((link, max(link.early, _NEXT)))
    return places


def near_first(case: Case, link: Link, way: Way) -> tuple[tuple[str, float], ...]:
    """The sides of a link, that of the router before it first.

    Sides that only an exception of custom speaks for keep their small part.
    """
    likely = [code for code, _ in link.sides if code in link.likely]
    if len(likely) < 2 or any(case.role(code) == "exchange" for code in link.codes):
        return link.sides
    if 1 < link.hop <= way.length and len(way.line[link.hop - 2].sides) > 1:
        return link.sides  # nobody knows whose the router before it is
    left = sum(link.weight(code) for code in likely)
    parts = {code: left * (1 - _NEAR_FIRST) / (len(likely) - 1) for code in likely}
    parts[likely[0]] = left * _NEAR_FIRST
    return tuple((code, parts.get(code, weight)) for code, weight in link.sides)
