"""Analyses of recorded runs, as an export gets them."""

from pathlib import Path
from typing import Any, NamedTuple

from bothsides.export.schema import Measured, Origin
from bothsides.plugin.check import AnyCheck
from bothsides.plugin.command_line import limits_of, understood
from bothsides.plugin.delivery import Finished
from bothsides.plugin.finding import Reading, targets_of
from bothsides.plugin.output import Report
from bothsides.plugin.replay import replayed
from tests.support.process import HOUSE

ORIGIN = Origin("mon1", "a-to-b")
BEGAN = 1_792_000_000.0  # s
RECORDS = HOUSE / "tests/data/records"


class Judged(NamedTuple):
    """A recorded run, analysed and judged."""

    analysis: Any
    finished: Finished
    measured: Measured
    figures: dict[str, float | None]  # of the first target's report


def judged(check: AnyCheck, record: str, style: str = "bothsides", *words: str) -> Judged:
    """What a recorded run comes to by the usual limits."""
    path = Path(RECORDS / f"{check.program}-{record}.json")
    options = understood(check, ["-H", "x", "--replay", str(path), *words])
    plan, run = replayed(check, str(path))
    analysis = check.analyse(plan, run, check.recall(options, plan))
    limits = check.limits(options, limits_of(check, options))
    findings = list(check.judge(analysis, limits))
    report = Report("", 0)
    finished = Finished(
        check.name, options, run.subject, findings, analysis, report, BEGAN, BEGAN + 1.5
    )
    targets = targets_of(run.subject, findings)
    measured = Measured(targets, ORIGIN, style, int(BEGAN * 1e9), 1.5)
    readings = (part for part in targets[0].findings if isinstance(part, Reading))
    figures = {reading.figure.label: reading.value for reading in readings}
    return Judged(analysis, finished, measured, figures)
