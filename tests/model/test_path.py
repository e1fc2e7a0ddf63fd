"""Plan and Run of a path as records, those of older versions included."""

import json
from pathlib import Path

import pytest

from bothsides.base.record import from_json, from_record, to_json, to_record
from bothsides.model.path import Plan, ProbeResult, Run
from bothsides.parse import Unreadable
from tests.support.process import HOUSE

RECORDS = sorted((HOUSE / "tests/data/records").glob("check_mtr_path-*.json"))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_every_recorded_run_is_read_and_written_again(path: Path) -> None:
    plan, run = from_record(path.read_text(), "check_mtr_path", Plan, Run)
    assert isinstance(run, Run)
    again = from_record(to_record("check_mtr_path", plan, run), "check_mtr_path", Plan, Run)
    assert again == (plan, run)


def test_a_closed_set_of_words_is_held() -> None:
    data = json.loads(json.dumps(to_json(ProbeResult(0, 1, "expired", "10.0.0.1", 0.01))))
    assert from_json(ProbeResult, data) == ProbeResult(0, 1, "expired", "10.0.0.1", 0.01)
    with pytest.raises(Unreadable, match="kind"):
        from_json(ProbeResult, {**data, "kind": "lost"})
    with pytest.raises(Unreadable, match="engine"):
        from_json(Plan, {"host": "app", "engine": "traceroute"})
