"""The lock that keeps a batch from running while the same batch still runs.

A file is the same batch by its path, also after a change; lines from standard input or a pipe are
the same batch where they are the same lines.
"""

import fcntl
import os
import stat
import time

from bothsides.base.errors import Misuse, Unable
from bothsides.base.types import TYPE_CHECKING, NamedTuple
from bothsides.export.percent import quoted, sums
from bothsides.store.place import place

if TYPE_CHECKING:
    from bothsides.command.batch_lines import Read

_NAME = 100  # characters of a path; a file's name may have 255


class Lock(NamedTuple):
    """A lock that is held."""

    path: str
    descriptor: int
    passing: bool  # nobody will ask for it again

    def release(self) -> None:
        """Gives it back; one for lines that nobody will send again leaves no file."""
        if self.passing:
            try:
                os.unlink(self.path)
            except OSError:
                pass
        os.close(self.descriptor)


def locked(file: str, host: str, read: "Read", directory: str) -> Lock:
    """The lock of a batch; Unable while another one has it.

    file, host, directory: as on the command line; read: the lines in it.
    """
    folder = place(directory)
    passing = not _is_file(file)
    name = _of_lines(read) if passing else _of_path(file, host)
    path = os.path.join(folder, f"batch-{os.geteuid()}-{name}.lock")
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        lock = _held(path)
    except BlockingIOError:
        since = _since(path)
        raise Unable(f"the previous batch still runs{since}; nothing done") from None
    except OSError as fault:
        raise Misuse(f"cannot lock {path}: {fault.strerror}; name --state-dir") from None
    return Lock(path, lock, passing)


def _held(path: str) -> int:
    """The locked file; of one that its holder has just removed, the next one of this name."""
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(lock).st_nlink:
                os.utime(lock)
                return lock
        except OSError:
            os.close(lock)
            raise
        os.close(lock)


def _since(path: str) -> str:
    try:
        return f", for {max(0.0, time.time() - os.stat(path).st_mtime):.0f} s"
    except OSError:
        return ""  # it has just ended


def _is_file(file: str) -> bool:
    try:
        return file != "-" and stat.S_ISREG(os.stat(file).st_mode)
    except OSError:
        return False


def _of_path(file: str, host: str) -> str:
    path = os.path.realpath(file)
    name = quoted(path)
    parts = [name] if len(name) <= _NAME else [name[-_NAME:], sums(path)]
    return "-".join([*parts, *([quoted(host)[:_NAME]] if host else [])])


def _of_lines(read: "Read") -> str:
    rows = [f"{line.host}!{line.service} {line.program} {line.words}" for line in read.lines]
    return f"lines-{sums(repr(sorted(rows)))}"
