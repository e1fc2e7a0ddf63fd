"""Sentences and the table."""

import pytest

from bothsides.check.mtr_path.place_text import loss_words, result_words, unreached_words
from bothsides.check.mtr_path.text import (
    labelled,
    owner_of,
    table,
    turn_words,
    verdict_words,
)
from bothsides.parse.text import to_whole_words
from tests.support.sample_path import NOTHING, USUAL, analysed, past, run

OTHER = ("10.0.0.1", "10.1.0.1", "10.3.0.1", "10.2.0.2", "10.2.9.9")


@pytest.mark.parametrize(
    ("seconds", "words"), [(-5, "0 s"), (30, "30 s"), (240, "4 min"), (18000, "5 h"), (1e6, "12 d")]
)
def test_durations(seconds: float, words: str) -> None:
    assert to_whole_words(seconds) == words


def test_what_does_not_fit_goes_in_order_of_its_weight() -> None:
    analysis = analysed(run(*OTHER, looks=2), past(*USUAL))
    whole = verdict_words(analysis)
    assert whole.endswith("(Amazon to Level3), 6 of 6 flows, rta 20 ms")
    assert verdict_words(analysis, 100).endswith("(Amazon to Level3), 6 of 6 flows")
    assert verdict_words(analysis, 80).endswith("10.2.0.1 became 10.3.0.1")
    assert verdict_words(analysis, 1) == verdict_words(analysis, 80)


def test_addresses_have_their_networks() -> None:
    analysis = analysed(run(*USUAL), past(*USUAL))
    assert labelled(analysis, "10.1.0.1") == "10.1.0.1 ISP"
    assert owner_of(analysis, "10.2.0.1/10.2.0.7") == "Amazon"
    assert labelled(analysis, "192.0.2.1") == "192.0.2.1"
    assert (turn_words(analysis), loss_words(analysis)) == ("", "")


def test_a_stored_run_says_that_its_target_is_silent_and_that_the_path_changed() -> None:
    dead = analysed(run("10.0.0.1", "10.3.0.1", lost=20, looks=2), past(*USUAL))
    assert unreached_words(dead) in result_words(dead)
    assert "; same until hop 1" in result_words(dead)
    nobody = analysed(run("", "", lost=20), NOTHING)
    assert unreached_words(nobody) == "the target does not answer, nor does any router on the way"


def test_the_table_shows_every_router_with_its_flows() -> None:
    made = run(*USUAL)
    second = made.first[0]._replace(flow=5, host="10.0.0.2")
    analysis = analysed(made._replace(first=(*made.first, second)), past(*USUAL))
    rows = list(table(analysis))
    assert rows[0] == "path from 10.0.0.9 to 10.2.9.9, by mtr-packet, 0.0 s"
    assert rows[2].split() == [
        *("1", "us", "0%", "1.0", "1.0", "1.0"),
        *("10.0.0.1", "(0,1,2,3,4,5)"),
    ]
    assert rows[3].split() == ["10.0.0.2", "(5)", "new"]
