"""Findings about one clock: equality of values, no network."""

import pytest

from bothsides.check.snmp_clock.figures import FIGURES
from bothsides.check.snmp_clock.limits import Limits, LocalSync
from bothsides.model.clock import Look, Run
from bothsides.model.failure import Failure
from bothsides.model.interval import Interval
from bothsides.model.local_clock import LocalClock, Reference
from bothsides.parse.ntp_status import NtpStatus
from bothsides.parse.range import Range
from bothsides.parse.snmp import Source
from bothsides.plugin.finding import Ranges, Reading, State, Table, from_state
from tests.support.clocks import (
    GOOD,
    RANGES,
    START,
    findings,
    host,
    judged,
    local_time,
    remarks,
    sample,
    states,
    values,
)


@pytest.mark.parametrize(
    ("offset", "state"),
    [
        (0, "OK"),
        (4.9, "OK"),
        (-5.2, "WARNING"),
        (5.2, "WARNING"),
        (42, "WARNING"),
        (-59.9, "WARNING"),
        (-75, "CRITICAL"),
    ],
)
def test_the_offset_decides_the_state(offset: float, state: str) -> None:
    assert states(findings(host(sample(offset))))["offset"] is from_state(state)


def test_on_the_limit_there_is_no_alarm_and_the_doubt_is_told() -> None:
    found = findings(host(sample(5.0004)))
    assert states(found)["offset"] is State.OK
    assert remarks(found) == [
        (State.OK, "cannot tell whether it is WARNING: the offset lies within +4.999 to +5.001 s")
    ]


def test_every_figure_is_given_once() -> None:
    found = findings(host(sample(42)))
    assert [finding.figure for finding in found if isinstance(finding, Reading)] == list(FIGURES)
    known = {
        finding.figure.label: finding.value for finding in found if isinstance(finding, Reading)
    }
    assert known["rtt"] == 0.001
    assert known["uptime"] == 12.5
    assert known["offset"] == pytest.approx(41.9995)
    assert known["uncertainty"] == pytest.approx(0.0005)


def test_our_own_error_widens_what_is_said() -> None:
    found = findings(host(sample(5.2)), local=LocalClock(0.5))
    assert states(found)["offset"] is State.OK
    assert remarks(found) == [
        (State.OK, "cannot tell whether it is WARNING: the offset lies within +4.699 to +5.700 s")
    ]


@pytest.mark.parametrize(("policy", "state"), [("require", State.UNKNOWN), ("warn", State.WARNING)])
def test_an_unsynchronised_clock_of_ours_is_told(policy: LocalSync, state: State) -> None:
    found = findings(host(sample(75)), local=LocalClock(None), policy=policy)
    assert remarks(found)[0][0] is state
    assert states(found)["offset"] is (State.OK if policy == "require" else State.CRITICAL)


def test_whoever_vouches_for_our_clock_is_named_in_the_table() -> None:
    found = findings(
        host(sample(0)), local=LocalClock(0.01, account="chrony (192.0.2.1, stratum 2)")
    )
    assert "error up to 0.010000 s by chrony (192.0.2.1, stratum 2)" in "\n".join(
        line for table in found if isinstance(table, Table) for line in table.lines
    )


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
    found = findings(host(sample(0, fault="noSuchInstance"), source=source))
    (missing, remedy) = remarks(found)
    assert missing == (State.UNKNOWN, "the agent has no extend a for us (noSuchInstance)")
    assert "extend -cacheTime -1 a /bin/date +%s.%N" in remedy[1]


def test_a_clock_that_is_right_but_follows_nobody_is_a_warning() -> None:
    status = NtpStatus(False, "not synchronised", 16, 15.91, "")
    unsynchronised = host(sample(0)._replace(ntp=status))
    found = findings(unsynchronised)
    assert states(found)["offset"] is State.OK
    assert remarks(found) == [
        (State.WARNING, "its own NTP says that it is not synchronised, stratum 16")
    ]
    assert values(found)["stratum"] == 16
    assert values(found)["root_dispersion"] == 15.91
    allowed = Limits(RANGES, states={"unsynchronised": State.OK})
    assert remarks(judged(Run("web1", (unsynchronised,), GOOD), allowed))[0][0] is State.OK
    follows = NtpStatus(True, "", 2, 0.01, "a leap second is to be inserted")
    assert remarks(findings(host(sample(0)._replace(ntp=follows)))) == [
        (State.OK, "its own NTP says that a leap second is to be inserted")
    ]


def test_a_clock_of_1970_was_never_set() -> None:
    early = sample(-START / 1e9 + 86400)
    assert (State.CRITICAL, "the clock was never set: it shows 1970-01-02 00:00:00.000") in remarks(
        findings(host(early))
    )


def test_a_failed_command_behind_extend_is_no_clock() -> None:
    assert remarks(findings(host(sample(0, status=1))))[0][0] is State.UNKNOWN


