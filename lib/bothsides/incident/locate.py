"""How likely each link of a way is the one that loses, by all that was measured.

For every link and every share of loss: the losses of UDP packets in this direction, flow by flow;
the trace that goes this way, hop by hop; and each witness, whose packets pass the link or do not.
A trace is no proof alone: the loss may hit only packets of another kind or rate, or have another
share while the trace runs; both are allowed for.
"""

import math

from bothsides.base.types import Mapping, NamedTuple, Sequence
from bothsides.incident.case import Case, Way
from bothsides.incident.counts import (
    USUAL,
    Counts,
    binomial,
    directional,
    likelihood,
    lost_evenly,
)
from bothsides.incident.growth import near_first, queue
from bothsides.incident.places import Link, links
from bothsides.incident.shared import (
    SHARES,
    one_link,
    part_of,
    shared_by,
    third_views,
)
from bothsides.incident.trace_likelihood import (
    CALM,
    Back,
    Fitting,
    Trace,
    mean_of_logs,
    of_evidence,
    sum_of_logs,
)
from bothsides.incident.trace_trust import Trust

_SAME, _OTHER, _UNSEEN = 0.8, 0.15, 0.05
"""The trace loses the same share; another one; or nothing, since only other packets are lost."""

_SPARED = 1e-4  # probability below which a trace's few losses are not those of other packets
_NEXT_TO_NONE = 0.05  # of the share that is lost
_FULL = 0.9  # how likely a way loses where its packets wait
_LONG = 64  # hops of a way that is longer than any real one
_NEGLIGIBLE = -12.0  # logarithm of a likelihood beside the best one
_DOWN = 0.5
"""How likely a host is down where nothing gets through, beside one link of the way: hosts are down
more often than they lose a part of their packets."""


