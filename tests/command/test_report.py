"""bothsides report as a process: the text of a recorded outage, replay, the store, bad input."""

import os
import stat
import time
from pathlib import Path

import pytest

from bothsides.store.path_runs import keep
from bothsides.store.sqlite import opened
from tests.command.program import ENVIRONMENT, run
from tests.incident.test_report_windows import runs
from tests.support import need
from tests.support.past_reports import DATA
from tests.support.reports import GOLDEN, outage

UTC = {**ENVIRONMENT, "TZ": "UTC"}


def without_its_date(text: str) -> str:
    """The text without the line that says when it was made, and by what version."""
    return "".join(line for line in text.splitlines(True) if not line.startswith("report: made"))


def test_the_outage_of_january_2019_as_text(tmp_path: Path) -> None:
    code, text = run("report", "office", "app", *outage(tmp_path), environment=UTC)
    assert code == 0
    expected = (GOLDEN / "outage.txt").read_text()
    assert without_its_date(text).replace(_joined_by(text), "- joined by bothsides") == expected


def _joined_by(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("- joined by"))


def test_a_page_is_judged_again(tmp_path: Path) -> None:
    page, text = tmp_path / "report.html", tmp_path / "report.txt"
    words = ("--html", page, "--text", text, "--for", "hetzner", "--ticket", "T-1")
    assert run("report", "office", "app", *outage(tmp_path), *words, environment=UTC) == (0, "")
    assert run("report", "--replay", page, environment=UTC) == (0, text.read_text())
    assert "ticket: T-1" in text.read_text()
    assert "Hetzner asks for" in text.read_text()


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    """A store with an incident in it."""
    tmp_path.chmod(0o700)
    with opened(str(tmp_path), write=True) as history:
        for each in runs("....xxx...."):
            keep(history, each._replace(at=each.at + 1_699_948_800))
    return tmp_path


def test_windows_of_the_store(memory: Path) -> None:
    window = "2023-11-14T08:24Z/2023-11-14T08:30Z"
    code, text = run("report", "office", "app", window, "--state-dir", memory, environment=UTC)
    assert code == 0, text
    assert "lost, round trips: 30 of 60 packets, direction not known" in text
    assert "1 Office" not in text


@pytest.mark.parametrize(
    ("windows", "said"),
    [
        (("2099-01-01 10:00-11:00",), "window 2099-01-01 10:00-11:00 lies in the future"),
        (
            ("2023-11-14 08:24-08:30", "2023-11-14 08:00-08:10"),
            "window 2023-11-14 08:00-08:10: write before, during and after in this order",
        ),
        (
            ("2023-11-13 08:24-08:30",),
            "no stored run to app from 2023-11-13 08:24:00Z to 2023-11-13 08:30:00Z; the newest is"
            " of 2023-11-14 08:36:40Z",
        ),
    ],
)
def test_windows_that_hold_nothing_are_refused(
    memory: Path, windows: tuple[str, ...], said: str
) -> None:
    words = ("report", "office", "app", "--state-dir", memory)
    assert run(*words, *windows, environment=UTC) == (3, f"bothsides: {said}\n")


def test_windows_may_stand_behind_options(memory: Path) -> None:
    window = "2023-11-14T08:24Z/2023-11-14T08:30Z"
    orders = (
        ("office", "app", window, "--state-dir", memory),
        ("office", "app", "--state-dir", memory, window),
        ("office", "--state-dir", memory, "app", "--for", "aws", window),
    )
    texts = [run("report", *words, environment=UTC)[1] for words in orders]
    assert "30 of 60 packets" in texts[0]
    assert without_its_date(texts[0]) == without_its_date(texts[1])
    assert "AWS asks for" in texts[2]


def test_a_map_names_the_networks_of_stored_runs(memory: Path) -> None:
    (memory / "map").write_text("198.51.100.0/24 = Example Host, hoster\n")
    words = ("report", "office", "app", "2023-11-14 08:24-08:30", "--state-dir", memory)
    code, text = run(*words, "--map", memory / "map", environment=UTC)
    assert code == 0, text
    assert "\n--- Office ---" in text
    assert "\n--- Example Host ---" in text
    assert "\n--- Example Host ---" not in run(*words, environment=UTC)[1]


