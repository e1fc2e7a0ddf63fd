"""Which links of a way a third host's packets pass too, and what their losses say about a link."""

import math

from bothsides.base.types import Iterator, Mapping, NamedTuple, Sequence
from bothsides.incident.case import Case, Way
from bothsides.incident.counts import USUAL, Counts, directional, likelihood
from bothsides.incident.places import Link, links
from bothsides.incident.trace_likelihood import Fitting, mean_of_logs, of_evidence, sum_of_logs
from bothsides.incident.witnesses import another_instance
from bothsides.model.evidence import Look, PathEvidence

OTHERWISE = 0.02  # probability that a witness has a trouble of its own, or is misread
_MUTE = 0.004  # the same, and nothing at all gets through, though it did before
_ONE_LINK, _OTHER_ADDRESS = 0.5, 0.1
"""How likely all packets of a host pass one link: where no trace tells, and where those of others
meet another address in front of it, which may be of the same router."""
_LOSSY = 3  # losses from which a witness's own trace is read
_READ = 0.9  # how likely its trace shows the loss that its packets have
SHARES = (
    0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.16, 0.2, 0.25, 0.3,
    0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 0.96, 1.0,
)  # fmt: skip
"""Shares of loss that are tried."""


class Third(NamedTuple):
    """One direction between two hosts of which one at least is a third host."""

    start: str  # name of the host that sends
    target: str  # name of the host that gets it
    counts: Counts
    way: Way | None  # None: not known
    path: PathEvidence | None  # the trace that goes this way
    opposite: Way | None = None  # the way of the other direction, where it is known
    usual: bool = False  # whether its packets are known to have got through before
    elsewhere: bool = False  # whether it reaches another host by the target's address


MOST = 64
"""Directions of witnesses that are compared with the ways between both ends: each costs time."""


def thirds(case: Case) -> list[Third]:
    """The directions that witnesses have measured, at most `MOST`: those that lose first."""
    return sorted(_every(case), key=_is_well)[:MOST]


def _is_well(third: Third) -> bool:
    return not third.counts.silent and not third.counts.lost.high


def _every(case: Case) -> Iterator[Third]:
    pairs: dict[tuple[str, str], None] = {}
    for view in case.witnesses():
        pairs[view.start, view.target] = None
        pairs[view.target, view.start] = None
    for start, target in pairs:
        counts = directional(case, start, target)
        if counts.sent or counts.silent:
            mine = case.view(start, target)
            way = mine.way if mine is not None else None
            other = case.view(target, start)
            yield Third(
                start,
                target,
                counts,
                way,
                mine.now.path if mine is not None else None,
                other.way if other is not None else None,
                any(each is not None and _answered(each.before) for each in (mine, other)),
                _elsewhere(case, start, target),
            )


def _elsewhere(case: Case, start: str, target: str) -> bool:
    """Whether the third host of a direction speaks of another host than both ends do."""
    third, end = (start, target) if target == case.target else (target, start)
    return end == case.target and another_instance(case, case.start, end, third)


def _answered(look: Look) -> bool:
    """Whether a look shows UDP packets that were answered."""
    return look.udp is not None and look.udp.lost < look.udp.sent


def passing(link: Link, third: Third, ends: tuple[str, str], exchanges: frozenset[str]) -> float:
    """How likely the witness's packets pass a link of the way between `ends`.

    exchanges: addresses on exchange networks: another member's packets enter by the same address.
    """
    if link.host:
        met = link.host in (third.start, third.target)
        return 1.0 if met and not (third.elsewhere and link.host == ends[1]) else 0.0
    same_end = third.target == ends[1]
    if third.way is None:
        if link.hop == 1 and third.start == ends[0]:
            return 0.1 if _enters_elsewhere(third.opposite, link) else 0.5
        if link.whole and not link.before and same_end:
            return 0.5
        if third.start != ends[0] and not same_end:
            return 0.1
        return _by_networks(link, third.opposite)
    best = 0.0
    for address in link.before:
        for _, place, before in third.way.steps.get(address, ()):
            if before in link.after or (not place and link.hop == 1 and third.start == ends[0]):
                return 1.0
            last = place == third.way.length - 1
            if last and (third.elsewhere or _enters_elsewhere(third.way, link)):
                continue
            best = max(best, 0.3 if last or address in exchanges else 0.9)
    return best or 0.03


def _enters_elsewhere(way: Way | None, link: Link) -> bool:
    """Whether a way enters its host by a network that has no part in the link at that host."""
    before = way.line[-2].label if way is not None and way.length > 1 else ""
    return bool(before) and before not in link.codes


def _by_networks(link: Link, opposite: Way | None) -> float:
    """How likely replies pass a link: they may come by the networks that the requests took."""
    if opposite is None:
        return 0.1
    known = {hop.label for hop in opposite.line[:-1]}
    return 0.03 + 0.37 * sum(weight for side, weight in link.sides if side in known)


def part_of(link: Link, way: Way | None) -> float:
    """The share of the flows on a way that pass a link, which may be one of several."""
    if way is None or link.whole or not way.flows or not link.before:
        return 1.0 if link.whole else 0.5
    passing_flows = {
        flow
        for address in link.before
        for flow, place, before in way.steps.get(address, ())
        if not link.after or (place and before in link.after)
    }
    return min(0.95, max(0.05, len(passing_flows) / len(way.flows)))


