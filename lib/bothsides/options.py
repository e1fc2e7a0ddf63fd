"""The command line: options with the plugin guidelines' manners, ini files, limits and --help."""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from bothsides import __version__
from bothsides.deadline import TIMEOUT
from bothsides.declaration import Check
from bothsides.finding import Limits, State
from bothsides.lean import standing_in
from bothsides.parse import Unreadable
from bothsides.parse.range import Range, from_range
from bothsides.parse.text import from_duration

# argparse translates its messages where the system can: half a sentence in another language, and
# 2 ms of CPU for looking. Ours are in one language.
with standing_in("gettext", gettext=str, ngettext=lambda one, many, number: one if number == 1 else many):
    import argparse
argparse._ = str  # type: ignore[attr-defined]  # where argparse was loaded before


class Misuse(Exception):
    """The command line is wrong; the text says what and what to write instead."""


class Told(Exception):
    """--help and the like: a text to print instead of a measurement."""


class Parser(argparse.ArgumentParser):
    """argparse with the plugin guidelines' manners: no abbreviations, and every error is a Misuse."""

    def __init__(self, program: str, summary: str, epilog: str) -> None:
        super().__init__(
            prog=program,
            description=summary,
            epilog=epilog,
            add_help=False,
            allow_abbrev=False,
            formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, max_help_position=28, width=79),
        )

    def error(self, message: str) -> NoReturn:
        raise Misuse(message.replace("the following arguments are required: ", "missing option "))

    def names(self) -> tuple[str, ...]:
        """Every spelling of every option."""
        return tuple(self._option_string_actions)

    def takes_value(self, name: str) -> bool:
        """Whether the option is followed by a value."""
        action = self._option_string_actions.get(name)
        return action is not None and action.nargs not in (0, "?")

    def value_if_bare(self, name: str) -> str | None:
        """What an option means without its value, when the value is optional."""
        action = self._option_string_actions.get(name)
        return str(action.const) if action is not None and action.nargs == "?" else None


def valued(parse: Callable[..., Any], *extra: Any) -> Callable[[str], Any]:
    """A parser of ours as argparse's `type`: its Unreadable becomes the error message."""

    def convert(text: str) -> Any:
        try:
            return parse(text, *extra)
        except Unreadable as fault:
            raise argparse.ArgumentTypeError(str(fault)) from None

    return convert


def _parser(check: Check) -> Parser:
    parser = Parser(check.program, check.summary, _epilog(check))
    whom = parser.add_argument_group("whom and how")
    whom.add_argument("-4", "--use-ipv4", dest="family", action="store_const", const=4, default=0, help="IPv4 only")
    whom.add_argument("-6", "--use-ipv6", dest="family", action="store_const", const=6, help="IPv6 only")
    check.options(parser)
    judging = parser.add_argument_group("limits and time")
    defaults = [f" (default {text})".replace("%", "%%") if text else "" for text in (check.warning, check.critical)]
    for letter, name, default in (("-w", "warning", defaults[0]), ("-c", "critical", defaults[1])):
        judging.add_argument(
            letter,
            f"--{name}",
            action="append",
            default=[],
            metavar="LIMITS",
            help=f"{name} when outside: RANGE, or LABEL=RANGE,... for any figure below; repeatable{default}",
        )
    judging.add_argument(
        "-t", "--timeout", type=valued(_timeout), default=(TIMEOUT, None), metavar="SECONDS[:STATE]",
        help=f"deadline of the whole run, name look-up included (default {TIMEOUT:g})",
    )  # fmt: skip
    judging.add_argument(
        "--timeout-state", type=valued(from_state), metavar="STATE",
        help="state when time runs out: ok, warning, critical or unknown (default critical"
        " where silence means that the far end is down, else unknown)",
    )  # fmt: skip
    output = parser.add_argument_group("output")
    output.add_argument("-v", "--verbose", action="count", default=0, help="tables; -vv samples; -vvv everything")
    formats = ("text", "json", *check.outputs)
    told = f"{', '.join(formats[:-1])} or {formats[-1]} (default text)"
    output.add_argument("--output", choices=formats, default="text", help=told)
    output.add_argument("--perfdata-missing", choices=("U", "omit"), default="U", help="figures not measured (default U)")
    output.add_argument("--exit-ok", action="store_true", help="exit 0 whatever the state; the text still says it")
    output.add_argument("--record", metavar="FILE", help="keep the measurement as JSON")
    output.add_argument("--replay", metavar="FILE", help="judge a kept measurement instead of measuring")
    output.add_argument("--explain", action="store_true", help="also print plan, measurement and findings")
    output.add_argument("--list-perfdata", action="store_true", help="print the figures' labels and units")
    general = parser.add_argument_group("general")
    general.add_argument(
        "--extra-opts", metavar="[SECTION][@FILE]",
        help=f"take options from an ini file (default section {check.program}); they come before the command line's",
    )  # fmt: skip
    general.add_argument("-h", "-?", "--help", action="store_true", help="this text")
    general.add_argument("-V", "--version", action="store_true", help="the version")
    return parser


def understood(check: Check, argv: Sequence[str]) -> Any:
    """The options as a namespace; raises Told for --help, --version, --list-perfdata."""
    parser = _parser(check)
    words = _joined(parser, _expanded(parser, check.program, list(argv)))
    _tell(check, parser, words)
    options, unknown = parser.parse_known_args(words)
    if hasattr(options, "arguments"):  # argparse takes arguments in one place only; people mix them with options
        options.arguments += [word for word in unknown if not word.startswith("-")]
        unknown = [word for word in unknown if word.startswith("-")]
    if unknown:
        raise Misuse(nearest("option" if unknown[0].startswith("-") else "argument", unknown[0], parser.names()))
    options.timeout, state = options.timeout
    options.timeout_state = options.timeout_state or state
    return options


