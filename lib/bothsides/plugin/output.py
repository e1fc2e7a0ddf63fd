"""Findings to what Nagios, NRPE and a person read, and to the exit code.

The vocabulary (state words, exit codes, the perfdata token) is nagiosplugin's. Its Check and Runtime
are not used: they sort perfdata, let UNKNOWN hide CRITICAL, move perfdata off line 1 with -v, call
NaN OK and leave with 1 or 2 on a full disk.
"""

import os
import sys
import time
from contextlib import nullcontext
from functools import cache

from bothsides.base.partial_import import standing_in
from bothsides.base.types import Any, Iterable, Mapping, NamedTuple, NoReturn
from bothsides.parse.range import Range
from bothsides.parse.text import screened, shortened, to_number
from bothsides.plugin.finding import Figure, Finding, Reading, Remark, State, Table, Target, worst

LINE = 1023  # octets that survive NRPE's version 2 packet
TEXT = 160  # of them for words: what a pager shows
_PIPE = 4096  # octets that Nagios reads after the plugin has exited, and no more
_LONG = 60000  # octets of long output: below NRPE's 64 KiB
_COLOURS = {State.OK: "32", State.WARNING: "33", State.CRITICAL: "31", State.UNKNOWN: "35"}


class Style(NamedTuple):
    """How findings are shown. missing: "U" or "omit"; verbosity 0 to 3."""

    verbosity: int = 0
    missing: str = "U"
    json: bool = False
    colour: bool = False
    exit_ok: bool = False


class Report(NamedTuple):
    """The whole output, ending in a newline, and the exit code."""

    text: str
    code: int


def render(
    name: str, subject: str, findings: Iterable[Finding], figures: tuple[Figure, ...], style: Style
) -> Report:
    """Everything a check prints.

    name: as in "UDP_LOSS"; subject: whom it is about; figures: all that the check declares, which
    decides which perfdata are printed and in what order, whatever was measured.
    """
    known = list(findings)
    readings = {finding.figure.label: finding for finding in known if isinstance(finding, Reading)}
    ordered = [readings.pop(figure.label, Reading(figure, None, "")) for figure in figures] + list(
        readings.values()
    )
    stated = [finding for finding in known if isinstance(finding, Reading | Remark)]
    state = worst(finding.state for finding in stated) if _anything(stated) else State.UNKNOWN
    code = 0 if style.exit_ok else _code(state)
    head = _head(name, state, subject, stated)
    if style.json:
        return Report(_json(name, state, code, subject, head, known, ordered) + "\n", code)
    line = _line(head, [token for token in (_token(r, style.missing) for r in ordered) if token])
    return Report("\n".join([line, *_long(known, head, style)]) + "\n", code)


def brief(name: str, words: str) -> Report:
    """One UNKNOWN line for what happens before or instead of a measurement.

    It may have to spell a range, and whoever types it again needs the ~; consumers only leave that out.
    """
    return Report(f"{name} UNKNOWN - {shortened(screened(words, '~'), TEXT * 2)}\n", 3)


def leave(report: Report) -> NoReturn:
    """Prints the report and ends the process; a stdout that takes nothing makes it UNKNOWN."""
    code = report.code
    data = report.text.encode("ascii", "replace")
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(1, rest) :]
        if len(data) > _PIPE:
            _drained(1)
    except OSError:
        code = 3
    os._exit(code)


def _drained(descriptor: int) -> None:
    """Waits until the reader has taken all of it (at most 0.5 s).

    Nagios 4 reads a finished plugin's pipe only once more, 4096 octets (nagioscore issue 625).
    """
    import fcntl
    import struct
    import termios

    for _ in range(500):
        try:
            waiting = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0\0\0\0"))[0]
        except OSError:
            return  # not a pipe
        if waiting == 0:
            return
        time.sleep(0.001)


def _anything(stated: list[Reading | Remark]) -> bool:
    return any(isinstance(finding, Remark) or finding.measured for finding in stated)


def _head(name: str, state: State, subject: str, stated: list[Reading | Remark]) -> str:
    """The state word and the worst finding in words: the first of those that share the worst state."""
    words = next(
        (_words(finding) for finding in stated if finding.state is state and _words(finding)),
        "nothing measured",
    )
    about = f"{screened(subject)}: " if subject and not words.startswith(subject) else ""
    return shortened(f"{name} {state.value} - {about}{words}", TEXT)


def _words(finding: Reading | Remark) -> str:
    if isinstance(finding, Remark) or finding.state is State.OK:
        return screened(finding.words)
    limit = finding.critical if finding.state is State.CRITICAL else finding.warning
    text = finding.words or f"{finding.figure.label} {to_number(finding.value)}{finding.figure.uom}"
    if not finding.measured:
        return screened(f"{finding.figure.label} was not measured, but has a limit")
    return screened(f"{text}, {_broken(limit, finding)}")


def _broken(limit: Range | None, reading: Reading) -> str:
    """The limit that the value broke, in words: "above 0.1 s"."""
    if limit is None or reading.value is None:
        return ""
    unit = {"": "", "%": " %"}.get(reading.figure.uom, f" {reading.figure.uom}")
    if limit.inside:
        return f"inside {limit}{unit}"
    if reading.value > limit.end:
        return f"above {to_number(limit.end)}{unit}"
    return f"below {to_number(limit.start)}{unit}"


