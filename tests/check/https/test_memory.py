"""Earlier runs: kept, read again, and what they change."""

import os
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from bothsides.analyse.https import Analysis, analyse
from bothsides.check.https.check import CHECK
from bothsides.check.https.memory import key, remember, remembered
from bothsides.model.https import Past, PastRun, Plan, Run
from bothsides.plugin.command_line import understood
from bothsides.plugin.finding import Remark, State, Target
from bothsides.plugin.parser import Namespace
from bothsides.store.sqlite import opened
from tests.support.forked import run
from tests.support.https import BAD, DAY, GOOD, NOW, URL, limits
from tests.support.lab import Lab, lab
from tests.support.process import command_of
from tests.support.servers import ANSWER, answering, serving


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


def test_a_memory_that_is_locked_hides_nothing_of_what_was_seen_and_costs_no_time(
    made: Lab, tmp_path: Path
) -> None:
    import sqlite3

    good = ("https://127.0.0.1:1/", "--state-dir", str(tmp_path), "-t", "2")
    assert run("check_https", *good).code == 2
    (memory,) = tmp_path.glob("memory-*.sqlite")
    with socket.create_server(("127.0.0.1", 0)) as silent, sqlite3.connect(memory) as holder:
        holder.execute("PRAGMA journal_mode = DELETE")  # in it, a writer keeps readers out too
        holder.execute("BEGIN EXCLUSIVE")
        outcome = run("check_https", *good)
        late = run("check_https", f"https://127.0.0.1:{silent.getsockname()[1]}/", *good[1:])
        holder.rollback()
    assert outcome.code == 2, outcome.text
    assert "connection refused" in outcome.text
    assert (late.code, "TLS handshake stalls" in late.line) == (2, True), late.text
    assert late.seconds <= 2.3 + 0.3


@pytest.mark.parametrize(
    "way", [("-4",), ("--source", "127.0.0.1"), ("-C", "1"), ("-x", "http://127.0.0.1:1")]
)
def test_who_asks_another_way_has_a_window_of_their_own(way: tuple[str, ...]) -> None:
    plain, other = (
        CHECK.plan(understood(CHECK, ["-H", "example.org", *more]), limits()) for more in ((), way)
    )
    assert key(plain) == "https https://example.org/ "
    assert key(other).startswith(f"{key(plain)} ")


def test_a_500_in_the_past_is_remembered(made: Lab, tmp_path: Path) -> None:
    wrong = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"
    answers = [wrong, ANSWER, wrong, wrong, ANSWER]
    with serving(lambda client: answering(answers.pop(0))(client), made.file("good")) as server:
        command = (
            f"https://127.0.0.1:{server.port}/",
            "--ca-cert",
            made.bundle,
            "--state-dir",
            str(tmp_path),
        )
        runs = [run("check_https", *command) for _ in range(5)]
    assert [one.code for one in runs] == [2, 0, 2, 2, 1]
    assert "3 of 5 tries failed" in runs[4].line
    assert "mostly answered, but not well" in runs[4].line


def test_an_outage_that_is_over_is_one_failure_in_the_window_however_long_it_was(
    made: Lab, tmp_path: Path
) -> None:
    closed = threading.Event()
    well = answering(ANSWER)

    def talk(client: socket.socket) -> None:
        if not closed.is_set():
            well(client)

    with serving(talk, made.file("good")) as one, serving(well, made.file("good")) as other:
        urls = [f"https://127.0.0.1:{server.port}/" for server in (one, other)]
        command = (*urls, "--ca-cert", made.bundle, "--state-dir", str(tmp_path), "--repeat", "2")
        codes = []
        for down in (False, True, True, True, False, False, True, False):
            closed.set() if down else closed.clear()
            last = run("check_https", *command)
            codes.append(last.code)
    assert codes == [0, 2, 2, 2, 0, 0, 2, 1]
    assert "8 of 32 tries failed" in last.line


def test_the_window_over_past_runs_is_kept_and_read_again(made: Lab, tmp_path: Path) -> None:
    memory = str(tmp_path / "memory")
    failing = threading.Event()

    def talk(client: object) -> None:
        if failing.is_set():
            return
        answering(ANSWER)(client)  # type: ignore[arg-type]

    with serving(talk, made.file("good")) as server:
        command = (
            f"https://127.0.0.1:{server.port}/",
            "--ca-cert",
            made.bundle,
            "--state-dir",
            memory,
            "--repeat",
            "5",
        )
        first = run("check_https", *command)
        failing.set()
        second = run("check_https", *command)
        failing.clear()
        third = run("check_https", *command)
    assert (first.code, first.perfdata["tries"].value, first.perfdata["failed"].value) == (0, 5, 0)
    assert second.code == 2
    assert (third.code, third.perfdata["tries"].value, third.perfdata["failed"].value) == (0, 15, 5)
    assert "5 of 15 tries failed" in third.line


