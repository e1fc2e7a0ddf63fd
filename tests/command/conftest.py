"""A landscape that a test may change."""

from pathlib import Path

import pytest

from tests.command.program import LANDSCAPES


@pytest.fixture
def landscape(tmp_path: Path) -> Path:
    path = tmp_path / "mesh.toml"
    path.write_text((LANDSCAPES / "kuenzler.toml").read_text())
    return path
