"""How well a trace fits a fault at a link: the likelihood of its silent probes, hop by hop.

Packets to every hop behind the link are lost with the link's share, and replies of every hop from
some hop on are lost with the share of the way back, if that loses too. Any router may answer less
than it is asked: such a hop proves nothing, and its losses are allowed for.
"""

import math
from bisect import bisect_left

from bothsides.base.types import Mapping, NamedTuple, Sequence
from bothsides.incident.places import Link
from bothsides.model.evidence import HopCount, PathEvidence

_LIMITED = 0.2  # share of routers that limit their answers
_LOG_LIMITED, _LOG_ANSWERS = math.log(_LIMITED), math.log(1 - _LIMITED)
_SHY = (0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.95, 0.999)  # shares of answers that these leave out
_CHANCE = 0.002  # share that a healthy way loses
_IMPOSSIBLE = 1e-5  # share that gets through a dead link after all, as a fault may be over

Rates = tuple[tuple[float, float], ...]
"""Logarithms of the shares that are expected to be lost and to be answered: first by a router that
answers all, then by those that leave out `_SHY`."""

Cell = tuple[int, int, Rates]
"""Probes, lost ones, and what is expected of them."""

_NO_FLOW: frozenset[int] = frozenset()


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
        self._ttls = sorted(trace.hops)
        self._all = {
            ttl: (sum(hop.sent for hop in hops), sum(hop.lost for hop in hops))
            for ttl, hops in trace.hops.items()
        }
        self._tails: dict[tuple[frozenset[int], float, float], list[float]] = {}
        self._sums: dict[tuple[int, frozenset[int], float, float, int], float] = {}
        self._targets: dict[tuple[bool, float, float], float] = {}
        self._routers: dict[tuple[int, int, int, int, float, float], float] = {}
        self._rates: dict[float, Rates] = {}

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
        flows = link.flows if link is not None else _NO_FLOW
        key = first, flows, share, back, turn
        if key not in self._sums:
            hops = self._hops(flows, share if link is not None else 0.0, back, turn, first)
            self._sums[key] = self._target(link, share, back) + hops
        return self._sums[key]

    def _hops(
        self, flows: frozenset[int], share: float, back: float, turn: int, first: int
    ) -> float:
        """All hops: those from `first` on are hit, the replies of those from `turn` on as well."""
        end = len(self._ttls)
        hit = bisect_left(self._ttls, first) if share else end
        turned = bisect_left(self._ttls, turn) if turn and back else end
        total = self._tail(_NO_FLOW, 0.0, 0.0, 0) - self._tail(_NO_FLOW, 0.0, 0.0, min(hit, turned))
        if turned < hit:
            total += self._tail(_NO_FLOW, 0.0, back, turned) - self._tail(_NO_FLOW, 0.0, back, hit)
        if hit < turned:
            total += self._tail(flows, share, 0.0, hit) - self._tail(flows, share, 0.0, turned)
        return total + self._tail(flows, share, back, max(hit, turned))

    def _tail(self, flows: frozenset[int], hit: float, back: float, place: int) -> float:
        """The sum over all hops from a place on, which is kept: a way may have 255 hops."""
        end = len(self._ttls)
        if place == end:
            return 0.0
        sums = self._tails.setdefault((flows, hit, back), [0.0])
        while len(sums) <= end - place:
            sums.append(sums[-1] + self._hop(self._ttls[end - len(sums)], flows, hit, back))
        return sums[end - place]

    def _hop(self, ttl: int, flows: frozenset[int], hit: float, back: float) -> float:
        sent = lost = 0
        for hop in self.trace.hops[ttl] if flows else ():
            if hop.flow in flows:
                sent, lost = sent + hop.sent, lost + hop.lost
        key = sent, lost, *self._all[ttl], hit, back
        if key not in self._routers:
            others, lost_there = self._all[ttl]
            mine = sent, lost, self._of(_joined(hit, back))
            rest = others - sent, lost_there - lost, self._of(_joined(back))
            self._routers[key] = _any_router((mine, rest))
        return self._routers[key]

    def _of(self, share: float) -> Rates:
        if share not in self._rates:
            self._rates[share] = _rates(share)
        return self._rates[share]

    def _target(self, link: Link | None, share: float, back: float) -> float:
        """Echo requests take one of the parallel links, nobody knows which."""
        sent, lost = self.trace.echoes
        if not sent:
            return 0.0
        key = link is None or link.whole, share if link is not None else 0.0, back
        if key not in self._targets:
            calm = _any_router([(sent, lost, self._of(_joined(0.0, back)))])
            hit = _any_router([(sent, lost, self._of(_joined(key[1], back)))])
            self._targets[key] = hit if key[0] or not key[1] else mean_of_logs([calm, hit])
        return self._targets[key]


def _joined(*shares: float) -> float:
    """The share that is lost when several places lose, and chance besides."""
    left = 1 - _CHANCE
    for share in shares:
        left *= 1 - share
    return min(1 - left, 1 - _IMPOSSIBLE)


def _rates(share: float) -> Rates:
    shares = share, *(1 - (1 - share) * (1 - left_out) for left_out in _SHY)
    return tuple((math.log(each), math.log1p(-each)) for each in shares)


def _any_router(cells: Sequence[Cell]) -> float:
    """The logarithm of the likelihood at one hop, whose router may limit its answers.

    It is the probability of these very losses in this order.
    """
    logs = [0.0] * (1 + len(_SHY))
    for sent, lost, rates in cells:
        if sent:
            got = sent - lost
            logs = [log + lost * one + got * other
                    for log, (one, other) in zip(logs, rates, strict=True)]  # fmt: skip
    free, *shy = logs
    return sum_of_logs([_LOG_ANSWERS + free, _LOG_LIMITED + mean_of_logs(shy)])


def sum_of_logs(logs: Sequence[float]) -> float:
    """The logarithm of a sum of values that are given as logarithms."""
    most = max(logs)
    if most == -math.inf:
        return most
    return most + math.log(math.fsum([math.exp(log - most) for log in logs]))


def mean_of_logs(logs: Sequence[float]) -> float:
    """The logarithm of the mean of values that are given as logarithms."""
    return sum_of_logs(logs) - math.log(len(logs))
