"""Results as external commands in the named pipe of Nagios, Naemon and Icinga 2 (command_file).

    [1792000000] PROCESS_SERVICE_CHECK_RESULT;mon1;loss to aws;2;UDP_LOSS CRITICAL - ...

Lines of several writers stay whole up to 4096 octets, so no line is longer.
Source: Nagios Core, "External Commands"; pipe(7).
"""

import os
import stat
import time

from bothsides.base.poll import ready
from bothsides.base.types import Sequence
from bothsides.export.nagios_spool import escaped
from bothsides.export.outcome import Undelivered
from bothsides.export.passive import Result, shortened

_WHOLE = 4096  # PIPE_BUF


def to_line(result: Result, at: float) -> bytes:
    """One command. at: UTC seconds; Nagios takes the time of the result from here."""
    most = _WHOLE
    while True:
        line = _line(result, shortened(result.output, most), at)
        if len(line) <= _WHOLE or most < 64:
            return line
        most -= max(16, (len(line) - _WHOLE) // 2)  # escapes made it longer than the output is


def submit(fifo: str, results: Sequence[Result], seconds: float) -> int:
    """Writes the results, each with the time of its end; how many were written before time ran out.

    Nobody answers here, so written is all that can be known. Raises Undelivered when nothing was.
    """
    pipe = _opened(fifo)
    until = time.monotonic() + seconds
    written = 0
    try:
        for result in results:
            if not _write(pipe, to_line(result, result.ended), until):
                break
            written += 1
    except OSError as fault:
        if not written:
            raise Undelivered(f"cannot write to {fifo}: {fault.strerror}") from None
    finally:
        os.close(pipe)
    if results and not written:
        raise Undelivered(f"nobody reads {fifo}: it stayed full")
    return written


def _opened(fifo: str) -> int:
    """The pipe, opened without waiting for a reader."""
    try:
        pipe = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as fault:
        reason = "no reader: is Nagios running?" if fault.errno == 6 else fault.strerror
        raise Undelivered(f"cannot open {fifo}: {reason}") from None
    if not stat.S_ISFIFO(os.fstat(pipe).st_mode):
        os.close(pipe)
        # Whoever writes there while Nagios is down makes a file of this name.
        raise Undelivered(f"{fifo} is no named pipe, as Nagios makes it: see its command_file")
    return pipe


def _write(pipe: int, line: bytes, until: float) -> bool:
    """Whether the line went in before `until`: the kernel takes it whole or not at all."""
    while True:
        try:
            os.write(pipe, line)
        except BlockingIOError:
            left = until - time.monotonic()
            if left <= 0:
                return False
            ready((), left, (pipe,))
            time.sleep(0.002)  # a pipe may be writable and still lack room for the whole line
        else:
            return True


def _line(result: Result, output: str, at: float) -> bytes:
    names = f"{result.host};{result.service}" if result.service else result.host
    kind, code = ("SERVICE", result.code) if result.service else ("HOST", result.host_code)
    command = f"PROCESS_{kind}_CHECK_RESULT;{names};{code};{escaped(output)}"
    return f"[{int(at)}] {command}\n".encode("utf-8", "replace")
