"""The memory: nothing is lost, and what is wrong with it is said with the remedy."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from bothsides.base.errors import Unable
from bothsides.store.sqlite import History, Record, mode, opened, place
from tests.support import daemons, need
from tests.support.process import HOUSE


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
        past.forget("k")
        assert past.document("k") is None


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
    import sqlite3

    database = sqlite3.connect(memory(tmp_path))
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(Unable, match="newer version"), opened(str(tmp_path)):
        pass


def test_a_folder_that_everybody_can_write_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(Unable, match="chmod o-w"), opened(str(tmp_path)):
        pass


def test_a_link_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"")
    memory(tmp_path).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unable, match="link"), opened(str(tmp_path)):
        pass


def as_nobody(installation: Path, code: str) -> str:
    """Runs Python code with an installed library as user nobody; its output."""
    need.root()
    done = subprocess.run(
        [installation / "bin" / "python3", "-I", "-c", code],
        capture_output=True, text=True, user=65534, group=65534, extra_groups=[], check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


OPEN = """
from bothsides.store.sqlite import opened
try:
    with opened({!r}) as past:
        past.keep("a", 1, {{}})
    print("kept")
except Exception as fault:
    print(fault)
"""


def test_a_foreign_owner_is_named_with_the_remedy(installation: Path) -> None:
    with daemons.folder() as reachable:
        mine = reachable / "mine"
        mine.mkdir(mode=0o755)
        assert "nobody (uid 65534)" in as_nobody(installation, OPEN.format(str(mine)))
        os.chown(mine, 65534, 65534)
        (mine / "memory-65534.sqlite").write_bytes(b"")
        said = as_nobody(installation, OPEN.format(str(mine)))
        assert "belongs to root, not to nobody" in said
        assert "chown" in said
        os.chown(mine / "memory-65534.sqlite", 65534, 65534)
        assert as_nobody(installation, OPEN.format(str(mine))) == "kept\n"


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
    import sqlite3

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


def test_a_person_at_a_terminal_writes_nothing_unless_asked() -> None:
    chosen = SimpleNamespace(state="auto", replay=None, state_dir="")
    assert mode(chosen) == "rw"  # the output of a test goes to a pipe
    assert mode(SimpleNamespace(state="ro", replay=None, state_dir="")) == "ro"
    assert mode(SimpleNamespace(state="rw", replay="x", state_dir="")) == "off"
    assert mode(SimpleNamespace(state="auto", replay="x", state_dir="/x")) == "ro"


def test_places_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/run/s:/run/t")
    assert place("x") == os.path.abspath("x")
    assert place("") == "/run/s"
    monkeypatch.delenv("STATE_DIRECTORY")
    assert place("") in ("/var/lib/bothsides", f"/var/tmp/bothsides-{os.geteuid()}")


def test_a_history_closes_as_a_context(tmp_path: Path) -> None:
    with History(str(memory(tmp_path)), True, 1.0) as past:
        past.keep("a", 1.0, {})
