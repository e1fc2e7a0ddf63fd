"""The words about one incident do not change with every draw of its packets."""

import itertools
import random
import re

import pytest

from bothsides.analyse.statistics import wilson
from bothsides.base.record import to_json
from bothsides.check.whose_fault.memory import Earlier, continued
from bothsides.check.whose_fault.steady import HELD, LastRun, from_body, steadied
from bothsides.check.whose_fault.text import line
from bothsides.incident.join import verdict
from bothsides.model.evidence import Evidence, Look, PathEvidence
from bothsides.model.interval import Interval
from bothsides.model.verdict import Confidence, Fault, Suspect, Verdict
from tests.support.evidence import BACK, NOW, OUT, THIRD, case, document, trace, udp

_FIGURES = re.compile(r"[\d.]+(?: to [\d.]+)? %")


def drawn(chance: random.Random, share: float) -> tuple[Evidence, ...]:
    """One run of both ends and a third host: a link behind hop 3 loses a share on the way out."""

    def lost(packets: int) -> int:
        return sum(chance.random() < share for _ in range(packets))

    def lossy(whole: PathEvidence, first: int) -> PathEvidence:
        hops = (
            hop._replace(lost=lost(hop.sent)) if hop.ttl >= first else hop for hop in whole.hops
        )
        return whole._replace(hops=tuple(hops), echoes_lost=lost(whole.echoes))

    return (
        document("A", {"B": Look(udp(out=lost(200)), lossy(trace(OUT), 4))}),
        document("B", {"A": Look(udp(back=lost(200)), lossy(trace(BACK), 1))}),
        document("C", {"B": Look(udp(), trace(THIRD))}),
    )


def changes(lines: list[str]) -> int:
    return sum(one != other for one, other in itertools.pairwise(lines))


@pytest.mark.parametrize(
    ("share", "most"),
    [
        pytest.param(0.05, 16, marks=pytest.mark.soak),
        (0.08, 8),
        pytest.param(0.2, 2, marks=pytest.mark.soak),
    ],
)
def test_sixty_runs_of_one_incident_say_the_same(share: float, most: int) -> None:
    chance, earlier = random.Random(7), Earlier()
    alone, said, figures = [], [], []
    for number in range(60):
        found = verdict(case(*drawn(chance, share)))._replace(at=NOW + 60 * number, since=None)
        told, earlier = continued(found, earlier)
        text = line(told._replace(since=None))
        alone.append(_FIGURES.sub("#", line(found)))
        said.append(_FIGURES.sub("#", text))
        figures.append(text)
        assert {*found.side, *found.also} <= {*told.side, *told.also}, "nobody is excluded by words"
        if told.shown and told.shown.out and found.loss_out:
            assert told.shown.out.low <= found.loss_out.low
            assert told.shown.out.high >= found.loss_out.high
    assert changes(said) <= most
    assert changes(said) <= changes(alone)
    assert changes(figures) <= 12 + changes(said)


def run(
    *named: str, also: tuple[str, ...] = (), sure: Confidence = "likely", share: float = 0.9
) -> Verdict:
    """A verdict that names these sides for lost packets."""
    every = (*named, *also)
    suspects = tuple(
        Suspect(code, "isp", share if not at else 0.1) for at, code in enumerate(every)
    )
    fault = Fault("loss", "out", suspects, sure, "lost", "R3")
    plain = verdict(case(*drawn(random.Random(1), 0.2)))
    return plain._replace(side=named, also=also, confidence=sure, faults=(fault,))


def after(*runs: Verdict) -> list[Verdict]:
    """What is said of each run after those before it."""
    last: LastRun | None = None
    said = []
    for each in runs:
        verdict_said, last = steadied(each, last)
        said.append(verdict_said)
    return said


PROVED = run("TalNet")
OPEN = run(also=("Nimbus", "TalNet"), sure="none")
OTHER = run("Nimbus")


def test_what_was_proved_stays_while_single_runs_cannot_tell() -> None:
    said = after(PROVED, OPEN, PROVED, OPEN, OPEN)
    assert {each.side for each in said} == {("TalNet",)}
    assert {each.confidence for each in said} == {"likely"}
    assert said[1].steps[-1].words == "TalNet; this run alone: cannot tell, none"


def test_a_host_s_own_trouble_is_said_by_itself_and_changes_no_proof() -> None:
    fault = Fault("own", "", (Suspect("monitor", "", 1.0),), "certain", "no resolver", "R1")
    own = PROVED._replace(side=("monitor",), also=(), confidence="certain", faults=(fault,))
    said = after(PROVED, own, own, OPEN)
    assert [each.side for each in said] == [("TalNet",), ("monitor",), ("monitor",), ("TalNet",)]
    assert [each.confidence for each in said] == ["likely", "certain", "certain", "likely"]


