"""The states table: every source, offset and version against real snmpds under faketime.

The short form runs some of it in `make test`; the whole, which is what the figures are quoted from, is a soak.
"""

import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from bothsides.analyse.clock_offset import Bounds, Wish, knowledge, severity
from bothsides.base.deadline import Deadline
from bothsides.base.secret import Secret
from bothsides.check.snmp_clock.check import judge
from bothsides.check.snmp_clock.judge import FIGURES, Rules
from bothsides.model.clock import Plan
from bothsides.parse.range import Range
from bothsides.parse.snmp import from_source
from bothsides.plugin.finding import Ranges, Reading, State
from bothsides.probe.snmp.measure import measure
from bothsides.probe.snmp.usm import User
from tests.support import daemons, need
from tests.support.delay import Path as Way
from tests.support.delay import delayed
from tests.support.process import HOUSE

OFFSETS = (0.0, 4.9, -4.9, 5.0, -5.0, 5.2, -5.2, 42.0, -42.0, 59.9, -59.9, 60.0, -60.0, 75.0, -75.0)
LIMITS = Range(-5, 5), Range(-60, 60)
RULES = Rules(Ranges(FIGURES, {"offset": LIMITS[0]}, {"offset": LIMITS[1]}), "ignore")
USER = User("mon", 2, "SHA-256", Secret("authpass12"), "AES", Secret("privpass12"))
SEVERITIES = (State.OK, State.WARNING, State.CRITICAL)
FRESH = {
    "hrSystemDate": "hrSystemDate",
    "extend -1": "extend:epoch",
    "extend -1, ns": "extend:epochns",
    "pass": ".1.3.6.1.4.1.8072.9999.9999.7.0",
    "pass_persist, us": ".1.3.6.1.4.1.8072.9999.9999.1.1",
    "pass_persist, ns": ".1.3.6.1.4.1.8072.9999.9999.2.1",
}
CACHED = {
    "extend 0": "extend:epoch0",
    "extend 1": "extend:epoch1",
    "extend 5": "extend:epoch5",
    "extend 5, ns": "extend:epoch5ns",
    "exec": ".1.3.6.1.4.1.2021.8.1.101.1",
}
WAY = Way(out=0.02, back=0.08, jitter=0.02, loss=0.02)


class Case(NamedTuple):
    """What was asked, what came out, and whether the truth lay inside."""

    offset: float
    source: str
    version: str
    state: State
    words: str
    inside: bool

    @property
    def right(self) -> bool:
        return self.state is SEVERITIES[severity(Bounds(self.offset, self.offset), *LIMITS)[0]]


def configuration(folder: Path) -> str:
    script = folder / "pass.sh"
    script.write_text(
        '#!/bin/sh\n[ "$2" = .1.3.6.1.4.1.8072.9999.9999.7.0 ] || exit 0\nprintf "%s\\nstring\\n%s\\n" "$2" "$(date +%s)"\n'
    )
    script.chmod(0o755)
    nanoseconds = folder / "persist.py"
    text = (HOUSE / "nrpe/snmp/clock_persist.py").read_text()
    nanoseconds.write_text(text.replace("9999.9999.1", "9999.9999.2"))
    nanoseconds.chmod(0o755)
    seconds = folder / "persist.sh"
    text = (HOUSE / "nrpe/snmp/clock_persist.sh").read_text()
    seconds.write_text(
        text.replace("9999.9999.1", "9999.9999.3").replace("$EPOCHREALTIME", "${EPOCHREALTIME%.*}")
    )
    seconds.chmod(0o755)
    return f"""
rocommunity public 127.0.0.1
createUser mon SHA-256 authpass12 AES privpass12
rouser mon priv
extend -cacheTime -1 epoch /bin/date +%s
extend -cacheTime -1 epochns /bin/date +%s.%N
extend -cacheTime 0 epoch0 /bin/date +%s
extend -cacheTime 1 epoch1 /bin/date +%s
extend epoch5 /bin/date +%s
extend epoch5ns /bin/date +%s.%N
exec epochexec /bin/date +%s
pass .1.3.6.1.4.1.8072.9999.9999.7 {script}
pass_persist .1.3.6.1.4.1.8072.9999.9999.1 {HOUSE}/nrpe/snmp/clock_persist.sh
pass_persist .1.3.6.1.4.1.8072.9999.9999.2 {nanoseconds}
pass_persist .1.3.6.1.4.1.8072.9999.9999.3 {seconds}
"""


@contextmanager
def agents(offsets: Sequence[float]) -> Iterator[dict[float, int]]:
    """The ports of agents whose clocks are so much off."""
    faketime = need.program("faketime", "faketime")
    with ExitStack() as stack:
        folder = stack.enter_context(daemons.folder())
        config = configuration(folder)
        yield {
            offset: stack.enter_context(
                daemons.snmpd(config, folder, (faketime, "-f", f"{offset:+g}"))
            ).port
            for offset in offsets
        }


