"""mtr_history over memories that are long, old, written by others or broken; no packet is sent."""

import calendar
import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from bothsides.base.record import to_json
from bothsides.store.path_runs import StoredHop, StoredRun
from bothsides.store.sqlite import opened
from tests.support.forked import run
from tests.support.process import Outcome, command_of

HOPS = (
    StoredHop(1, ("10.0.0.1",), "", 6, 0, 0.001, 0.001, 0.001),
    StoredHop(2, ("10.0.0.9",), "", 6, 0, 0.002, 0.002, 0.002),
)
ENTRY = StoredRun(
    0.0,
    "app",
    "10.0.0.9",
    "10.0.0.2",
    "mtr-packet",
    "OK",
    "same",
    "2 hops",
    20,
    0,
    0.02,
    HOPS,
    {"0": ("a", "b")},
)
DAY = 86400.0


def body(at: float, **more: Any) -> dict[str, Any]:
    return {**to_json(ENTRY._replace(at=at)), **more}


def remembered(folder: Path, rows: Iterable[tuple[float, object]]) -> str:
    """A memory with these rows of the target, each a moment and what is written there."""
    with opened(str(folder)) as past:
        place = past.path
    with sqlite3.connect(place) as database:
        texts = [(at, data if isinstance(data, str) else json.dumps(data)) for at, data in rows]
        database.executemany("INSERT INTO record VALUES ('run 10.0.0.9', ?, 9e9, ?)", texts)
    database.close()
    return str(folder)


def history(folder: str, *arguments: str) -> Outcome:
    return run("mtr_history", "--state-dir", folder, *arguments)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "missing command: list, paths, show"),
        (("lsit",), "unknown command lsit, did you mean list?"),
        (("list", "app"), "list takes no argument: leave out app"),
        (("list", "--formta", "csv"), "unknown option --formta, did you mean --format?"),
    ],
)
def test_a_wrong_command_is_one_line(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    outcome = history(remembered(tmp_path, []), *words)
    assert (outcome.code, outcome.error, outcome.text.count("\n")) == (3, "", 1)
    assert outcome.text.startswith(f"mtr_history: {told}")


FAR = [to_json(HOPS[0]._replace(ttl=999999999))]
NONSENSE: tuple[dict[str, Any], ...] = (
    {"more": 1},
    {"hops": 7},
    {"hops": FAR},
    {"lost": 21},
    {"rta": 10**400},
)


@pytest.mark.parametrize(
    "broken", ["{", "7", '{"at": 1}', *(json.dumps(body(1e9, **nonsense)) for nonsense in NONSENSE)]
)
def test_a_memory_that_cannot_be_read_is_one_line(tmp_path: Path, broken: str) -> None:
    folder = remembered(tmp_path, [(1e9, broken)])
    for words in (
        ("list",),
        ("show", "app"),
        ("report", "app", "-3h", "-2h", "-1h"),
        ("export", "10.0.0.9"),
    ):
        outcome = history(folder, *words)
        assert (outcome.code, outcome.error, outcome.text.count("\n")) == (3, "", 1), outcome
        assert "can be read by this version" in outcome.line


def test_runs_that_cannot_be_read_are_passed_over(tmp_path: Path) -> None:
    folder = remembered(
        tmp_path,
        [(1e9, body(1e9)), (1e9 + 60, "{"), (1e9 + 120, body(1e9, state="CRITICAL", more=1))],
    )
    assert (
        "app (10.0.0.9): 1 runs from 2001-09-09 01:46:40Z to 2001-09-09 01:46:40Z, 0 of them"
        in history(folder, "list").text
    )
    assert history(folder, "show", "app").text.startswith("2001-09-09 01:46:40Z OK: 2 hops")


def test_a_run_is_of_the_moment_under_which_it_is_kept(tmp_path: Path) -> None:
    folder = remembered(tmp_path, [(1e9, body(5.0)), (1e9 + 60, body(2e9))])
    outcome = history(folder, "report", "app", *["2001-09-09 01:46-01:48"] * 3)
    assert (outcome.code, outcome.error) == (0, ""), outcome
    assert "DURING (the worst of 2 runs)" in outcome.text
    assert (
        json.loads(history(folder, "export", "app", "--since", "2001-09-09 01:00").text)[0]["at"]
        == 1e9
    )


def test_whoever_remembers_nothing_is_told_who_does(tmp_path: Path) -> None:
    (tmp_path / "memory-65534.sqlite").touch()
    (tmp_path / "memory-4242424.sqlite").touch()
    (tmp_path / "memory-x.sqlite").touch()
    for folder, command in (
        (tmp_path, ("list",)),
        (Path(remembered(tmp_path / "own", [])), ("show", "app")),
    ):
        outcome = history(str(folder), *command)
        assert (outcome.code, outcome.error, outcome.text.count("\n")) == (3, "", 1), outcome
        assert "no runs are remembered in" in outcome.line
    line = history(str(tmp_path), "list").line
    assert f"run sudo -u nobody mtr_history --state-dir {tmp_path} list" in line
    assert f"run sudo -u '#4242424' mtr_history --state-dir {tmp_path} list" in line
    assert "memory-x" not in line


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Six thousand runs within the last twelve days."""
    now = time.time()
    rows = [(at, body(at)) for at in (now - 12 * DAY + 172.8 * number for number in range(6000))]
    return remembered(tmp_path_factory.mktemp("long"), rows)


def test_a_long_memory_is_seen_to_its_end(long: str) -> None:
    assert "6000 runs from" in history(long, "list").text
    shown = calendar.timegm(
        time.strptime(history(long, "show", "app", "-10d").text[:19], "%Y-%m-%d %H:%M:%S")
    )
    assert abs(shown - (time.time() - 10 * DAY)) < 100
    compared = history(long, "compare", "app", "-11d/-10d", "-3d/-2d")
    assert compared.code == 0, compared
    numbers = next(
        line.split()[1:] for line in compared.text.splitlines() if line.startswith("runs")
    )
    assert {*numbers} <= {"500", "501"}
    assert len(json.loads(history(long, "export", "app", "--since", "-13d").text)) == 6000


def test_a_signal_ends_it_with_one_line(long: str) -> None:
    command = [*command_of("mtr_history"), "--state-dir", long, "export", "app", "--since", "-13d"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None
    assert os.read(child.stdout.fileno(), 1) == b"["  # now it waits for us to read more
    child.send_signal(signal.SIGINT)
    text, error = child.communicate(timeout=20)
    assert (child.returncode, error) == (3, b"")
    assert text.endswith(b"mtr_history: interrupted by SIGINT\n")
