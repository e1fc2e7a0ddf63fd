"""bothsides batch: many checks of all kinds in one run, and their results where they are wanted.

    bothsides batch checks.txt --submit nagios:/var/lib/nagios4/spool/checkresults
    bothsides batch checks.txt --submit icinga:https://master:5665 --submit-ttl 130s
    bothsides batch checks.txt --output send_nsca | send_nsca -H nagios.example

    bothsides batch /etc/bothsides/landscape.toml --host mon1 --submit nagios-cmd:/run/nagios.cmd

Its own line says what was delivered. Exit code 0: all; 1: not all, or the previous batch still
runs; 2: nothing; 3: the command line or the whole file is wrong, or a signal ended it.
"""

import _signal as signal  # type: ignore[import-not-found]  # see base/deadline.py
import sys
import time

from bothsides.base.errors import Misuse, Unable
from bothsides.base.types import TYPE_CHECKING, NamedTuple, Sequence
from bothsides.parse.text import from_duration
from bothsides.plugin.command_line import add_elsewhere
from bothsides.plugin.parser import Namespace, Parser, valued

if TYPE_CHECKING:
    from bothsides.check.delivery import Destinations
    from bothsides.command.batch_lines import Read

_STATES = ("ok", "warning", "critical", "unknown")
_WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
_SHOWN = 10  # lines about what went wrong


class Summary(NamedTuple):
    """What is said of a batch."""

    codes: Sequence[int]  # of the results
    delivered: int  # of them, at the place that took fewest
    lines: tuple[str, ...]  # what went wrong
    seconds: float
    cpu: float  # s, of all processes
    stopped: str = ""  # what ended it early, and how many results are missing


def options(parser: Parser) -> None:
    """Declares the options."""
    words = "lines of HOST!SERVICE CHECK options, - for standard input, or a landscape (.toml)"
    parser.add_argument("file", nargs="*", metavar="FILE", help=words)  # argparse costs 5 ms
    words = "whose services of the landscape run (default: this host's)"
    parser.add_argument("--host", default="", metavar="HOST", help=words)
    add = parser.add_argument_group("delivery").add_argument
    words = "for the delivery, and for lines of a pipe; each check has its own (default 10s)"
    add("-t", "--timeout", type=valued(from_duration), default=10.0, metavar="TIME", help=words)
    words = "send_nsca: records for it on standard output, our own line on standard error"
    add("--output", choices=("text", "send_nsca"), default="text", help=words)
    words = "where the lock and waiting results are kept"
    add("--state-dir", default="", metavar="DIR", help=words)
    add_elsewhere(parser, alone=False)


def run(given: Namespace) -> int:
    """Runs a batch; the exit code."""
    from bothsides.check.delivery import from_options
    from bothsides.command.batch_lock import locked

    began = time.monotonic()
    if len(given.file) != 1:
        raise Misuse("name one FILE with the lines of the batch; see bothsides batch --help")
    (given.file,) = given.file
    if given.host and not given.file.endswith(".toml"):
        raise Misuse("--host goes with a landscape (.toml): a line of a batch names its own host")
    if given.output == "send_nsca":
        given.submit = [*given.submit, "nsca:-"]
    destinations = from_options(given)
    places = (*destinations.submits, *destinations.exports)
    if not places:
        raise Misuse("say where the results go: --submit WHERE; --submit - shows them")
    if given.timeout <= 0:
        raise Misuse("-t 0 leaves no time for the delivery")
    shown = [str(place) for place in places if place.path == "-"]
    if len(shown) > 1:
        raise Misuse(f"{' and '.join(shown)} would mix on standard output; name one of them")
    read = _read(given)
    aside = bool(shown)
    try:
        lock = locked(given.file, given.host, read, given.state_dir)
    except Unable as fault:
        print(f"BATCH WARNING - {fault}", file=sys.stderr if aside else sys.stdout)
        return 1
    try:
        summary = _carried_out(read, destinations, given)
    finally:
        lock.release()
    summary = summary._replace(seconds=time.monotonic() - began, cpu=_cpu())
    return _print(summary, ", ".join(map(str, places)), aside)


