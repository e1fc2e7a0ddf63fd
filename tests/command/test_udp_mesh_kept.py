"""udp_mesh as a process.

What it keeps over ends, kills, full and read-only disks, and a second prober.
"""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bothsides.store.mesh_slices import slices
from bothsides.store.sqlite import opened
from tests.support import need
from tests.support.mesh_lab import ask
from tests.support.mesh_process import TEXT, Prober, command, prober
from tests.support.process import run
from tests.support.reflecting import reflector
from tests.support.stopwatch import until


def test_a_restart_shows_a_gap_and_loses_nothing_else(tmp_path: Path) -> None:
    with reflector() as far:
        text = TEXT.format(port=far.port)
        with prober(tmp_path, text) as made:
            time.sleep(7)
            made.end(signal.SIGKILL)
        time.sleep(1.2)
        with prober(tmp_path, text) as made:
            answer = ask(made.socket, window=3600, slices=True)
            kept = [row[0] for row in answer["slices"]["db1"]]
            assert len(kept) >= 2
            time.sleep(2.8)
            answer = ask(made.socket, window=3600, slices=True)
            begins = [row[0] for row in answer["slices"]["db1"]]
            assert begins[: len(kept)] == kept
            assert begins[len(kept)] > kept[-1] + 1, "the time between is missing"


def test_a_second_one_is_refused(tmp_path: Path) -> None:
    with reflector() as far, prober(tmp_path, TEXT.format(port=far.port)):
        again = command(tmp_path, TEXT.format(port=far.port))
        done = subprocess.run(  # argparse takes the last one
            [*again, "--state-dir", str(tmp_path / "other")],
            capture_output=True, text=True, check=False, timeout=20,
        )  # fmt: skip
        assert done.returncode == 3
        assert "UDP_MESH UNKNOWN - another udp_mesh listens on " in done.stdout
        done = subprocess.run(
            [*again, "--socket", str(tmp_path / "other.sock")],
            capture_output=True, text=True, check=False, timeout=20,
        )  # fmt: skip
        assert done.returncode == 3
        assert "another udp_mesh of web1 keeps its slices in " in done.stdout
        assert not (tmp_path / "other.sock").exists()


@pytest.mark.soak
def test_ten_kills_lose_nothing_but_the_gaps(tmp_path: Path) -> None:
    with reflector() as far:
        text = TEXT.format(port=far.port)
        seen: set[int] = set()
        for _ in range(10):
            with prober(tmp_path, text) as made:
                time.sleep(9)
                rows = ask(made.socket, window=3600, slices=True)["slices"]["db1"]
                now = [row[0] for row in rows]
                assert seen <= set(now), "what was stored before is still there"
                assert len(set(now)) == len(now)
                seen = set(now[:-5])  # the last ones need not be stored yet
                made.end(signal.SIGKILL)
        with opened(str(tmp_path / "state"), write=False) as history:
            assert len(list(slices(history, "web1", 0))) >= 30


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 256 KiB of its own."""
    need.root()
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(folder)]
    if subprocess.run(mounted, check=False, capture_output=True).returncode:
        need.missing("needs to mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def goes_on(made: Prober) -> None:
    """Waits until another slice is closed; on a busy machine it may be suspect."""
    before = ask(made.socket)["closed"]
    until(lambda: ask(made.socket)["closed"] > before, "another slice")


def says(made: Prober, words: str) -> bool:
    return words in run("check_mesh", "--socket", made.socket).text


def test_a_full_disk_is_said_stops_nothing_and_is_forgotten_when_there_is_room(
    tmp_path: Path,
) -> None:
    text = TEXT.format
    with (
        small_disk(tmp_path / "state") as disk,
        reflector() as far,
        prober(tmp_path, text(port=far.port)) as made,
    ):
        goes_on(made)
        assert not says(made, "not stored")
        with suppress(OSError):
            (disk / "filler").write_bytes(bytes(1 << 20))
        until(lambda: says(made, "slices are not stored: "), "the remark")
        goes_on(made)
        (disk / "filler").unlink()
        until(lambda: not says(made, "not stored"), "the end of the remark")


def test_a_read_only_disk_at_the_start_is_said(tmp_path: Path) -> None:
    with small_disk(tmp_path / "state") as disk, reflector() as far:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with prober(tmp_path, TEXT.format(port=far.port)) as made:
            goes_on(made)
            until(lambda: says(made, "slices are not stored: "), "the remark")
