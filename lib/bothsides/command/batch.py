"""bothsides batch: many checks of all kinds in one run, and their results where they are wanted.

    bothsides batch checks.txt --submit nagios:/var/lib/nagios4/spool/checkresults
    bothsides batch checks.txt --submit icinga:https://master:5665 --submit-ttl 130s
    bothsides batch checks.txt --output send_nsca | send_nsca -H nagios.example

Its own line says what was delivered. Exit code 0: all; 1: not all, or the batch before still runs;
2: nothing; 3: the command line or the whole file is wrong.
"""

import os
import sys
import time

from bothsides.base.errors import Misuse, Unable
from bothsides.base.types import TYPE_CHECKING, Any, NamedTuple, Sequence
from bothsides.parse.text import from_duration
from bothsides.plugin.command_line import add_elsewhere
from bothsides.plugin.parser import Namespace, Parser, valued

if TYPE_CHECKING:
    from bothsides.check.delivery import Destinations
    from bothsides.command.batch_lines import Order
    from bothsides.command.batch_run import Done

_STATES = ("ok", "warning", "critical", "unknown")
_WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
_SHOWN = 10  # lines about what went wrong


class Told(NamedTuple):
    """What is said of a batch."""

    codes: Sequence[int]  # of the results
    delivered: int  # of them, at the place that took fewest
    lines: tuple[str, ...]  # what went wrong
    seconds: float
    cpu: float  # s, of all processes


def options(parser: Parser) -> None:
    """Declares the options."""
    words = "lines of HOST!SERVICE CHECK options; - is standard input"
    parser.add_argument("file", metavar="FILE", help=words)
    add = parser.add_argument_group("delivery").add_argument
    words = "for the delivery; each check has its own (default 10s)"
    add("-t", "--timeout", type=valued(from_duration), default=10.0, metavar="TIME", help=words)
    words = "send_nsca: records for it on standard output, our own line on standard error"
    add("--output", choices=("text", "send_nsca"), default="text", help=words)
    words = "where the lock and waiting results are kept"
    add("--state-dir", default="", metavar="DIR", help=words)
    add_elsewhere(parser, alone=False)


def run(given: Namespace) -> int:
    """Runs a batch; the exit code."""
    from bothsides.check.delivery import from_options

    began = time.monotonic()
    if given.output == "send_nsca":
        given.submit = [*given.submit, "nsca:-"]
    destinations = from_options(given)
    places = (*destinations.submits, *destinations.exports)
    if not places:
        raise Misuse("say where the results go: --submit WHERE; --submit - shows them")
    text = _text(given.file)
    stream = sys.stderr if any(place.path == "-" for place in places) else sys.stdout
    try:
        lock = _locked(given)
    except Unable as fault:
        print(f"BATCH WARNING - {fault}", file=stream)
        return 1
    try:
        told = _carried_out(text, destinations, given)
    finally:
        os.close(lock)
    told = told._replace(seconds=time.monotonic() - began, cpu=_cpu())
    return _tell(told, ", ".join(map(str, places)), stream)


def _text(path: str) -> str:
    if path == "-":
        return sys.stdin.read()
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def _locked(given: Namespace) -> int:
    """The lock of this file's batches; Unable while another one has it."""
    import fcntl

    from bothsides.export.percent import quoted
    from bothsides.store.place import place

    folder = place(given.state_dir)
    name = quoted(os.path.realpath(given.file) if given.file != "-" else "-")[-150:]
    path = os.path.join(folder, f"batch-{os.geteuid()}-{name}.lock")
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as fault:
        raise Misuse(f"cannot lock {path}: {fault.strerror}; name --state-dir") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        since = time.time() - os.stat(lock).st_mtime
        os.close(lock)
        raise Unable(f"the batch before still runs, for {since:.0f} s; nothing done") from None
    os.utime(lock)
    return lock


def _carried_out(text: str, destinations: "Destinations", given: Namespace) -> Told:
    """Reads, runs and delivers."""
    from bothsides.command import batch_lines, batch_processes, batch_run

    lines, faults = batch_lines.from_text(text)
    if not lines:
        words = f"{given.file}: {faults[0]}" if faults else f"{given.file} holds no line"
        raise Misuse(words)
    orders = tuple(batch_lines.orders(lines))
    wish = batch_run.Wish(destinations.origin, given.style, bool(destinations.exports))
    done = sorted(batch_processes.results(batch_run.lanes(orders), orders, wish))
    delivered, troubles = _delivered(orders, done, destinations, given)
    notes = dict.fromkeys(each.note for each in done if each.note)
    codes = tuple(each.code for each in done)
    return Told(codes, delivered, (*faults, *notes, *troubles), 0.0, 0.0)


def _delivered(
    orders: "Sequence[Order]",
    done: "Sequence[Done]",
    destinations: "Destinations",
    given: Namespace,
) -> tuple[int, tuple[str, ...]]:
    """How many results were taken where fewest were, and what went wrong."""
    from bothsides.export.deliver import export
    from bothsides.export.passive import from_report
    from bothsides.export.submit import submit
    from bothsides.plugin.output import Report

    means = destinations.means
    results = [
        from_report(order.line.host, order.line.service, Report(one.text, one.code), *one[3:5])
        for order, one in zip(orders, done, strict=True)
    ]
    lines = [destinations.trouble] if destinations.trouble else []
    taken = [len(results)]
    seconds = 0.0 if destinations.trouble else given.timeout
    for place in destinations.submits:
        source, ttl = destinations.origin.source, given.submit_ttl
        submission = submit(place, results, means, seconds, source, ttl)
        taken.append(submission.taken)
        lines += submission.lines
    for place in destinations.exports:
        points = [point for one in done for point in one.rows.points]
        events = [event for one in done for event in one.rows.events]
        troubles = export(place, points, events, means, seconds)
        taken.append(0 if troubles and not destinations.submits else len(results))
        lines += troubles
    return min(taken), tuple(lines)


def _cpu() -> float:
    import resource

    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def _tell(told: Told, places: str, stream: Any) -> int:
    """Prints the batch's own line, and lines about what went wrong; the exit code."""
    total, counts = len(told.codes), [told.codes.count(code) for code in range(4)]
    code = 0 if told.delivered == total and not told.lines else 1 if told.delivered else 2
    rest = [f"{count} {word}" for count, word in zip(counts, _WORDS, strict=True) if count]
    words = f"{told.delivered} of {total} results delivered to {places} in {told.seconds:.1f} s"
    figures = {
        "checks": f"{total};;;0",
        "delivered": f"{told.delivered};;;0;{total}",
        "time": f"{told.seconds:.3f}s;;;0",
        "cpu": f"{told.cpu:.3f}s;;;0",
        "faults": f"{len(told.lines)};;;0",
        **{name: f"{count};;;0" for name, count in zip(_STATES, counts, strict=True)},
    }
    perfdata = " ".join(f"{label}={value}" for label, value in figures.items())
    shown = told.lines[:_SHOWN]
    more = len(told.lines) - len(shown)
    first = f"BATCH {_WORDS[code]} - {words} ({', '.join(rest)}) | {perfdata}"
    tail = [f"... {more} more lines"] if more else []
    print("\n".join([first, *(line.replace("|", "/") for line in shown), *tail]), file=stream)
    return code
