"""How closely the offset is known, and what a limit inside the interval costs."""

from collections.abc import Iterator

import pytest

from bothsides.analyse.clock_offset import knowledge
from bothsides.analyse.interval_sets import severity
from bothsides.base.deadline import Deadline
from bothsides.base.secret import Secret
from bothsides.model.clock import Plan, Wish
from bothsides.model.interval import Interval
from bothsides.parse.range import Range
from bothsides.parse.snmp import from_source
from bothsides.probe.snmp.measure import measure
from tests.support import daemons
from tests.support.clock_agents import FRESH, agents, configuration


def narrowed(port: int, source: str, wish: Wish) -> tuple[Interval, int, float]:
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
    return knowledge(looks).offset, host.queries, (looks[-1].received - looks[0].sent) / 1e9


def said(what: str, errors: list[float], percentile: int) -> str:
    """The median and the tail of sorted errors, ms."""
    high = errors[len(errors) * percentile // 100]
    middle, worst = errors[len(errors) // 2], errors[-1]
    return (
        f"{what}: median {1e3 * middle:.3f} ms, p{percentile} {1e3 * high:.3f},"
        f" worst {1e3 * worst:.3f}"
    )


def priced(port: int, source: str, offset: float, beside: float) -> tuple[int, float, list[str]]:
    """The questions and seconds for a limit so far from the offset; and whether it stays open."""
    end = max(abs(offset) + beside, 0.2)
    limits = (Range(-end, end), Range(-200, 200))
    found, queries, took = narrowed(port, source, Wish(*limits))
    assert found.low - 2e-6 <= offset <= found.high + 2e-6
    truth = severity(Interval(offset, offset), *limits)[0]
    decided = severity(found, *limits)[0] == truth
    return queries, took, [] if decided else [f"{source} leaves open whether {offset} is in {end}"]


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_precision_and_the_price_of_a_limit() -> None:
    missed = [""]
    for _ in range(4):  # a busy machine makes all of it worse; the bounds hold also there
        missed = list(measured())
        if not missed:
            break
    assert missed == []


def measured() -> Iterator[str]:
    """Measures and prints all of it; yields what is worse than a quiet machine has it."""
    fine, even, prompt, prices = [], [], [], []
    with agents((0.0, 7.3, -42.0, 75.0)) as ports:
        for offset, port in ports.items():
            narrowed(
                port, FRESH["pass_persist, us"], Wish()
            )  # the first question starts the script
            for _ in range(20):
                found, queries, _ = narrowed(port, FRESH["pass_persist, us"], Wish())
                assert queries == 2  # the second shows whether the script keeps its value
                assert found.low - 2e-6 <= offset <= found.high + 2e-6
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
                    *price, left_open = priced(port, source, offset, beside)
                    prices.append(price)
                    yield from left_open
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
    print(said("one query", fine, 95))
    print(said("5 ms of 1 s, pass_persist", [each for each, _ in prompt], 90))
    print(said("5 ms of 1 s", [each for each, _ in even], 90))
    print(f"  at most {max(took for _, took in even):.2f} s")
    print(said("5 ms of hrSystemDate without faketime", real, 90))
    most_queries, longest = max(queries for queries, _ in prices), max(took for _, took in prices)
    print(f"limits: at most {most_queries} queries, {longest:.2f} s")
    for words, seconds, most in (
        ("one query", fine[len(fine) // 2], 0.001),
        ("5 ms of 1 s", even[len(even) // 2][0], 0.0055),
        ("5 ms of hrSystemDate", real[8], 0.005),
        ("5 ms of 1 s, pass_persist", prompt[len(prompt) * 9 // 10][0], 0.005),
        ("time for 5 ms", max(took for _, took in (*even, *prompt)), 5.0),
        ("time for a limit", longest, 2.1),
    ):
        if seconds > most:
            yield f"{words}: {seconds:.4f} s, more than {most} s"
    if most_queries > 3:
        yield f"{most_queries} queries"
