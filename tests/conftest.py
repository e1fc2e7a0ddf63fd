"""Fixtures for the whole session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import daemons, faketime, installed


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
