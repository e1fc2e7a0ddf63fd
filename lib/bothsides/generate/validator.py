"""Runs a product's own validator on files in a folder that is removed afterwards."""

import os
import subprocess
import tempfile
import threading

from bothsides.base.types import NamedTuple, Sequence

_CHANGING = threading.Lock()
_RUNNING: set["subprocess.Popen[str]"] = set()  # of all threads
_over = False  # `end_all` was called


class NoVerdict(Exception):
    """A validator that did not end by itself; the text says which one, and why it ended."""


class Verdict(NamedTuple):
    """What a validator printed."""

    code: int  # of its exit
    lines: tuple[str, ...]  # of stdout, then of stderr, without blanks around them; none is empty


def temporary_folder() -> "tempfile.TemporaryDirectory[str]":
    """A folder for the length of a `with`; nobody else may look into it."""
    return tempfile.TemporaryDirectory(prefix="bothsides-")


def put(path: str, text: str) -> None:
    """Writes a file into such a folder, with the folders above it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def verdict(command: Sequence[str], folder: str, seconds: float) -> Verdict:
    """Runs a validator. folder: its name is left out of what is printed.

    Raises NoVerdict where the validator took longer, or a signal ended it.
    """
    with _started(command) as process:
        try:
            out, error = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            words = f"{command[0]} did not end within {seconds:g} s; --only leaves folders out"
            raise NoVerdict(words) from None
        finally:
            with _CHANGING:
                _RUNNING.discard(process)
    if process.returncode < 0:
        raise NoVerdict(f"{command[0]} was ended by signal {-process.returncode}")
    lines = (line.strip().replace(folder, "") for line in (out + error).splitlines())
    return Verdict(process.returncode, tuple(filter(None, lines)))


def _started(command: Sequence[str]) -> "subprocess.Popen[str]":
    with _CHANGING:
        if _over:
            raise NoVerdict(f"{command[0]} was not started")
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            cwd="/",
        )
        _RUNNING.add(process)
    return process


def end_all() -> None:
    """Ends every validator that runs, in whatever thread, and lets no other begin."""
    global _over
    with _CHANGING:
        _over = True
        for process in _RUNNING:
            process.kill()
