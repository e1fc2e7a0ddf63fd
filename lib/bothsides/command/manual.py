"""bothsides man: writes the manual pages, made from option tables, figures and texts.

A page NAME(SECTION) has its text in pages/NAME.SECTION.txt: what no table says. Options,
performance data and examples come from the program itself.
"""

import os

from bothsides import __version__
from bothsides.base.types import Callable, Iterable, Iterator, Mapping, NamedTuple, Sequence
from bothsides.base.write import replace_file
from bothsides.command import mtr_history, udp_fping, udp_mesh, udp_reflector
from bothsides.command.check_options import checks
from bothsides.command.destination_tables import destination_tables
from bothsides.command.landscape_keys import landscape_keys
from bothsides.generate.roff import Page, to_roff
from bothsides.plugin.check import AnyCheck
from bothsides.plugin.command_line import parser_of
from bothsides.plugin.option_table import Option, option_groups
from bothsides.plugin.parser import Namespace, Parser

PAGES = os.path.join(os.path.dirname(__file__), "pages")

_STATUS = """\
EXIT STATUS

0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. A wrong command line, `--help` and `--version` give 3.
CRITICAL: the check asked properly, and the remote host or the path to it failed or broke a limit.
UNKNOWN: the check could not ask (command line, file, own resolver, no route, missing permission).
"""
_RANGES = """\
RANGES

`10` alerts outside 0 to 10, `10:` below 10, `~:10` above 10, `5:10` outside, `@5:10` inside.
A value equal to the limit alerts only with `@`.
Durations may carry `ms`, `us`, `s`, `m`, `h` or `d`.
`-w` and `-c` take the short form of the check, or `LABEL=RANGE` for any figure above, joined by
commas; both options may be given several times.
"""


class Program(NamedTuple):
    """A program that is no check."""

    section: int
    summary: str  # one line
    parser: Callable[[], Parser]


PROGRAMS: Mapping[str, Program] = {
    "mtr_history": Program(1, "show stored path measurements", mtr_history.parser),
    "udp_fping": Program(1, "send UDP packets, print as fping does", udp_fping.parser),
    "udp_mesh": Program(8, "probe all peers all the time", udp_mesh.parser),
    "udp_reflector": Program(8, "answer STAMP packets of check_udp_loss", udp_reflector.parser),
}
"""Every program but the checks and bothsides, whose commands the caller knows."""

Subcommands = Mapping[str, tuple[str, Callable[[Parser], None]]]
"""What each command of bothsides does, and what adds its options."""

FORMATS: Mapping[str, str] = {
    "bothsides.ini": "options of the checks, one section per check",
    "bothsides-allow": "networks that udp_reflector answers",
    "bothsides-destinations": "databases, monitoring servers and archives that get results",
    "bothsides-landscape": "who measures whom, for a whole fleet",
    "bothsides-owners": "whose networks the hops of a path are in",
}
"""The file formats, section 5."""


def options(parser: Parser) -> None:
    """Adds the options of man."""
    parser.add_argument("to", metavar="DIR", help="folder of manuals, as /usr/local/share/man")


