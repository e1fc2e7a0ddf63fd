"""The memory: what is kept comes back, and nothing else."""

import os
import sqlite3
from pathlib import Path

import pytest

from bothsides.base.errors import Unable
from bothsides.store.sqlite import History, Record, opened


def memory(folder: Path) -> Path:
    return folder / f"memory-{os.geteuid()}.sqlite"


def test_what_is_kept_comes_back_oldest_first(tmp_path: Path) -> None:
    with opened(str(tmp_path)) as past:
        for at in (3.0, 1.0, 2.0):
            past.keep("a", at, {"n": at})
        past.keep("b", 1.5, {"n": 0})
        assert past.past("a") == (
            Record(1.0, {"n": 1.0}),
            Record(2.0, {"n": 2.0}),
            Record(3.0, {"n": 3.0}),
        )
        assert past.past("a", limit=1) == (Record(3.0, {"n": 3.0}),)
        assert past.past("a", since=2.0, before=3.0) == (Record(2.0, {"n": 2.0}),)
        assert past.keys() == ("a", "b")


def test_records_are_forgotten_when_their_time_is_over(tmp_path: Path) -> None:
    with opened(str(tmp_path)) as past:
        past.keep("a", 0.0, {}, kept=10)
        past.keep("a", 1.0, {"evidence": True}, kept=1000)
        past.keep("a", 20.0, {})
        assert [record.at for record in past.past("a")] == [1.0, 20.0]


def test_a_document_is_changed_in_one_turn(tmp_path: Path) -> None:
    with opened(str(tmp_path)) as past:
        assert past.document("k") is None
        past.change("k", lambda before: {"n": 1})
        past.change("k", lambda before: {"n": (before or {})["n"] + 1})
        assert past.document("k") == {"n": 2}


def test_what_somebody_else_wrote_in_our_place_is_nothing(tmp_path: Path) -> None:
    with opened(str(tmp_path)) as past:
        past.change("k", lambda before: {"n": 1})
    for text in ("{", "[]", "[" * 100000, "7"):
        with sqlite3.connect(memory(tmp_path)) as database:
            database.execute("UPDATE document SET body = ?", (text,))
        database.close()
        with opened(str(tmp_path), write=False) as past:
            assert past.document("k") is None


def test_a_change_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    with opened(str(tmp_path)) as past:
        past.change("k", lambda before: {"n": 1})
        with pytest.raises(ZeroDivisionError):
            past.change("k", lambda before: {"n": 1 // 0})
        past.keep("k", 1.0, {})
        assert past.document("k") == {"n": 1}


def test_looking_at_nothing_makes_nothing(tmp_path: Path) -> None:
    with opened(str(tmp_path / "none"), write=False) as past:
        assert past.past("a") == ()
        assert past.document("a") is None
        with pytest.raises(Unable, match="reading only"):
            past.keep("a", 1.0, {})
    assert list(tmp_path.iterdir()) == []


def test_a_reader_sees_what_a_writer_left(tmp_path: Path) -> None:
    with opened(str(tmp_path)) as past:
        past.keep("a", 1.0, {})
        with opened(str(tmp_path), write=False) as reader:
            assert len(reader.past("a")) == 1


def test_a_history_closes_as_a_context(tmp_path: Path) -> None:
    with History(str(memory(tmp_path)), True, 1.0) as past:
        past.keep("a", 1.0, {})
