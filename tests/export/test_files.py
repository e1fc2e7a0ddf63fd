"""Lines appended whole, and a file for each service."""

import fcntl
import os
from pathlib import Path

import pytest

from bothsides.export.files import append, put_verdicts, verdict_name
from bothsides.export.outcome import Undelivered
from tests.export.results import HOST, PLAIN, SHORT


def test_lines_are_added(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    for lines in (b"one\n", b"two\nthree\n"):
        append(str(path), lines)
    assert path.read_bytes() == b"one\ntwo\nthree\n"
    assert path.stat().st_mode & 0o007 == 0


def test_a_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.jsonl"
    append(str(path), b"old\n")
    write = os.write

    def half(file: int, text: bytes) -> int:
        if len(text) < 6:
            raise OSError(28, "No space left on device")
        return write(file, text[:5])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(Undelivered, match="No space left on device"):
        append(str(path), b"new line\n")
    assert path.read_bytes() == b"old\n"


def test_a_full_device_is_told() -> None:
    with pytest.raises(Undelivered, match="/dev/full: No space left"):
        append("/dev/full", b"x\n")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "victim")
    with pytest.raises(Undelivered, match="cannot write to"):
        append(str(tmp_path / "link"), b"x\n")


def test_a_pipe_is_refused_with_and_without_a_reader(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    with pytest.raises(Undelivered, match="it is a pipe; name a file"):
        append(str(fifo), b"x\n")
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(Undelivered, match="it is a pipe"):
        append(str(fifo), b"x\n")
    os.close(reader)


def test_a_file_that_another_writer_holds_is_told_in_time(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    with open(path, "wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Undelivered, match="temporarily unavailable"):
            append(str(path), b"x\n")


def test_a_verdict_is_a_file_that_a_shell_reads(tmp_path: Path) -> None:
    put_verdicts(str(tmp_path), [PLAIN, HOST, SHORT])
    put_verdicts(str(tmp_path), [SHORT._replace(code=1)])
    assert sorted(os.listdir(tmp_path)) == ["office", "office!clock", "office!udp"]
    text = (tmp_path / "office!udp").read_text()
    assert text == f"2 1792000001\n{PLAIN.output}\n"
    assert (tmp_path / "office!clock").read_text().startswith("1 1792000001\nSNMP_CLOCK OK")


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", ".", "\xe4", "a!b"])
def test_a_name_stays_in_its_folder(name: str, tmp_path: Path) -> None:
    put_verdicts(str(tmp_path), [SHORT._replace(host="h", service=name)])
    (made,) = os.listdir(tmp_path)
    assert made == verdict_name(SHORT._replace(host="h", service=name))
    assert made.startswith("h!")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Undelivered, match="cannot write into"):
        put_verdicts(str(tmp_path / "none"), [SHORT])


def test_a_name_of_any_length_holds_up_no_other_result(tmp_path: Path) -> None:
    put_verdicts(str(tmp_path), [SHORT._replace(host="h" * 300), SHORT])
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(("kind", "why"), [("link", "a symbolic link"), ("pipe", "a pipe")])
def test_what_is_no_file_is_called_by_its_name(kind: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / kind
    if kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    else:
        os.mkfifo(path)
    with pytest.raises(Undelivered, match=f"cannot write to {path}: it is {why}"):
        append(str(path), b"x\n")