def run(arguments: Namespace, whole: Parser, subcommands: Subcommands) -> int:
    """Writes every page below the folder, and prints how many. whole: the parser of bothsides."""
    made = list(pages(whole, subcommands))
    for page in made:
        path = os.path.join(arguments.to, page.path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        replace_file(path, to_roff(page).encode())
    print(f"{arguments.to}: {len(made)} pages")
    return 0


def pages(whole: Parser, subcommands: Subcommands) -> Iterator[Page]:
    """All pages of the suite."""
    text = _of_program("bothsides", 1, whole, _subcommands(subcommands))
    yield _page("bothsides", 1, "read a landscape file and act on it", text)
    for name, check in checks().items():
        yield _page(name, 1, _first_small(check.summary).rstrip("."), _of_check(check))
    for name, program in PROGRAMS.items():
        text = _of_program(name, program.section, program.parser())
        yield _page(name, program.section, program.summary, text)
    for name, summary in FORMATS.items():
        text = f"DESCRIPTION\n\n{text_of(name, 5)}"
        if name == "bothsides-landscape":
            text = text.replace("@KEYS@\n", "\n".join(landscape_keys()))
        if name == "bothsides-destinations":
            for mark, terms in destination_tables().items():
                text = text.replace(f"@{mark}@", "\n".join(terms))
        yield _page(name, 5, summary, text)


def text_of(name: str, section: int) -> str:
    """The text of a page that no table says; "" where there is none yet."""
    try:
        with open(os.path.join(PAGES, f"{name}.{section}.txt"), encoding="ascii") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _page(name: str, section: int, summary: str, text: str) -> Page:
    see = f"{text.rstrip()}\n\nSEE ALSO\n\n{', '.join(_others(name))}\n"
    return Page(name, section, summary, see, __version__)


def _others(name: str) -> list[str]:
    named = dict.fromkeys([*checks(), "bothsides"], 1) | {
        each: PROGRAMS[each].section for each in PROGRAMS
    }
    named |= dict.fromkeys(FORMATS, 5)
    return [f"`{each}`({named[each]})" for each in sorted(named) if each != name]


def _of_check(check: AnyCheck) -> str:
    own, _, more = text_of(check.program, 1).partition("@TABLES@\n")
    parts = [
        "SYNOPSIS",
        f"`{check.program}` [OPTIONS]",
        f"DESCRIPTION\n\n{own.strip() or check.summary}",
        "OPTIONS",
        *_options(parser_of(check)),
        "PERFORMANCE DATA",
        "In this order, in every state; `U` is not measured.",
        *_figures(check),
        _RANGES.strip(),
        "EXAMPLES",
        "\n".join(f"    {check.program} {example}" for example in check.examples),
        _STATUS.strip(),
        more.strip().replace("@EVENTS@", _events()),
    ]
    return "\n\n".join(filter(None, parts))


def _events() -> str:
    """What -w and -c of check_mtr_path may name."""
    from bothsides.check.mtr_path.limits import EVENTS

    return "\n".join(f"= `{name}`\n{words}" for name, words in EVENTS.items())


def _of_program(name: str, section: int, parser: Parser, commands: Iterable[str] = ()) -> str:
    own, _, more = text_of(name, section).partition("@TABLES@\n")
    parts = [
        "SYNOPSIS",
        f"`{name}` [OPTIONS]" + "".join(_arguments(parser)),
        f"DESCRIPTION\n\n{own.strip()}",
        "OPTIONS",
        *_options(parser),
        *commands,
        more.strip(),
    ]
    return "\n\n".join(filter(None, parts))


def _arguments(parser: Parser) -> Iterator[str]:
    for _, group in option_groups(parser):
        yield from (f" {each.metavar}" for each in group if not each.spellings)


def _subcommands(subcommands: Subcommands) -> Iterator[str]:
    """The commands of bothsides with their options."""
    yield "COMMANDS"
    for name, (words, options) in subcommands.items():
        parser = Parser(name, "", "")
        options(parser)
        yield f"== bothsides {name}{''.join(_arguments(parser))}"
        yield f"{words[0].upper()}{words[1:]}."
        for _, group in option_groups(parser):
            yield from (_term(option) for option in group)


def _options(parser: Parser) -> Iterator[str]:
    for title, group in option_groups(parser):
        yield f"== {title[:1].upper()}{title[1:]}"
        yield from (_term(option) for option in group)


def _term(option: Option) -> str:
    words = option.help or "see DESCRIPTION"
    if not option.spellings:
        return f"= `{option.metavar}`\n{words}"
    value = f" {option.metavar}" if option.takes_value else ""
    if option.bare:
        value = f"[{option.metavar}]"
    more = "; repeatable" if option.repeatable and "repeatable" not in words else ""
    names = ", ".join(f"`{name}`" for name in option.spellings)
    return f"= {names}{value}\n{words}{more}"


def _figures(check: AnyCheck) -> Sequence[str]:
    return [
        f"= `{figure.label}`" + (f" ({figure.uom})" if figure.uom else "") + f"\n{figure.words}"
        for figure in check.figures
    ]


def _first_small(text: str) -> str:
    """A sentence as it follows a dash; a name in capitals stays."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
