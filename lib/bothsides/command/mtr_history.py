"""The command mtr_history: what earlier runs of check_mtr_path saw, side by side and as evidence."""

import os
import re
import sys
import time

from bothsides import __version__
from bothsides.analyse.path.baseline_document import from_document
from bothsides.base import files
from bothsides.base.deadline import Deadline, Interrupted, arm
from bothsides.base.errors import Misuse, Unable
from bothsides.base.types import Any, Iterator, NoReturn, Sequence
from bothsides.incident import path_windows
from bothsides.parse import Unreadable
from bothsides.parse.text import from_host
from bothsides.parse.time_window import Window, from_moment, from_window, to_instant
from bothsides.plugin.output import Report, leave
from bothsides.plugin.parser import Parser
from bothsides.store import path_reports, sqlite
from bothsides.store.path_memory import path_key
from bothsides.store.path_runs import (
    StoredRun,
    WindowSummary,
    entries,
    nearest,
    summarise,
    tally,
    targets,
)
from bothsides.store.sqlite import History

_LONGEST = (
    86400.0  # seconds that a command may take: whoever wants it to end sooner says so by a signal
)
_MUCH = (
    1 << 20
)  # characters of the answer that are held back, so that most failures have a line of their own
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
        report = Report(_rest(told(sys.argv[1:], time.time())), 0)
    except (Misuse, Unreadable, Unable) as fault:
        report = Report(f"mtr_history: {fault}; see mtr_history --help\n", 3)
    except Interrupted as cause:
        report = Report(f"mtr_history: interrupted by {cause}\n", 3)
    except (
        IndexError,
        KeyError,
        TypeError,
        ValueError,
    ) as fault:  # written by another version, or by hand
        report = Report(
            f"mtr_history: what is remembered does not fit together: {type(fault).__name__}: {fault}\n",
            3,
        )
    leave(report)


def _rest(lines: Iterator[str]) -> str:
    """The lines as text; of a long answer the end, as all before it has been written already."""
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
    rest = memoryview(text.encode("ascii", "replace"))
    try:
        while rest:
            rest = rest[os.write(1, rest) :]
    except OSError:  # the reader has gone, or the disk is full
        leave(Report("", 3))


def told(argv: Sequence[str], now: float) -> Iterator[str]:
    """The lines of the answer."""
    parser = _parser()
    options = parser.parse_args(
        [f" {word}" if re.match(r"-[0-9.]+[smhdw]", word) else word for word in argv]
    )
    if options.help or options.version:
        yield (
            f"mtr_history v{__version__} (bothsides)"
            if options.version
            else parser.format_help().rstrip()
        )
        return
    if options.command not in _COMMANDS:
        raise Misuse(
            f"unknown command {str(options.command)[:40]}" if options.command else "missing command"
        )
    with sqlite.opened(sqlite.place(options.state_dir), write=False) as past:
        if options.command == "list":
            yield from _list(past)
            return
        target = _target(past, options.host)
        commands = {
            "paths": _paths,
            "show": _show,
            "compare": _compare,
            "export": _export,
            "report": _report,
        }
        yield from commands[options.command](past, target, options, now)


def _parser() -> Parser:
    parser = Parser("mtr_history", "What earlier runs of check_mtr_path saw.", _EPILOG)
    parser.add_argument("command", nargs="?", help="what to do, see below")
    parser.add_argument("host", nargs="?", default="", help="the target: its name or address")
    parser.add_argument("times", nargs="*", help="moments or windows of time")
    parser.add_argument(
        "--state-dir", default="", metavar="DIR", help="where check_mtr_path remembers"
    )
    parser.add_argument(
        "--since", default="-14d", metavar="TIME", help="export: from (default -14d)"
    )
    parser.add_argument("--until", default="now", metavar="TIME", help="export: to (default now)")
    parser.add_argument(
        "--format",
        choices=("json", "csv", "report"),
        default="json",
        help="export: as (default json)",
    )
    parser.add_argument(
        "--other",
        default="",
        metavar="FILE",
        help="report: the other direction, any output of mtr, or another memory's folder",
    )
    parser.add_argument(
        "--other-host", default="", metavar="HOST", help="report: the target in the other memory"
    )
    parser.add_argument("-h", "--help", action="store_true", help="this text")
    parser.add_argument("-V", "--version", action="store_true", help="the version")
    return parser


