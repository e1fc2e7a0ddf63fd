"""bothsides dashboards writes a file for each board and kind of store."""

import json
from pathlib import Path

import pytest

from bothsides.command.dashboards import files
from tests.support.process import run


def test_the_files_are_written_and_listed(tmp_path: Path) -> None:
    outcome = run("bothsides", "dashboards", str(tmp_path / "new"))
    assert (outcome.code, outcome.error) == (0, "")
    assert outcome.text.splitlines() == [str(tmp_path / "new" / name) for name in files()]
    assert {path.name: path.read_text() for path in (tmp_path / "new").iterdir()} == files()


def test_each_board_has_a_name_of_its_own() -> None:
    boards = [json.loads(text) for text in files().values()]
    assert len({board["uid"] for board in boards}) == len(boards) == 10


def test_a_folder_that_cannot_be_made_is_one_line() -> None:
    outcome = run("bothsides", "dashboards", "/proc/none")
    assert (outcome.code, outcome.text.count("\n")) == (3, 1)


@pytest.mark.parametrize("folder", ["", "/etc/passwd", "/dev/null"])
def test_what_is_no_folder_is_told(folder: str) -> None:
    outcome = run("bothsides", "dashboards", folder)
    assert (outcome.code, outcome.error) == (3, "")
    assert outcome.text == f"bothsides: {folder!r} is no folder; name one for the JSON files\n"
