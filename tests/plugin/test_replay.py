"""A measurement as a file and back."""

from pathlib import Path

import pytest

from bothsides.base.deadline import Stop
from bothsides.base.errors import Unable
from bothsides.plugin.finding import Remark, State
from bothsides.plugin.replay import recorded, replayed
from tests.plugin.test_main import CHECK, Plan, Run

PLAN, RUN = Plan("/x"), Run("/x", 7, Stop("SIGTERM", "looking", 0.5))


def test_what_is_recorded_is_replayed(tmp_path: Path) -> None:
    path = str(tmp_path / "record.json")
    assert recorded(CHECK, path, PLAN, RUN) == []
    assert replayed(CHECK, path) == (PLAN, RUN)


def test_a_record_of_another_check_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "record.json")
    recorded(CHECK._replace(name="OTHER"), path, PLAN, RUN)
    with pytest.raises(Unable, match="a record of check_other, not of check_file"):
        replayed(CHECK, path)


def test_a_record_that_cannot_be_written_is_a_remark(tmp_path: Path) -> None:
    path = str(tmp_path / "none" / "record.json")
    assert recorded(CHECK, path, PLAN, RUN) == [
        Remark(State.UNKNOWN, f"cannot write the record {path}: No such file or directory")
    ]


def test_a_record_is_not_written_through_a_link(tmp_path: Path) -> None:
    victim, path = tmp_path / "victim", tmp_path / "record.json"
    victim.write_text("untouched")
    path.symlink_to(victim)
    (remark,) = recorded(CHECK, str(path), PLAN, RUN)
    assert isinstance(remark, Remark)
    assert (remark.state, remark.words) == (
        State.UNKNOWN,
        f"cannot write the record {path}: it is a symbolic link",
    )
    assert victim.read_text() == "untouched"
