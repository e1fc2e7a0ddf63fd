"""--watch: the command line that is run again and again."""

import os
import pty
import select
import signal
import subprocess
import time

import pytest

from bothsides.plugin.watch import _split, watched
from tests.support.process import HOUSE, command_of


@pytest.mark.parametrize(
    ("argv", "value", "rest"),
    [
        (["c", "--watch", "5s", "-H", "app"], "5s", ["c", "-H", "app"]),
        (["c", "-H", "app", "--watch=5s"], "5s", ["c", "-H", "app"]),
        (["c", "--watch"], "", ["c"]),
        (["c", "--watch", "-v"], "", ["c", "-v"]),
    ],
)
def test_the_command_line_without_it(argv: list[str], value: str, rest: list[str]) -> None:
    assert _split(argv) == (value, rest)


def test_only_a_terminal_is_watched() -> None:
    assert not watched(["check_mtr_path", "--watch", "5s"])  # pytest has no terminal


def at_terminal(*arguments: str, ctrl_c: bool = False) -> str:
    """What the command prints on a terminal until it ends, by Ctrl-C after its first line."""
    ours, theirs = pty.openpty()
    command = [*command_of("check_mtr_path"), *arguments]
    child = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    text, until = b"", time.monotonic() + 60
    while time.monotonic() < until and select.select([ours], [], [], 20)[0]:
        try:
            data = os.read(ours, 65536)
        except OSError:
            break
        text += data
        if ctrl_c and b"MTR_PATH" in text:
            child.send_signal(signal.SIGINT)
            ctrl_c = False
        if not data:
            break
    assert child.wait(60) == 3
    os.close(ours)
    return text.decode()


def test_the_check_runs_again_until_ctrl_c() -> None:
    record = str(HOUSE / "tests/data/records/check_mtr_path-stable.json")
    text = at_terminal("--watch", "60s", "--replay", record, ctrl_c=True)
    assert "every 60 s, Ctrl-C ends it" in text
    assert "MTR_PATH OK" in text


def test_a_time_that_is_none_is_one_line() -> None:
    assert "UNKNOWN - --watch: " in at_terminal("--watch", "soon")
