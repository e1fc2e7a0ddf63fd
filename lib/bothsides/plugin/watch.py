"""--watch: runs a check as a process of its own every few seconds until Ctrl-C."""

import os
import sys

from bothsides.base.deadline import unblock_signals
from bothsides.base.types import NoReturn, Sequence
from bothsides.parse import Unreadable
from bothsides.parse.text import from_duration
from bothsides.plugin.check import AnyCheck
from bothsides.plugin.output import Report, brief, leave


def watched(argv: Sequence[str]) -> bool:
    """Whether the command line asks for --watch, and a person can see it."""
    asked = any(word.startswith("--watch") for word in argv)
    return asked and sys.stdout is not None and sys.stdout.isatty()


def watch(check: AnyCheck, argv: Sequence[str], usual: str = "") -> NoReturn:
    """Runs the command line without --watch every so often; does not return.

    usual: the time where none is given; without it there has to be one.
    """
    import time

    unblock_signals()
    text, rest = _split(argv)
    try:
        every = max(1.0, from_duration(text or usual))
        while True:
            began = time.monotonic()
            sys.stdout.write(f"\x1b[H\x1b[2Jevery {every:g} s, Ctrl-C ends it\n")
            sys.stdout.flush()
            child = os.posix_spawn(sys.executable, [sys.executable, *rest, "-v"], os.environ)
            os.waitpid(child, 0)
            time.sleep(max(0.0, began + every - time.monotonic()))
    except Unreadable as fault:
        leave(brief(check.name, f"--watch: {fault}; see {check.program} --help"))
    except KeyboardInterrupt:
        leave(Report("\n", 3))


def _split(argv: Sequence[str]) -> tuple[str, list[str]]:
    """The value of --watch, and the command line without it."""
    place = next(place for place, word in enumerate(argv) if word.startswith("--watch"))
    _, equals, value = argv[place].partition("=")
    if equals:
        return value, [*argv[:place], *argv[place + 1 :]]
    value = "".join(argv[place + 1 : place + 2])
    if value.startswith("-"):
        return "", [*argv[:place], *argv[place + 1 :]]
    return value, [*argv[:place], *argv[place + 2 :]]
