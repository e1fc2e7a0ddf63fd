"""External commands in a named pipe: whole lines, and no waiting for a reader."""

import os
import threading
import time
from pathlib import Path

import pytest

from bothsides.export.nagios_command import submit, to_line
from bothsides.export.outcome import Undelivered
from tests.export.results import HOST, PLAIN, SHORT
from tests.support.stopwatch import Stopwatch


def test_the_line_octet_by_octet() -> None:
    assert to_line(PLAIN, 1792000001.5).decode() == (
        "[1792000001] PROCESS_SERVICE_CHECK_RESULT;office;udp;2;UDP_LOSS CRITICAL - lost 30 of 100 "
        "packets | pl=30%;1;5;0;100 rta=0.012s\\n[CRITICAL] lost 30 of 100\\nsecond \\\\ line "
        "\\\\n & <b> \N{LATIN SMALL LETTER A WITH DIAERESIS}\n"
    )
    assert to_line(HOST, 5.0) == b"[5] PROCESS_HOST_CHECK_RESULT;office;1;down\n"


@pytest.mark.parametrize("letter", ["x", "\\", "\N{LATIN SMALL LETTER A WITH DIAERESIS}", "\n"])
def test_no_line_is_longer_than_what_a_pipe_keeps_whole(letter: str) -> None:
    line = to_line(PLAIN._replace(long=letter * 20000), 5.0)
    assert len(line) <= 4096
    assert line.count(b"\n") == 1
    many = to_line(PLAIN._replace(long="\n".join(["\\" * 40] * 500)), 5.0)
    assert 3000 < len(many) <= 4096
    assert b"more lines" in many


def test_many_writers_leave_whole_lines_to_a_slow_reader(tmp_path: Path) -> None:
    fifo = tmp_path / "nagios.cmd"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    results = [PLAIN._replace(service=f"s{n}", long="\n".join(["x" * 60] * 50)) for n in range(40)]
    written: list[int] = []
    writers = [
        threading.Thread(target=lambda: written.append(submit(str(fifo), results, 20)))
        for _ in range(3)
    ]
    for writer in writers:
        writer.start()
    taken = b""
    while any(writer.is_alive() for writer in writers):
        time.sleep(0.001)
        try:
            taken += os.read(reader, 3000)
        except BlockingIOError:
            pass
    while rest := os.read(reader, 65536):
        taken += rest
    os.close(reader)
    assert written == [40, 40, 40]
    lines = taken.split(b"\n")[:-1]
    assert len(lines) == 120
    assert set(lines) == {to_line(result, result.ended).rstrip(b"\n") for result in results}


def test_without_a_reader_nothing_waits(tmp_path: Path) -> None:
    fifo = tmp_path / "nagios.cmd"
    os.mkfifo(fifo)
    watch = Stopwatch()
    with pytest.raises(Undelivered, match="no reader: is Nagios running") as refusal:
        submit(str(fifo), [SHORT], 5)
    assert refusal.value.again
    assert watch.seconds < 1


def test_a_reader_that_does_not_read_ends_in_time(tmp_path: Path) -> None:
    fifo = tmp_path / "nagios.cmd"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    big = [PLAIN._replace(long="\n".join(["x" * 70] * 50))] * 100
    assert 0 < submit(str(fifo), big, 0.2) < 100
    with pytest.raises(Undelivered, match="it stayed full"):
        submit(str(fifo), big, 0.1)
    os.close(reader)


def test_what_is_no_pipe_is_never_written_to(tmp_path: Path) -> None:
    file = tmp_path / "nagios.cmd"
    file.write_text("mine")
    (tmp_path / "link").symlink_to(file)
    for path, words in (
        (file, "is no named pipe"),
        (tmp_path / "link", "cannot open"),
        (tmp_path / "none", "No such"),
    ):
        with pytest.raises(Undelivered, match=words):
            submit(str(path), [SHORT], 1)
    assert file.read_text() == "mine"
