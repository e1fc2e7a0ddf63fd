"""The types of a check: mypy proves that each step gets what the one before hands on."""

import subprocess
import sys
from pathlib import Path

import pytest

from bothsides.parse.range import Range
from bothsides.plugin.check import no_past, ranges_alone
from bothsides.plugin.finding import Ranges
from bothsides.plugin.parser import Namespace
from tests.plugin.test_main import CHECK
from tests.support.process import HOUSE

_PLANTED = """
from typing import NamedTuple

from bothsides.base.deadline import Deadline
from bothsides.base.types import Iterator, Sequence
from bothsides.plugin.check import Check, no_past
from bothsides.plugin.finding import Finding, Ranges, Target
from bothsides.plugin.parser import Namespace
from tests.plugin.test_main import Analysis, Plan, Run, analyse, judge, limits, measure, options
from tests.plugin.test_main import plan, short


class Other(NamedTuple):
    run: Run


class OtherRun(NamedTuple):
    subject: str


def other_judge(analysis: Other, limits: Ranges) -> Iterator[Finding]:
    yield from ()


def other_keep(analysis: Other, targets: Sequence[Target]) -> Sequence[Finding]:
    return []


def other_measure(plan: Other, past: None, deadline: Deadline) -> Run:
    raise NotImplementedError


def other_limits(options: Namespace, ranges: Ranges) -> Other:
    raise NotImplementedError


CHECK = Check(
    name="FILE",
    summary="",
    figures=(),
    options=options,
    short=short,
    limits=limits,
    plan=plan,
    recall=no_past,
    measure=measure,
    analyse=analyse,
    judge=judge,
    plan_type=Plan,
    run_type=Run,
)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the planted file and mypy's cache lie."""
    return tmp_path_factory.mktemp("planted")


def complaints(folder: Path, text: str) -> str:
    """What mypy says about a file, strictly."""
    planted = folder / "planted.py"
    planted.write_text(text)
    command = [sys.executable, "-m", "mypy", "--config-file", "setup.cfg", "--cache-dir"]
    done = subprocess.run(
        [*command, str(folder / "cache"), str(planted)],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout


def test_a_check_whose_steps_fit_is_accepted(folder: Path) -> None:
    assert complaints(folder, _PLANTED) == ""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("judge=judge", "judge=other_judge"),
        ("judge=judge", "judge=judge, keep=other_keep"),
        ("measure=measure", "measure=other_measure"),
        ("limits=limits", "limits=other_limits"),
        ("run_type=Run", "run_type=OtherRun"),
    ],
)
def test_a_step_that_takes_what_another_check_hands_on_is_an_error(
    folder: Path, right: str, wrong: str
) -> None:
    assert "error: " in complaints(folder, _PLANTED.replace(right, wrong))


def test_the_script_is_named_after_the_check() -> None:
    assert CHECK.program == "check_file"


def test_the_defaults_hand_on_nothing_of_their_own() -> None:
    ranges = Ranges((), {"a": Range()}, {})
    assert ranges_alone(Namespace(), ranges) is ranges
    no_past(Namespace(), None)
