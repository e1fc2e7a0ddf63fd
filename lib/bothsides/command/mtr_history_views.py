"""What mtr_history shows of a memory: targets, paths, moments, windows side by side, exports."""

import os

from bothsides import __version__
from bothsides.analyse.path.baseline_document import from_document
from bothsides.base import files
from bothsides.base.errors import Misuse, Unable
from bothsides.base.types import Iterator, Mapping, Sequence
from bothsides.incident import path_windows
from bothsides.parse.target import from_target
from bothsides.parse.text import counted, to_whole_words
from bothsides.parse.time_window import Window, from_moment, from_window, to_instant
from bothsides.store import path_reports
from bothsides.store.path_memory import path_key
from bothsides.store.path_runs import (
    StoredHop,
    StoredRun,
    WindowSummary,
    entries,
    nearest,
    summarise,
    tally,
    targets,
)
from bothsides.store.place import others
from bothsides.store.sqlite import History, opened

_NEAR = 900.0  # s from a moment, within which a run is said to be of that moment
_SHOWN = 20  # hosts that a message names
_HEADER = "time,host,target,source,state,word,hop,routers,owner,asked,lost,best_s,mean_s,worst_s"


def list_targets(past: History) -> Iterator[str]:
    """The targets with stored runs."""
    known = targets(past)
    if not known:
        raise Unable(_nothing(past))
    for address, run in known.items():
        runs = tally(past, address)
        span = f"from {to_instant(runs.first)} to {to_instant(runs.last)}"
        counts = f"{runs.runs} runs {span}, {runs.bad} of them bad"
        yield f"{run.host} ({address}): {counts}; last: {run.words}"


def _nothing(past: History) -> str:
    """Why no run can be shown at all."""
    if past.keys("run "):
        return f"no run that is remembered in {past.path} can be read by this version"
    return f"no runs are remembered in {past.path}{_elsewhere(past)}"


def _elsewhere(past: History) -> str:
    """Which other users have a memory, with the command that shows it."""
    import shlex

    hints = [
        f"{user} has a memory, run sudo -u {shlex.quote('#' * user.isdigit() + user)} "
        f"mtr_history --state-dir {shlex.quote(folder)} list"
        for user, folder in others(os.path.dirname(past.path))
    ]
    return "".join(f"; {words}" for words in hints[:3])


def target_of(past: History, text: str) -> str:
    """The address of a target, named by its name or address; Unable where it has no runs."""
    known = targets(past)
    if not known:
        raise Unable(_nothing(past))
    if not text:
        raise Misuse(f"missing argument HOST (known: {', '.join(_names(known))})")
    host = from_target(text)
    if host in known:
        return host
    address = next((address for address, run in known.items() if run.host == host), "")
    if not address:
        missing = f"nothing is remembered of {host} in {past.path}"
        raise Unable(f"{missing} (known: {', '.join(_names(known))}){_elsewhere(past)}")
    return address


