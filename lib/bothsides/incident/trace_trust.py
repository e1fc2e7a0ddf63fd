"""How far a trace is trusted about the place of a loss: less where its hops may lose by themselves.

Far hops are asked later than near ones, so a loss that begins or ends in the run looks like a
place. And where nearly all hops lose, all routers may limit their answers.
"""

import math

from bothsides.base.types import Sequence
from bothsides.incident.counts import Counts
from bothsides.incident.places import Link
from bothsides.incident.shared import SHARES
from bothsides.incident.trace_likelihood import (
    CALM,
    Back,
    Fitting,
    mean_of_logs,
    sum_of_logs,
)

_ROUNDS = 18  # probes to each hop from which a trace has asked near and far ones in turn
_IN_TURN, _OVER, _TRUSTED = 0.97, 0.8, 0.3
"""How likely a trace is right about the place if loss began or ended meanwhile: where near and far
hops were asked in turn; where the loss came first, as the near hops did; and in all other cases."""
_ALL_LOSE = 0.6
"""How likely a trace is right about the place where nearly all hops lose: by a fault in front of
them, or because all routers limit their answers to a share that happens to be the same."""


class Trust:
    """The likelihood of one trace, mixed with that of a trace that says nothing of the place."""

    def __init__(self, fitting: Fitting, links: Sequence[Link], counts: Counts) -> None:
        self._fitting = fitting
        self._links = links
        self._counts = counts
        self._every: dict[tuple[Back, int], Sequence[float]] = {}

    def of_unsteady(self, fit: float, back: Back, turn: int) -> float:
        """How well the trace fits, or any place fits, as far as it is trusted.

        Where everything was lost from one moment on, hops are silent that were asked later.
        """
        in_turn = self._fitting.trace.probes >= _ROUNDS
        if self._counts.cut and not in_turn and not self._counts.ended:
            return 0.0
        trust = _IN_TURN if in_turn else _OVER if self._counts.ended else _TRUSTED
        anywhere = math.log(1 - trust) + mean_of_logs(self._everywhere(back, turn))
        return sum_of_logs([math.log(trust) + fit, anywhere])

    def of_steady(self, fit: float, back: Back, turn: int) -> float:
        """How well the trace fits where the loss is steady.

        A trace in which nearly all hops lose may have nothing to say about the place, however well
        it fits one, unless some flows lose and others do not. The share to which all routers would
        limit their answers may be any.
        """
        if not self._fitting.most_lose or not self._best_is_whole():
            return fit
        fits = self._everywhere(back, turn)
        places = [fits[at : at + len(SHARES)] for at in range(0, len(fits), len(SHARES))]
        anywhere = math.log(1 - _ALL_LOSE) + max(mean_of_logs(place) for place in places)
        return sum_of_logs([math.log(_ALL_LOSE) + fit, anywhere])

    def _best_is_whole(self) -> bool:
        """Whether the trace fits a link that all flows pass best of all."""
        fits = self._everywhere(CALM, 0)
        return self._links[fits.index(max(fits)) // len(SHARES)].whole

    def _everywhere(self, back: Back, turn: int) -> Sequence[float]:
        """How well the trace fits each place and share."""
        key = back, turn
        if key not in self._every:
            self._every[key] = [
                self._fitting.log(link, share, back, turn)
                for link in self._links
                for share in SHARES
            ]
        return self._every[key]
