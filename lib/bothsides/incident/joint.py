"""Both directions judged together: one fault that explains both is likelier than two faults.

Each trace is read along the direction it goes. Its replies take the opposite one: what they lose
is put to that direction's fault, from the hop on whose replies take the link.
"""

import math

from bothsides.base.types import Literal, Mapping, NamedTuple, Sequence
from bothsides.incident.case import Case
from bothsides.incident.counts import Counts
from bothsides.incident.locate import OneWay, Pair, normalised
from bothsides.incident.pairs import Which, hypotheses, sides_of
from bothsides.incident.places import Link
from bothsides.incident.routers import UNSEEN
from bothsides.incident.shared import part_of
from bothsides.incident.trace_likelihood import CALM, Back, sum_of_logs
from bothsides.incident.turns import turns

_COVERED = 0.99  # of the likelihood: below that nobody is excluded
_SPARED = 0.15  # share of flows without loss from which one of parallel links may be it
_ALL = Back(1.0)
_FLOOR = -14.0  # logarithm of a likelihood beside the best one: below that it is none

Explanation = frozenset[str]
"""The sides of one fault, or of two faults."""


class Joint(NamedTuple):
    """What both directions come to."""

    explanations: Mapping[Explanation, float]  # probabilities, which sum up to 1
    both: Mapping[tuple[str, str], float]  # known sides of two faults, out and back: probabilities
    out: tuple[tuple[Link, float], ...]  # places on the way out, likeliest first
    back: tuple[tuple[Link, float], ...]  # places on the way back
    traced: bool  # whether a trace along the loss has a part in it
    along: tuple[bool, bool]  # whether there is a trace along the way out, and the way back

    @property
    def proved(self) -> tuple[str, ...]:
        """Sides that are in every explanation within 99 % of the likelihood."""
        kept = self._kept()
        common = frozenset.intersection(*kept) if kept else frozenset()
        return tuple(sorted(common - {UNSEEN}, key=lambda side: -self.share(side)))

    @property
    def suspects(self) -> tuple[str, ...]:
        """All sides within 99 % of the likelihood, the likeliest first."""
        sides = {side for kept in self._kept() for side in kept}
        return tuple(sorted(sides, key=lambda side: (-self.share(side), side)))

    @property
    def two(self) -> float:
        """How likely there are two faults, of different sides, one on each way."""
        return sum(self.both.values())

    def one_of_two(self, way: Literal["out", "back"]) -> dict[str, float]:
        """The sides of the fault on one way, if there are two, with their probabilities."""
        sides: dict[str, float] = {}
        for pair, part in self.both.items():
            side = pair[way == "back"]
            sides[side] = sides.get(side, 0.0) + part / self.two
        return sides

    def share(self, side: str) -> float:
        """How likely a side has a part in it."""
        return sum(part for sides, part in self.explanations.items() if side in sides)

    def _kept(self) -> list[Explanation]:
        kept: list[Explanation] = []
        covered = 0.0
        for sides, part in sorted(self.explanations.items(), key=lambda item: -item[1]):
            if covered >= _COVERED:
                break
            kept.append(sides)
            covered += part
        return kept


def explained(
    case: Case, which: Which, alive: tuple[bool, bool] = (False, False), dead: bool = False
) -> Joint | None:
    """Who may have caused the loss; None where no way was ever traced.

    alive: directions that are known to get packets through; dead: nothing gets through.
    """
    apart = which == "both"
    out = OneWay(case, case.start, case.target, dead, apart)
    back = OneWay(case, case.target, case.start, dead, apart)
    terms = _Terms(out, back, dead, which == "either")
    logs = [(pair, prior + terms.log(pair)) for pair, prior in hypotheses(out, back, which, alive)]
    if not logs:
        return None
    best = max(log for _, log in logs)
    kept = [(pair, log) for pair, log in logs if log > best + _FLOOR]
    parts = normalised([log for _, log in kept])
    weights = [(pair, part) for (pair, _), part in zip(kept, parts, strict=True)]
    ordered = _sides(weights)
    explanations: dict[Explanation, float] = {}
    for sides, part in ordered.items():
        key = frozenset(sides)
        explanations[key] = explanations.get(key, 0.0) + part
    return Joint(
        explanations,
        {sides: part for sides, part in ordered.items() if len({*sides, UNSEEN}) > 2},
        _places(weights, 0),
        _places(weights, 1),
        bool((out.fitting and which != "back") or (back.fitting and which != "out")),
        (out.fitting is not None, back.fitting is not None),
    )