def _list(past: History) -> Iterator[str]:
    known = targets(past)
    if not known:
        raise Unable(_nothing(past))
    for address, run in known.items():
        runs = tally(past, address)
        span = f"from {to_instant(runs.first)} to {to_instant(runs.last)}"
        yield f"{run.host} ({address}): {runs.runs} runs {span}, {runs.bad} of them bad; last: {run.words}"


def _nothing(past: History) -> str:
    """Why no run can be shown at all."""
    if past.keys("run "):
        return f"no run that is remembered in {past.path} can be read by this version"
    return f"no runs are remembered in {past.path}{_elsewhere(past)}"


def _elsewhere(past: History) -> str:
    """Who else remembers, and the command that asks him: a memory belongs to the user who measured."""
    import shlex

    told = [
        f"{user} has a memory, run sudo -u {shlex.quote('#' * user.isdigit() + user)} "
        f"mtr_history --state-dir {shlex.quote(folder)} list"
        for user, folder in sqlite.others(os.path.dirname(past.path))
    ]
    return "".join(f"; {words}" for words in told[:3])


def _target(past: History, text: str) -> str:
    host = from_host(text) if text else ""
    known = targets(past)
    if not known:
        raise Unable(_nothing(past))
    found = (
        host
        if host in known
        else next((address for address, run in known.items() if run.host == host), "")
    )
    if not found:
        names = ", ".join(dict.fromkeys(run.host for run in known.values()))
        raise Unable(
            f"nothing is remembered of {host or 'nobody'} in {past.path} (known: {names}){_elsewhere(past)}"
        )
    return found


def _paths(past: History, target: str, options: Any, now: float) -> Iterator[str]:
    memory = from_document(past.document(path_key(target)))
    known = [
        ("normal", memory.normal),
        ("walked now", memory.other),
        *(("earlier", path) for path in reversed(memory.known)),
    ]
    yield f"{len([path for _, path in known if path])} paths to {target}, {len(memory.switches)} changes in the last 24 h"
    for role, path in known:
        if path is None:
            continue
        yield f"{role}: {path.runs} run{'s' * (path.runs != 1)} from {to_instant(path.first)} to {to_instant(path.last)}"
        for ttl in range(1, max(path.members, default=0) + 1):
            met = path.members.get(ttl, ())
            yield f"{ttl:4d}  {', '.join(met[:6]) or '*'}{f' and {len(met) - 6} more' if len(met) > 6 else ''}"


def _show(past: History, target: str, options: Any, now: float) -> Iterator[str]:
    at = from_moment(" ".join(options.times), now) if options.times else now
    near = nearest(past, target, at)
    if near is None:
        raise Unable(_nothing(past))
    yield f"{to_instant(near.at)} {near.state}: {near.words}"
    yield f"{near.host} ({near.target}) from {near.source}, by {near.engine}"
    yield from path_reports.report_of(near).splitlines()[1:]


def _compare(past: History, target: str, options: Any, now: float) -> Iterator[str]:
    if len(options.times) not in (2, 3):
        raise Misuse("compare needs two or three windows of time")
    spans, _, last = _spans(past, target, options.times, now)
    yield f"{last.host} ({target}) from {last.source}, times in UTC"
    yield from path_windows.table(spans)
    yield ""
    yield path_windows.sentence(spans)


def _spans(
    past: History, target: str, times: Sequence[str], now: float
) -> tuple[list[WindowSummary], list[StoredRun], StoredRun]:
    """The runs of each window summed up, the worst of each, and the last of all."""
    spans: list[WindowSummary] = []
    worst: list[StoredRun] = []
    for window in (from_window(text, now) for text in times):
        met: list[StoredRun] = []
        spans.append(
            summarise(
                _words(window), _watched(entries(past, target, window.start, window.end + 1), met)
            )
        )
        if not met:
            raise Unable(
                f"no run to {target} from {to_instant(window.start)} to {to_instant(window.end)}"
            )
        worst.append(met[0])
        last = met[1]
    return spans, worst, last


