"""Many targets: a report each, one summary, a line each, worst first."""

from hypothesis import given
from hypothesis import strategies as st

from bothsides.check.many import Line, Wording, combined, line_of, summarised, worst_first
from bothsides.parse.range import from_range
from bothsides.plugin.finding import (
    WORST_FIRST,
    Figure,
    Part,
    Ranges,
    Reading,
    Remark,
    State,
    Table,
    Target,
)

RTA = Figure("rta", "s", "mean round trip")
PL = Figure("pl", "%", "loss", 0, 100)
LIMITS = Ranges((RTA, PL), {"rta": from_range("1")}, {"pl": from_range("5")})
OK, WARNING, CRITICAL, UNKNOWN = State.OK, State.WARNING, State.CRITICAL, State.UNKNOWN

WORDING = Wording(
    trouble=lambda lines: (
        f"{sum(line.state is not OK for line in lines)} of {len(lines)} bad, worst {lines[0].name}"
    ),
    well=lambda lines: f"all {len(lines)} well",
)


def target(name: str, *findings: Part) -> Target:
    return Target(name, "192.0.2.1", findings)


GOOD = target("good", LIMITS.reading("pl", 0.0, "lost 0 of 10"), LIMITS.reading("rta", 0.2))
SLOW = target("slow", LIMITS.reading("pl", 0.0, "lost 0 of 10"), LIMITS.reading("rta", 2.0))
DEAD = target("dead", LIMITS.reading("pl", 100.0, "lost 10 of 10"), LIMITS.reading("rta", None))
NAMELESS = target("nameless", Remark(UNKNOWN, "no such name"))


def test_a_line_has_the_words_of_the_worst_finding() -> None:
    assert [line_of(one)[1:] for one in (GOOD, SLOW, DEAD, NAMELESS)] == [
        ("good", OK, "lost 0 of 10", False),
        ("slow", WARNING, "rta 2s", False),
        ("dead", CRITICAL, "lost 10 of 10", False),
        ("nameless", UNKNOWN, "no such name", False),
    ]


def test_among_findings_of_one_state_those_with_words_come_first() -> None:
    both = target("a", LIMITS.reading("rta", 2.0), Remark(WARNING, "duplicates"))
    assert line_of(both).words == "duplicates"


def test_what_was_not_measured_is_said() -> None:
    assert line_of(target("a")).words == "nothing measured"
    assert line_of(target("a", Table(("x",)))).state is UNKNOWN
    limited = target("a", Remark(OK, "alive"), LIMITS.reading("rta", None))
    assert line_of(limited)[2:4] == (UNKNOWN, "rta was not measured, but has a limit")


def test_time_that_ran_out_is_marked_in_the_line() -> None:
    late = target("a", Remark(UNKNOWN, "no answer in time", late=True))
    assert line_of(late).late
    remark = list(summarised([line_of(late)], WORDING))[-1]
    assert remark == Remark(UNKNOWN, "a: no answer in time", True)


def test_the_summary_comes_first_and_the_lines_worst_first() -> None:
    lines = [line_of(one) for one in (GOOD, NAMELESS, DEAD, SLOW)]
    between = LIMITS.reading("pl", 100.0)
    assert list(summarised(lines, WORDING, [between])) == [
        DEAD,
        SLOW,
        NAMELESS,
        GOOD,
        Remark(CRITICAL, "3 of 4 bad, worst dead"),
        between,
        Remark(CRITICAL, "dead: lost 10 of 10"),
        Remark(WARNING, "slow: rta 2s"),
        Remark(UNKNOWN, "nameless: no such name"),
        Remark(OK, "good: lost 0 of 10"),
    ]


def test_targets_that_are_well_need_no_line() -> None:
    quiet = WORDING._replace(good=False)
    assert list(summarised([line_of(GOOD)], quiet)) == [GOOD, Remark(OK, "all 1 well")]
    assert list(summarised([line_of(GOOD), line_of(SLOW)], quiet))[2:] == [
        Remark(WARNING, "1 of 2 bad, worst slow"),
        Remark(WARNING, "slow: rta 2s"),
    ]


def test_a_check_may_do_without_a_summary() -> None:
    silent = Wording(trouble=lambda lines: "", well=lambda lines: "")
    assert list(summarised([line_of(SLOW)], silent)) == [SLOW, Remark(WARNING, "slow: rta 2s")]


def test_a_target_that_others_make_up_for_is_ok_in_its_line_and_not_in_its_report() -> None:
    forgiven = line_of(DEAD)._replace(state=OK, name="dead at 192.0.2.1")
    findings = list(summarised([forgiven, line_of(GOOD)], WORDING))
    assert findings[0] == DEAD
    assert findings[0].state is CRITICAL
    assert findings[2] == Remark(OK, "all 2 well")
    assert findings[3] == Remark(OK, "dead at 192.0.2.1: lost 10 of 10")


@given(st.lists(st.sampled_from(WORST_FIRST)))
def test_worst_first_keeps_the_order_within_a_state(states: list[State]) -> None:
    lines = [Line(GOOD, str(place), state, "") for place, state in enumerate(states)]
    ordered = worst_first(lines)
    ranks = [(CRITICAL, WARNING, UNKNOWN, OK).index(line.state) for line in ordered]
    assert ranks == sorted(ranks)
    for state in WORST_FIRST:
        names = [int(line.name) for line in ordered if line.state is state]
        assert names == sorted(names)


def test_figures_of_all_targets_become_one_by_their_rules() -> None:
    targets = (GOOD, SLOW, DEAD, NAMELESS)
    assert combined(targets, (RTA, PL), {}) == {"rta": 2.0, "pl": 100.0}
    assert combined(targets, (RTA, PL), {"rta": min, "pl": sum}) == {"rta": 0.2, "pl": 100.0}
    assert combined((NAMELESS,), (RTA,), {}) == {"rta": None}
    unknown = target("a", Reading(Figure("other", "", ""), 1.0, ""))
    assert combined((unknown,), (RTA,), {}) == {"rta": None}
