"""Programs that we start, and what is left of them."""

import os
import time

import pytest

from bothsides.base.errors import Unable
from bothsides.probe.net.process import MOST, Child, find, finished


def test_programs_are_found_in_fixed_places_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonsense")
    assert find("sh") in ("/usr/bin/sh", "/bin/sh")
    assert find("no-such-program") == ""


def test_a_program_says_what_it_says_in_an_empty_environment() -> None:
    child = Child(["/bin/sh", "-c", "echo out; echo err >&2; echo $HOME$FOO; exit 3"], {"FOO": "x"})
    assert finished([child], time.monotonic() + 60)
    child.end(1.0)
    assert (bytes(child.out), bytes(child.error), child.code) == (b"out\nx\n", b"err\n", 3)
    assert child.files() == ()


def test_lines_are_taken_when_they_are_whole() -> None:
    child = Child(["/bin/cat"])
    try:
        assert child.say("one\ntwo\nthr")
        until = time.monotonic() + 60
        lines: list[str] = []
        while len(lines) < 2 and time.monotonic() < until:
            lines += child.lines()
            time.sleep(0.01)
        assert lines == ["one", "two"]
        assert child.say("ee\n")
        while len(lines) < 3 and time.monotonic() < until:
            lines += child.lines()
            time.sleep(0.01)
        assert lines == ["one", "two", "three"]
    finally:
        child.end()
    assert child.code == -9


def test_whatever_a_program_has_started_ends_with_it() -> None:
    child = Child(["/bin/sh", "-c", "trap '' TERM; sleep 60 & echo $!; wait"])
    until = time.monotonic() + 60
    lines: list[str] = []
    while not lines and time.monotonic() < until:
        lines = child.lines()
        time.sleep(0.01)
    assert not finished([child], time.monotonic() + 0.05)
    child.end(0.05)
    while time.monotonic() < until and _runs(int(lines[0])):
        time.sleep(0.01)
    assert not _runs(int(lines[0]))


def test_a_program_that_prints_without_end_is_cut_in_time() -> None:
    child = Child(["/bin/cat", "/dev/zero"])
    began = time.monotonic()
    assert finished([child], began + 60)
    child.end()
    assert MOST < len(child.out) < MOST + (2 << 20)
    assert time.monotonic() - began < 30


def _runs(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_program_that_is_not_there_is_said_and_leaves_no_descriptor() -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(Unable, match="cannot run /no/such: No such file or directory"):
        Child(["/no/such"])
    assert len(os.listdir("/proc/self/fd")) == before
