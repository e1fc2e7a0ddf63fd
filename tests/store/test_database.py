"""The file of the memory: what breaks it or fills the disk loses nothing, and is said."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bothsides.base.errors import Unable
from bothsides.store.database import Database
from bothsides.store.sqlite import opened
from tests.support import need
from tests.support.process import HOUSE


def memory(folder: Path) -> Path:
    return folder / f"memory-{os.geteuid()}.sqlite"


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
@pytest.mark.parametrize("write", [True, False])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, make: Any, write: bool) -> None:
    """SQLite would wait at a pipe for ever, and no signal ends that."""
    make(memory(tmp_path))
    with pytest.raises(Unable, match="is no file; move it away"):
        opened(str(tmp_path), write=write)


@pytest.mark.parametrize(
    "content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_broken_file_is_kept_aside_and_said_once(tmp_path: Path, content: bytes) -> None:
    memory(tmp_path).write_bytes(content)
    with opened(str(tmp_path)) as past:
        past.keep("a", 1.0, {})
        assert "learning anew" in past.mended
    with opened(str(tmp_path)) as past:
        assert past.mended == ""
        assert len(past.past("a")) == 1
    aside = [
        path
        for path in tmp_path.iterdir()
        if ".bad-" in path.name and not path.name.endswith(("-wal", "-shm"))
    ]
    assert [path.read_bytes() for path in aside] == [content]


def test_a_file_that_breaks_under_us_is_kept_aside_too(tmp_path: Path) -> None:
    with opened(str(tmp_path)) as past:
        for at in range(2000):
            past.keep("a", float(at), {"filling": "x" * 200}, kept=1e9)
    data = bytearray(memory(tmp_path).read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    memory(tmp_path).write_bytes(data)
    with opened(str(tmp_path)) as past:
        past.keep("a", 1.0, {})
        assert past.mended
        assert len(past.past("a")) == 1


def test_a_newer_version_is_left_alone(tmp_path: Path) -> None:

    database = sqlite3.connect(memory(tmp_path))
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(Unable, match="newer version"), opened(str(tmp_path)):
        pass


def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path) -> None:
    need.root()
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(disk)], capture_output=True
    ).returncode:
        need.missing("cannot mount a small tmpfs")
    try:
        folder = disk / "state"
        with opened(str(folder)) as past:
            past.keep("a", 1.0, {"first": True})
        with pytest.raises(Unable, match=r"full|I/O"), opened(str(folder)) as past:
            for at in range(10000):
                past.keep("a", 2.0 + at, {"filling": "x" * 1000})
        with opened(str(folder), write=False) as past:
            assert past.past("a")[0].body == {"first": True}
    finally:
        subprocess.run(["umount", str(disk)], check=True)


WRITER = """
import sys
sys.path.insert(0, {lib!r})
from bothsides.store.sqlite import opened
for run in range({runs}):
    with opened({folder!r}, patience=30) as past:
        past.keep("a", run, {{"who": {who}}}, kept=1e9)
        past.change("k", lambda before: {{"n": (before or {{"n": 0}})["n"] + 1}})
"""


def writer(folder: Path, runs: int, who: int) -> subprocess.Popen[bytes]:
    code = WRITER.format(lib=str(HOUSE / "lib"), folder=str(folder), runs=runs, who=who)
    return subprocess.Popen([sys.executable, "-I", "-c", code])


def two_writers(folder: Path, runs: int) -> None:
    both = [writer(folder, runs, who) for who in (1, 2)]
    assert [process.wait(280) for process in both] == [0, 0]
    with opened(str(folder)) as past:
        assert past.document("k") == {"n": 2 * runs}
        assert len(past.past("a", limit=10 * runs)) == 2 * runs


def killed_writers(folder: Path, kills: int) -> None:
    """Each writer dies in a random moment; what was committed is there, and the file is sound."""
    import random

    chance = random.Random(7)
    for _ in range(kills):
        process = writer(folder, 10000, 1)
        time.sleep(0.04 + chance.random() * 0.08)
        process.send_signal(signal.SIGKILL)
        process.wait()
    with opened(str(folder)) as past:
        assert past.mended == ""
        document = past.document("k") or {"n": 0}
        assert len(past.past("a", limit=10**6)) - document["n"] in range(
            kills + 1
        )  # the record comes first
    database = sqlite3.connect(memory(folder))
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    two_writers(tmp_path, 50)


def test_runs_that_are_the_first_ones_at_the_same_time_wait_for_each_other(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / str(number)).mkdir()
        two_writers(tmp_path / str(number), 1)


def test_kill_9_in_random_moments_leaves_it_intact(tmp_path: Path) -> None:
    killed_writers(tmp_path, 12)


@pytest.mark.soak
def test_two_writers_of_a_thousand_runs_lose_nothing(tmp_path: Path) -> None:
    two_writers(tmp_path, 1000)


@pytest.mark.soak
def test_kill_9_in_two_hundred_random_moments_leaves_it_intact(tmp_path: Path) -> None:
    killed_writers(tmp_path, 200)


@pytest.mark.parametrize("name", ["a b", "a?mode=memory", "a#b", "a%41", "caf\u00e9", "a\udcff"])
def test_every_path_names_its_own_file(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    database = Database(str(memory(folder)), True, 1.0)
    database.write(lambda connection: None)
    database.close()
    assert memory(folder).exists()


def test_a_half_read_answer_may_outlive_the_open_file(tmp_path: Path) -> None:
    file = Database(str(tmp_path / "memory-0.sqlite"), True, 1.0)
    rows = file.stream(
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION SELECT i + 1 FROM n LIMIT 9) SELECT i FROM n", ()
    )
    assert next(rows) == (1,)
    file.close()
    rows.close()  # type: ignore[attr-defined]  # as the end of the program does it