def test_what_a_person_asks_at_a_terminal_does_not_count_in_the_window(
    made: Lab, tmp_path: Path
) -> None:
    with serving(answering(ANSWER), made.file("good")) as server:
        command = (
            f"https://127.0.0.1:{server.port}/",
            "--ca-cert",
            made.bundle,
            "--state-dir",
            str(tmp_path),
        )
        terminal, screen = os.openpty()
        try:
            subprocess.run(
                [*command_of("check_https"), *command], stdout=screen, timeout=30, check=True
            )
        finally:
            os.close(screen)
            os.close(terminal)
        tries = [run("check_https", *command).perfdata["tries"].value for _ in range(2)]
    assert tries == [1, 2]


def test_a_broken_memory_does_not_hide_what_this_run_has_seen(made: Lab, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with serving(answering(ANSWER), made.file("expired")) as server:
        url = f"https://127.0.0.1:{server.port}/"
        outcome = run(
            "check_https",
            url,
            "--ca-cert",
            made.bundle,
            "--state-dir",
            str(tmp_path / "file" / "below"),
        )
    assert (outcome.code, "expired 2 d ago" in outcome.line) == (2, True), outcome.text
    assert "[UNKNOWN] earlier runs are not known" in outcome.text


PLAN = Plan((URL,))


def asked(directory: Path, *arguments: str) -> Namespace:
    """Options of a run that nobody watches."""
    words = ["-H", "example.org", "--state-dir", str(directory), "--state", "rw", *arguments]
    options: Namespace = understood(CHECK, words)
    return options


def kept(directory: Path, past: Past, now: float) -> Past:
    """What is remembered after a run with one try that went well and one that failed."""
    analysis: Analysis = analyse(PLAN, Run(now, (GOOD, BAD), planned=2), past)
    reports = [Target(str(URL), "", (Remark(state, ""),)) for state in (State.OK, State.CRITICAL)]
    assert list(remember(analysis, reports)) == []
    return remembered(asked(directory), PLAN)


def test_what_is_kept_is_what_the_next_run_recalls(tmp_path: Path) -> None:
    first = remembered(asked(tmp_path, "--window", "1h"), PLAN)
    assert first == Past("rw", str(tmp_path), key(PLAN), 3600.0)
    second = kept(tmp_path, first, NOW)
    assert second.runs == (PastRun(NOW, 2, 1, ("tls",), 0),)
    third = kept(tmp_path, second, NOW + 60)
    assert [run.at for run in third.runs] == [NOW, NOW + 60]


def test_without_a_folder_nothing_is_remembered_nor_kept() -> None:
    options = understood(CHECK, ["-H", "example.org"])
    assert CHECK.recall(options, PLAN) == Past()
    analysis = analyse(PLAN, Run(NOW, (GOOD,)), Past())
    assert CHECK.keep is not None
    assert list(CHECK.keep(analysis, ())) == []


@pytest.mark.parametrize("mode", ["ro", "off"])
def test_who_only_looks_changes_nothing(mode: str, tmp_path: Path) -> None:
    options = asked(tmp_path, "--state", mode)
    past = CHECK.recall(options, PLAN)
    assert past.mode == mode
    assert CHECK.keep is not None
    assert list(CHECK.keep(analyse(PLAN, Run(NOW, (GOOD,)), past), ())) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "run"),
    [
        ({}, PastRun(NOW, 0, 0)),
        ({"tries": "5", "failed": None, "phases": "tls", "down": True}, PastRun(NOW, 0, 0)),
        ({"tries": -5, "failed": 9, "down": 1.5}, PastRun(NOW, 0, 0)),
        ({"tries": 2, "failed": 9, "phases": [7, "x" * 99]}, PastRun(NOW, 2, 2, ("7", "x" * 20))),
    ],
)
def test_a_row_that_is_not_ours_is_read_as_far_as_it_goes(
    body: dict[str, object], run: PastRun, tmp_path: Path
) -> None:
    with opened(str(tmp_path)) as memory:
        memory.keep(key(PLAN), NOW, body, DAY)
    assert remembered(asked(tmp_path), PLAN).runs == (run,)


def test_a_memory_that_cannot_be_written_is_said_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    past = Past("rw", str(tmp_path / "file"), key(PLAN))
    (remark,) = remember(analyse(PLAN, Run(NOW, (GOOD,)), past), ())
    assert isinstance(remark, Remark)
    assert (remark.state, remark.words[:25]) == (State.UNKNOWN, "this run is not remembere")
