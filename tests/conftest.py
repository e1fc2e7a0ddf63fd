"""Fixtures for the whole session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import daemons, installed


@pytest.fixture(scope="session")
def installation() -> Iterator[Path]:
    """The folder of a fresh virtual environment into which pip has installed this checkout."""
    with daemons.folder() as folder:
        yield installed.into(folder / "venv")
