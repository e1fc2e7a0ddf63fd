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
    out = OneWay(case, case.start, case.target, dead)
    back = OneWay(case, case.target, case.start, dead)
    logs: dict[Pair, float] = {}
    for pair, prior in _hypotheses(out, back, which, alive):
        logs[pair] = prior + _log(out, back, pair, dead, which == "either")
    if not logs:
        return None
    best = max(logs.values())
    pairs = [pair for pair, log in logs.items() if log > best + _FLOOR]
    weights = dict(zip(pairs, normalised([logs[pair] for pair in pairs]), strict=True))
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
    there = () if alive[0] else out.links
    here = () if alive[1] else back.links
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
    pairs = [Pair(one, other) for one in there for other in here]
    same = [pair for pair in pairs if _overlap(pair)]
    if which == "both" and there and not here:
        pairs, same = [Pair(link, None) for link in there], []
    if which == "both" and here and not there:
        pairs, same = [Pair(None, link) for link in here], []
    mirrored = [pair for pair in same if _mirrored(pair)]
    for pair in pairs:
        prior = _SECOND / len(pairs) if same else 1 / len(pairs)
        if _overlap(pair):
            prior += (_NETWORK if mirrored else _NETWORK + _LINK) / len(same)
            prior += _LINK / len(mirrored) if _mirrored(pair) else 0.0
        elif which == "either":
            continue  # two dead links at the same time
        yield pair, math.log(prior)


def _mirrored(pair: Pair) -> bool:
    """Whether both places lie between the same networks, as the two directions of one link do."""
    return pair.out is not None and pair.back is not None and pair.out.codes == pair.back.codes


def _overlap(pair: Pair) -> set[str]:
    """Sides that both places share; networks that nobody saw may be the same one."""
    if pair.out is None or pair.back is None:
        return set()
    return set(pair.out.codes & pair.back.codes)


def _log(out: OneWay, back: OneWay, pair: Pair, dead: bool, open_way: bool) -> float:
    """The logarithm of the likelihood of all evidence, if these links lose.

    open_way: the direction is not known, so that each trace has to fit every hypothesis.
    """
    total = 0.0
    for mine, other, link, opposite in (
        (out, back, pair.out, pair.back),
        (back, out, pair.back, pair.out),
    ):
        lost = 0.0
        if opposite is not None:
            lost = 1.0 if dead else _share(other.counts)
        place = mine.places[link] if link is not None else -1
        if link is None and not open_way and (other.fitting or not mine.fitting):
            continue  # a trace against the loss says little: only where there is no other
        if not lost or mine.way is None:
            total += mine.log(place) if link is not None else mine.calm()
            continue
        chances = turns(mine.way, other.way, opposite)
        total += sum_of_logs(
            [
                math.log(chance)
                + (mine.log(place, lost, turn) if link is not None else mine.calm(lost, turn))
                for turn, chance in enumerate(chances, 1)
                if chance > 0
            ]
        )
    return total


def _share(counts: Counts) -> float:
    """The share that a direction loses."""
    return min(0.98, counts.lost.middle / counts.sent) if counts.sent else 0.5


def _sides(weights: Mapping[Pair, float]) -> dict[Explanation, float]:
    """The probabilities of all explanations."""
    found: dict[Explanation, float] = {}
    for pair, weight in weights.items():
        for sides, part in _of_pair(pair):
            found[sides] = found.get(sides, 0.0) + weight * part
    return found


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


def _places(weights: Mapping[Pair, float], direction: int) -> tuple[tuple[Link, float], ...]:
    """The links of one direction with their probabilities, the likeliest first."""
    found: dict[Link, float] = {}
    for pair, weight in weights.items():
        link = pair[direction]
        if link is not None:
            found[link] = found.get(link, 0.0) + weight
    return tuple(sorted(found.items(), key=lambda item: -item[1]))
