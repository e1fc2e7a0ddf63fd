"""How well a trace fits a fault at a link: the likelihood of its silent probes, hop by hop.

Packets to every hop behind the link are lost with the link's share, and replies of every hop from
some hop on are lost with the share of the way back, if that loses too. Any router may answer less
than it is asked, and sometimes all leave out the same share: such hops prove nothing, and their
losses are allowed for.
"""

import math
from bisect import bisect_left

from bothsides.base.types import Mapping, NamedTuple, Sequence
from bothsides.incident.places import Link
from bothsides.model.evidence import HopCount, PathEvidence

_LIMITED = 0.2  # share of routers that limit their answers
_LOG_LIMITED, _LOG_ANSWERS = math.log(_LIMITED), math.log(1 - _LIMITED)
_ALIKE = 0.3  # share of traces in which all routers leave out the same share, but for a few
_LOG_UNLIKE, _LOG_ALIKE = math.log(1 - _ALIKE), math.log(_ALIKE)
_LOG_FEW, _LOG_OTHERS = math.log(0.25), math.log(0.75)
_MOST = 0.85  # of the hops must lose before that comes into question
_SHY = (0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.95, 0.999)  # shares of answers that these leave out
_CHANCE = 0.002  # share that a healthy way loses
_IMPOSSIBLE = 1e-5  # share that gets through a dead link after all, as a fault may be over

Rates = tuple[tuple[float, float], ...]
"""Logarithms of the shares that are expected to be lost and to be answered: first by a router that
answers all, then by those that leave out `_SHY`."""

Cell = tuple[int, int, Rates]
"""Probes, lost ones, and what is expected of them."""


class _Hit(NamedTuple):
    """What a lossy link hits."""

    flows: frozenset[int]  # flows that pass it
    echoes: bool  # whether echo requests do
    share: float  # of the packets that it loses


class Back(NamedTuple):
    """What the way back loses of the replies that take its lossy link."""

    share: float = 0.0
    part: float = 1.0  # of the flows that pass the link, which may be one of several


CALM = Back()
_NO_HIT = _Hit(frozenset(), False, 0.0)


class Trace(NamedTuple):
    """The probes of one trace, as the likelihood needs them."""

    hops: Mapping[int, Sequence[HopCount]]  # by TTL
    echoes: tuple[int, int]  # echo requests to the target, and those lost
    echo_hops: Mapping[int, HopCount]  # echo requests that were to expire on the way, by TTL
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
    echo_hops = {hop.ttl: hop for hop in path.echo_hops if hop.ttl <= length}
    return Trace(hops, (path.echoes, path.echoes_lost), echo_hops, length, probes)