class _Terms:
    """The logarithms of the likelihood of each trace, computed once for each hop of the other way.

    open_way: the direction is not known, so that each trace has to fit every hypothesis.
    """

    def __init__(self, out: OneWay, back: OneWay, dead: bool, open_way: bool) -> None:
        self._ways = out, back
        self._dead = dead
        self._open_way = open_way
        self._known: dict[tuple[int, int, int, Back], float] = {}
        self._turns: dict[tuple[bool, int], tuple[float, ...]] = {}

    def log(self, pair: Pair) -> float:
        """That of all evidence, if these links lose."""
        return self._cached(0, pair.out, pair.back) + self._cached(1, pair.back, pair.out)

    def _cached(self, way: int, link: Link | None, opposite: Link | None) -> float:
        place, other = self._ways[way].number(link), self._ways[1 - way]
        hop = opposite.hop if opposite is not None else 0
        key = way, place, hop, CALM if opposite is None else self._back(other, opposite)
        if key not in self._known:
            self._known[key] = self._log(self._ways[way], other, place, opposite)
        return self._known[key]

    def _back(self, other: OneWay, opposite: Link) -> Back:
        """What replies lose that take the lossy link of the opposite way."""
        if self._dead:
            return _ALL
        share = _share(other.counts)
        if opposite.whole or not opposite.before or not _spares_some(other.counts):
            return Back(share)
        part = max(0.1, round(part_of(opposite, other.way), 1))
        return Back(min(0.98, share / part), part)

    def _log(self, mine: OneWay, other: OneWay, place: int, opposite: Link | None) -> float:
        back = CALM if opposite is None else self._back(other, opposite)
        if place < 0 and not self._open_way and (other.fitting or not mine.fitting):
            return 0.0  # a trace against the loss says little: only where there is no other
        if not back.share or mine.way is None or opposite is None:
            return mine.log(place) if place >= 0 else mine.calm()
        return sum_of_logs(
            [
                math.log(chance)
                + (mine.log(place, back, turn) if place >= 0 else mine.calm(back, turn))
                for turn, chance in enumerate(self._turned(mine, other, opposite), 1)
                if chance > 0
            ]
        )

    def _turned(self, mine: OneWay, other: OneWay, opposite: Link) -> tuple[float, ...]:
        key = mine is self._ways[0], opposite.hop
        if key not in self._turns:
            assert mine.way is not None
            self._turns[key] = turns(mine.way, other.way, opposite)
        return self._turns[key]


def _spares_some(counts: Counts) -> bool:
    """Whether a good part of the flows lose nothing, as those beside one of parallel links do."""
    spared = sum(not flow.lost.low for flow in counts.flows)
    return not counts.flows or spared >= _SPARED * len(counts.flows)


def _share(counts: Counts) -> float:
    """The share that a direction loses."""
    return min(0.98, counts.lost.middle / counts.sent) if counts.sent else 0.5


def _sides(weights: Sequence[tuple[Pair, float]]) -> dict[tuple[str, str], float]:
    """The probabilities of all sides: at fault on the way out, and on the way back."""
    sides: dict[tuple[str, str], float] = {}
    for pair, weight in weights:
        for each, part in sides_of(pair):
            sides[each] = sides.get(each, 0.0) + weight * part
    return sides


def _places(
    weights: Sequence[tuple[Pair, float]], direction: int
) -> tuple[tuple[Link, float], ...]:
    """The links of one direction with their probabilities, the likeliest first."""
    likely: dict[Link, float] = {}
    for pair, weight in weights:
        link = pair[direction]
        if link is not None:
            likely[link] = likely.get(link, 0.0) + weight
    return tuple(sorted(likely.items(), key=lambda item: -item[1]))
