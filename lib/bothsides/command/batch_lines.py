"""The file of a batch: a line for each result, with the command line of the check that makes it.

    web1!https         check_https -H web1.example -w 1
    web1!loss to aws   check_udp_loss -H 192.0.2.7 -n 5
    db1                check_snmp_clock -H db1.example      # the host's own result

Words in quotes stay together, as in a shell; nothing else of a shell is understood.
"""

import os
from importlib import import_module

from bothsides.base.errors import Misuse, Unable
from bothsides.base.types import Any, Iterable, Iterator, NamedTuple, Sequence
from bothsides.check.delivery import subject_of
from bothsides.parse import Unreadable
from bothsides.plugin.check import AnyCheck
from bothsides.plugin.command_line import TextAsked, limits_of, parser_of, understood
from bothsides.plugin.finding import Ranges
from bothsides.plugin.parser import Namespace, Parser

_Known = dict[tuple[str | None, ...], Ranges]  # by check, -w and -c


class Line(NamedTuple):
    """One line."""

    number: int  # from 1
    host: str
    service: str  # "" for the host's own result
    program: str  # check_https
    words: tuple[str, ...]  # its command line


class Order(NamedTuple):
    """One line, understood."""

    line: Line
    check: AnyCheck
    options: Namespace | None = None  # None: the check refuses the line, in words of its own
    limits: Any = None  # Any: each check has its own
    plan: Any = None  # Any: each check has its own; None: it refuses to plan


class Read(NamedTuple):
    """What a file holds."""

    lines: tuple[Line, ...]
    faults: tuple[str, ...]  # lines that name no result, one line each


def from_text(text: str) -> Read:
    """The lines of a file, and what is wrong with others."""
    lines: list[Line] = []
    faults: list[str] = []
    known = _programs()
    seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        try:
            words = _words(row)
            if not words:
                continue
            line = _line(number, words, known)
            before = seen.setdefault((line.host, line.service), number)
            if before != number:
                raise Unreadable(f"{line.host}!{line.service} stands in line {before} too")
        except Unreadable as fault:
            faults.append(f"line {number}: {fault}")
            continue
        lines.append(line)
    return Read(tuple(lines), tuple(faults))


def _words(row: str) -> list[str]:
    """The words of a row without its comment."""
    if not row.isascii() and any("\udc80" <= c <= "\udcff" for c in row):
        raise Unreadable("it is not UTF-8")
    if '"' not in row and "'" not in row and "\\" not in row:
        bare = row.strip()
        return [] if bare.startswith("#") else bare.partition(" #")[0].split()
    import shlex

    try:
        return shlex.split(row, comments=True)
    except ValueError as fault:
        closed = "quotation" in str(fault)
        words = "a quote is not closed" if closed else "nothing follows the \\ at its end"
        raise Unreadable(words) from None


def _line(number: int, words: Sequence[str], known: frozenset[str]) -> Line:
    names = [os.path.basename(word) for word in words]
    place = next((place for place, name in enumerate(names) if name in known), -1)
    if place == 0:
        raise Unreadable(f"nothing in front of {names[0]}; write HOST!SERVICE {names[0]} options")
    if place < 0:
        raise Unreadable(f"no check; write HOST!SERVICE CHECK options, with {_listed(known)}")
    host, service = subject_of(" ".join(words[:place]))
    return Line(number, host, service, names[place], tuple(words[place + 1 :]))


def _listed(known: Iterable[str]) -> str:
    return ", ".join(sorted(known))


def _programs() -> frozenset[str]:
    """The names of all checks."""
    import bothsides.check

    (folder,) = bothsides.check.__path__
    return frozenset(
        f"check_{name}"
        for name in os.listdir(folder)
        if os.path.exists(os.path.join(folder, name, "check.py"))
    )


def orders(lines: Iterable[Line]) -> Iterator[Order]:
    """The lines as their checks understand them, each check loaded once."""
    parsers: dict[str, tuple[AnyCheck, Parser]] = {}
    known: _Known = {}
    for line in lines:
        if line.program not in parsers:
            name = line.program.removeprefix("check_")
            check = import_module(f"bothsides.check.{name}.check").CHECK
            parsers[line.program] = check, parser_of(check)
        yield _order(line, *parsers[line.program], known)


def _order(line: Line, check: AnyCheck, parser: Parser, known: _Known) -> Order:
    """The line with its plan, as far as it can be made."""
    options = limits = None
    try:
        options = understood(check, line.words, parser)
        same = (check.name, *options.warning, None, *options.critical)
        if same not in known:
            known[same] = limits_of(check, options)
        limits = check.limits(options, known[same])
        plan = check.plan(options, limits)
    except (TextAsked, Misuse, Unreadable, Unable):
        return Order(line, check, options, limits)
    return Order(line, check, options, limits, plan)
