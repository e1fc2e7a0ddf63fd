"""Fixtures for the whole session."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import daemons, faketime, installed

_LONG = ("tests/test_guide.py", "tests/test_readme.py", "tests/real/", "tests/contract/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with the files that take long, so that at the end no core waits for one of them."""

    def turn(item: pytest.Item) -> int:
        return next((place for place, part in enumerate(_LONG) if item.nodeid.startswith(part)), 9)

    items.sort(key=turn)


@pytest.fixture(scope="session")
def installation() -> Iterator[Path]:
    """The folder of a fresh virtual environment into which pip has installed this checkout."""
    with daemons.folder() as folder:
        yield installed.into(folder / "venv")


@pytest.fixture(autouse=True, scope="module")
def _no_leftovers_of_faketime() -> Iterator[None]:
    """Neither an earlier run's leftovers nor ours stand in the way of later processes."""
    faketime.sweep()
    yield
    faketime.sweep()


@pytest.fixture(autouse=True)
def _no_deadline_outlives_its_test() -> Iterator[None]:
    """A check that was performed in this process has armed its deadline, which may end later tests."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
    before = [(number, signal.getsignal(number)) for number in numbers]
    yield
    if signal.getsignal(signal.SIGALRM) is not before[-1][1]:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before:
            signal.signal(number, handler)
