"""The program bothsides: everything that is no check.

    bothsides lint mesh.toml            faults, or nothing
    bothsides plan mesh.toml            who asks whom, and what it costs
    bothsides explain mesh.toml A B     every value that holds from A to B, with its line
    bothsides maintenance on --for 2h --reason "new switch"

A subcommand is an entry in SUBCOMMANDS: what it is for, its options, and the function that runs it.
"""

import _signal as signal  # type: ignore[import-not-found]  # see base/deadline.py
import io
import os
import sys
from importlib import import_module
from types import ModuleType

from bothsides import __version__
from bothsides.base.deadline import unblock_signals
from bothsides.base.errors import Misuse, Unable
from bothsides.base.types import Mapping, NamedTuple, Sequence
from bothsides.inventory.faults import Faulty
from bothsides.parse import Unreadable
from bothsides.plugin.parser import Namespace, Parser, nearest, with_help


class Subcommand(NamedTuple):
    """A subcommand, whose module is loaded when it is asked for: a batch needs no other's."""

    help: str  # one line
    module: str  # of bothsides.command
    options: str = "options"  # its function that declares the options
    run: str = "run"  # its function that prints and returns the exit code

    def declare(self, parser: Parser) -> None:
        """Declares its options."""
        getattr(self._loaded(), self.options)(parser)

    def execute(self, given: Namespace) -> int:
        """Runs it; the exit code."""
        if self.module == "manual":
            subcommands = {name: (each.help, each.declare) for name, each in SUBCOMMANDS.items()}
            return int(self._loaded().run(given, parser(), subcommands))
        return int(getattr(self._loaded(), self.run)(given))

    def _loaded(self) -> ModuleType:
        return import_module(f"bothsides.command.{self.module}")


SUBCOMMANDS: Mapping[str, Subcommand] = {
    "lint": Subcommand(
        "check a landscape: all faults with file, line and remedy", "inventory_lint"
    ),
    "plan": Subcommand(
        "who asks whom, with packets, bandwidth, services and CPU per host", "inventory_plan"
    ),
    "explain": Subcommand(
        "every value that holds between two hosts, with the line it comes from",
        "inventory_explain",
    ),
    "generate": Subcommand(
        "write other programs' configuration, a folder for each one", "generate"
    ),
    "diff": Subcommand(
        "what generate would change: exit code 0 nothing, 1 something",
        "generate",
        "diff_options",
        "run_diff",
    ),
    "icinga-commands": Subcommand(
        "print Icinga 2's CheckCommands, with every option of every check", "icinga_commands"
    ),
    "man": Subcommand("write the manual pages", "manual"),
    "batch": Subcommand("run many checks at once and deliver their results", "batch"),
    "export": Subcommand("send what is stored on this host to databases and archives", "export"),
    "dashboards": Subcommand("write Grafana's dashboards for what --export stores", "dashboards"),
    "evidence": Subcommand(
        "what this host knows of its peers, as a document for check_whose_fault", "evidence"
    ),
    "maintenance": Subcommand(
        "switch maintenance of this host on or off, or list it", "maintenance"
    ),
    "known-down": Subcommand(
        "run a check for Nagios, and spare hosts that Nagios has down or in downtime", "known_down"
    ),
    "report": Subcommand(
        "the incident report for a provider, out of evidence or of stored runs", "report"
    ),
}

_EPILOG = """exit codes: 0 fine, 1 differs or not all delivered, 2 nothing delivered, 3 a fault or
an error

examples:
  bothsides lint /etc/bothsides/landscape.toml
  bothsides plan mesh.toml --host web1
  bothsides explain mesh.toml web1 db1
  bothsides generate mesh.toml --to /etc/bothsides/generated
  bothsides batch checks.txt --submit nagios:/var/lib/nagios4/spool/checkresults
  bothsides export --since -14d --export influx:http://db.example:8086
  bothsides evidence --now --to db1=192.0.2.2
  bothsides maintenance on --for 2h --reason "new switch"
  bothsides report A B --evidence now/ --before healthy/ --html incident.html
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a subcommand and returns the exit code; says in one line what cannot be done."""
    nobody_reads = sys.stdout is None
    if argv is None:
        _end_as_by_ctrl_c()
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _fill_standard_descriptors()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names in characters of another locale
    try:
        code = _run(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
    except (Misuse, Unable, Unreadable, OSError, ValueError) as fault:
        code = _failed(fault)
    except RecursionError:
        code = _failed("the input is nested too deeply")
    except KeyboardInterrupt:
        code = _failed("interrupted")
    except Exception as fault:
        from bothsides.plugin.explain import bug_words

        code = _failed(bug_words(fault))
    return 3 if nobody_reads else code


def _end_as_by_ctrl_c() -> None:
    """Lets SIGTERM and SIGHUP remove temporary files too; a SIGHUP that nohup ignores stays so."""

    def end(number: int, frame: object) -> None:
        for each in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)  # a second one must not interrupt the removing
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, end)
    unblock_signals()  # whoever started us may have blocked them