def _names(known: Mapping[str, StoredRun]) -> list[str]:
    """The hosts of stored runs, each once and some of many."""
    names = list(dict.fromkeys(run.host for run in known.values()))
    more = [f"and {len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    return names[:_SHOWN] + more


def paths(past: History, target: str) -> Iterator[str]:
    """The normal path to a target and the other known ones."""
    baseline = from_document(past.document(path_key(target)))
    known = [
        ("normal", baseline.normal),
        ("walked now", baseline.other),
        *(("earlier", path) for path in reversed(baseline.known)),
    ]
    paths = counted(len([path for _, path in known if path]), "path")
    yield f"{paths} to {target}, {counted(len(baseline.switches), 'change')} in the last 24 h"
    for role, path in known:
        if path is None:
            continue
        runs = counted(path.runs, "run")
        yield f"{role}: {runs} from {to_instant(path.first)} to {to_instant(path.last)}"
        for ttl in range(1, max(path.members, default=0) + 1):
            hosts = path.members.get(ttl, ())
            more = f" and {len(hosts) - 6} more" if len(hosts) > 6 else ""
            yield f"{ttl:4d}  {', '.join(hosts[:6]) or '*'}{more}"


def show(past: History, target: str, times: Sequence[str], now: float) -> Iterator[str]:
    """The run that is nearest to one moment; without a time the last run."""
    at = from_moment(" ".join(times), now) if times else now
    near = nearest(past, target, at)
    if near is None:
        raise Unable(_nothing(past))
    if times and abs(near.at - at) > _NEAR:
        side = "later" if near.at > at else "earlier"
        away = f"{to_whole_words(abs(near.at - at))} {side}"
        yield f"no run near {to_instant(at)}; the nearest one is {away}:"
    yield f"{to_instant(near.at)} {near.state}: {near.words}"
    yield f"{near.host} ({near.target}) from {near.source}, by {near.engine}"
    yield from path_reports.report_of(near).splitlines()[1:]


def compare(past: History, target: str, times: Sequence[str], now: float) -> Iterator[str]:
    """Two or three windows side by side."""
    if len(times) not in (2, 3):
        raise Misuse("compare needs two or three windows of time")
    spans, _, last = _windows(past, target, times, now)
    yield f"{last.host} ({target}) from {last.source}, times in UTC"
    yield from path_windows.table(spans)
    yield ""
    yield path_windows.sentence(spans)


class _Extremes:
    """The worst and the last of the runs that pass through it."""

    worst: StoredRun | None = None
    last: StoredRun | None = None

    def passing(self, runs: Iterator[StoredRun]) -> Iterator[StoredRun]:
        for run in runs:
            self.worst = run if self.worst is None else max(self.worst, run, key=_harm)
            self.last = run
            yield run


def _windows(
    past: History, target: str, times: Sequence[str], now: float
) -> tuple[list[WindowSummary], list[StoredRun], StoredRun]:
    """The runs of each window together, the worst run of each, and the last of all."""
    spans: list[WindowSummary] = []
    worst: list[StoredRun] = []
    for window in (from_window(text, now) for text in times):
        extremes = _Extremes()
        runs = entries(past, target, window.start, window.end + 1)
        spans.append(summarise(_words(window), extremes.passing(runs)))
        if extremes.worst is None or extremes.last is None:
            start, end = to_instant(window.start), to_instant(window.end)
            raise Unable(f"no run to {target} from {start} to {end}")
        worst.append(extremes.worst)
        last = extremes.last
    return spans, worst, last


def _harm(entry: StoredRun) -> tuple[float, float]:
    return entry.lost / max(1, entry.sent), entry.rta or 0.0


def _words(window: Window) -> str:
    start, end = to_instant(window.start), to_instant(window.end)
    return f"{start[:16]}-{end[11:16]}" if start[:10] == end[:10] else f"{start[:16]}/{end[:16]}"


def export(
    past: History, target: str, since: str, until: str, form: str, now: float
) -> Iterator[str]:
    """All runs of a time as JSON, CSV or mtr's text reports."""
    start, end = from_moment(since, now), from_moment(until, now)
    if end < start:
        raise Misuse(f"--until {until.strip()} is before --since {since.strip()}")
    runs = entries(past, target, start, end + 1)
    if form == "report":
        for run in runs:
            yield from path_reports.report_of(run).splitlines()
    elif form == "csv":
        yield _HEADER
        for run in runs:
            yield from (_row(run, hop) for hop in run.hops)
    else:
        yield from _as_json(runs)


def _row(run: StoredRun, hop: StoredHop) -> str:
    """One hop of a run as a line of CSV."""
    times = [_cell(time) for time in (hop.best, hop.avg, hop.worst)]
    front = (to_instant(run.at), run.host, run.target, run.source, run.state, run.word)
    owner = hop.owner.replace(",", " ")
    cells = (*front, hop.ttl, " ".join(hop.hosts), owner, hop.asked, hop.lost, *times)
    return ",".join(str(cell) for cell in cells)


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


def report(past: History, target: str, times: Sequence[str], now: float) -> Iterator[str]:
    """Evidence for a provider: the windows before, during and after an incident."""
    if len(times) != 3:
        raise Misuse("report needs three windows of time: before, during, after")
    spans, worst, last = _windows(past, target, times, now)
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


def other_direction(other: str, host: str, times: Sequence[str], now: float) -> Iterator[str]:
    """The way back: another memory's folder, or a file with any output of mtr."""
    yield ""
    yield f"THE OTHER DIRECTION ({other})"
    if os.path.isdir(other):
        with opened(other, write=False) as past:
            target = target_of(past, host)
            spans, _, _ = _windows(past, target, times, now)
            yield from path_windows.table(spans)
            yield path_windows.sentence(spans)
        return
    from bothsides.parse.mtr.detect import from_mtr
    from bothsides.parse.mtr.report import to_report

    for trace in from_mtr(files.octets(other)):
        started = "unknown"
        if trace.started:
            started = to_instant(trace.started).replace(" ", "T").replace("Z", "+0000")
        yield from to_report(trace, started, trace.source or "unknown").splitlines()
