"""The words: shares that add up, ways, causes, grid and table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.check.mesh import text
from bothsides.model.mesh import CLOCK, FAR, SHORT
from tests.support.mesh_window import analysed, pair, window


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((2400, 0, 0, 0), "lost 0/2400"),
        ((2400, 72, 70, 2), "lost 72/2400 (3 %: 70 out, 2 back)"),
        ((2400, 72, 70, 0), "lost 72/2400 (3 %: 70 out, 0 back, 2 unknown)"),
        ((2400, 1, 0, 0), "lost 1/2400 (0.042 %, way unknown)"),
        ((2400, 2399, 2399, 0), "lost 2399/2400 (99.96 %: 2399 out, 0 back)"),
        ((2400, 2400, 0, 2400), "lost 2400/2400 (100 %: 0 out, 2400 back)"),
        ((100000, 99999, 0, 0), "lost 99999/100000 (99.9 %, way unknown)"),
    ],
)
def test_losses_in_words(numbers: tuple[int, int, int, int], words: str) -> None:
    assert text.loss(*numbers) == words


@given(st.integers(1, 10**6), st.data())
def test_a_share_is_never_0_or_100_where_it_is_neither(sent: int, data: st.DataObject) -> None:
    lost = data.draw(st.integers(1, sent))
    share = float(text.loss(sent, lost, 0, 0).partition("(")[2].partition(" %")[0])
    assert 0 < share <= 100
    assert (share == 100) == (lost == sent)


def test_causes_are_named() -> None:
    assert text.causes(SHORT | CLOCK) == (
        "are suspect: this host did not send what was due, its clock was set"
    )


def test_a_long_data_centre_is_cut_and_many_pairs_take_more_lines() -> None:
    many = analysed(window([pair(f"p{n}", datacenter="x" * 40) for n in range(90)]))
    lines = list(text.grid(many, set(), every=False))
    assert lines[0] == "x" * 24 + "  " + "." * 40
    assert lines[2] == " " * 24 + "  " + "." * 10
    assert all(len(line) <= 79 for line in lines)


def test_the_table_says_when_the_far_end_itself_was_restarted() -> None:
    rows = analysed(window([pair(out=5, flags=FAR), pair("dead", unknown=2400)])).pairs
    lines = list(text.table(rows))
    assert lines[1].endswith("11/12/15 ms far end restarted or dropped requests")
    assert lines[2].endswith("   -")


def test_of_very_many_data_centres_only_those_with_trouble_are_shown() -> None:
    many = analysed(window([pair(f"p{n}", datacenter=f"d{n}", lost=n) for n in range(50)]))
    lines = list(text.grid(many, {"p7"}, every=False))
    assert lines == ["d7  X", "49 of 50 data centres are all right", text.LEGEND]
    assert len(list(text.grid(many, {"p7"}, every=True))) == 51
