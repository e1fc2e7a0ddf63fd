"""Results and rows in plain files: one line each, appended whole, or one file for each service."""

import errno
import fcntl
import os
import stat
import time

from bothsides.base.types import Sequence
from bothsides.base.write import replace_file, write_all
from bothsides.export.outcome import Undelivered
from bothsides.export.passive import Result
from bothsides.export.percent import bounded, quoted

_FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC
_PATIENCE = 1.0  # s
_PIPE = "it is a pipe; name a file, or - for standard output"


def append(path: str, lines: bytes) -> None:
    """Adds lines to a file, all or none; "-" is standard output. Raises Undelivered."""
    try:
        if path == "-":
            write_all(1, lines)
            return
        # A pipe would take half a line, or make us wait for its reader.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | _FLAGS
        file = os.open(path, flags, 0o640)
    except OSError as fault:
        raise Undelivered(f"cannot write to {path}: {_why(fault)}") from None
    try:
        if stat.S_ISFIFO(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, _PIPE)
        _lock(file)
        before = os.fstat(file)
        try:
            write_all(file, lines)
        except OSError:
            if stat.S_ISREG(before.st_mode):
                os.ftruncate(file, before.st_size)
            raise
    except OSError as fault:
        raise Undelivered(f"cannot write to {path}: {fault.strerror}") from None
    finally:
        os.close(file)


def _why(fault: OSError) -> str:
    """Why a file could not be opened: of a link and of a pipe the system has riddles for words."""
    words = {errno.ELOOP: "it is a symbolic link", errno.ENXIO: _PIPE}
    return words.get(fault.errno or 0) or fault.strerror or str(fault)


def put_verdicts(directory: str, results: Sequence[Result]) -> None:
    """A file for each host and service, replaced in one step. Raises Undelivered.

    Line 1 is the exit code and when the check ended (UTC seconds), the rest is the output; a shell
    plugin reads that in 2 ms: `read -r code ended < FILE; tail -n +2 FILE; exit $code`.
    """
    for result in results:
        try:
            replace_file(os.path.join(directory, verdict_name(result)), _verdict(result))
        except OSError as fault:
            raise Undelivered(f"cannot write into {directory}: {fault.strerror}") from None


def verdict_name(result: Result) -> str:
    """The file's name: HOST!SERVICE, percent-encoded but for blanks and what is plain."""
    service = f"!{quoted(result.service, ' ')}" if result.service else ""
    return bounded(f"{quoted(result.host)}{service}")


def _verdict(result: Result) -> bytes:
    head = f"{result.code} {int(result.ended)}\n"
    return (head + result.output + "\n").encode("utf-8", "replace")


def _lock(file: int) -> None:
    """Waits a little while for other writers."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise
            time.sleep(0.005)
        else:
            return