def _fill_standard_descriptors() -> None:
    """Puts /dev/null where they are closed: else a file or socket would get their numbers."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(descriptor, "w", closefd=False))


def _run(argv: Sequence[str]) -> int:
    """Runs the subcommand that the first word names, or prints the help or the version."""
    first = argv[0] if argv else ""
    if first in SUBCOMMANDS:
        return _run_subcommand(first, argv[1:])
    if first in ("-h", "--help"):
        print(parser().format_help().rstrip())
    elif first in ("-V", "--version"):
        print(f"bothsides v{__version__}")
    elif first.startswith("-"):
        raise Misuse(with_help(nearest("option", first, parser().names()), "bothsides"))
    else:
        words = nearest("command", first, SUBCOMMANDS) if first else "missing command"
        raise Misuse(with_help(words, "bothsides"))
    return 0


def parser() -> Parser:
    """The command line in front of the subcommands, for its help."""
    commands = "".join(f"  {name:<16} {each.help}\n" for name, each in SUBCOMMANDS.items())
    what = "Works on the landscape file, on many results at once, and on evidence of an incident."
    about = f"{what}\n\ncommands:\n{commands}"
    made = Parser("bothsides", about, _EPILOG)
    made.add_argument("command", metavar="COMMAND", help="bothsides COMMAND --help explains it")
    made.add_argument("-h", "--help", action="store_true", help="print this text")
    made.add_argument("-V", "--version", action="store_true", help="print the version")
    return made


def _run_subcommand(name: str, argv: Sequence[str]) -> int:
    chosen = SUBCOMMANDS[name]
    program = f"bothsides {name}"
    parser = Parser(program, chosen.help, "")
    parser.add_argument("-h", "--help", action="store_true", help="print this text")
    chosen.declare(parser)
    if {"-h", "--help"} & set(argv[: argv.index("--")] if "--" in argv else argv):
        print(parser.format_help().rstrip())
        return 0
    try:
        options, unknown = parser.parse_known_args(_glued(parser, argv))
        if unknown:
            if unknown[0][:1] != "-":
                raise Misuse(f"unknown argument {unknown[0][:60]}")
            raise Misuse(nearest("option", unknown[0], parser.names()))
    except Misuse as fault:
        raise Misuse(with_help(fault, program)) from None
    return chosen.execute(options)


def _glued(parser: Parser, argv: Sequence[str]) -> list[str]:
    """`--since -14d` as `--since=-14d`: argparse would take the time for an option."""
    glued: list[str] = []
    for word in argv:
        before = glued[-1] if glued else ""
        number = word[:1] == "-" and word[1:2].isdigit()
        if number and before[:2] == "--" and parser.takes_value(before):
            glued[-1] = f"{before}={word}"
        else:
            glued.append(word)
    return glued


def _failed(fault: Exception | str) -> int:
    """Prints what went wrong; the faults of a landscape are a line each. Returns the exit code."""
    if isinstance(fault, BrokenPipeError):  # the reader has gone, as in `bothsides plan | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 3
    try:
        words = str(fault)
        if isinstance(fault, OSError) and fault.filename:
            words = f"{fault.filename}: {fault.strerror}"
        text = words if isinstance(fault, Faulty) else f"bothsides: {words}"
        print(text)
        sys.stdout.flush()
    except OSError:  # nobody reads, or the disk is full; the end of Python would try once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 3