def _tell(check: Check, parser: Parser, words: list[str]) -> None:
    """The options that ask for a text win over everything else on the line, also over errors."""
    if any(word in ("-h", "-?", "--help") for word in words):
        raise Told(parser.format_help().rstrip())
    if any(word in ("-V", "--version") for word in words):
        libraries = check.libraries()
        raise Told(f"{check.program} v{__version__} (bothsides{', ' + libraries if libraries else ''})")
    if "--list-perfdata" in words:
        raise Told("\n".join(f"{figure.label} {figure.uom}".rstrip() for figure in check.figures))


def _joined(parser: Parser, words: list[str]) -> list[str]:
    """`-w -5:5` as `-w-5:5`: argparse would take a range that starts with a minus for an option."""
    joined: list[str] = []
    rest = iter(words)
    for word in rest:
        if parser.takes_value(word):
            value = next(rest, None)
            if value is not None and value[:1] == "-" and value[1:2] in tuple("0123456789.~@"):
                joined.append(f"{word}={value}" if word.startswith("--") else f"{word}{value}")
                continue
            joined += [word] if value is None else [word, value]
        elif (bare := parser.value_if_bare(word)) is not None:  # as getopt has it: such a value is glued on, or absent
            joined.append(f"{word}={bare}" if word.startswith("--") else f"{word}{bare}")
        else:
            joined.append(word)
    return joined


def nearest(kind: str, word: str, names: Iterable[str]) -> str:
    import difflib

    bare = word.split("=")[0]
    close = difflib.get_close_matches(bare, list(names), 1, 0.5)
    return f"unknown {kind} {bare[:60]}" + (f", did you mean {close[0]}?" if close else "")


def _timeout(text: str) -> tuple[float, State | None]:
    seconds, colon, state = text.partition(":")
    duration = from_duration(seconds)
    if not 0.05 <= duration <= 3600:
        raise Unreadable(f"{text[:40]!r}: a timeout lies between 0.05 and 3600 seconds")
    return duration, from_state(state) if colon else None


def from_state(text: str) -> State:
    """A state by its name, in any case."""
    if text.upper() not in State.__members__:
        raise Unreadable(f"{text[:40]!r} is not a state; write ok, warning, critical or unknown")
    return State[text.upper()]


def limits_of(check: Check, options: Any) -> Limits:
    return Limits(
        check.figures,
        _ranges(check, [check.warning]) | _ranges(check, options.warning),
        _ranges(check, [check.critical]) | _ranges(check, options.critical),
    )


def _ranges(check: Check, texts: Iterable[str]) -> dict[str, Range]:
    """Ranges by label from `RANGE`, `LABEL=RANGE` and comma-separated lists of them."""
    ranges: dict[str, Range] = {}
    for text in texts:
        items = [item.strip() for item in text.split(",")] if text else []
        items = [item for item in items if not check.own(item)]
        short = [item for item in items if "=" not in item]
        if short:
            ranges |= check.short(short)
        for item in items:
            label, separator, limit = item.partition("=")
            if separator:
                figure = next((figure for figure in check.figures if figure.label == label), None)
                if figure is None:
                    raise Misuse(nearest("label", label, (figure.label for figure in check.figures)))
                ranges[label] = from_range(limit, figure.uom)
    return ranges


def _expanded(parser: Parser, program: str, argv: list[str]) -> list[str]:
    """The command line with every --extra-opts replaced by what it names, in front."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(enumerate(argv))
    for place, word in words:
        if word == "--extra-opts":
            following = argv[place + 1] if place + 1 < len(argv) else "-"
            front += _from_file(parser, program, "" if following.startswith("-") else next(words)[1])
        elif word.startswith("--extra-opts="):
            front += _from_file(parser, program, word.partition("=")[2])
        else:
            rest.append(word)
    return front + rest


def _from_file(parser: Parser, program: str, where: str) -> list[str]:
    from bothsides import extra_opts

    section, _, path = where.partition("@")
    entries, found = extra_opts.read(section or program, path)
    arguments: list[str] = []
    for entry in entries:
        name = f"-{entry.key}" if len(entry.key) == 1 else f"--{entry.key}"
        if name not in parser.names() or name == "--extra-opts":
            raise Misuse(nearest("key", entry.key, (n.lstrip("-") for n in parser.names())) + f" ({found} line {entry.line})")
        if parser.value_if_bare(name) is None and parser.takes_value(name) != (entry.value is not None):
            wanted = "needs a value" if parser.takes_value(name) else "takes no value"
            raise Misuse(f"key {entry.key} {wanted} ({found} line {entry.line})")
        arguments.append(entry.argument())
    return arguments


def _epilog(check: Check) -> str:
    """The part of --help that no option explains."""
    width = max(len(figure.label) for figure in check.figures) + 2
    figures = [f"  {figure.label:<{width}}{figure.uom or '-':<3}{figure.words}" for figure in check.figures]
    return "\n".join(
        [
            "examples:",
            *(f"  {check.program} {example}" for example in check.examples),
            "",
            "figures (perfdata, in this order; any of them may have limits):",
            *figures,
            "",
            "ranges: 10 alerts outside 0 to 10, 10: below 10, ~:10 above 10, 5:10 outside,",
            "@5:10 inside; the bound itself never alerts. Durations may carry ms, us or s.",
            "exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (also usage, help, version)",
            f"documentation: {_documentation()}",
        ]
    )


def _documentation() -> str:
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
    readme = os.path.join(here, "README.md")
    return "file://" + (readme if os.path.exists(readme) else f"{sys.prefix}/share/doc/bothsides/README.md")
