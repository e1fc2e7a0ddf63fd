"""The check as a whole: recorded runs, and every step in its place."""

from pathlib import Path

import pytest

from bothsides.analyse.udp_run import Analysis
from bothsides.base.record import from_record
from bothsides.check.udp_loss.check import CHECK
from bothsides.check.udp_loss.figures import FIGURES
from bothsides.model.udp import Plan, Run
from bothsides.plugin.finding import Reading
from tests.support.process import HOUSE

RECORDS = sorted((HOUSE / "tests/data/records").glob("check_udp_loss-*.json"))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_record_of_any_release_goes_all_the_way(path: Path) -> None:
    plan, run = from_record(path.read_text(), CHECK.program, CHECK.plan_type, CHECK.run_type)
    assert isinstance(plan, Plan)
    assert isinstance(run, Run)
    past = None  # nothing is kept
    analysis = CHECK.analyse(plan, run, past)
    assert isinstance(analysis, Analysis)
    assert [target.samples for target in analysis.targets] == list(run.targets)


def test_every_figure_is_declared_once() -> None:
    labels = [figure.label for figure in FIGURES]
    assert len(set(labels)) == len(labels)
    assert CHECK.figures == FIGURES
    assert all(isinstance(figure, tuple) for figure in FIGURES)
    assert Reading(FIGURES[0], None, "").figure.label == "rta"