class OneWay:
    """All evidence about where one direction loses."""

    def __init__(
        self, case: Case, start: str, target: str, dead: bool, apart: bool = False
    ) -> None:
        """dead: nothing gets through either way, so that only a share of 1 comes into question.

        apart: the opposite direction loses too, which explains what witnesses lose on its side.
        """
        ends = start, target
        view = case.view(*ends)
        self.way: Way | None = view.way if view is not None else None
        self.links: tuple[Link, ...] = ()
        self._numbers: dict[int, int] = {}  # of each link among them, by its identity
        self.fitting: Fitting | None = None
        self.counts: Counts = directional(case, *ends)
        self._dead = dead
        self._apart = apart
        self._shares: Sequence[float] = (1.0,) if dead else SHARES
        self._packets: Sequence[Mapping[float, float]] = ()
        self._known: dict[tuple[int, Back, int], float] = {}
        if view is None or self.way is None:
            return
        waits = queue(case, start, target) if not dead else {}
        self.links = tuple(
            _with_queue(case, each, self.way, waits) for each in links(case, *ends, self.way)
        )
        self._numbers = {id(link): place for place, link in enumerate(self.links)}
        path = view.now.path
        if path is not None and path.hops and path.failure is None:
            self.fitting = Fitting(of_evidence(path, self.way.length))
            self._trust = Trust(self.fitting, self.links, self.counts)
            self._spared = _is_spared(self.fitting.trace, lost_evenly(case, *ends))
        self._packets = self._of_packets(case, ends, self.way)
        self._shares = _likely(self._shares, self._packets)

    def _of_packets(
        self, case: Case, ends: tuple[str, str], way: Way
    ) -> Sequence[Mapping[float, float]]:
        """For each link and share the logarithm of the likelihood of all UDP packets."""
        witnesses = third_views(case, ends if self._apart else None)
        exchanges = frozenset(hop.address for hop in way.line if hop.role == "exchange")
        likely = {host: one_link(case, host) for host in ends}
        logarithms = []
        known: dict[float, dict[float, float]] = {}
        for link in self.links:
            part = part_of(link, way)
            parts = [part_of(link, each.third.way) for each in witnesses]
            cases = shared_by(witnesses, link, (ends, way, exchanges), likely)
            if part not in known:
                known[part] = {
                    share: likelihood(self.counts.flows, share, part) for share in self._shares
                }
            own = known[part]
            prior = math.log(_DOWN if self._dead and link.host else link.prior)
            logarithms.append(
                {
                    share: prior
                    + own[share]
                    + sum_of_logs(
                        [
                            math.log(chance)
                            + sum(
                                each.log(link, share, here, there)
                                for each, here, there in zip(witnesses, passes, parts, strict=True)
                            )
                            for chance, passes in cases
                        ]
                    )
                    for share in self._shares
                }
            )
        return logarithms

    def number(self, link: Link | None) -> int:
        """The place of a link among all; -1 for none."""
        return self._numbers[id(link)] if link is not None else -1

    def likeliest(self, most: int) -> tuple[Link, ...]:
        """All links, or as many as may be tried: those that fit best alone, fewer of a long way."""
        if len(self.links) <= most:
            return self.links
        if self.way is not None and self.way.length > _LONG:
            most //= 4
        ranked = sorted(range(len(self.links)), key=lambda place: -self.log(place))
        return tuple(self.links[place] for place in sorted(ranked[:most]))

    def log(self, place: int, back: Back = CALM, turn: int = 0) -> float:
        """The logarithm of the likelihood of everything, if the link at this place loses."""
        key = place, back, turn
        if key not in self._known:
            self._known[key] = self._log(place, back, turn)
        return self._known[key]

    def _log(self, place: int, back: Back, turn: int) -> float:
        link, packets = self.links[place], self._packets[place]
        if self.fitting is None:
            return mean_of_logs([packets[share] for share in self._shares])
        fit = self.fitting
        if self._spared:  # the trace shows other losses than those of these packets
            nothing = fit.log(None, 0.0, back, turn)
            return mean_of_logs([packets[share] + nothing for share in self._shares])
        if not self.counts.steady:
            return self._unsteady(place, back, turn)
        traces = {share: fit.log(link, share, back, turn) for share in SHARES}
        any_share = mean_of_logs(list(traces.values()))
        nothing = fit.log(None, 0.0, back, turn)
        return mean_of_logs(
            [
                packets[share]
                + self._trust.of_steady(
                    sum_of_logs(
                        [
                            math.log(_SAME) + traces[share],
                            math.log(_OTHER) + any_share,
                            math.log(_UNSEEN) + nothing,
                        ]
                    ),
                    back,
                    turn,
                )
                for share in self._shares
            ]
        )

    def _unsteady(self, place: int, back: Back, turn: int) -> float:
        """The same where loss began or ended in the run: far hops are asked later than near ones.

        So hops that lose and hops that do not may only be late and early ones.
        """
        assert self.fitting is not None
        packets = mean_of_logs([self._packets[place][share] for share in self._shares])
        fits = [self.fitting.log(self.links[place], share, back, turn) for share in SHARES]
        return packets + self._trust.of_unsteady(mean_of_logs(fits), back, turn)

    def calm(self, back: Back = CALM, turn: int = 0) -> float:
        """The logarithm of the likelihood of all evidence, if this direction loses nothing."""
        packets = likelihood(self.counts.flows, USUAL / 4)
        if self.fitting is None:
            return packets
        fit = self.fitting.log(None, 0.0, back, turn)
        steady = self.counts.steady
        trusted = self._trust.of_steady if steady else self._trust.of_unsteady
        return packets + trusted(fit, back, turn)


def _likely(shares: Sequence[float], packets: Sequence[Mapping[float, float]]) -> Sequence[float]:
    """The shares that are worth a look."""
    best = max(log for logs in packets for log in logs.values())
    return [share for share in shares if any(logs[share] > best + _NEGLIGIBLE for logs in packets)]


def _is_spared(trace: Trace, share: float) -> bool:
    """Whether what a trace sent to the target loses next to nothing, other packets this share.

    Then they are of a kind or rate that somebody drops, and the trace does not show where.
    """
    hops = trace.hops.get(trace.length, ())
    sent = trace.echoes[0] + sum(hop.sent for hop in hops)
    lost = trace.echoes[1] + sum(hop.lost for hop in hops)
    if lost > _NEXT_TO_NONE * share * sent:
        return False
    return sum(binomial(sent, few, share) for few in range(lost + 1)) < _SPARED


def _with_queue(case: Case, link: Link, way: Way, waits: Mapping[int, float]) -> Link:
    """The link, as likely as packets wait in front of it: a full queue delays and drops."""
    if not waits:
        return link
    if link.hop not in waits:
        return link._replace(prior=link.prior * (1 - _FULL))
    prior = link.prior * _FULL * waits[link.hop] / max(waits.values())
    sides = link.sides if link.host else near_first(case, link, way)
    return link._replace(prior=prior, sides=sides)


class Pair(NamedTuple):
    """One possible place in each direction; None: this direction loses nothing."""

    out: Link | None
    back: Link | None


def normalised(logs: Sequence[float]) -> list[float]:
    """Probabilities that sum up to 1, of logarithms of likelihoods."""
    total = sum_of_logs(logs)
    return [math.exp(log - total) for log in logs]
