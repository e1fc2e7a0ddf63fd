"""What answers of an SNMP agent mean: equality of findings, no network."""

from typing import Any

import pytest

from bothsides.check.snmp_clock import FIGURES, Rules, judge, offset_words, short
from bothsides.clock import Bounds, Look
from bothsides.finding import Limits, Reading, Remark, State
from bothsides.parse import Unreadable
from bothsides.parse.range import Range
from bothsides.parse.snmp import HR_SYSTEM_DATE, Moment, Source, Value
from bothsides.probe import Failure
from bothsides.probe.localclock import LocalClock
from bothsides.probe.snmp import Host, Run, Sample

START = 1_795_210_673 * 10**9
LIMITS = Limits(FIGURES, {"offset": Range(-5, 5)}, {"offset": Range(-60, 60)})
SOURCE = Source(HR_SYSTEM_DATE, "hrSystemDate")


def sample(offset: float, grain: int = 1, fault: str = "", **more: Any) -> Sample:
    shown = START + round(offset * 1e9)
    moment = None if fault else Moment(shown, grain, "DateAndTime of 11 octets", 0)
    look = None if fault else Look(START, START + 1_000_000, shown, grain)
    known: dict[str, Any] = {"uptime": 12.5, "status": None} | more
    return Sample(Value("Integer32", 1), moment, look, fault, sent=START, received=START + 1_000_000, **known)


def host(*samples: Sample, failure: Failure | None = None, source: Source = SOURCE) -> Host:
    return Host("web1", "192.0.2.7", 161, source, samples, failure, len(samples) or 2)


GOOD = LocalClock(0.0)


def findings(*hosts: Host, local: LocalClock = GOOD, policy: str = "require") -> list[Any]:
    return list(judge(Run("web1", hosts, local), Rules(LIMITS, policy), ()))


def states(found: list[Any]) -> dict[str, State]:
    return {finding.figure.label: finding.state for finding in found if isinstance(finding, Reading)}


def remarks(found: list[Any]) -> list[tuple[State, str]]:
    return [(finding.state, finding.words) for finding in found if isinstance(finding, Remark)]


@pytest.mark.parametrize(
    ("offset", "state"),
    [(0, "OK"), (4.9, "OK"), (-5.2, "WARNING"), (5.2, "WARNING"), (42, "WARNING"), (-59.9, "WARNING"), (-75, "CRITICAL")],
)
def test_the_offset_decides_the_state(offset: float, state: str) -> None:
    assert states(findings(host(sample(offset))))["offset"] is State[state]


def test_on_the_limit_there_is_no_alarm_and_the_doubt_is_told() -> None:
    found = findings(host(sample(5.0004)))
    assert states(found)["offset"] is State.OK
    assert remarks(found) == [(State.OK, "cannot tell whether it is WARNING: the offset lies within +4.999 to +5.000 s")]


def test_every_figure_is_given_once() -> None:
    found = findings(host(sample(42)))
    assert [finding.figure for finding in found if isinstance(finding, Reading)] == list(FIGURES)
    values = {finding.figure.label: finding.value for finding in found if isinstance(finding, Reading)}
    assert values["rtt"] == 0.001
    assert values["uptime"] == 12.5
    assert values["offset"] == pytest.approx(41.9995)
    assert values["uncertainty"] == pytest.approx(0.0005)


def test_our_own_error_widens_what_is_said() -> None:
    found = findings(host(sample(5.2)), local=LocalClock(0.5))
    assert states(found)["offset"] is State.OK
    assert remarks(found) == [(State.OK, "cannot tell whether it is WARNING: the offset lies within +4.699 to +5.700 s")]


@pytest.mark.parametrize(("policy", "state"), [("require", State.UNKNOWN), ("warn", State.WARNING)])
def test_an_unsynchronised_clock_of_ours_is_told(policy: str, state: State) -> None:
    found = findings(host(sample(75)), local=LocalClock(None), policy=policy)
    assert remarks(found)[0][0] is state
    assert states(found)["offset"] is (State.OK if policy == "require" else State.CRITICAL)