def asked(port: int, offset: float, source: str, version: str) -> Case:
    """One run of the check's own measure and judge."""
    user = USER if version == "3" else None
    plan = Plan(
        hosts=("127.0.0.1",), port=port, version=version, community=Secret("public"), user=user,
        source=from_source(source), wish=Wish(*LIMITS),
    )  # fmt: skip
    run = measure(plan, Deadline(8))
    readings = {
        found.figure.label: found for found in judge(run, RULES, ()) if isinstance(found, Reading)
    }
    reading, half = readings["offset"], readings["uncertainty"].value
    inside = (
        reading.value is not None
        and half is not None
        and abs(reading.value - offset) <= half + 2e-6
    )
    return Case(offset, source, version, reading.state, reading.words, inside)


def table(
    offsets: Sequence[float],
    sources: Sequence[str],
    versions: Sequence[str],
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
                asked(ports[offset], offset, source, version)
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
    source: str, version: str, limit: float, way: Way
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
    assert known.bounds.low - 2e-6 <= 0.0 <= known.bounds.high + 2e-6
    assert severity(known.bounds, *wish[:2])[0] == 0


@pytest.mark.parametrize("version", ["2c", "3"])
def test_answers_that_come_twice_are_answers_once(version: str) -> None:
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


def narrowed(port: int, source: str, wish: Wish) -> tuple[Bounds, int, float]:
    """The bounds that one run finds, its questions, and how long they took."""
    plan = Plan(
        hosts=("127.0.0.1",),
        port=port,
        community=Secret("public"),
        source=from_source(source),
        wish=wish,
    )
    (host,) = measure(plan, Deadline(8)).hosts
    looks = [sample.look for sample in host.samples if sample.look is not None]
    return knowledge(looks).bounds, host.queries, (looks[-1].received - looks[0].sent) / 1e9


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_precision_and_the_price_of_a_limit() -> None:
    fine, even, prompt, prices = [], [], [], []
    with agents((0.0, 7.3, -42.0, 75.0)) as ports:
        for offset, port in ports.items():
            narrowed(
                port, FRESH["pass_persist, us"], Wish()
            )  # the first question starts the script
            for _ in range(20):
                found, queries, _ = narrowed(port, FRESH["pass_persist, us"], Wish())
                assert queries == 1
                fine.append(abs(found.middle - offset))
            for _ in range(6):  # whole seconds at once, and by a clock that is not coarse
                found, _, took = narrowed(
                    port, ".1.3.6.1.4.1.8072.9999.9999.3.1", Wish(precision=0.005)
                )
                assert found.low - 2e-6 <= offset <= found.high + 2e-6
                prompt.append((abs(found.middle - offset), took))
            for source in ("extend:epoch", "hrSystemDate"):
                for _ in range(3):
                    found, _, took = narrowed(port, source, Wish(precision=0.005))
                    assert found.low - 2e-6 <= offset <= found.high + 2e-6
                    even.append((abs(found.middle - offset), took))
                for beside in (-0.3, -0.1, 0.1, 0.3):
                    limits = (
                        Range(-max(abs(offset) + beside, 0.2), max(abs(offset) + beside, 0.2)),
                        Range(-200, 200),
                    )
                    found, queries, took = narrowed(port, source, Wish(*limits))
                    assert (
                        severity(found, *limits)[0] == severity(Bounds(offset, offset), *limits)[0]
                    )
                    prices.append((queries, took))
    with (
        daemons.folder() as folder,
        daemons.snmpd(configuration(folder), folder) as daemon,
    ):  # the kernel's own coarse clock
        real = sorted(
            abs(narrowed(daemon.port, "hrSystemDate", Wish(precision=0.005))[0].middle)
            for _ in range(10)
        )
    fine.sort()
    even.sort()
    prompt.sort()
    print(
        f"one query: median {1e3 * fine[len(fine) // 2]:.3f} ms, p95 {1e3 * fine[-len(fine) // 20]:.3f}, worst {1e3 * fine[-1]:.3f}"
    )
    print(
        f"5 ms of 1 s, pass_persist: median {1e3 * prompt[len(prompt) // 2][0]:.2f} ms, worst {1e3 * prompt[-1][0]:.2f}"
    )
    print(
        f"5 ms of 1 s: median {1e3 * even[len(even) // 2][0]:.2f} ms, worst {1e3 * even[-1][0]:.2f}"
    )
    print(f"  at most {max(took for _, took in even):.2f} s")
    print(
        f"5 ms of hrSystemDate without faketime: median {1e3 * real[5]:.2f} ms, worst {1e3 * real[-1]:.2f}"
    )
    print(
        f"limits: at most {max(queries for queries, _ in prices)} queries, {max(took for _, took in prices):.2f} s"
    )
    assert fine[len(fine) // 2] <= 0.001
    assert even[len(even) // 2][0] <= 0.0055
    assert real[8] <= 0.005
    assert prompt[len(prompt) * 9 // 10][0] <= 0.005  # one may be held up; the bounds say so
    assert max(took for _, took in (*even, *prompt)) <= 5
    assert max(queries for queries, _ in prices) <= 3
    assert max(took for _, took in prices) <= 2.1
