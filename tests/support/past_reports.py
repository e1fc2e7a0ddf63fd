"""The recorded incidents as command lines, and the texts that their reports have."""

from pathlib import Path

from tests.support.process import HOUSE

DATA = HOUSE / "tests/data/incidents"
PAIRS = {"kuenzler": ("office", "app"), "semaphore": ("sb1", "useast1")}
"""By the incident's name who checks whom."""


def owners(name: str) -> tuple[str, ...]:
    """The options that say whose networks are whose."""
    folder = DATA / name
    return ("--map", str(folder / "networks.map"), "--exchanges", str(folder / "exchanges.txt"))


def evidence(name: str, *phases: str) -> tuple[str, ...]:
    """The options that name the evidence of some of before, during and after."""
    words: list[str] = []
    for phase in phases:
        option = "--evidence" if phase == "during" else f"--{phase}"
        words += [option, str(DATA / name / phase)]
    return (*words, *owners(name))


def report(name: str, *more: str | Path) -> tuple[str, ...]:
    """The words behind `bothsides report` for a whole incident."""
    every = evidence(name, "during", "before", "after")
    return (*PAIRS[name], *every, *map(str, more))
