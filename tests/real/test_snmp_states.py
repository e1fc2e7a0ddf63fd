"""The states table: every source, offset and version against real snmpds under faketime.

The short form runs some of it in `make test`; the whole, which figures are quoted from, is a soak.
"""

import itertools
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import NamedTuple

import pytest

from bothsides.analyse.clock import analyse
from bothsides.analyse.clock_offset import knowledge
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
from bothsides.plugin.finding import Ranges, Reading, State
from bothsides.probe.snmp.measure import measure
from tests.support.clock_agents import CACHED, FRESH, agents
from tests.support.delay import Path as Way
from tests.support.delay import delayed

OFFSETS = (0.0, 4.9, -4.9, 5.0, -5.0, 5.2, -5.2, 42.0, -42.0, 59.9, -59.9, 60.0, -60.0, 75.0, -75.0)
LIMITS = Range(-5, 5), Range(-60, 60)
LIMITED = Limits(Ranges(FIGURES, {"offset": LIMITS[0]}, {"offset": LIMITS[1]}), "ignore")
USER = User("mon", 2, "SHA-256", Secret("authpass12"), "AES", Secret("privpass12"))
SEVERITIES = (State.OK, State.WARNING, State.CRITICAL)
WAY = Way(out=0.02, back=0.08, jitter=0.02, loss=0.02)


class Case(NamedTuple):
    """What was asked, what came out, and whether the truth lay inside."""

    offset: float
    source: str
    version: Version
    state: State
    words: str
    inside: bool

    @property
    def right(self) -> bool:
        return self.state is SEVERITIES[severity(Interval(self.offset, self.offset), *LIMITS)[0]]


def asked(port: int, offset: float, source: str, version: Version) -> Case:
    """One run of the check's own measure and judge."""
    user = USER if version == "3" else None
    plan = Plan(
        hosts=("127.0.0.1",), port=port, version=version, community=Secret("public"), user=user,
        source=from_source(source), wish=Wish(*LIMITS),
    )  # fmt: skip
    run = measure(plan, Deadline(8))
    findings = judge(analyse(plan, run, Past()), LIMITED)
    readings = {found.figure.label: found for found in findings if isinstance(found, Reading)}
    reading, half = readings["offset"], readings["uncertainty"].value
    inside = (
        reading.value is not None
        and half is not None
        and abs(reading.value - offset) <= half + 2e-6
    )
    return Case(offset, source, version, reading.state, reading.words, inside)


def closed(port: int, offset: float, source: str, version: Version) -> Case:
    """As asked, again while the interval holds a limit: it is wider on a busy machine."""
    until = time.monotonic() + 100
    while True:
        case = asked(port, offset, source, version)
        if case.right or not case.inside or time.monotonic() > until:
            return case


def table(
    offsets: Sequence[float],
    sources: Sequence[str],
    versions: Sequence[Version],
    way: Way | None = None,
) -> list[Case]:
    """All of it: agents at the same time, the questions to one agent one after the other."""
    with agents(offsets) as ports, ExitStack() as stack, ThreadPoolExecutor(8) as pool:
        if way is not None:
            ports = {
                offset: stack.enter_context(delayed(port, way, seed))
                for seed, (offset, port) in enumerate(ports.items())
            }

        def column(offset: float) -> list[Case]:
            return [
                closed(ports[offset], offset, source, version)
                for source in sources
                for version in versions
            ]

        return list(itertools.chain.from_iterable(pool.map(column, offsets)))


def wrong(cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if not (case.right and case.inside)]


def test_states_are_right_and_the_truth_is_inside() -> None:
    cases = table((0.0, 4.9, -5.0, 5.2, -5.2, -75.0), tuple(FRESH.values()), ("2c",))
    assert wrong(cases) == []


def test_states_are_right_behind_caches() -> None:
    cases = table(
        (0.0, 5.2, -5.2, -75.0), ("extend:epoch1", ".1.3.6.1.4.1.2021.8.1.101.1"), ("2c",)
    )
    assert wrong(cases) == []


def test_states_are_right_at_the_end_of_an_uneven_path_that_loses_packets() -> None:
    cases = table((0.0, -4.9, 5.2, -5.2, 60.0), ("hrSystemDate", "extend:epochns"), ("3",), WAY)
    assert wrong(cases) == []


@pytest.mark.parametrize(
    ("source", "version", "limit"),
    [
        ("extend:epoch5ns", "2c", 0.5),
        (".1.3.6.1.4.1.8072.9999.9999.7.0", "1", 5.0),
        (".1.3.6.1.4.1.8072.9999.9999.7.0", "2c", 5.0),
    ],
)
@pytest.mark.parametrize(
    "way", [Way(lost=(2,)), Way(lost=(3,)), Way(dropped=(2,)), Way(twice=True)], ids=str
)
def test_a_lost_or_doubled_answer_widens_the_interval_and_never_moves_it(
    source: str, version: Version, limit: float, way: Way
) -> None:
    """What a lost question had made the agent compute is older than the question that gets it."""
    wish = Wish(Range(-limit, limit), Range(-60, 60))
    with agents((0.0,)) as ports, delayed(ports[0.0], way) as port:
        plan = Plan(
            ("127.0.0.1",),
            port,
            version=version,
            community=Secret("public"),
            source=from_source(source),
            wish=wish,
        )
        (host,) = measure(plan, Deadline(9)).hosts
    known = knowledge([sample.look for sample in host.samples if sample.look is not None])
    assert known.offset.low - 2e-6 <= 0.0 <= known.offset.high + 2e-6
    assert severity(known.offset, *wish[:2])[0] == 0


@pytest.mark.alone  # 0.2 s from the limit: a busy machine leaves it open
@pytest.mark.parametrize("version", ["2c", "3"])
def test_answers_that_come_twice_are_answers_once(version: Version) -> None:
    with (
        agents((5.2,)) as ports,
        delayed(ports[5.2], Way(out=0.002, back=0.002, twice=True)) as port,
    ):
        found = [
            asked(port, 5.2, source, version)
            for source in ("hrSystemDate", "extend:epochns", FRESH["pass"])
        ]
    assert wrong(found) == []


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_the_whole_table() -> None:
    cases = table(OFFSETS, tuple((FRESH | CACHED).values()), ("2c", "3"))
    cases += table(OFFSETS, tuple(FRESH.values()), ("2c", "3"), WAY)
    print(f"{len(cases)} runs, {len(wrong(cases))} wrong")
    assert len(cases) >= 500
    assert wrong(cases) == []
