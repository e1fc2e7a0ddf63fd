"""The program bothsides: everything about the landscape file that is no check.

    bothsides lint mesh.toml            faults, or nothing
    bothsides plan mesh.toml            who asks whom, and what it costs
    bothsides explain mesh.toml A B     every value that holds from A to B, with its line
    bothsides maintenance on --for 2h --reason "new switch"

A subcommand is an entry in SUBCOMMANDS: what it is for, its options, and the function that runs it.
"""

import argparse
import io
import os
import sys

from bothsides import __version__
from bothsides.base.types import Callable, Iterator, Mapping, NamedTuple, NoReturn, Sequence
from bothsides.command import (
    generate,
    inventory_explain,
    inventory_lint,
    inventory_plan,
    maintenance,
)
from bothsides.inventory.faults import Faulty
from bothsides.parse import Unreadable


class Subcommand(NamedTuple):
    """One thing that the program does."""

    help: str  # a few words for --help
    options: Callable[[argparse.ArgumentParser], None]  # adds its options
    run: Callable[[argparse.Namespace], int]  # prints, returns the exit code


SUBCOMMANDS: Mapping[str, Subcommand] = {
    "lint": Subcommand(
        "check a landscape: all faults with file, line and remedy",
        inventory_lint.options,
        inventory_lint.run,
    ),
    "plan": Subcommand(
        "who asks whom, with packets, bandwidth, services and CPU per host",
        inventory_plan.options,
        inventory_plan.run,
    ),
    "explain": Subcommand(
        "every value that holds between two hosts, with the line it comes from",
        inventory_explain.options,
        inventory_explain.run,
    ),
    "generate": Subcommand(
        "write the configuration of Nagios, NRPE, SmokePing and the reflectors",
        generate.options,
        generate.run,
    ),
    "diff": Subcommand(
        "what generate would change: exit code 0 nothing, 1 something",
        generate.diff_options,
        generate.run_diff,
    ),
    "maintenance": Subcommand(
        "switch maintenance of this host on or off, or list it",
        maintenance.options,
        maintenance.run,
    ),
}

_EPILOG = """exit codes: 0 fine, 1 differs, 3 a fault, an error or a wrong command line

examples:
  bothsides lint /etc/bothsides/landscape.toml
  bothsides plan mesh.toml --host web1
  bothsides explain mesh.toml web1 db1
  bothsides generate mesh.toml --to /etc/bothsides/generated
  bothsides maintenance on --for 2h --reason "new switch"
"""


class Misuse(Exception):
    """A wrong command line."""


class _Parser(argparse.ArgumentParser):
    """Parses a command line; what is wrong with it is raised instead of printed."""

    def error(self, message: str) -> NoReturn:
        raise Misuse(f"{message}; see {self.prog} --help")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a subcommand and returns the exit code; says in one line what cannot be done."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names in characters of another locale
    try:
        code = _run(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
    except (Misuse, Unreadable, OSError, ValueError) as fault:
        code = _failed(fault)
    except RecursionError:
        code = _failed("the input is nested too deeply")
    except KeyboardInterrupt:
        code = _failed("interrupted")
    return code


def _run(argv: Sequence[str]) -> int:
    parser = _Parser(
        prog="bothsides",
        description="Reads the landscape: who measures whom, in one file.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    general = [("-h", "--help", "print this text"), ("-V", "--version", "print the version")]
    for short, long, text in general:
        parser.add_argument(short, long, action="store_true", help=text)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for name, each in SUBCOMMANDS.items():
        sub = commands.add_parser(name, help=each.help, description=each.help, add_help=False)
        sub.add_argument("-h", "--help", action="store_true", help="print this text")
        each.options(sub)
    texts = _asked_for(argv, parser, commands.choices)
    for text in texts:
        print(text)
        return 0
    options = parser.parse_args(argv)
    if not options.command:
        raise Misuse("missing command; see bothsides --help")
    return SUBCOMMANDS[options.command].run(options)


def _asked_for(
    argv: Sequence[str],
    parser: argparse.ArgumentParser,
    subcommands: Mapping[str, argparse.ArgumentParser],
) -> Iterator[str]:
    """The help or the version, when the command line asks for it."""
    before = argv[: argv.index("--")] if "--" in argv else argv
    if argv and argv[0] in subcommands and {"-h", "--help"} & set(before):
        yield subcommands[argv[0]].format_help().rstrip()
    elif argv and argv[0] in ("-h", "--help"):
        yield parser.format_help().rstrip()
    elif argv and argv[0] in ("-V", "--version"):
        yield f"bothsides v{__version__}"


def _failed(fault: Exception | str) -> int:
    """Prints what went wrong; the faults of a landscape are a line each. Returns the exit code."""
    if isinstance(fault, BrokenPipeError):  # the reader has gone, as in `bothsides plan | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 3
    try:
        text = str(fault) if isinstance(fault, Faulty) else f"bothsides: {fault}"
        print(text)
        sys.stdout.flush()
    except OSError:
        pass  # nobody reads
    return 3
