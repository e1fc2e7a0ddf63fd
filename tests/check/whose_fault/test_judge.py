"""States, figures and the joined line."""

import pytest

from bothsides.check.whose_fault.check import CHECK
from bothsides.check.whose_fault.judge import Analysis, judge
from bothsides.check.whose_fault.memory import Earlier
from bothsides.incident.join import verdict
from bothsides.model.evidence import Evidence, IcmpWord, Look, OwnTrouble
from bothsides.model.verdict import Verdict
from bothsides.plugin.command_line import limits_of, understood
from bothsides.plugin.finding import Facts, Reading, Remark, State, state_of
from tests.support.evidence import BACK, NOW, OUT, WELL, case, document, silent, trace, udp

LIMITS = limits_of(CHECK, understood(CHECK, ["-H", "B"]))


def judged(*documents: Evidence) -> tuple[State, str, dict[str, float | None], Facts]:
    """The state, line 1's words, the figures, and what JSON says."""
    findings = list(judge(Analysis(verdict(case(*documents)), (), False), LIMITS))
    words = next(found.words for found in findings if isinstance(found, Remark))
    figures = {found.figure.label: found.value for found in findings if isinstance(found, Reading)}
    facts = next(found for found in findings if isinstance(found, Facts))
    return state_of(findings), words, figures, facts


LOSSY = (
    document("A", {"B": Look(udp(out=40), trace(OUT, 3, 0.2))}),
    document("B", {"A": Look(udp(back=42), trace(BACK, 6, 0.2))}),
)


def test_loss_is_critical_and_names_the_side() -> None:
    state, words, figures, facts = judged(*LOSSY)
    assert state is State.CRITICAL
    assert words == (
        "lost 16.8 to 24.8 % out, 0 to 1.1 % back since 08:00 UTC: TalNet (isp), likeliest,"
        " not excluded: Nimbus (cloud)"
    )
    assert figures == {
        "loss_out": 20.5, "loss_back": 0.0, "side": 4, "confidence": pytest.approx(98.5, abs=1),
        "witnesses": 0,
    }  # fmt: skip
    assert facts.members["side"] == "TalNet"
    assert facts.members["confidence"] == "open"


def test_a_healthy_way_is_ok() -> None:
    state, words, figures, facts = judged(*WELL)
    assert (state, words) == (State.OK, "nothing is wrong between them")
    assert (figures["side"], facts.members["side"]) == (0, "none")


def test_few_losses_are_ok_and_name_neither_a_side_nor_none() -> None:
    few = document("A", {"B": Look(udp(out=7, sent=400), trace(OUT))})
    state, words, figures, facts = judged(few)
    assert state is State.OK
    assert words == (
        "no fault is proved: A to B lost 7 of 400 packets: too few to tell a fault from chance"
    )
    assert (figures["side"], facts.members["side"]) == (1, "")
    earlier = Earlier(since=NOW - 600, at=NOW - 60)
    findings = judge(Analysis(verdict(case(few)), (), False, earlier), LIMITS)
    first = next(found for found in findings if isinstance(found, Remark))
    assert first.words.endswith("; it was wrong since 07:50 UTC")
    assert first.state is State.WARNING


def test_our_own_trouble_is_unknown_the_far_end_s_is_critical() -> None:
    trouble = (OwnTrouble("send", "nothing could be sent"),)
    mine = document("A", {"B": Look(udp(sent=0, flows=1))}, troubles=trouble)
    theirs = document("B", {"A": Look(udp(sent=0, flows=1))}, troubles=trouble)
    assert judged(mine)[0] is State.UNKNOWN
    assert "the host A, certain" in judged(mine)[1]
    state, words, figures, _ = judged(document("A", {"B": Look()}), theirs)
    assert (state, figures["side"]) == (State.CRITICAL, 10)
    assert "the far end B, certain" in words


def test_cannot_tell_says_so_and_lists_who_is_left() -> None:
    state, words, figures, facts = judged(
        document("A", {"B": Look(silent(), trace(OUT, stop=4))}, {"B": Look(udp(), trace(OUT))})
    )
    assert state is State.CRITICAL
    assert figures["loss_out"] is None
    assert words.startswith("no packet gets through")
    assert facts.members["also"] or facts.members["side"]


def test_nothing_measured_is_unknown() -> None:
    state, words, _, facts = judged(document("A", {"B": Look()}))
    assert (state, facts.members["side"]) == (State.UNKNOWN, "")
    assert words.startswith("cannot tell")


def test_two_proved_sides_are_a_list() -> None:
    said = verdict(case(*WELL))
    two: Verdict = said._replace(side=("TalNet", "far end"), also=(), confidence="likely")
    findings = list(judge(Analysis(two, ("x.json: not JSON",), False), LIMITS))
    facts = next(found for found in findings if isinstance(found, Facts))
    assert facts.members["side"] == ["TalNet", "far end"]
    assert any("x.json" in f.words for f in findings if isinstance(f, Remark))


def test_hostile_labels_and_names_stay_words() -> None:
    word = IcmpWord(OUT[-1], 3, 3, False, 9)
    hostile = "<script>\x1b[31m|`$(id)`"
    made = case(
        document("A", {hostile: Look(silent((word,)), trace(OUT))}), start="A", target=hostile
    )
    findings = list(judge(Analysis(verdict(made), (), False), LIMITS))
    from bothsides.plugin.output import Style, render

    text = render("WHOSE_FAULT", f"A to {hostile}", findings, CHECK.figures, Style()).text
    assert not set(text.partition("|")[0]) & set("\x1b`$<>|")
    assert "\x1b" not in text
