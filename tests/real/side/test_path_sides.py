"""check_mtr_path in a short selection of labelled faults: nobody is accused wrongly.

All faults of all worlds are in `test_all_faults`, which takes hours.
"""

from collections.abc import Iterator

import pytest

from tests.support.side.catalogue import catalogue
from tests.support.side.trial import Laboratory, Row, hold_strictly, laboratory, placed, tried
from tests.support.side.worlds import WORLDS

PATH = ("check_mtr_path",)
BOTH = (("A", "B"), ("B", "A"))


@pytest.fixture(scope="module")
def short() -> Iterator[Laboratory]:
    with laboratory(WORLDS["short"]) as lab:
        for _ in range(4):
            lab.checks.run(BOTH, PATH)
        lab.checks.keep()
        yield lab


def during(lab: Laboratory, name: str) -> dict[str, Row]:
    """What both ends say during a fault, which is held strictly."""
    fault = next(fault for fault in catalogue(lab.world) if fault.name == name)
    rows = tried(lab, fault, BOTH, checks=PATH)
    hold_strictly(rows)
    named, along = placed(rows, "check_mtr_path")
    assert named == along
    return {row.said.start: row for row in rows}


@pytest.mark.soak  # chance and load decide whether one run of 7 s can place 20 % loss
def test_a_loss_is_placed_by_the_trace_that_goes_its_way_alone(short: Laboratory) -> None:
    rows = during(short, "loss 20% i3>n1")
    assert " loss on the way out, at TalNet, SwissIX or Nimbus (between hops" in rows["A"].said.line
    assert rows["B"].score.mark in ("does not say", "unseen")
    assert "Rhonelink" not in rows["B"].said.line


def test_a_router_that_refuses_is_named_and_a_stop_is_not(short: Laboratory) -> None:
    rows = during(short, "prohibited at n4 from n3")
    assert "hop 2 (52.93.3.2 Nimbus) refuses to forward" in rows["B"].said.line
    assert "answers end at hop" in rows["A"].said.line
    assert rows["A"].score.mark == "does not say"


@pytest.mark.soak
def test_a_delay_is_placed_by_the_trace_that_goes_its_way_alone(short: Laboratory) -> None:
    rows = during(short, "delay 60 ms i3>n1")
    assert "slower on the way out, at TalNet, SwissIX or Nimbus" in rows["A"].said.line
    assert "slower on the way back" in rows["B"].said.line


@pytest.mark.parametrize("name", ["B polices echo requests", "i4 has another address"])
def test_what_is_harmless_is_a_remark(short: Laboratory, name: str) -> None:
    assert [row.said.text for row in during(short, name).values() if row.said.code] == []