def test_an_unsynchronised_clock_of_ours_can_be_ignored() -> None:
    assert remarks(findings(host(sample(0)), local=LocalClock(None), policy="ignore")) == []


def test_a_step_of_our_own_clock_spoils_the_measurement() -> None:
    assert remarks(findings(host(sample(0)), local=LocalClock(0.0, 1.5)))[0][0] is State.UNKNOWN


def test_a_failure_is_told_with_the_address_and_nothing_else_alerts() -> None:
    found = findings(host(failure=Failure("server", "nothing listens")))
    assert remarks(found) == [(State.UNKNOWN, "nothing listens (192.0.2.7)")]
    assert set(states(found).values()) == {State.OK}


def test_a_missing_variable_comes_with_the_line_that_mends_it() -> None:
    source = Source((1, 3, 6, 1, 4, 1, 8072, 1, 3, 2, 3, 1, 1, 1, 97), "extend a", "a")
    ((state, words),) = remarks(findings(host(sample(0, fault="noSuchInstance"), source=source)))
    assert state is State.UNKNOWN
    assert "extend -cacheTime -1 a /bin/date +%s.%N" in words


def test_a_clock_of_1970_was_never_set() -> None:
    early = sample(-START / 1e9 + 86400)
    assert (State.CRITICAL, "the clock was never set: it shows 1970-01-02 00:00:00.000") in remarks(findings(host(early)))


def test_a_failed_command_behind_extend_is_no_clock() -> None:
    assert remarks(findings(host(sample(0, status=1))))[0][0] is State.UNKNOWN


def local_time(offset: float, zone: str = "") -> Host:
    told = sample(offset)
    moment = Moment(told.look.shown if told.look else 0, 1, "DateAndTime of 8 octets", None)
    return host(told._replace(moment=moment))._replace(zone=zone)


def test_a_zone_that_nobody_told_is_asked_for() -> None:
    found = findings(local_time(7200.4))
    ((state, words),) = remarks(found)
    assert state is State.UNKNOWN
    assert words.startswith("looks like zone +2 h, the clock itself is 0.3995 s ahead (+-0.0005 s); the value tells no zone")
    assert states(found)["offset"] is State.OK


def test_a_zone_that_nobody_told_can_be_guessed() -> None:
    run = Run("web1", (local_time(-20699.0),), GOOD)
    found = list(judge(run, Rules(LIMITS, guess_zone=True), ()))
    assert remarks(found) == [(State.OK, "taken for a zone of -5 h 45 min, which the value does not tell")]
    assert states(found)["offset"] is State.OK
    values = {finding.figure.label: finding.value for finding in found if isinstance(finding, Reading)}
    assert values["offset"] == pytest.approx(0.9995)


def test_a_wrong_zone_at_the_far_end_is_named_and_still_alerts() -> None:
    found = findings(local_time(3600.0, "Europe/Berlin"))
    assert states(found)["offset"] is State.CRITICAL
    assert remarks(found)[0][1].startswith("looks like a zone mistake: zone +1 h, the clock itself is 0.0005 s behind")


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (Bounds(-42.007, -41.999), "42.003 s behind (+-0.004 s)"),
        (Bounds(6.8, 7.8), "7.3 s ahead (+-0.5 s)"),
        (Bounds(-0.0002, 0.0002), "on time (+-0.0002 s)"),
        (Bounds(7199.9, 7200.1), "7200.0 s ahead (+-0.1 s, 2 h)"),
    ],
)
def test_offsets_in_words(known: Bounds, words: str) -> None:
    assert offset_words(known) == words


def test_a_bare_number_means_either_way() -> None:
    assert short(["5"]) == {"offset": Range(-5, 5)}
    assert short(["5ms"]) == {"offset": Range(-0.005, 0.005)}
    assert short(["-2:5"]) == {"offset": Range(-2, 5)}
    assert short(["@5:10"]) == {"offset": Range(5, 10, True)}
    assert short(["~:3"]) == {"offset": Range(float("-inf"), 3)}
    with pytest.raises(Unreadable):
        short(["-5"])
    with pytest.raises(Unreadable):
        short(["5", "6"])
