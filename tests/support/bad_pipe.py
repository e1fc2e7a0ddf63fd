"""Nagios' command pipe: read, without a reader, or with one that does not read."""

import os
from typing import NamedTuple


class Pipe(NamedTuple):
    """Nagios' command pipe."""

    path: str
    reader: list[int]  # its end of the pipe; empty while Nagios is down
    taken: list[bytes]

    def become(self, fault: str) -> None:
        """Has a reader, none (dead), one that does not read (silent), or is a file (refusing)."""
        while self.reader:
            os.close(self.reader.pop())
        if os.path.lexists(self.path):
            os.unlink(self.path)
        if fault == "refusing":
            open(self.path, "w").close()
            return
        os.mkfifo(self.path)
        if fault != "dead":
            self.reader.append(os.open(self.path, os.O_RDONLY | os.O_NONBLOCK))
        if fault == "silent":
            _fill(self.path)

    def read(self) -> list[bytes]:
        """The commands so far."""
        for end in self.reader:
            try:
                self.taken.append(os.read(end, 1 << 20))
            except BlockingIOError:
                pass
        return self.taken

    def close(self) -> None:
        """Ends it."""
        while self.reader:
            os.close(self.reader.pop())


def _fill(path: str) -> None:
    writer = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    try:
        while True:
            os.write(writer, b"\n" * 4096)
    except BlockingIOError:
        os.close(writer)