def third_views(case: Case, along: tuple[str, str] | None = None) -> list["ThirdView"]:
    """Every direction of a witness; both of them are one where nothing is answered.

    along: both ends of a way: only directions that begin or end as it does, and silent ones.
    """
    found = {
        (third.start, third.target): third
        for third in thirds(case)
        if along is None
        or third.counts.silent
        or third.start == along[0]
        or third.target == along[1]
    }
    views = []
    for (start, target), third in found.items():
        opposite = found.get((target, start)) if third.counts.silent else None
        if opposite is None or not opposite.counts.silent:
            views.append(ThirdView(case, third))
        elif start < target:
            views.append(ThirdView(case, third, opposite))
    return views


def shared_by(
    views: Sequence["ThirdView"],
    link: Link,
    along: tuple[tuple[str, str], Way, frozenset[str]],
    likely: Mapping[str, float],
) -> list[tuple[float, list[float]]]:
    """How likely each witness passes a link: the cases with their probabilities.

    Where a host has one link, every witness of it passes that one; that is one case for all.
    along: both ends of the way, the way, and its addresses on exchanges; likely: how likely each
    end has one link.
    """
    ends, way, exchanges = along
    usual = [each.passes(link, ends, exchanges) for each in views]
    host = ends[1] if link.hop == way.length else ends[0] if link.hop == 1 else ""
    there = [each.meets(host, ends) for each in views]
    one = likely.get(host, 0.0)
    if link.host or not link.whole or not one or not any(there):
        return [(1.0, usual)]
    every = [1.0 if here else chance for here, chance in zip(there, usual, strict=True)]
    return [(one, every), (1 - one, usual)]


def one_link(case: Case, host: str) -> float:
    """How likely all packets to and from a host pass one link, by the routers in front of it."""
    ways = [view.way for view in case.views.values() if view.target == host and view.way]
    ways = [way for way in ways if way.length > 1]
    if len({way.line[-2].label for way in ways} - {""}) > 1:
        return 0.0
    seen = [{line[-2] for line in way.flows.values()} - {""} for way in ways]
    known = [addresses for addresses in seen if addresses]
    apart = any(not known[0] & addresses for addresses in known[1:])
    return _OTHER_ADDRESS if apart else _ONE_LINK


class ThirdView:
    """What one witness says about links, computed once for each share."""

    def __init__(self, case: Case, third: Third, opposite: Third | None = None) -> None:
        """opposite: the other direction, if nothing is answered: nobody knows which one is dead."""
        flows = third.counts.flows
        self.third = third
        self._opposite = opposite
        self._hit = {share: likelihood(flows, share) for share in SHARES}
        self._mute = _MUTE if third.usual else OTHERWISE
        self._clean = likelihood(flows, USUAL / 4)
        self._own = mean_of_logs([self._clean, *self._hit.values()])
        self._partly: dict[tuple[float, float], float] = {}
        self._fit: Fitting | None = None
        self._links: dict[frozenset[str], Link] = {}
        self._known: dict[tuple[float, float, float, float], float] = {}
        if third.path is not None and third.way is not None and third.counts.lost.low >= _LOSSY:
            self._fit = Fitting(of_evidence(third.path, third.way.length))
            whole = [
                each for each in links(case, third.start, third.target, third.way) if each.whole
            ]
            self._links = {each.before: each for each in whole if each.before}
            somewhere = [self._fit.log(each, share) for each in whole for share in SHARES]
            self._any = mean_of_logs([*somewhere, self._fit.log(None, 0.0)])

    def passes(self, link: Link, ends: tuple[str, str], exchanges: frozenset[str]) -> float:
        """How likely what the witness lost or got passes a link of the way between `ends`."""
        there = passing(link, self.third, ends, exchanges)
        if self._opposite is None:
            return there
        return 1 - (1 - there) * (1 - passing(link, self._opposite, ends, exchanges))

    def meets(self, host: str, ends: tuple[str, str]) -> bool:
        """Whether what the witness lost or got meets a host as packets between `ends` do."""
        return any(
            (third.target if host == ends[1] else third.start) == host
            for third in (self.third, self._opposite)
            if third is not None and not third.elsewhere
        )

    def log(self, link: Link, share: float, passes: float, part: float) -> float:
        """The logarithm of the likelihood of what the witness saw.

        passes: how likely its packets pass the link; part: the share of its flows that do.
        """
        if self.third.counts.silent:
            return math.log(passes * (share >= 0.9) + self._mute)
        key = share, passes, part, self._trace(link, share)
        if key not in self._known:
            self._known[key] = self._log(*key)
        return self._known[key]

    def _log(self, share: float, passes: float, part: float, trace: float) -> float:
        hit = self._hit[share]
        if part < 1:
            key = share, part
            if key not in self._partly:
                self._partly[key] = likelihood(self.third.counts.flows, share, part)
            hit = self._partly[key]
        return sum_of_logs(
            [
                math.log((1 - OTHERWISE) * passes + 1e-12) + hit + trace,
                math.log((1 - OTHERWISE) * (1 - passes) + 1e-12) + self._clean,
                math.log(OTHERWISE) + self._own,
            ]
        )

    def _trace(self, link: Link, share: float) -> float:
        """How much better or worse the witness's own trace fits this link than any other."""
        if self._fit is None:
            return 0.0
        mine = next((each for key, each in self._links.items() if key & link.before), None)
        if mine is None:
            return 0.0
        fits = self._fit.log(mine, share) - self._any
        return sum_of_logs([math.log(_READ) + fits, math.log(1 - _READ)])