def _token(reading: Reading, missing: str) -> str:
    value = to_number(reading.value)
    if value == "U" and missing == "omit":
        return ""
    figure = reading.figure
    limits = [_plain(limit, figure) for limit in (reading.warning, reading.critical)]
    bounds = ["" if bound is None else to_number(bound) for bound in (figure.low, figure.high)]
    return str(
        _performance(figure.label, value, "" if value == "U" else figure.uom, *limits, *bounds)
    )


def _plain(limit: Range | None, figure: Figure) -> str:
    """A plain number where one means the same: Icinga and Graphite drop ranges, but draw numbers."""
    if limit is None:
        return ""
    lowest = limit.start == 0 or (
        limit.start == float("-inf") and figure.low is not None and figure.low >= 0
    )
    if lowest and not limit.inside and limit.end != float("inf"):
        return to_number(limit.end)
    start = "~" if limit.start == float("-inf") else to_number(limit.start)
    end = "" if limit.end == float("inf") else to_number(limit.end)
    return f"{'@' if limit.inside else ''}{start}:{end}"


def _line(head: str, tokens: list[str]) -> str:
    """Line 1 within its budget; what has to go goes in the order bounds, limits, words, last figures."""
    attempts = [(head, tokens)]
    attempts.append((head, [";".join(token.split(";")[:3]) for token in tokens]))
    attempts.append((head, [token.split(";")[0] for token in tokens]))
    attempts.append((shortened(head, 80), attempts[-1][1]))
    for words, kept in attempts:
        line = f"{words} | {' '.join(kept)}"
        if len(line) <= LINE:
            return line
    words, kept = attempts[-1]
    while kept and len(words) + 3 + len(" ".join(kept)) > LINE:
        kept = kept[:-1]
    return f"{words} | {' '.join(kept)}"


def _long(findings: list[Finding], head: str, style: Style) -> list[str]:
    lines: list[str] = []
    for finding in findings:
        if isinstance(finding, Table):
            if style.verbosity >= finding.verbosity:
                lines += [screened(line) for line in finding.lines]
        elif not isinstance(finding, Target) and _told(finding, head):
            lines.append(f"{_marked(finding.state, style.colour)} {_words(finding)}")
    kept = _within(lines)
    return [*kept, f"... {len(lines) - len(kept)} more lines"] if len(kept) < len(lines) else kept


def _told(finding: Reading | Remark, head: str) -> bool:
    """Whether a finding deserves a line of its own: it is judged and line 1 does not say it already.

    A figure that was not measured has none: why it was not is a finding of its own.
    """
    if isinstance(finding, Reading) and not (
        finding.measured and (finding.warning or finding.critical)
    ):
        return False
    words = _words(finding)
    return bool(words) and not head.endswith(words)


def _marked(state: State, colour: bool) -> str:
    return f"\x1b[{_COLOURS[state]}m[{state.value}]\x1b[0m" if colour else f"[{state.value}]"


def _within(lines: list[str]) -> list[str]:
    size = 0
    for place, line in enumerate(lines):
        size += len(line) + 1
        if size > _LONG:
            return lines[:place]
    return lines


def _json(
    name: str,
    state: State,
    code: int,
    subject: str,
    head: str,
    findings: list[Finding],
    ordered: list[Reading],
) -> str:
    """The same facts for programs; its schema is report.schema.json beside this file."""
    import json  # 5 ms that only this output needs

    from bothsides import __version__

    return json.dumps(
        {
            "bothsides": __version__,
            "check": name,
            "state": state.value,
            "exit_code": code,
            "subject": subject,
            "text": head,
            "findings": [
                {"state": finding.state.value, "words": _words(finding)}
                for finding in findings
                if isinstance(finding, Reading | Remark) and _words(finding)
            ],
            "perfdata": [_figure(reading) for reading in ordered],
            "tables": [list(finding.lines) for finding in findings if isinstance(finding, Table)],
        },
        indent=1,
    ).replace("|", "\\u007c")


def _figure(reading: Reading) -> Mapping[str, Any]:
    number = to_number(reading.value)
    return {
        "label": reading.figure.label,
        "value": None if number == "U" else float(number),
        "uom": reading.figure.uom,
        "warning": None if reading.warning is None else str(reading.warning),
        "critical": None if reading.critical is None else str(reading.critical),
        "min": reading.figure.low,
        "max": reading.figure.high,
        "state": reading.state.value,
    }


@cache
def _nagiosplugin() -> tuple[Any, Any]:
    """nagiosplugin's states and its perfdata token, without the rest of the package.

    Its __init__ imports logging, tempfile and json for parts that are not used here: 12 ms of CPU in
    every check run, as much as bare Python itself.
    """
    places = [
        place
        for place in (os.path.join(entry, "nagiosplugin") for entry in sys.path)
        if os.path.isdir(place)
    ]
    with standing_in("nagiosplugin", __path__=places) if places else nullcontext():
        from nagiosplugin import performance, state
    return state, performance.Performance


def _code(state: State) -> int:
    known, _ = _nagiosplugin()
    names = {
        State.OK: known.Ok,
        State.WARNING: known.Warn,
        State.CRITICAL: known.Critical,
        State.UNKNOWN: known.Unknown,
    }
    return int(names[state].code)


def _performance(*parts: str) -> Any:
    return _nagiosplugin()[1](*parts)
