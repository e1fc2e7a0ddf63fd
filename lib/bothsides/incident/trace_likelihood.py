"""How well a trace fits a fault at a link: the likelihood of its silent probes, hop by hop.

Packets to every hop behind the link are lost with the link's share, and replies of every hop from
some hop on are lost with the share of the way back, if that loses too. Any router may answer less
than it is asked: such a hop proves nothing, and its losses are allowed for.
"""

import math

from bothsides.base.types import Iterable, Mapping, NamedTuple, Sequence
from bothsides.incident.places import Link
from bothsides.model.evidence import HopCount, PathEvidence

_LIMITED = 0.2  # share of routers that limit their answers
_SHY = (0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.95, 0.999)  # shares of answers that these leave out
_CHANCE = 0.002  # share that a healthy way loses
_IMPOSSIBLE = 1e-5  # share that gets through a dead link after all, as a fault may be over

Cell = tuple[int, int, float]
"""Probes, lost ones, and the share that is expected to be lost."""


class Trace(NamedTuple):
    """The probes of one trace, as the likelihood needs them."""

    hops: Mapping[int, Sequence[HopCount]]  # by TTL
    echoes: tuple[int, int]  # echo requests to the target, and those lost
    length: int  # hops to the target
    probes: int  # that at least half of the hops got


def of_evidence(path: PathEvidence, length: int) -> Trace:
    """The probes up to the target; `length` is that of the way."""
    hops: dict[int, list[HopCount]] = {}
    for hop in path.hops:
        if hop.ttl <= length:
            hops.setdefault(hop.ttl, []).append(hop)
    asked = sorted((sum(each.sent for each in hop) for hop in hops.values()), reverse=True)
    probes = asked[len(asked) // 2] if asked else 0
    return Trace(hops, (path.echoes, path.echoes_lost), length, probes)


class Fitting:
    """The likelihoods of one trace, which are asked for many times."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._known: dict[tuple[int, frozenset[int], float, float], float] = {}
        self._sums: dict[tuple[int, frozenset[int], float, float, int], float] = {}

    def log(self, link: Link | None, share: float, back: float = 0.0, turn: int = 0) -> float:
        """The logarithm of the likelihood of all answers; link None: nothing is lost forward.

        back: the share that the way back loses; turn: the first hop whose replies take the lossy
        part of it; 0: none but those of the target.
        """
        if link is None:
            return self._sum(None, share, back, turn, 0)
        late = self._sum(link, share, back, turn, link.hop)
        if not link.early:
            return late
        early = self._sum(link, share, back, turn, link.hop - 1)
        return sum_of_logs([math.log(1 - link.early) + late, math.log(link.early) + early])

    def _sum(self, link: Link | None, share: float, back: float, turn: int, first: int) -> float:
        flows = link.flows if link is not None else frozenset()
        key = first, flows, share, back, turn
        if key not in self._sums:
            total = self._target(link, share, back)
            for ttl in self.trace.hops:
                hit = share if link is not None and ttl >= first else 0.0
                total += self._hop(ttl, flows, hit, back if turn and ttl >= turn else 0.0)
            self._sums[key] = total
        return self._sums[key]

    def _hop(self, ttl: int, flows: frozenset[int], hit: float, back: float) -> float:
        key = ttl, flows if hit else frozenset(), hit, back
        if key not in self._known:
            cells = [
                (hop.sent, hop.lost, _joined(hit if hop.flow in flows else 0.0, back))
                for hop in self.trace.hops[ttl]
            ]
            self._known[key] = _any_router(cells)
        return self._known[key]

    def _target(self, link: Link | None, share: float, back: float) -> float:
        """Echo requests take one of the parallel links, nobody knows which."""
        sent, lost = self.trace.echoes
        if not sent:
            return 0.0
        calm = _any_router([(sent, lost, _joined(0.0, back))])
        if link is None or not share:
            return calm
        hit = _any_router([(sent, lost, _joined(share, back))])
        return hit if link.whole else mean_of_logs([calm, hit])


def _joined(*shares: float) -> float:
    """The share that is lost when several places lose, and chance besides."""
    left = 1 - _CHANCE
    for share in shares:
        left *= 1 - share
    return min(1 - left, 1 - _IMPOSSIBLE)


def _any_router(cells: Sequence[Cell]) -> float:
    """The logarithm of the likelihood at one hop, whose router may limit its answers."""
    shy = [
        _binomials((sent, lost, 1 - (1 - share) * (1 - left_out)) for sent, lost, share in cells)
        for left_out in _SHY
    ]
    return sum_of_logs(
        [math.log(1 - _LIMITED) + _binomials(cells), math.log(_LIMITED) + mean_of_logs(shy)]
    )


def _binomials(cells: Iterable[Cell]) -> float:
    """The logarithm of the probability of these very losses in this order."""
    return sum(
        lost * math.log(share) + (sent - lost) * math.log1p(-share) for sent, lost, share in cells
    )


def sum_of_logs(logs: Sequence[float]) -> float:
    """The logarithm of a sum of values that are given as logarithms."""
    most = max(logs)
    if most == -math.inf:
        return most
    return most + math.log(math.fsum(math.exp(log - most) for log in logs))


def mean_of_logs(logs: Sequence[float]) -> float:
    """The logarithm of the mean of values that are given as logarithms."""
    return sum_of_logs(logs) - math.log(len(logs))
