"""Findings as a person reads them: line 1 within its budgets, and the long output below it."""

from bothsides.base.types import Iterable, Sequence
from bothsides.parse.range import Range
from bothsides.parse.text import escaped, screened, shortened, to_number, to_words
from bothsides.plugin.finding import Copied, Finding, Reading, Remark, State, Table

LINE = 1023  # octets of line 1 that survive NRPE's version 2 packet
TEXT = 160  # of them for words: what a pager shows
_BLAME = " (blame: "
_HINTS = (", see ", ", run ", ", try ", ", through proxy ", ", all that we sent ")
"""What stands behind a cause, and goes before any of the cause does: remedies and grounds."""
_LEAN = 80  # characters of words that perfdata leave, as far as no cause is cut
_SHORTEST = 40  # characters that are left of a URL, a path or a name
_LONG_WORD = 32  # characters of a word, such as the name of a host: above, it may be cut
_LONG = 60000  # octets of long output: below NRPE's 64 KiB
_SMALL = ((" ms", 1e3), (" us", 1e6))  # units of people for less than a second
_ODD = 10000  # of a small unit, from which on seconds read better
_COLOURS = {State.OK: "32", State.WARNING: "33", State.CRITICAL: "31", State.UNKNOWN: "35"}


def head(name: str, state: State, subject: str, findings: Iterable[Finding]) -> str:
    """Line 1 without perfdata: the state, and the first finding of that state that has words."""
    for finding in findings:
        if not isinstance(finding, Reading | Remark) or finding.state is not state:
            continue
        if words := words_of(finding):
            break
    else:
        words = "nothing measured"
    lead = f"{name} {state.value} - "
    if not subject or words.startswith(subject):
        return _fitted(lead, words)
    room = TEXT - len(lead) - len(words) - len(": ")
    return _fitted(lead, f"{_cut(screened(subject), max(_SHORTEST, room))}: {words}")


def _fitted(lead: str, words: str) -> str:
    """Line 1 within TEXT characters; its cause and whose fault it is are the last to go.

    First the subject and URLs are cut in their middle, then a hint at the end goes, then long paths
    of files and names of hosts are cut in their middle, then the cause's own end.
    """
    cause, end = _lean(words, TEXT - len(lead))
    room = TEXT - len(lead) - len(end)
    cause = _narrowed(cause, room, [word for word in cause.split(" ") if len(word) > _LONG_WORD])
    return lead + shortened(cause, room) + end


def _lean(words: str, most: int) -> tuple[str, str]:
    """The cause without what is no part of it, as far as that is needed, and whose fault it is."""
    cause, separator, blame = words.partition(_BLAME)
    end = separator + blame
    room = most - len(end)
    if len(cause) <= room:
        return cause, end
    cause = _narrowed(cause, room, [word for word in cause.split(" ") if "://" in word])
    for hint in _HINTS:
        if len(cause) > room and hint in cause:
            cause = cause[: cause.rindex(hint)]
    cause = _narrowed(cause, room, [word for word in cause.split(" ") if word.startswith("/")])
    return cause, end


