"""The contract's tests share these: the checks, their records, and what is true of every output."""

import json
import re
from functools import cache
from pathlib import Path

import pytest

from bothsides.parse.perfdata import from_perfdata
from tests.support import forked
from tests.support.process import CHECKS, HOUSE, Outcome

RECORDS = sorted((HOUSE / "tests/data/records").glob("*.json"))


PINNED = json.loads((HOUSE / "tests/data/perfdata.json").read_text())
STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")


NOWHERE = "10.98.99.99"


every_check = pytest.mark.parametrize("check", CHECKS)


def name_of(check: str) -> str:
    return check.removeprefix("check_").upper()


def records_of(check: str) -> list[Path]:
    """The check's records; without one, the test is skipped."""
    found = [path for path in RECORDS if path.name.startswith(check + "-")]
    if not found:
        pytest.skip(f"{check} has no record; test_every_check_brings_a_recorded_run says how")
    return found


def pinned_of(check: str) -> list[list[str]]:
    """Label and unit of every figure as they are pinned; without that, as the check lists them."""
    pinned: list[list[str]] | None = PINNED.get(check)
    return pinned or [[*(line + " ").split(" ")[:2]] for line in _listed(check)]


def replayed(check: str, *arguments: str, number: int = 0) -> Outcome:
    """What the check makes of one of its records."""
    return forked.run(check, "--replay", str(records_of(check)[number]), *arguments)


def labels_of(check: str) -> list[str]:
    """The labels that the check lists."""
    return [line.split()[0] for line in _listed(check)]


@cache
def _listed(check: str) -> list[str]:
    return forked.run(check, "--list-perfdata").text.splitlines()


def well_formed(check: str, outcome: Outcome, perfdata: bool = True) -> None:
    """What must be true of every output, whatever happened."""
    first, _, _ = outcome.text.partition("\n")
    assert outcome.error == ""
    assert re.match(rf"{name_of(check)} (OK|WARNING|CRITICAL|UNKNOWN) - \S", first), first
    assert STATES.index(first.split()[1]) == outcome.code
    assert len(first.encode()) <= 1023
    assert len(outcome.line) <= 160 or not perfdata
    spared = "" if perfdata else "~"  # a usage error may have to spell a range
    assert not set(outcome.line) & set("`~$&|'\"<>;") - set(spared)
    assert re.fullmatch(r"[ -~\n]*", outcome.text)
    assert outcome.text.endswith("\n")
    if perfdata:
        assert outcome.text.count("|") == 1
        labels = [label for label, _ in pinned_of(check)]
        printed = [figure.label for figure in from_perfdata(first.partition("|")[2])]
        assert printed[: len(labels)] == labels[: first.partition("|")[2].count("=")]
    else:
        assert outcome.text.count("\n") == 1
