"""Fixtures for the whole session."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import faketime, installed, leftovers

_LONGEST = (
    "tests/test_guide.py",
    "tests/real/test_landscape_nagios.py",
    "tests/real/test_mtr_path.py",
    "tests/real/test_nagios.py",
)
_WAITING = "tests/real/"


def pytest_sessionstart() -> None:
    """Takes away what killed runs have left, and cleans up when this one is told to end."""
    leftovers.sweep()
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_pycollect_makemodule(module_path: Path) -> None:
    """Sets how many examples hypothesis draws, before a module needs it: loading it takes 0.3 s."""
    if "hypothesis" in module_path.read_text(encoding="utf-8"):
        from tests.support import examples

        examples.load()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest files first, and those that mostly wait evenly between those that compute.

    So no core idles while all processes wait, and none is left with a long file at the end.
    """
    files = dict.fromkeys(item.nodeid.partition("::")[0] for item in items)
    first = [name for name in _LONGEST if name in files]
    rest = [name for name in files if name not in first]
    waiting = [name for name in rest if name.startswith(_WAITING)]
    computing = [name for name in rest if not name.startswith(_WAITING)]
    turns = dict.fromkeys(first, -1.0)
    for names in (waiting, computing):
        turns |= {name: (place + 0.5) / len(names) for place, name in enumerate(names)}
    items.sort(key=lambda item: turns[item.nodeid.partition("::")[0]])


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a fresh virtual environment into which pip has installed this checkout."""
    own = tmp_path_factory.getbasetemp()
    parallel = "PYTEST_XDIST_WORKER" in os.environ
    with installed.shared(own.parent if parallel else own) as folder:
        yield folder


@pytest.fixture(autouse=True, scope="module")
def _no_leftovers_of_faketime() -> Iterator[None]:
    """Neither an earlier run's leftovers nor ours stand in the way of later processes."""
    faketime.sweep()
    yield
    faketime.sweep()


@pytest.fixture(autouse=True)
def _no_deadline_outlives_its_test() -> Iterator[None]:
    """A check performed in this process has armed its deadline, which may end later tests."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
    before = [(number, signal.getsignal(number)) for number in numbers]
    yield
    if signal.getsignal(signal.SIGALRM) is not before[-1][1]:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before:
            signal.signal(number, handler)
