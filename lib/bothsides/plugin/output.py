"""The whole output of a check and its exit code: text or JSON, printed, and the process ended."""

import os

from bothsides.base.types import Iterable, Literal, NamedTuple, NoReturn, Sequence
from bothsides.base.write import write_all
from bothsides.parse.text import screened, shortened
from bothsides.plugin.finding import Figure, Finding, in_order, state_of
from bothsides.plugin.perfdata import exit_code, token
from bothsides.plugin.text import TEXT, head, line_one, long_output

_PIPE = 4096  # octets that Nagios reads after the plugin has exited, and no more


class Style(NamedTuple):
    """How findings are shown."""

    verbosity: int = 0  # how many -v: 0 to 3
    missing: Literal["U", "omit"] = "U"  # perfdata of figures that were not measured
    json: bool = False  # --output json
    colour: bool = False  # state words in colour, for a terminal
    exit_ok: bool = False  # exit code 0 whatever the state
    terminal: bool = False  # a person reads it, and no monitoring program


class Report(NamedTuple):
    """The whole output, ending in a newline, and the exit code."""

    text: str
    code: int


def render(
    name: str, subject: str, findings: Iterable[Finding], figures: Sequence[Figure], style: Style
) -> Report:
    """Everything a check prints.

    name: as in "UDP_LOSS"; subject: whom the run is about; figures: all that the check declares,
    which decides which perfdata are printed and in what order, whatever was measured.
    """
    known = list(findings)
    state = state_of(known)
    code = 0 if style.exit_ok else exit_code(state)
    if style.json:
        from bothsides.plugin.json_report import json_report  # json costs 5 ms

        return Report(json_report(name, subject, known, figures, code) + "\n", code)
    words = head(name, state, subject, known)
    tokens = [token(reading, style.missing) for reading in in_order(known, figures)]
    lines = long_output(known, words, style.verbosity, style.colour, style.terminal)
    return Report("\n".join([line_one(words, [t for t in tokens if t]), *lines]) + "\n", code)


def brief(name: str, words: str) -> Report:
    """One UNKNOWN line for what happens before or instead of a measurement.

    It may have to spell a range, so a ~ stays: whoever types the range again needs it.
    """
    return Report(f"{name} UNKNOWN - {shortened(screened(words, '~'), TEXT * 2)}\n", 3)


def unreported(name: str, fault: Exception) -> Report:
    """The line for a run whose very report could not be made; it loads nothing any more."""
    if isinstance(fault, OSError | MemoryError):
        why = getattr(fault, "strerror", None) or "out of memory"
        return brief(name, f"this host has too few resources for a check: {why}")
    return brief(name, f"internal error, please report: {type(fault).__name__}: {fault}")


def leave(report: Report) -> NoReturn:
    """Prints the report and ends the process; a stdout that takes nothing makes it UNKNOWN."""
    code = report.code
    data = report.text.encode("ascii", "replace")
    try:
        write_all(1, data)
        if len(data) > _PIPE:
            _drain(1)
    except OSError:
        code = 3
    os._exit(code)


def _drain(descriptor: int) -> None:
    """Waits until the reader has taken all of it (at most 0.5 s).

    Nagios 4 reads a finished plugin's pipe only once more, 4096 octets (nagioscore issue 625).
    """
    import fcntl
    import struct
    import termios
    import time

    for _ in range(500):
        try:
            waiting = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0\0\0\0"))[0]
        except OSError:
            return  # not a pipe
        if waiting == 0:
            return
        time.sleep(0.001)
