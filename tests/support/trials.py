"""Trials of the direction of loss.

What is done to the packets, and what the taps on both hosts saw.
"""

import random
import re
from typing import Any, NamedTuple

from bothsides.parse.perfdata import Perfdata
from tests.support.tap import Packet

Harm = dict[str, Any]
"""Rules of tests.support.relay by direction; `restart`, `step` and `rate` are done elsewhere."""

KINDS = (
    "random", "bursts", "doubles", "reordering", "all", "restart", "rebinding", "dead member",
    "blackout", "clock step", "rate limit",
)  # fmt: skip


class Truth(NamedTuple):
    """What the taps saw of one run; packets, each once."""

    sent: int  # requests that left the near host
    out: int  # of these, not answered by the far host
    back: int  # of these, answered, and the reply did not reach the near host
    refused: int  # of those not answered, requests that had reached the far host

    @property
    def lost(self) -> int:
        """Packets without a reply."""
        return self.out + self.back


def truth(near: dict[str, list[Packet]], far: dict[str, list[Packet]]) -> Truth:
    """Joins both taps."""
    sent, returned = set(near["request out"]), set(near["reply in"])
    arrived, answered = set(far["request in"]), set(far["reply out"])
    lost = sent - returned
    return Truth(
        sent=len(sent),
        out=len(lost - answered),
        back=len(lost & answered),
        refused=len((lost - answered) & arrived),
    )


def harm(kind: str, seed: int) -> Harm:
    """What is done in one trial of a kind."""
    dice = random.Random(f"{kind} {seed}")
    made: Harm = {
        way: _by_chance(dice, "random", 0, 0.3 if kind == "random" else 0.15)
        for way in ("out", "back")
    }
    if kind == "bursts":
        length = dice.uniform(2, 8)
        return {way: _by_chance(dice, "gilbert", 0.02, 0.25, length) for way in ("out", "back")}
    for way in ("out", "back"):
        if kind in ("doubles", "all"):
            made[way] |= _by_chance(dice, "copies", 0.02, 0.2)
        if kind in ("reordering", "all"):
            made[way] |= _by_chance(dice, "shuffle", 0.02, 0.2) | {"span": dice.randrange(1, 12)}
    one = dice.choice(("out", "back"))
    if kind == "dead member":
        made[one]["dead"] = [4, dice.randrange(4), dice.choice((0, 0, 50))]
    if kind == "blackout":
        first = dice.randrange(5, 60)
        made[one]["blackout"] = [first, first + dice.randrange(5, 35)]
    return made | _elsewhere(dice, kind)


def _by_chance(
    dice: random.Random, rule: str, low: float, high: float, *more: float
) -> dict[str, list[float]]:
    return {rule: [dice.randrange(1 << 30), round(dice.uniform(low, high), 3), *more]}


def _elsewhere(dice: random.Random, kind: str) -> Harm:
    """What is done by others than the wire; times in s after the start of the run."""
    if kind == "rebinding":
        return {"rebind": [dice.randrange(10, 90), -20000]}
    if kind in ("restart", "kill"):  # with and without a state for the successor
        return {"restart": round(dice.uniform(0.3, 1.0), 3), "state": kind == "restart"}
    if kind == "clock step":
        step = dice.choice((-3600, -5, -0.02, 0.02, 5, 3600))
        return {"clock step": round(dice.uniform(0.1, 0.4), 3), "seconds": step}
    return {"rate": dice.randrange(10, 60)} if kind == "rate limit" else {}


_LOST = re.compile(
    r"lost (\d+)/(\d+)(?: \([0-9.]+ %"
    r"(?:: (\d+)(?: to (\d+))? out, (\d+)(?: to (\d+))? back"
    r"(?:, (\d+) refused by its rate limit)?)?\))?"
)


class Said(NamedTuple):
    """What is said about the loss."""

    lost: int
    sent: int
    out: tuple[int, int] | None  # bounds; None where nothing is said of it
    back: tuple[int, int] | None
    refused: int  # packets that had arrived, over the reflector's rate


def said(text: str) -> Said:
    """Reads line 1, or the line with the loss where line 1 has something else."""
    found = _LOST.search(text)
    assert found is not None, text
    lost, sent, *ways, refused = (None if text is None else int(text) for text in found.groups())
    assert lost is not None
    assert sent is not None
    if not lost:
        return Said(0, sent, (0, 0), (0, 0), 0)
    out, back = (
        None if low is None else (low, low if high is None else high)
        for low, high in (ways[0:2], ways[2:4])
    )
    return Said(lost, sent, out, back, refused or 0)


def exact(text: str, figures: dict[str, Perfdata], real: Truth) -> str:
    """What is wrong about a run beside our own reflector; "" when all is exact."""
    told = said(text)
    if (told.lost, told.sent) != (real.lost, real.sent):
        return f"the total: {told}"
    out = real.out - told.refused
    if (
        told.refused not in (0, real.refused)
        or told.out != (out, out)
        or told.back != (real.back, real.back)
    ):
        return f"a direction: {told}"
    for label, count in (("pl_out", real.out), ("pl_back", real.back)):
        value = figures[label].value
        if value is None or abs(value * real.sent / 100 - count) > 0.001:
            return f"{label} is {value}"
    return ""


def bounded(text: str, figures: dict[str, Perfdata], real: Truth) -> str:
    """What is wrong about a run beside a foreign reflector.

    "" when the bounds hold and are used.
    """
    told = said(text)
    if (told.lost, told.sent) != (real.lost, real.sent):
        return f"the total: {told}"
    if told.out is None or told.back is None:
        return "" if figures["pl_out"].value is None else "a figure without words"
    if not told.out[0] <= real.out <= told.out[1] or not told.back[0] <= real.back <= told.back[1]:
        return f"the bounds: {told}"
    if told.out[0] + told.back[1] != told.lost or told.out[1] + told.back[0] != told.lost:
        return f"the bounds do not add up: {told}"
    if told.out[1] - told.out[0] <= max(3, 0.1 * told.lost) and None in (
        figures["pl_out"].value, figures["pl_back"].value
    ):  # fmt: skip
        return f"narrow bounds are not used: {told}"
    return ""