def _text(path: str, seconds: float) -> str:
    """The text of a file, of standard input, or of a pipe that brings something every so often."""
    from bothsides.base import files

    try:
        octets = files.octets(path) if path == "-" else files.arriving(path, seconds)
    except Unable as fault:
        raise Misuse(str(fault)) from None
    return octets.decode("utf-8", "surrogateescape").replace("\r\n", "\n").replace("\r", "\n")


def _carried_out(read: "Read", destinations: "Destinations", given: Namespace) -> Summary:
    """Runs the lines and delivers their results, also when a signal ends it early."""
    from bothsides.command import batch_lines, batch_processes, batch_run
    from bothsides.command.batch_delivery import Delivery

    orders = tuple(batch_lines.orders(read.lines))
    wish = batch_run.Wish(destinations.origin, given.style, bool(destinations.exports))
    delivery = Delivery(orders, destinations, given.timeout, given.submit_ttl)
    codes, notes = [], list(read.faults)
    caught = _signals_caught()

    def turn() -> bool:
        delivery.deliver()
        return not caught

    for done in batch_processes.results(batch_run.lanes(orders), orders, wish, turn):
        codes.append(done.code)
        notes += [done.note] if done.note else []
        delivery.take(done)
    measured = f"{len(codes)} of {len(orders)} lines measured"
    stopped = f"interrupted by {caught[0]}, {measured}; " if caught else ""
    delivered = delivery.finish()
    lines = (*delivered.lines, *dict.fromkeys(notes))
    return Summary(codes, delivered.number, lines, 0.0, 0.0, stopped)


def _signals_caught() -> list[str]:
    """A list that gets the name of each signal that comes from now on; a delivery is not torn."""
    caught: list[str] = []
    names = {
        signal.SIGINT: "SIGINT",
        signal.SIGTERM: "SIGTERM",
        signal.SIGHUP: "SIGHUP",
    }
    for each in names:
        signal.signal(each, lambda number, _: caught.append(names[number]))
    return caught


def _read(given: Namespace) -> "Read":
    """The lines of the file; Misuse where it holds none."""
    from bothsides.command import batch_lines

    if given.file.endswith(".toml"):
        from bothsides.command import batch_landscape

        read = batch_lines.Read(batch_landscape.lines(given.file, given.host), ())
    else:
        read = batch_lines.from_text(_text(given.file, given.timeout))
    if not read.lines:
        name = "standard input" if given.file == "-" else given.file
        words = f"{name}: {read.faults[0]}" if read.faults else f"{name} holds no line"
        raise Misuse(words)
    return read


def _cpu() -> float:
    import resource

    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def _print(summary: Summary, places: str, aside: bool) -> int:
    """Prints the batch's own line, and lines about what went wrong; the exit code.

    aside: on standard error, since the results go to standard output.
    """
    total, counts = len(summary.codes), [summary.codes.count(code) for code in range(4)]
    code = 0 if summary.delivered == total and not summary.lines else 1 if summary.delivered else 2
    code = 3 if summary.stopped else code
    rest = [f"{count} {word}" for count, word in zip(counts, _WORDS, strict=True) if count]
    words = (
        f"{summary.delivered} of {total} results delivered to {places} in {summary.seconds:.1f} s"
    )
    figures = {
        "checks": f"{total};;;0",
        "delivered": f"{summary.delivered};;;0;{total}",
        "time": f"{summary.seconds:.3f}s;;;0",
        "cpu": f"{summary.cpu:.3f}s;;;0",
        "faults": f"{len(summary.lines)};;;0",
        **{name: f"{count};;;0" for name, count in zip(_STATES, counts, strict=True)},
    }
    perfdata = " ".join(f"{label}={value}" for label, value in figures.items())
    shown = summary.lines[:_SHOWN]
    more = len(summary.lines) - len(shown)
    first = f"BATCH {_WORDS[code]} - {summary.stopped}{words} ({', '.join(rest)}) | {perfdata}"
    stream = sys.stderr if aside else sys.stdout
    tail = [f"... {more} more lines"] if more else []
    print("\n".join([first, *(line.replace("|", "/") for line in shown), *tail]), file=stream)
    return code