class Fitting:
    """The likelihoods of one trace, which are asked for many times."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._ttls = sorted(trace.hops)
        self._all = {
            ttl: (sum(hop.sent for hop in hops), sum(hop.lost for hop in hops))
            for ttl, hops in trace.hops.items()
        }
        self.most_lose = self._most_lose()
        self._alike = range(1, 1 + len(_SHY)) if self.most_lose else range(0)
        self._tails: dict[tuple[_Hit, Back, int], list[float]] = {}
        self._sums: dict[tuple[int, _Hit, Back, int], float] = {}
        self._targets: dict[tuple[float, Back], float] = {}
        self._routers: dict[tuple[int, ...], dict[tuple[float, ...], tuple[float, ...]]] = {}
        self._rates: dict[float, Rates] = {}

    def log(self, link: Link | None, share: float, back: Back = CALM, turn: int = 0) -> float:
        """The logarithm of the likelihood of all answers; link None: nothing is lost forward.

        turn: the first hop whose replies take the lossy part of the way back; 0: none but those of
        the target.
        """
        if link is None:
            return self._sum(_NO_HIT, back, turn, 0)
        options = [_Hit(link.flows, echoes, share) for echoes in self._echoes(link)]
        late = mean_of_logs([self._sum(hit, back, turn, link.hop) for hit in options])
        if not link.early:
            return late
        early = mean_of_logs([self._sum(hit, back, turn, link.hop - 1) for hit in options])
        return sum_of_logs([math.log(1 - link.early) + late, math.log(link.early) + early])

    def _echoes(self, link: Link) -> tuple[bool, ...]:
        """Whether echo requests pass the link: they take one of parallel links, seldom known."""
        if link.whole:
            return (True,)
        counts = self.trace.echo_hops.get(link.hop)
        if counts is not None and counts.host and link.before:
            return (counts.host in link.before,)
        return (True, False)

    def _sum(self, hit: _Hit, back: Back, turn: int, first: int) -> float:
        key = first, hit, back, turn
        if key not in self._sums:
            hops = self._hops(hit, back, turn, first, 0)
            alike = [self._hops(hit, back, turn, first, share) for share in self._alike]
            if alike:
                hops = sum_of_logs([_LOG_UNLIKE + hops, _LOG_ALIKE + mean_of_logs(alike)])
            self._sums[key] = self._target(hit, back) + hops
        return self._sums[key]

    def _most_lose(self) -> bool:
        """Whether nearly all routers leave out answers, which they may do without any fault."""
        routers = [counts for ttl, counts in self._all.items() if ttl < self.trace.length]
        losing = sum(lost > 0 for _, lost in routers)
        return len(routers) > 1 and losing >= _MOST * len(routers)

    def _hops(self, hit: _Hit, back: Back, turn: int, first: int, alike: int) -> float:
        """All hops: those from `first` on are hit, the replies of those from `turn` on as well.

        alike: which share of `_SHY`, from 1, all routers leave out; 0: each may have its own.
        """
        end = len(self._ttls)
        place = bisect_left(self._ttls, first) if hit.share else end
        turned = bisect_left(self._ttls, turn) if turn and back.share else end

        def tail(mine: _Hit, reply: Back, at: int) -> float:
            return self._tail(mine, reply, at, alike)

        total = tail(_NO_HIT, CALM, 0) - tail(_NO_HIT, CALM, min(place, turned))
        if turned < place:
            total += tail(_NO_HIT, back, turned) - tail(_NO_HIT, back, place)
        if place < turned:
            total += tail(hit, CALM, place) - tail(hit, CALM, turned)
        return total + tail(hit, back, max(place, turned))

    def _tail(self, hit: _Hit, back: Back, place: int, alike: int) -> float:
        """The sum over all hops from a place on, which is kept: a way may have 255 hops."""
        end = len(self._ttls)
        if place == end:
            return 0.0
        sums = self._tails.setdefault((hit, back, alike), [0.0])
        while len(sums) <= end - place:
            ttl = self._ttls[end - len(sums)]
            share = alike if ttl < self.trace.length else 0  # the target is no router
            sums.append(sums[-1] + self._hop(ttl, hit, back)[share])
        return sums[end - place]

    def _hop(self, ttl: int, hit: _Hit, back: Back) -> tuple[float, ...]:
        """One hop: where each router may limit its answers, and where all do alike by `_SHY`.

        Of parallel links on the way back all replies of a router take the same one.
        """
        worse = self._router(ttl, hit, back.share)
        if back.part >= 1 or not back.share:
            return worse
        clean = self._router(ttl, hit, 0.0)
        return tuple(_either(back.part, *both) for both in zip(worse, clean, strict=True))

    def _router(self, ttl: int, hit: _Hit, back: float) -> tuple[float, ...]:
        """The same where the replies of this router lose this share."""
        sent = lost = 0
        for hop in self.trace.hops[ttl] if hit.flows else ():
            if hop.flow in hit.flows:
                sent, lost = sent + hop.sent, lost + hop.lost
        flows, lost_there = self._all[ttl]
        echo = self.trace.echo_hops.get(ttl)
        echoes, echoes_lost = (echo.sent, echo.lost) if echo is not None else (0, 0)
        key = sent, lost, flows, lost_there, echoes, echoes_lost
        shares = hit.share, hit.share if hit.echoes else 0.0, back
        known = self._routers.setdefault(key, {})
        if shares not in known:
            mine = sent, lost, self._of(_joined(hit.share, back))
            rest = flows - sent, lost_there - lost, self._of(_joined(back))
            echoed = echoes, echoes_lost, self._of(_joined(shares[1], back))
            known[shares] = _any_router((mine, rest, echoed))
        return known[shares]

    def _of(self, share: float) -> Rates:
        if share not in self._rates:
            self._rates[share] = _rates(share)
        return self._rates[share]

    def _target(self, hit: _Hit, back: Back) -> float:
        """The echo requests to the target itself, which are one flow."""
        sent, lost = self.trace.echoes
        if not sent:
            return 0.0
        share = hit.share if hit.echoes else 0.0
        if (share, back) not in self._targets:
            worse, clean = (
                _any_router([(sent, lost, self._of(_joined(share, reply)))])[0]
                for reply in (back.share, 0.0)
            )
            self._targets[share, back] = _either(back.part, worse, clean)
        return self._targets[share, back]


def _joined(*shares: float) -> float:
    """The share that is lost when several places lose, and chance besides."""
    left = 1 - _CHANCE
    for share in shares:
        left *= 1 - share
    return min(1 - left, 1 - _IMPOSSIBLE)


def _rates(share: float) -> Rates:
    shares = share, *(1 - (1 - share) * (1 - left_out) for left_out in _SHY)
    return tuple((math.log(each), math.log1p(-each)) for each in shares)


def _either(part: float, one: float, other: float) -> float:
    """The logarithm where one of two cases holds, the first with probability `part`."""
    if part >= 1:
        return one
    return sum_of_logs([math.log(part) + one, math.log(1 - part) + other])


def _any_router(cells: Sequence[Cell]) -> tuple[float, ...]:
    """The logarithm of the likelihood at one hop, whose router may limit its answers.

    It is the probability of these very losses in this order. Behind it the same where all routers
    leave out the same share of `_SHY`, but for a few that may do as they want.
    """
    logs = [0.0] * (1 + len(_SHY))
    for sent, lost, rates in cells:
        if sent:
            got = sent - lost
            logs = [log + lost * one + got * other
                    for log, (one, other) in zip(logs, rates, strict=True)]  # fmt: skip
    free, *shy = logs
    own = sum_of_logs([_LOG_ANSWERS + free, _LOG_LIMITED + mean_of_logs(shy)])
    return own, *(sum_of_logs([_LOG_OTHERS + each, _LOG_FEW + own]) for each in shy)


def sum_of_logs(logs: Sequence[float]) -> float:
    """The logarithm of a sum of values that are given as logarithms."""
    most = max(logs)
    if most == -math.inf:
        return most
    return most + math.log(math.fsum([math.exp(log - most) for log in logs]))


def mean_of_logs(logs: Sequence[float]) -> float:
    """The logarithm of the mean of values that are given as logarithms."""
    return sum_of_logs(logs) - math.log(len(logs))
