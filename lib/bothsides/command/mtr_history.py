"""mtr_history: shows stored runs of check_mtr_path, side by side and as evidence."""

import sys
import time

from bothsides import __version__
from bothsides.base.deadline import Deadline, Interrupted, arm
from bothsides.base.errors import Misuse, Unable
from bothsides.base.types import Iterator, NoReturn, Sequence
from bothsides.base.write import write_all
from bothsides.command import mtr_history_views as views
from bothsides.parse import Unreadable
from bothsides.plugin.command_line import unknown_word
from bothsides.plugin.output import Report, leave
from bothsides.plugin.parser import Namespace, Parser, nearest, with_help
from bothsides.store.place import place
from bothsides.store.sqlite import History, opened

_LONGEST = 86400.0  # seconds that a command may take; a signal ends it sooner
_MUCH = 1 << 20  # characters that are held back, so that most failures have a line of their own
_COMMANDS = {
    "list": "the targets of which runs are kept",
    "paths": "the normal path to a target and the other ones that are known",
    "show": "one moment: TIME (default the last run)",
    "compare": "two or three WINDOWs side by side, hops aligned",
    "export": "all runs from --since to --until",
    "report": "evidence for a provider: WINDOWs before, during and after",
}
_EPILOG = """commands:
  list                               the targets of which runs are kept
  paths HOST                         the normal path, and others that are known
  show HOST [TIME]                   one moment (default the last run)
  compare HOST WINDOW WINDOW [WINDOW]   side by side, hops aligned
  export HOST                        all runs from --since to --until
  report HOST BEFORE DURING AFTER    evidence for a provider

the memory is that of the user who runs it: sudo -u nagios mtr_history list

times are UTC: 16:15, yesterday 16:15, 2019-01-10 16:15, -30m
windows: 16:00-16:05, 2019-01-10 16:00-16:05, -2h/-1h, or one time

examples:
  mtr_history compare app.example 16:00-16:05 16:15-16:20 16:30-16:35
  mtr_history show app.example "yesterday 16:15"
  mtr_history report app.example -2h/-1h 16:15-16:20 -10m/now > ticket.txt"""


def main() -> NoReturn:
    """Runs the command; exit code 3 and one line when it cannot."""
    try:
        arm(Deadline(_LONGEST))
        report = Report(_rest(answer(sys.argv[1:], time.time())), 0)
    except (Misuse, Unreadable, Unable) as fault:
        report = Report(f"mtr_history: {with_help(fault, 'mtr_history')}\n", 3)
    except Interrupted as cause:
        report = Report(f"mtr_history: interrupted by {cause}\n", 3)
    except OSError as fault:
        report = Report(f"mtr_history: {fault.strerror or fault}\n", 3)
    except (IndexError, KeyError, TypeError, ValueError) as fault:
        # written by another version, or by hand
        words = f"what is remembered does not fit together: {type(fault).__name__}: {fault}"
        report = Report(f"mtr_history: {words}\n", 3)
    leave(report)


def _rest(lines: Iterator[str]) -> str:
    """The lines as text; of a long answer its end, all before it is written already."""
    held: list[str] = []
    size = 0
    for line in lines:
        held.append(f"{line}\n")
        size += len(line)
        if size > _MUCH:
            _write("".join(held))
            held, size = [], 0
    return "".join(held)


def _write(text: str) -> None:
    try:
        write_all(1, text.encode("ascii", "replace"))
    except OSError:  # the reader has gone, or the disk is full
        leave(Report("", 3))


def answer(argv: Sequence[str], now: float) -> Iterator[str]:
    """The lines of the answer; `now`: UTC seconds."""
    made = parser()
    words = [f" {word}" if _is_time(word) else word for word in argv]
    options, unknown = made.parse_known_args(words)
    if unknown:
        raise Misuse(unknown_word(made, unknown[0]))
    if options.help or options.version:
        yield (
            f"mtr_history v{__version__} (bothsides)"
            if options.version
            else made.format_help().rstrip()
        )
        return
    if options.command not in _COMMANDS:
        raise Misuse(
            nearest("command", options.command, _COMMANDS)
            if options.command
            else f"missing command: {', '.join(_COMMANDS)}"
        )
    if options.command == "list" and options.host:
        raise Misuse(f"list takes no argument: leave out {options.host.strip()[:40]}")
    with opened(place(options.state_dir), write=False) as past:
        yield from _lines(past, options, now)


def _is_time(word: str) -> bool:
    """Whether a word such as -30m is a time, which argparse would take for an option."""
    number = word[1:].lstrip("0123456789.")
    return word[:1] == "-" and len(number) < len(word) - 1 and number[:1] in tuple("smhdw")


def _lines(past: History, options: Namespace, now: float) -> Iterator[str]:
    """The lines of one command over an open memory."""
    if options.command == "list":
        yield from views.list_targets(past)
        return
    target = views.target_of(past, options.host)
    if options.command == "paths":
        yield from views.paths(past, target)
    elif options.command == "show":
        yield from views.show(past, target, options.times, now)
    elif options.command == "compare":
        yield from views.compare(past, target, options.times, now)
    elif options.command == "export":
        yield from views.export(past, target, options.since, options.until, options.format, now)
    else:
        yield from views.report(past, target, options.times, now)
        if options.other:
            yield from views.other_direction(options.other, options.other_host, options.times, now)


def parser() -> Parser:
    """The program's options."""
    made = Parser("mtr_history", "What earlier runs of check_mtr_path saw.", _EPILOG)
    made.add_argument("command", nargs="?", help="what to do, see below")
    made.add_argument("host", nargs="?", default="", help="the target: its name or address")
    made.add_argument("times", nargs="*", help="moments or windows of time")
    made.add_argument(
        "--state-dir", default="", metavar="DIR", help="where check_mtr_path remembers"
    )
    made.add_argument("--since", default="-14d", metavar="TIME", help="export: from (default -14d)")
    made.add_argument("--until", default="now", metavar="TIME", help="export: to (default now)")
    made.add_argument(
        "--format",
        choices=("json", "csv", "report"),
        default="json",
        help="export: as (default json)",
    )
    made.add_argument(
        "--other",
        default="",
        metavar="FILE",
        help="report: the other direction, any output of mtr, or another memory's folder",
    )
    made.add_argument(
        "--other-host", default="", metavar="HOST", help="report: the target in the other memory"
    )
    made.add_argument("-h", "--help", action="store_true", help="this text")
    made.add_argument("-V", "--version", action="store_true", help="the version")
    return made
