"""A journal that reads slowly, or no more."""

import os
import threading

from bothsides.command.journal import write_lines


def test_a_reader_that_does_not_read_loses_lines_and_stops_nobody() -> None:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    lines = "one\n\u00e9\n" * 40_000
    writing = threading.Thread(target=write_lines, args=(lines, writer), daemon=True)
    writing.start()
    writing.join(60)
    assert not writing.is_alive()
    taken = os.read(reader, 1 << 20)
    assert taken.startswith(b"one\n?\none\n?\n")
    write_lines("again\n", writer)
    assert os.read(reader, 100) == b"again\n"
    os.close(reader)
    write_lines("nobody reads\n", writer)
    os.close(writer)
