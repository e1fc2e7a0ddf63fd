"""Programs that we start: from fixed places, in an empty environment, and never left behind."""

import _signal as signal  # type: ignore[import-not-found]  # see base/deadline.py
import os
import time

from bothsides.base.errors import Unable
from bothsides.base.poll import ready
from bothsides.base.types import Mapping, Sequence

_PLACES = (
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
    "/usr/local/sbin",
    "/usr/local/bin",
    "/opt/mtr/sbin",
    "/opt/mtr/bin",
)
MOST = 10_000_000  # octets that a program may print
_AT_ONCE = 16  # reads; a program that prints without end must not hold us


def find(name: str) -> str:
    """The absolute path of a program in one of the fixed places, or ""; $PATH is never asked."""
    return next(
        (path for path in (f"{place}/{name}" for place in _PLACES) if os.access(path, os.X_OK)), ""
    )


class Child:
    """A running program with pipes, in its own process group: `end` reaches its children too."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self.argv = tuple(argv)
        self.code: int | None = None
        self.out = bytearray()
        self.error = bytearray()
        pipes = [os.pipe() for _ in range(3)]
        theirs = (pipes[0][0], pipes[1][1], pipes[2][1])
        actions = [(os.POSIX_SPAWN_DUP2, end, number) for number, end in enumerate(theirs)]
        # an ignored SIGPIPE, as Python has it, would be inherited
        defaults = (signal.SIGPIPE, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        try:
            self.pid = os.posix_spawn(
                argv[0],
                list(argv),
                dict(environment or {}),
                file_actions=actions,
                setpgroup=0,
                setsigdef=defaults,
            )
        except OSError as fault:
            for end in (end for pipe in pipes for end in pipe):
                os.close(end)
            raise Unable(f"cannot run {argv[0]}: {fault.strerror}") from None
        for end in theirs:
            os.close(end)
        self._in, self._out, self._error = pipes[0][1], pipes[1][0], pipes[2][0]
        for end in (self._in, self._out, self._error):
            os.set_blocking(end, False)
        self._open = {self._out: self.out, self._error: self.error}

    def say(self, text: str) -> bool:
        """Writes a line to the program; False when it does not take it any more."""
        try:
            return os.write(self._in, text.encode()) == len(text)
        except OSError:
            return False

    def files(self) -> tuple[int, ...]:
        """The descriptors to wait on for `take`; none when the program has closed them."""
        return tuple(self._open)

    def take(self) -> None:
        """Adds what the program has printed to `out` and `error`, without waiting.

        What is longer than `MOST` is cut there.
        """
        for end, kept in tuple(self._open.items()):
            try:
                for _ in range(_AT_ONCE):
                    data = os.read(end, 65536)
                    kept += data
                    if not data or len(kept) > MOST:
                        self._shut(end)
                        break
            except BlockingIOError:
                pass
            except OSError:
                self._shut(end)

    def lines(self) -> list[str]:
        """Takes the finished lines out of `out`."""
        self.take()
        done, newline, rest = bytes(self.out).rpartition(b"\n")
        if newline:
            self.out[:] = rest
        return done.decode("ascii", "replace").split("\n") if newline else []

    def end(self, patience: float = 0.0) -> None:
        """Gives the program `patience` seconds to end, then kills it and whatever it has started.

        SIGTERM may be ignored, SIGKILL not.
        """
        if self.code is not None:
            return
        until = time.monotonic() + patience
        done, status = os.waitpid(self.pid, os.WNOHANG)
        while not done and time.monotonic() < until:
            time.sleep(0.002)
            done, status = os.waitpid(self.pid, os.WNOHANG)
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except OSError:
            pass  # nobody is left
        if not done:
            _, status = os.waitpid(self.pid, 0)
        self.code = os.waitstatus_to_exitcode(status)
        self.take()
        for end in (self._in, *tuple(self._open)):
            self._shut(end)

    def _shut(self, end: int) -> None:
        self._open.pop(end, None)
        os.close(end)


def finished(children: Sequence[Child], until: float) -> bool:
    """Waits until all have closed their output; False when a monotonic time came first."""
    while waiting := [end for child in children for end in child.files()]:
        left = until - time.monotonic()
        if left <= 0:
            return False
        ready(waiting, left)
        for child in children:
            child.take()
    return True
