"""Every fault of every world, and what checks may not do: accuse wrongly, alarm falsely.

All of it takes more than an hour; `SIDE_EVERY=8 make soak` takes every eighth fault.
"""

import os

import pytest

from tests.support.side.catalogue import catalogue
from tests.support.side.trial import (
    Row,
    contradictions,
    hold_strictly,
    laboratory,
    table,
    tried,
    unproved,
)
from tests.support.side.worlds import WORLDS

EVERY = int(os.environ.get("SIDE_EVERY", "1"))


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", WORLDS)
def test_nobody_is_accused_wrongly_and_nothing_harmless_alarms(
    name: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows: list[Row] = []
    with laboratory(WORLDS[name]) as lab:
        lab.checks.learn()
        for fault in catalogue(lab.world)[::EVERY]:
            rows += tried(lab, fault)
    with capsys.disabled():
        print("\n" + "\n".join([name, *table(rows)]))
    assert unproved(rows) == []
    hold_strictly(rows)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", WORLDS)
def test_every_loss_is_on_the_way_that_its_label_names(name: str) -> None:
    found: list[str] = []
    with laboratory(WORLDS[name]) as lab:
        for fault in catalogue(lab.world)[::EVERY]:
            lasting = not fault.begins and fault.ends is None
            if lasting and fault.effect in ("loss", "silence", "loop", "none"):
                found += contradictions(lab, fault)
    assert found == []