def test_a_zone_that_nobody_told_is_asked_for() -> None:
    found = findings(local_time(7200.4))
    ((state, words),) = remarks(found)
    assert state is State.UNKNOWN
    assert words.startswith(
        "looks like zone +2 h, the clock itself is 0.3995 s ahead (+-0.0005 s);"
        " the value has no time zone"
    )
    assert states(found)["offset"] is State.OK


def test_a_zone_that_nobody_told_can_be_guessed() -> None:
    run = Run("web1", (local_time(-20699.0),), GOOD)
    found = judged(run, Limits(RANGES, guess_zone=True))
    assert remarks(found) == [
        (State.OK, "taken for a zone of -5 h 45 min, which the value does not tell")
    ]
    assert states(found)["offset"] is State.OK
    known = {
        finding.figure.label: finding.value for finding in found if isinstance(finding, Reading)
    }
    assert known["offset"] == pytest.approx(0.9995)


def test_a_wrong_zone_at_the_far_end_is_named_and_still_alerts() -> None:
    found = findings(local_time(3600.0, "Europe/Berlin"))
    assert states(found)["offset"] is State.CRITICAL
    assert remarks(found)[0][1].startswith(
        "looks like a zone mistake: zone +1 h, the clock itself is 0.0005 s behind"
    )


def test_a_reference_takes_the_place_of_our_clock() -> None:
    reference = Reference("ntp1", Interval(41.9, 42.1), 2)
    found = judged(Run("web1", (host(sample(42.0)),), LocalClock(None), reference), Limits(RANGES))
    assert remarks(found) == []
    assert states(found)["offset"] is State.OK
    failed = reference._replace(ahead=None, failure=Failure("server", "no answer to NTP"))
    found = judged(Run("web1", (host(sample(42.0)),), LocalClock(None), failed), Limits(RANGES))
    assert [words.split(";")[0] for _, words in remarks(found)] == [
        "reference ntp1: no answer to NTP"
    ]


def test_without_its_reference_an_offset_is_not_known() -> None:
    missing = Reference("ntp1", None, failure=Failure("server", "no answer to NTP"))
    found = judged(Run("web1", (host(sample(42)),), GOOD, missing), Limits(RANGES, "require"))
    (offset,) = (
        finding
        for finding in found
        if isinstance(finding, Reading) and finding.figure.label == "offset"
    )
    assert offset.value is None
    assert any(words.startswith("reference ntp1: no answer to NTP;") for _, words in remarks(found))


def test_a_frozen_hr_system_date_is_told_without_a_line_that_does_not_mend_it() -> None:
    same = [
        sample(0.0)._replace(look=Look(START + n * 10**9, START + n * 10**9 + 1, START, 10**9))
        for n in range(3)
    ]
    found = findings(host(*same))
    ((state, words),) = [one for one in remarks(found) if "stands still" in one[1]]
    assert (state, "pass_persist" in words) == (State.UNKNOWN, False)


def test_a_step_behind_a_cache_is_told_too() -> None:
    one = Look(START, START + 1000, START + 50 * 10**9, 1, cache=5.0)
    other = Look(START + 10**9, START + 10**9 + 1000, START + 10**9, 1, cache=5.0)
    found = findings(host(sample(0.0)._replace(look=one), sample(0.0)._replace(look=other)))
    assert (
        State.UNKNOWN,
        "the far clock was set during the check; the offset is that since then",
    ) in remarks(found)


@pytest.mark.parametrize("kind", ["silent", "refused"])
def test_a_silent_agent_and_a_closed_port_have_classes_of_their_own(kind: str) -> None:
    failed = host(failure=Failure(kind, "no reply"))
    limits = Limits(RANGES, states={kind: State.CRITICAL})
    found = judged(Run("web1", (failed,), GOOD), limits)
    assert remarks(found) == [(State.CRITICAL, "no reply (192.0.2.7)")]
    other = Limits(RANGES, states={"path": State.CRITICAL})
    assert remarks(judged(Run("web1", (failed,), GOOD), other))[0][0] is State.UNKNOWN


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        (18.0, "looks like GPS time, which is 18 s ahead of UTC; without that it is"),
        (37.2, "looks like TAI, which is 37 s ahead of UTC; without that it is 0.1995 s ahead"),
        (-86400.0, "looks like a date that is wrong by 1 day; without that it is"),
    ],
)
def test_an_offset_that_has_a_name_is_named_and_still_alerts(offset: float, words: str) -> None:
    found = findings(host(sample(offset)))
    assert states(found)["offset"] is not State.OK
    assert any(told.startswith(words) for _, told in remarks(found)), remarks(found)


def test_limits_that_leave_no_warning_are_said() -> None:
    ranges = Ranges(FIGURES, {"offset": Range(-60, 60)}, {"offset": Range(-5, 5)})
    found = judged(Run("web1", (host(sample(0)),), GOOD), Limits(ranges))
    assert remarks(found) == [
        (State.OK, "-w -60:60 lies outside -c -5:5, so no offset is a WARNING")
    ]
    assert remarks(findings(host(sample(0)))) == []
