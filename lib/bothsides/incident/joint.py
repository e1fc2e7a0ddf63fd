"""Both directions judged together: one fault that explains both is likelier than two faults.

Each trace is read along the direction it goes. Its replies take the opposite one: what they lose
is put to that direction's fault, from the hop on whose replies take the link.
"""

import math

from bothsides.base.types import Iterator, Literal, Mapping, NamedTuple, Sequence
from bothsides.incident.case import Case
from bothsides.incident.counts import Counts
from bothsides.incident.locate import OneWay, Pair, normalised
from bothsides.incident.places import Link
from bothsides.incident.routers import UNSEEN
from bothsides.incident.trace_likelihood import sum_of_logs
from bothsides.incident.turns import turns

_LINK, _NETWORK, _SECOND = 0.75, 0.1, 0.15
"""How likely both directions lose by one fault of a link that both pass, by one elsewhere in the
same network, or by two faults."""
_COVERED = 0.99  # of the likelihood: below that nobody is excluded
_MOST = 160  # links of one way that are tried together with those of the other
_FLOOR = -14.0  # logarithm of a likelihood beside the best one: below that it is none

Which = Literal["out", "back", "either", "both"]
"""Which directions lose; either: one of them or both, nobody knows."""

Explanation = frozenset[str]
"""The sides of one fault, or of two faults."""


class Joint(NamedTuple):
    """What both directions come to."""

    explanations: Mapping[Explanation, float]  # probabilities, which sum up to 1
    out: tuple[tuple[Link, float], ...]  # places on the way out, likeliest first
    back: tuple[tuple[Link, float], ...]  # places on the way back
    traced: bool  # whether a trace along the loss has a part in it

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
    def likeliest(self) -> tuple[tuple[str, ...], float]:
        """The sides of the likeliest explanation, the likelier one first, and its probability."""
        sides, part = max(self.explanations.items(), key=lambda item: item[1])
        return tuple(sorted(sides, key=lambda side: (-self.share(side), side))), part

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
    logs = [(pair, prior + terms.log(pair)) for pair, prior in _hypotheses(out, back, which, alive)]
    if not logs:
        return None
    best = max(log for _, log in logs)
    kept = [(pair, log) for pair, log in logs if log > best + _FLOOR]
    parts = normalised([log for _, log in kept])
    weights = [(pair, part) for (pair, _), part in zip(kept, parts, strict=True)]
    return Joint(
        _sides(weights),
        _places(weights, 0),
        _places(weights, 1),
        bool((out.fitting and which != "back") or (back.fitting and which != "out")),
    )


def _hypotheses(
    out: OneWay, back: OneWay, which: Which, alive: tuple[bool, bool]
) -> Iterator[tuple[Pair, float]]:
    """Every pair of places with the logarithm of its prior probability."""
    there = () if alive[0] else out.likeliest(_MOST)
    here = () if alive[1] else back.likeliest(_MOST)
    if which in ("out", "either"):
        yield from ((Pair(link, None), -math.log(len(there))) for link in there)
    if which in ("back", "either"):
        yield from ((Pair(None, link), -math.log(len(here))) for link in here)
    if which in ("both", "either"):
        yield from _both(there, here, which)


def _both(
    there: Sequence[Link], here: Sequence[Link], which: Which
) -> Iterator[tuple[Pair, float]]:
    """Pairs of places: those that one fault explains have most of the probability."""
    if which == "both" and there and not here:
        yield from ((Pair(link, None), -math.log(len(there))) for link in there)
    if which == "both" and here and not there:
        yield from ((Pair(None, link), -math.log(len(here))) for link in here)
    mine, theirs = [link.likely for link in there], [link.likely for link in here]
    same = sum(bool(one & other) for one in mine for other in theirs)
    mirrored = sum(bool(one & other) and one == other for one in mine for other in theirs)
    apart = 1 / max(1, len(there) * len(here))
    for one, codes in zip(there, mine, strict=True):
        for other, others in zip(here, theirs, strict=True):
            prior = _SECOND * apart if same else apart
            if codes & others:
                prior += (_NETWORK if mirrored else _NETWORK + _LINK) / same
                prior += _LINK / mirrored if codes == others else 0.0
            elif which == "either":
                continue  # two dead links at the same time
            yield Pair(one, other), math.log(prior)


def _mirrored(pair: Pair) -> bool:
    """Whether both places lie between the same networks, as the two directions of one link do."""
    return pair.out is not None and pair.back is not None and pair.out.likely == pair.back.likely


def _overlap(pair: Pair) -> set[str]:
    """Sides that both places share; networks that nobody saw may be the same one."""
    if pair.out is None or pair.back is None:
        return set()
    return set(pair.out.likely & pair.back.likely)


class _Terms:
    """The logarithms of the likelihood of each trace, computed once for each hop of the other way.

    open_way: the direction is not known, so that each trace has to fit every hypothesis.
    """

    def __init__(self, out: OneWay, back: OneWay, dead: bool, open_way: bool) -> None:
        self._ways = out, back
        self._dead = dead
        self._open_way = open_way
        self._known: dict[tuple[int, int, int], float] = {}
        self._turns: dict[tuple[bool, int], tuple[float, ...]] = {}

    def log(self, pair: Pair) -> float:
        """That of all evidence, if these links lose."""
        return self._cached(0, pair.out, pair.back) + self._cached(1, pair.back, pair.out)

    def _cached(self, way: int, link: Link | None, opposite: Link | None) -> float:
        place = self._ways[way].number(link)
        key = way, place, opposite.hop if opposite is not None else 0
        if key not in self._known:
            mine, other = self._ways[way], self._ways[1 - way]
            self._known[key] = self._log(mine, other, place, opposite)
        return self._known[key]

    def _log(self, mine: OneWay, other: OneWay, place: int, opposite: Link | None) -> float:
        lost = 0.0
        if opposite is not None:
            lost = 1.0 if self._dead else _share(other.counts)
        if place < 0 and not self._open_way and (other.fitting or not mine.fitting):
            return 0.0  # a trace against the loss says little: only where there is no other
        if not lost or mine.way is None or opposite is None:
            return mine.log(place) if place >= 0 else mine.calm()
        return sum_of_logs(
            [
                math.log(chance)
                + (mine.log(place, lost, turn) if place >= 0 else mine.calm(lost, turn))
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


def _share(counts: Counts) -> float:
    """The share that a direction loses."""
    return min(0.98, counts.lost.middle / counts.sent) if counts.sent else 0.5


def _sides(weights: Sequence[tuple[Pair, float]]) -> dict[Explanation, float]:
    """The probabilities of all explanations."""
    explanations: dict[Explanation, float] = {}
    for pair, weight in weights:
        for sides, part in _of_pair(pair):
            explanations[sides] = explanations.get(sides, 0.0) + weight * part
    return explanations


def _of_pair(pair: Pair) -> Iterator[tuple[Explanation, float]]:
    if pair.out is None or pair.back is None:
        link = pair.out or pair.back
        for side, part in link.sides if link is not None else ():
            yield frozenset((side,)), part
        return
    common = {side: pair.out.weight(side) * pair.back.weight(side) for side in _overlap(pair)}
    total = sum(common.values())
    one_fault = _LINK + _NETWORK if _mirrored(pair) else _NETWORK
    single = one_fault / (one_fault + _SECOND) if common else 0.0
    for side, part in common.items():
        yield frozenset((side,)), single * part / total
    for one, part in pair.out.sides:
        for other, rest in pair.back.sides:
            yield frozenset((one, other)), (1 - single) * part * rest


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
