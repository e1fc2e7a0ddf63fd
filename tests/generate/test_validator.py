"""Running another product's validator: what it says, and that nothing of it stays behind."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bothsides.command import bothsides, generate
from bothsides.generate import validator
from bothsides.generate.tree import Change, File, Plan
from bothsides.generate.validator import NoVerdict, Verdict, put, temporary_folder, verdict
from tests.support.stopwatch import until


def said(script: str, folder: str = "/nowhere", seconds: float = 20.0) -> Verdict:
    return verdict(["/bin/sh", "-c", script], folder, seconds)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_what_it_printed_comes_line_by_line_without_the_folder() -> None:
    script = r"echo ' one /tmp/x/etc/a '; echo; printf 'two \351\n' >&2; exit 3"
    assert said(script, "/tmp/x") == Verdict(3, ("one /etc/a", "two \ufffd"))


def test_one_that_is_killed_or_hangs_gives_no_verdict() -> None:
    with pytest.raises(NoVerdict, match=r"^/bin/sh was ended by signal 9$"):
        said("kill -9 $$")
    began = time.monotonic()
    with pytest.raises(NoVerdict, match=r"^/bin/sh did not end within 0.05 s; --only leaves"):
        said("exec sleep 60", seconds=0.05)
    assert time.monotonic() - began < 30


def test_files_are_ours_alone_and_the_folder_goes(temporary: Path) -> None:
    with temporary_folder() as folder:
        put(f"{folder}/a/b", "text")
        assert (Path(folder).stat().st_mode & 0o777, Path(folder, "a/b").read_text()) == (
            0o700,
            "text",
        )
        assert Path(folder, "a/b").stat().st_mode & 0o777 == 0o600
    assert list(temporary.iterdir()) == []


@pytest.fixture
def handlers() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    for number in kept:
        signal.signal(number, signal.SIG_DFL)
    bothsides._end_as_by_ctrl_c()
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_validators_and_leaves_no_folder(
    number: signal.Signals, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hanging(files: object) -> list[str]:
        with temporary_folder() as folder:
            return list(said(f"kill -{number.value} {os.getpid()}; exec sleep 60", folder).lines)

    monkeypatch.setattr(validator, "_over", False)
    monkeypatch.setattr(generate, "VALIDATORS", {"nagios": hanging})
    plan = Plan("/nowhere", "x", (Change("nagios/a", "new", b"", b"a", 0o644, False),))
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        generate._valid({"nagios": [File("nagios/a", "a", "#", 0o644)]}, plan)
    assert time.monotonic() - began < 30
    # another thread of the tests takes the signal that this one has blocked while it starts threads
    until(lambda: not list(temporary.iterdir()), "the removal of the folder")
    assert not validator._RUNNING
