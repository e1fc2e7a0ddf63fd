"""Random runs: every source, version and path; the truth lies inside figures and words in all.

The short form is in `make test`. The long one, a soak, is 11 pieces of 50 runs, each with a seed.
"""

import random
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import pytest

from bothsides.analyse.clock import analyse
from bothsides.analyse.interval_sets import severity
from bothsides.base.deadline import Deadline
from bothsides.base.secret import Secret
from bothsides.check.snmp_clock.figures import FIGURES
from bothsides.check.snmp_clock.judge import judge
from bothsides.check.snmp_clock.limits import Limits
from bothsides.model.clock import Past, Plan, User, Version, Wish
from bothsides.model.interval import Interval
from bothsides.parse.range import Range
from bothsides.parse.snmp import from_source
from bothsides.parse.text import to_number
from bothsides.plugin.finding import Ranges, Reading, Remark, State
from bothsides.probe.snmp.measure import measure
from tests.support.clock_agents import CACHED, FRESH, KEPT, agents
from tests.support.delay import Path as Way
from tests.support.delay import delayed

LIMITS = Range(-5, 5), Range(-60, 60)
LIMITED = Limits(Ranges(FIGURES, {"offset": LIMITS[0]}, {"offset": LIMITS[1]}), "ignore")
USER = User("mon", 2, "SHA-256", Secret("authpass12"), "AES", Secret("privpass12"))
STATES = (State.OK, State.WARNING, State.CRITICAL)
WAYS = (
    None,
    Way(out=0.02, back=0.08, jitter=0.02, loss=0.02),
    Way(out=0.08, back=0.01, jitter=0.01),
    Way(out=0.005, back=0.005, twice=True),
)
SLACK = 2e-6  # s: faketime's own rounding
WORDS = r"(?:on time|([0-9.]+) s (ahead|behind)) \(\+-([0-9.]+) s(?:, about [^)]*)?\)"


class Run(NamedTuple):
    """What was asked, and what was said."""

    offset: float  # s, the truth
    source: str
    version: Version
    state: State  # the worst of all findings
    figures: tuple[float, float] | None  # offset and uncertainty as printed; None for none
    words: str  # of the offset
    remarks: tuple[str, ...]

    @property
    def inside_figures(self) -> bool:
        """Whether the truth lies inside the printed figures, or nothing was claimed."""
        if self.figures is None:
            return self.state is State.UNKNOWN
        return abs(self.figures[0] - self.offset) <= self.figures[1] + SLACK

    @property
    def inside_words(self) -> bool:
        """Whether the truth lies inside what the words state."""
        if self.figures is None:
            return any("stands still" in words or "not seen" in words for words in self.remarks)
        read = re.match(WORDS, self.words)
        if read is None:
            return False
        middle = float(read[1] or 0) * (-1 if read[2] == "behind" else 1)
        return abs(middle - self.offset) <= float(read[3]) + SLACK

    @property
    def right(self) -> bool:
        """Whether the state is that of the truth.

        A doubt that is told is right for a kept value.
        """
        truth = STATES[severity(Interval(self.offset, self.offset), *LIMITS)[0]]
        if self.state is truth:
            return True
        if self.source not in KEPT.values():
            return False
        if self.state is State.UNKNOWN:
            return self.figures is None
        told = any("cannot tell whether" in words for words in self.remarks)
        return told and STATES.index(self.state) < STATES.index(truth)


def asked(port: int, offset: float, source: str, version: Version) -> Run:
    """One run of the check's own measure and judge."""
    plan = Plan(
        hosts=("127.0.0.1",), port=port, version=version, community=Secret("public"),
        user=USER if version == "3" else None, source=from_source(source), wish=Wish(*LIMITS),
    )  # fmt: skip
    found = list(judge(analyse(plan, measure(plan, Deadline(8)), Past()), LIMITED))
    readings = {each.figure.label: each for each in found if isinstance(each, Reading)}
    remarks = [each for each in found if isinstance(each, Remark)]
    reading, half = readings["offset"], readings["uncertainty"].value
    states = [reading.state, *(each.state for each in remarks)]
    worst = max(states, key=[State.OK, State.UNKNOWN, State.WARNING, State.CRITICAL].index)
    figures = None
    if reading.value is not None and half is not None:
        figures = float(to_number(reading.value)), float(to_number(half))
    words = tuple(each.words for each in remarks)
    return Run(offset, source, version, worst, figures, reading.words, words)


def closed(port: int, offset: float, source: str, version: Version) -> Run:
    """As asked, again while only the state is open: the interval is wider on a busy machine."""
    until = time.monotonic() + 100
    while True:
        run = asked(port, offset, source, version)
        if run.right or not (run.inside_figures and run.inside_words) or time.monotonic() > until:
            return run


def somewhere(dice: random.Random) -> float:
    """An offset, often near a limit, but 0.2 s from it: closer no path of 100 ms decides."""
    while True:
        offset = dice.choice(
            [dice.uniform(-1, 1), dice.uniform(-90, 90), dice.uniform(4, 6) * dice.choice([-1, 1])]
        )
        if all(abs(abs(offset) - limit) >= 0.2 for limit in (5, 60)):
            return round(offset, 3)


@contextmanager
def reached(offsets: list[float], dice: random.Random) -> Iterator[dict[float, int]]:
    """Ports of agents with these offsets, each behind a path of its own."""
    with agents(offsets) as ports, ExitStack() as stack:
        known = {}
        for number, (offset, port) in enumerate(ports.items()):
            way = dice.choice(WAYS)
            known[offset] = port if way is None else stack.enter_context(delayed(port, way, number))
        yield known


def runs(seed: int, offsets: int, each: int) -> list[Run]:
    """Random runs: so many agents, and so many runs to each, one after the other."""
    dice = random.Random(seed)
    sources = tuple((FRESH | CACHED | KEPT).values())
    versions: tuple[Version, ...] = ("1", "2c", "3")
    places = list(dict.fromkeys(somewhere(dice) for _ in range(offsets)))
    chosen = {
        offset: [(dice.choice(sources), dice.choice(versions)) for _ in range(each)]
        for offset in places
    }
    with reached(places, dice) as ports, ThreadPoolExecutor(8) as pool:

        def column(offset: float) -> list[Run]:
            return [closed(ports[offset], offset, *which) for which in chosen[offset]]

        return [run for part in pool.map(column, places) for run in part]


def wrong(done: list[Run]) -> list[Run]:
    return [run for run in done if not (run.inside_figures and run.inside_words and run.right)]


def test_the_truth_is_inside_figures_and_words_of_random_runs() -> None:
    assert wrong(runs(3, 6, 2)) == []


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(100, 111))
def test_the_truth_is_inside_figures_and_words_of_fifty_random_runs(seed: int) -> None:
    done = runs(seed, 10, 5)
    claimed = sum(run.figures is not None for run in done)
    print(f"seed {seed}: {len(done)} runs, {claimed} with figures, {len(wrong(done))} wrong")
    assert wrong(done) == []