def _narrowed(words: str, room: int, long: Sequence[str]) -> str:
    """The words with these of them cut in their middle, as far as there is too little room."""
    if len(words) <= room or not long:
        return words
    most = max(_SHORTEST, (room - len(words) + sum(map(len, long))) // len(long))
    return " ".join(_cut(word, most) if word in long else word for word in words.split(" "))


def _cut(word: str, most: int) -> str:
    """A URL or path cut in its middle; a colon behind it stays."""
    half = (most - 3) // 2
    return word if len(word) <= most else f"{word[: most - 3 - half]}...{word[-half:]}"


def words_of(finding: Reading | Remark) -> str:
    """What was seen and the limit that it broke: `lost 28 of 100, above 15 %`."""
    if isinstance(finding, Remark) or finding.state is State.OK:
        return screened(finding.words)
    limit = finding.critical if finding.state is State.CRITICAL else finding.warning
    text = finding.words or f"{finding.figure.label} {to_number(finding.value)}{finding.figure.uom}"
    if not finding.measured:
        return screened(f"{finding.figure.label} was not measured, but has a limit")
    return screened(f"{text}, {_broken(limit, finding, text)}")


def _broken(limit: Range | None, reading: Reading, text: str) -> str:
    """The limit that the value broke, in the unit in which the text has the value: `above 15 %`."""
    if limit is None or reading.value is None:
        return ""
    uom = reading.figure.uom
    unit, worth = {"": "", "%": " %"}.get(uom, f" {uom}"), 1.0
    if reading.figure.label.endswith("_days"):
        unit = " days"
    shown = to_words(reading.value) if uom == "s" else ""
    for small, parts in _SMALL if shown and shown in text else ():
        if shown.endswith(small):
            unit, worth = small, parts
    bounds = [bound for bound in (limit.start, limit.end) if abs(bound) < float("inf")]
    if worth > 1 and any(abs(bound) * worth >= _ODD for bound in bounds):
        unit, worth = " s", 1.0  # 1000000 us
    start, end = (_bound(bound, worth) for bound in (limit.start, limit.end))
    if not limit.inside:
        return f"{f'above {end}' if reading.value > limit.end else f'below {start}'}{unit}"
    if start and end:
        return f"inside {start} to {end}{unit}"
    if not start and not end:
        return "any value alerts"
    return f"at or {f'above {start}' if start else f'below {end}'}{unit}"


def _bound(bound: float, worth: float) -> str:
    """A bound in a unit of which a second has `worth`; "" where a range is open."""
    if abs(bound) == float("inf"):
        return ""
    return to_number(bound if worth == 1 else round(bound * worth, 3))


def line_one(words: str, tokens: Sequence[str]) -> str:
    """Words and perfdata within LINE octets.

    What does not fit is left out in this order: bounds, limits, the middle of URLs and the hints,
    the last figures. The cause and whose fault it is are never cut.
    """
    line = f"{words} | {' '.join(tokens)}"
    return line if len(line) <= LINE else _short_line(words, tokens)


def _short_line(words: str, tokens: Sequence[str]) -> str:
    """Line 1 without what does not fit."""
    values = [token.split(";")[0] for token in tokens]
    limited = [";".join(token.split(";")[:3]) for token in tokens]
    short = "".join(_lean(words, _LEAN))
    for text, kept in ((words, limited), (words, values), (short, values)):
        line = f"{text} | {' '.join(kept)}"
        if len(line) <= LINE:
            return line
    while values and len(short) + 3 + len(" ".join(values)) > LINE:
        values.pop()
    return f"{short} | {' '.join(values)}"


def long_output(
    findings: Iterable[Finding],
    above: str,
    verbosity: int,
    colour: bool,
    terminal: bool = False,
) -> Sequence[str]:
    """A line for each judged finding that `above`, which is line 1, does not say; and tables."""
    lines: list[str] = []
    for finding in findings:
        if isinstance(finding, Table):
            if verbosity >= finding.verbosity:
                lines += [_table_line(line, terminal) for line in finding.lines]
        elif isinstance(finding, Reading | Remark) and (words := _unsaid(finding, above)):
            lines.append(f"{_marked(finding.state, colour)} {words}")
    kept = _within_budget(lines)
    return [*kept, f"... {len(lines) - len(kept)} more lines"] if len(kept) < len(lines) else kept


def _table_line(line: str, terminal: bool) -> str:
    if not isinstance(line, Copied):
        return screened(line)
    return "".join(c if " " <= c <= "~" else "?" for c in line) if terminal else escaped(line)


def _unsaid(finding: Reading | Remark, above: str) -> str:
    """The words of a finding that is judged and not said yet; "" of any other.

    A figure that was not measured gets no line: why it was not is a finding of its own.
    """
    if isinstance(finding, Reading) and not (
        finding.measured and (finding.warning or finding.critical)
    ):
        return ""
    words = words_of(finding)
    return "" if above.endswith(words) else words


def _marked(state: State, colour: bool) -> str:
    return f"\x1b[{_COLOURS[state]}m[{state.value}]\x1b[0m" if colour else f"[{state.value}]"


def _within_budget(lines: list[str]) -> list[str]:
    size = 0
    for place, line in enumerate(lines):
        size += len(line) + 1
        if size > _LONG:
            return lines[:place]
    return lines
