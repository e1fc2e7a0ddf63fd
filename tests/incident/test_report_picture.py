"""README's picture of the report is there, small, and made from the real page."""

from pathlib import Path

import pytest

from tests.support import need
from tests.support.picture import MOST, PICTURE, draw
from tests.support.process import HOUSE

PNG = b"\x89PNG\r\n"


def test_readme_shows_the_picture() -> None:
    assert f"({PICTURE.relative_to(HOUSE)})" in (HOUSE / "README.md").read_text()
    octets = PICTURE.read_bytes()
    assert octets.startswith(PNG)
    assert len(octets) < MOST


@pytest.mark.soak
def test_the_picture_is_made_again(tmp_path: Path) -> None:
    draw(need.program("chromium", "chromium"), tmp_path / "report.png")
    octets = (tmp_path / "report.png").read_bytes()
    assert octets.startswith(PNG)
    assert len(octets) < MOST