def test_a_proof_that_no_run_repeats_counts_no_more() -> None:
    said = after(PROVED, *(OPEN,) * (HELD + 1))
    assert said[HELD].side == ("TalNet",)
    assert said[HELD + 1].side == ()


def test_a_proof_that_a_run_excludes_is_gone_at_once() -> None:
    elsewhere = run(also=("Nimbus", "Office"), sure="none")
    assert after(PROVED, elsewhere)[1].side == ()


def test_another_side_takes_the_place_when_two_runs_in_a_row_prove_it() -> None:
    said = after(PROVED, OTHER, OTHER, OTHER)
    assert [each.side for each in said] == [("TalNet",), (), ("Nimbus",), ("Nimbus",)]
    assert {"TalNet", "Nimbus"} <= set(said[1].also)
    assert "prove different sides; this one: Nimbus" in said[1].steps[-1].words


def test_runs_that_prove_different_sides_in_turn_name_nobody() -> None:
    said = after(*(PROVED, OTHER) * 5)
    assert {each.side for each in said[1:]} == {()}


def test_a_second_fault_is_added_at_once_and_taken_away_when_two_runs_miss_it() -> None:
    two = run("TalNet", "far end")
    said = after(PROVED, two, PROVED, two, PROVED, PROVED)
    sides = [set(each.side) for each in said]
    both = {"TalNet", "far end"}
    assert sides == [{"TalNet"}, both, both, both, both, {"TalNet"}]


def test_a_weaker_word_counts_at_once_and_a_stronger_one_when_it_is_said_twice() -> None:
    certain = run("TalNet", sure="certain")
    said = after(certain, PROVED, certain, PROVED, certain, certain)
    assert [each.confidence for each in said] == [
        "certain", "likely", "likely", "likely", "likely", "certain",
    ]  # fmt: skip


def test_the_first_run_is_said_as_it_is_but_for_coarse_figures() -> None:
    first = after(PROVED._replace(loss_out=Interval(0.168, 0.248)))[0]
    assert first.shown is not None
    assert first.shown.out == Interval(0.15, 0.25)
    assert first._replace(shown=None, loss_out=PROVED.loss_out) == PROVED


def test_an_interval_grows_and_never_leaves_out_what_was_measured() -> None:
    one = PROVED._replace(loss_out=Interval(0.10, 0.20))
    two = PROVED._replace(loss_out=Interval(0.12, 0.23))
    far = PROVED._replace(loss_out=Interval(0.70, 0.80))
    shown = [each.shown for each in after(one, two, one, far, one)]
    assert [each.out for each in shown if each] == [
        Interval(0.10, 0.20), Interval(0.10, 0.25), Interval(0.10, 0.25), Interval(0.10, 0.80),
        Interval(0.10, 0.80),
    ]  # fmt: skip


def test_an_interval_is_as_narrow_as_the_last_dozen_runs_were() -> None:
    one = PROVED._replace(loss_out=Interval(0.10, 0.20))
    far = PROVED._replace(loss_out=Interval(0.70, 0.80))
    shown = [each.shown for each in after(far, *(one,) * 12)]
    assert [each.out for each in shown[-2:] if each] == [Interval(0.10, 0.80), Interval(0.10, 0.20)]


@pytest.mark.parametrize("share", [0.03, 0.2, 0.8])
@pytest.mark.parametrize("moving", [False, True])
def test_figures_change_in_less_than_a_third_of_the_runs(share: float, moving: bool) -> None:
    chance, lines = random.Random(3), []
    last: LastRun | None = None
    for _ in range(240):
        now = share * chance.choice((0.6, 0.8, 1.0, 1.2)) if moving else share
        lost = wilson(sum(chance.random() < now for _ in range(400)), 400)
        each = PROVED._replace(loss_out=Interval(lost.low, lost.high), since=None)
        said, last = steadied(each, last)
        lines.append(line(said))
    assert changes(lines) <= 80


@pytest.mark.parametrize("told", [None, 1, {}, {"side": "x"}, {"seen": {"a": "b"}}])
def test_what_another_version_remembered_is_left_alone(told: object) -> None:
    assert from_body({"told": told}) is None


def test_what_is_remembered_comes_back() -> None:
    _, told = steadied(PROVED, None)
    assert from_body({"told": to_json(told)}) == told
