"""What is said about the clock that offsets are measured by."""

from typing import Any

import pytest

from bothsides.check.snmp_clock.limits import Limits
from bothsides.model.clock import Run
from bothsides.model.failure import Failure
from bothsides.model.interval import Interval
from bothsides.model.local_clock import LocalClock, Reference
from bothsides.plugin.finding import Reading, State, Target
from tests.support.clocks import RANGES, findings, host, judged, named, remarks, sample, states

NOBODY = LocalClock(None, account="the kernel says that nobody sets it", since_boot=3600.0)


def offset_of(found: list[Any]) -> Reading:
    return next(
        part for part in found if isinstance(part, Reading) and part.figure.label == "offset"
    )


def test_without_any_account_line_1_has_the_offset_and_the_remedy() -> None:
    found = findings(host(sample(9.7)), local=NOBODY)
    assert remarks(found)[0] == (
        State.UNKNOWN,
        "9.6995 s ahead (+-0.0005 s) of our own clock, which is not synchronised;"
        " --reference ntp:HOST or --local-sync ignore",
    )
    assert offset_of(found).words == ""
    assert offset_of(found).value == pytest.approx(9.6995)


def test_an_offset_beyond_what_our_clock_can_be_off_is_judged() -> None:
    found = findings(host(sample(599.7)), local=NOBODY)
    assert offset_of(found).state is State.CRITICAL
    assert offset_of(found).words == (
        "599.6995 s ahead (+-0.0005 s, about 9.99 min) of our own clock, which is not synchronised"
    )
    assert any("taken to be off by 5.03 min at most" in words for _, words in remarks(found))


@pytest.mark.parametrize(
    ("since_boot", "offset", "state"),
    [
        (3600.0, 304.0, State.OK),  # 300 + 1.8 s of doubt, and a limit of 5 s
        (3600.0, 308.0, State.WARNING),
        (3600.0, -365.0, State.CRITICAL),
        (40 * 86400.0, 1800.0, State.OK),
        (40 * 86400.0, 2100.0, State.CRITICAL),
        (None, 3590.0, State.OK),
        (None, 3700.0, State.CRITICAL),
        (10 * 365 * 86400.0, 3700.0, State.CRITICAL),
    ],
)
def test_the_doubt_grows_since_boot_up_to_an_hour(
    since_boot: float | None, offset: float, state: State
) -> None:
    local = NOBODY._replace(since_boot=since_boot)
    found = findings(host(sample(offset)), local=local)
    assert states(found)["offset"] is state
    if state is State.OK:
        assert remarks(found)[0][0] is State.UNKNOWN


def test_three_that_agree_judge_the_fourth_where_nobody_sets_our_clock() -> None:
    found = findings(
        named("a", 600.0), named("b", 600.4), named("c", 600.2), named("d", 0.0), local=NOBODY
    )
    told = remarks(found)
    assert told[0] == (
        State.UNKNOWN,
        "3 of 4 clocks are 600.2 s ahead (+-0.4 s, about 10 min) alike:"
        " the clock of this monitor is wrong, not theirs",
    )
    critical = [words for state, words in told if state is State.CRITICAL]
    assert critical[0] == "1 of 4: d 600.2 s behind (+-0.4 s, about 10 min)"


def test_three_that_agree_with_our_clock_are_well_though_nobody_sets_it() -> None:
    found = findings(*(named(name, 0.1) for name in "abc"), local=NOBODY)
    assert {state for state, _ in remarks(found)} == {State.OK}
    assert "3 clocks are within their limits" in [words for _, words in remarks(found)]
    assert [part.state for part in found if isinstance(part, Target)] == [State.OK] * 3


def test_a_configured_server_is_a_measure_and_its_file_is_named() -> None:
    reference = Reference("ntp1", Interval(41.9, 42.1), 2, None, "/etc/chrony/chrony.conf")
    found = judged(Run("web1", (host(sample(42.0)),), NOBODY, reference), Limits(RANGES))
    assert states(found)["offset"] is State.OK
    assert remarks(found) == [
        (
            State.OK,
            "our own clock is not synchronised (the kernel says that nobody sets it):"
            " measured by ntp1, which /etc/chrony/chrony.conf names",
        )
    ]


def test_a_reference_that_fails_leaves_the_offset_from_our_own_clock_on_line_1() -> None:
    failed = Reference("ntp1", None, failure=Failure("server", "no answer to NTP"))
    found = judged(Run("web1", (host(sample(42.0)),), LocalClock(None), failed), Limits(RANGES))
    assert remarks(found)[0] == (
        State.UNKNOWN,
        "reference ntp1: no answer to NTP; by our own clock it is 41.9995 s ahead (+-0.0005 s)",
    )


def test_a_step_of_our_clock_does_not_matter_beside_a_reference() -> None:
    reference = Reference("ntp1", Interval(-0.1, 0.1), 2)
    moved = LocalClock(None, stepped=-3600.0)
    found = judged(Run("web1", (host(sample(42.0)),), moved, reference), Limits(RANGES))
    assert states(found)["offset"] is State.WARNING
    assert remarks(found)[0] == (
        State.OK,
        "our own clock was moved by -3600.000 s during the check, which the reference makes up for",
    )