def test_without_windows_it_is_the_last_incident_of_the_store(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    stored = runs("....xxx....")
    earlier = time.time() - stored[-1].at - 60
    with opened(str(tmp_path), write=True) as history:
        for each in stored:
            keep(history, each._replace(at=each.at + earlier))
    code, text = run("report", "office", "app", "--state-dir", tmp_path, environment=UTC)
    assert code == 0, text
    assert text.startswith("office to app: lost 30 of 60 round trips, direction not known; ")
    assert all(f"\ncompared with {phase}: " in text for phase in ("before", "after"))


def test_a_target_without_stored_runs_is_named_with_those_that_have_some(memory: Path) -> None:
    code, text = run("report", "office", "db", "--state-dir", memory, environment=UTC)
    assert code == 3
    assert "no stored run to db; there are some to app" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "missing A and B, or --evidence PATH, or --replay PAGE"),
        (["--replay", "/nowhere.html"], "cannot read /nowhere.html"),
        (["--replay", "/etc/hostname"], "no page of bothsides report"),
        (["A", "B", "--evidence", "/nowhere"], "/nowhere"),
        (["A", "B", "1", "2", "3", "4"], "at most three windows"),
        (["A", "B", "16:99x"], "is not a time"),
        (["A", "B", "--for", "nobody"], "nobody"),
        (["A", "B", "--collect"], "--collect needs --landscape FILE"),
        (["A", "B", "--collect", "--landscape", "x", "--evidence", "y"], "not with --evidence"),
        (["--replay", "/etc/hostname", "A"], "--replay judges what is in the page"),
        (["A", "B", "--ticket", "9" * 81], "--ticket: at most 80 characters"),
        (["A", "B", "--state-dir", "/nowhere"], "none at all in /nowhere/memory-"),
        (["A", "A", "--landscape", "/nowhere"], "A and B are one host, A"),
        (["A", "B", "--landscape", "/nowhere"], "cannot read /nowhere"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_3(words: list[str], said: str) -> None:
    code, text = run("report", *words, environment=UTC)
    assert code == 3
    assert said in text
    assert text.count("\n") == 1


@pytest.fixture
def device(tmp_path: Path) -> Path:
    """Our own device without room."""
    need.root()
    path = tmp_path / "full"
    os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 7))
    return path


def test_a_device_is_written_to_and_never_replaced(tmp_path: Path, device: Path) -> None:
    words = ("report", "office", "app", *outage(tmp_path))
    for option in ("--html", "--text"):
        code, text = run(*words, option, device, environment=UTC)
        assert (code, text) == (3, f"bothsides: cannot write {device}: No space left on device\n")
        assert stat.S_ISCHR(device.stat().st_mode)


def test_a_pipe_that_nobody_reads_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    words = ("report", "office", "app", *outage(tmp_path))
    said = f"bothsides: cannot write {tmp_path}/pipe: nobody reads this pipe\n"
    assert run(*words, "--html", tmp_path / "pipe", environment=UTC) == (3, said)


def test_where_nothing_can_be_written_the_file_and_the_reason_are_said(tmp_path: Path) -> None:
    words = ("report", "office", "app", *outage(tmp_path))
    for path, why in (
        (tmp_path / "none/page.html", "No such file or directory"),
        (tmp_path, "Is a directory"),
    ):
        code, text = run(*words, "--html", path, environment=UTC)
        assert (code, text) == (3, f"bothsides: cannot write {path}: {why}\n")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["after", "before", "evidence"]


def test_what_was_before_elsewhere_is_no_comparison_and_said(tmp_path: Path) -> None:
    before = ("--before", DATA / "semaphore/before")
    words = ("report", "office", "app", "--evidence", DATA / "kuenzler/during", *before)
    code, text = run(*words, environment=UTC)
    assert code == 0
    said = " ".join(text.split())
    assert "--before holds nothing between app and office, only about sb1, useast1, uswest2" in said
