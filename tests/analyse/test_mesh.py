"""What a window proves: certain loss, sums, data centres."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.mesh import at_least, by_prefix
from tests.support.mesh_window import analysed, failed, pair, window


@given(st.integers(1, 3000), st.data())
def test_the_certain_share_is_below_the_counted_one(sent: int, data: st.DataObject) -> None:
    lost = data.draw(st.integers(0, sent))
    assert 0 <= at_least(lost, sent) <= lost / sent + 1e-12


def test_the_certain_share_is_above_the_truth_less_than_once_in_300_runs() -> None:
    draw = random.Random(7)
    runs = [sum(draw.random() < 0.03 for _ in range(600)) for _ in range(1000)]
    assert sum(at_least(lost, 600) > 0.03 for lost in runs) <= 3


def test_sums_leave_out_maintenance_and_what_cannot_be_judged() -> None:
    found = analysed(
        window([
            pair("a", out=7), pair("b", back=9, maintenance="x"), pair("c", slices=0, sent=0),
            pair("d", out=1, back=2, unknown=3, suspect=7),
        ])
    )  # fmt: skip
    assert (found.total.sent, found.total.lost, found.total.out) == (2400, 7, 7)
    assert [each.trouble for each in found.pairs] == ["", "", "none", "suspect"]


def test_every_prefix_of_a_data_centre_has_a_sum() -> None:
    found = analysed(window([pair("a", datacenter="eu.de.fra"), pair("b", datacenter="eu.at")]))
    assert [(total.prefix, total.sent) for total in by_prefix(found)] == [
        ("eu", 4800), ("eu.at", 2400), ("eu.de", 2400), ("eu.de.fra", 2400),
    ]  # fmt: skip


def test_a_host_without_data_centre_is_in_no_prefix() -> None:
    assert by_prefix(analysed(window([pair(datacenter="")]))) == ()


def test_nothing_read_is_nothing_proved() -> None:
    found = analysed(failed("not there"))
    assert (found.age, found.total.loss) == (None, None)
    assert analysed(window([pair()])).age == pytest.approx(2.0)