def _watched(runs: Iterator[StoredRun], met: list[StoredRun]) -> Iterator[StoredRun]:
    """The runs as they pass; `met` holds the worst and the last of them."""
    for run in runs:
        met[:] = [max(met[0], run, key=_harm) if met else run, run]
        yield run


def _harm(entry: StoredRun) -> tuple[float, float]:
    return entry.lost / max(1, entry.sent), entry.rta or 0.0


def _words(window: Window) -> str:
    start, end = to_instant(window.start), to_instant(window.end)
    return f"{start[:16]}-{end[11:16]}" if start[:10] == end[:10] else f"{start[:16]}/{end[:16]}"


def _export(past: History, target: str, options: Any, now: float) -> Iterator[str]:
    runs = entries(
        past, target, from_moment(options.since, now), from_moment(options.until, now) + 1
    )
    if options.format == "report":
        for entry in runs:
            yield from path_reports.report_of(entry).splitlines()
    elif options.format == "csv":
        yield "time,host,target,source,state,word,hop,routers,owner,asked,lost,best_s,mean_s,worst_s"
        for entry in runs:
            front = (
                to_instant(entry.at),
                entry.host,
                entry.target,
                entry.source,
                entry.state,
                entry.word,
            )
            for seen in entry.hops:
                cells = (
                    *front,
                    seen.ttl,
                    " ".join(seen.hosts),
                    seen.owner.replace(",", " "),
                    seen.asked,
                    seen.lost,
                )
                yield (
                    ",".join(str(cell) for cell in cells)
                    + ","
                    + ",".join(_cell(t) for t in (seen.best, seen.avg, seen.worst))
                )
    else:
        yield from _as_json(runs)


def _as_json(runs: Iterator[StoredRun]) -> Iterator[str]:
    """One array, of which only one run at a time is held."""
    import json

    from bothsides.base.record import to_json

    end = ""
    for entry in runs:
        yield f"{end}," if end else "["
        *lines, end = (f" {line}" for line in json.dumps(to_json(entry), indent=1).splitlines())
        yield from lines
    yield from (end, "]") if end else ("[]",)


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}"


def _report(past: History, target: str, options: Any, now: float) -> Iterator[str]:
    if len(options.times) != 3:
        raise Misuse("report needs three windows of time: before, during, after")
    spans, worst, last = _spans(past, target, options.times, now)
    yield f"Path from {last.source} to {last.host} ({target}), times in UTC"
    yield f"measured by check_mtr_path of bothsides {__version__} with {last.engine}"
    yield ""
    yield path_windows.sentence(spans)
    yield ""
    yield from path_windows.table(spans)
    for role, span, entry in zip(("BEFORE", "DURING", "AFTER"), spans, worst, strict=True):
        yield ""
        yield f"{role} (the worst of {span.runs} runs): {entry.words}"
        yield from path_reports.report_of(entry).splitlines()
    if options.other:
        yield ""
        yield f"THE OTHER DIRECTION ({options.other})"
        yield from _other(options, now)


def _other(options: Any, now: float) -> Iterator[str]:
    if os.path.isdir(options.other):
        with sqlite.opened(options.other, write=False) as past:
            target = _target(past, options.other_host)
            spans, _, _ = _spans(past, target, options.times, now)
            yield from path_windows.table(spans)
            yield path_windows.sentence(spans)
        return
    from bothsides.parse.mtr.detect import from_mtr
    from bothsides.parse.mtr.report import to_report

    for trace in from_mtr(files.octets(options.other)):
        started = (
            to_instant(trace.started).replace(" ", "T").replace("Z", "+0000")
            if trace.started
            else "unknown"
        )
        yield from to_report(trace, started, trace.source or "unknown").splitlines()
