"""The sentences on loss, stops, refusals and rings: nobody is named without proof."""

import pytest

from bothsides.analyse.path.analysis import Analysis
from bothsides.check.mtr_path.judge import judge
from bothsides.check.mtr_path.place_text import (
    limited_words,
    loop_words,
    loss_words,
    refusal_words,
    remembered_words,
    result_words,
    stop_words,
    unreached_words,
)
from bothsides.model.path import LossDirection, ProbeResult
from bothsides.plugin.finding import Reading, Remark, State
from tests.support.sample_loss import BACK, OUT, VPN, analysed, known, losing, reflection, stopped
from tests.support.sample_path import limits_of

ASK = "where depends on the direction: ask the other end, or check_udp_loss"
NETWORKS = ("Alpenhaus", "TalNet", "SwissIX", "Nimbus", "Rhonelink", "62.2.", "52.93.1", "4.68.")


@pytest.mark.parametrize(
    ("direction", "words"),
    [
        ("unknown", f"; {ASK}"),
        ("back", " on the way back: check_mtr_path at the other end can place it"),
        ("both", ", some on each way: no place can be told"),
        ("out", " on the way out, at TalNet, SwissIX or Nimbus (between hops 3 and 4)"),
    ],
)
def test_a_loss_is_placed_only_on_the_way_out(direction: LossDirection, words: str) -> None:
    said = loss_words(analysed(losing(OUT, 4, 8), direction))
    assert said == words
    assert direction == "out" or not any(name in said for name in NETWORKS)


def test_the_link_to_the_first_hop_needs_no_direction() -> None:
    words = ", at this host, Alpenhaus (before hop 1)"
    assert loss_words(analysed(losing(OUT, 1, 8))) == words.replace(", Alpenhaus", " or Alpenhaus")


def test_a_loss_in_a_tunnel_names_nobody() -> None:
    said = loss_words(analysed(losing(VPN, 2, 8), "out"))
    assert said == (
        " on the way out, inside the tunnel between hops 1 and 2; its carriers are not seen"
        " from here"
    )
    behind = loss_words(analysed(losing(VPN, 3, 8), "out"))
    assert behind == " on the way out, at Stammhaus or the target host (between hops 2 and 3)"


def test_a_stop_names_nobody_on_line_1_and_says_the_last_answer_below() -> None:
    dead = analysed(stopped(OUT, 3), past=known(OUT))
    assert unreached_words(dead) == f"the target does not answer, answers end at hop 3 of 7; {ASK}"
    assert stop_words(dead) == (
        "the last answer comes from hop 3 (62.2.11.2 TalNet), "
        "not from hop 4 (80.249.208.30 Nimbus): the fault may be on either way"
    )
    assert result_words(dead) == unreached_words(dead)


def test_a_stop_on_the_way_out_has_a_place() -> None:
    dead = analysed(stopped(OUT, 3), "out", known(OUT))
    assert unreached_words(dead) == (
        "the target does not answer: lost on the way out, "
        "at TalNet, SwissIX or Nimbus (between hops 3 and 4)"
    )
    assert stop_words(dead) == ""


def test_nothing_that_answers_at_all_is_our_own_link() -> None:
    dead = analysed(stopped(OUT, 0), past=known(OUT))
    assert unreached_words(dead) == (
        "the target does not answer, nor does any router on the way: "
        "at this host or Alpenhaus (before hop 1)"
    )


def test_a_refusal_and_a_ring_say_all_who_may_operate_the_routers() -> None:
    run = stopped(BACK, 6)
    first = (*run.first[:36], ProbeResult(0, 7, "refused", "62.2.3.6", 0.01))
    refusing = analysed(run._replace(first=first), past=known(BACK))
    words = "hop 6 (62.2.3.6 Alpenhaus or TalNet) refuses to forward"
    assert refusal_words(refusing) == words
    assert unreached_words(refusing) == "the target does not answer"
    ring = (*BACK[:4], *("4.68.7.2", "4.68.7.1") * 4)
    round_trip = stopped(ring, 12)
    expired = tuple(each._replace(kind="expired") for each in round_trip.first)
    circling = analysed(
        round_trip._replace(target=BACK[-1], first=expired, second=expired), past=known(BACK)
    )
    assert (
        loop_words(circling) == "loop between 4.68.7.2 TalNet or Rhonelink and 4.68.7.1 Rhonelink"
    )


def state_of_loss(analysis: Analysis) -> tuple[State, list[str]]:
    found = list(judge(analysis, limits_of()))
    (reading,) = [each for each in found if isinstance(each, Reading) and each.figure.label == "pl"]
    return reading.state, [each.words for each in found if isinstance(each, Remark)]


def test_limited_echo_requests_are_a_remark_beside_their_figure() -> None:
    run = losing(OUT, 7, 16, 20, flows_too=False)
    limited = analysed(run._replace(reflection=reflection(run, 0, 0)))
    state, words = state_of_loss(limited)
    assert state is State.OK
    assert limited_words(limited) in words
    assert limited_words(limited) == (
        "echo requests are limited on the way or by the target: "
        "32 of 40 echo requests unanswered, 226 of 226 other probes answered"
    )
    assert state_of_loss(analysed(losing(OUT, 7, 16)))[0] is State.CRITICAL


def test_a_direction_from_an_earlier_run_is_named_as_such() -> None:
    run = losing(OUT, 4, 8)
    lately = run._replace(remembered=reflection(run, 40, 0)._replace(age=120.4))
    assert remembered_words(analysed(lately)) == (
        "the direction is check_udp_loss's of 120 s ago: lost 40/200 (40 out, 0 back)"
    )
    assert " on the way out, at TalNet" in loss_words(analysed(lately))
    assert remembered_words(analysed(run)) == ""
    asked = lately._replace(reflection=reflection(run, 0, 40))
    assert remembered_words(analysed(asked)) == "", "this run has asked itself"
