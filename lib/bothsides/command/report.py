"""bothsides report: the incident report that goes to a provider, as a page and as text.

bothsides report A B --evidence now/ --before healthy/ --html incident.html
bothsides report web1 app.example 16:00-16:05 16:15-16:20 16:30-16:35 --text -
bothsides report A B --landscape mesh.toml --collect --for hetzner --html incident.html
bothsides report --replay incident.html
"""

import errno
import os
import sys
import time

from bothsides import __version__
from bothsides.base import files
from bothsides.base.deadline import Deadline
from bothsides.base.errors import Misuse, Unable
from bothsides.base.types import Iterator, NamedTuple, Sequence
from bothsides.base.write import replace_file
from bothsides.check.owner_files import maps_of, table_of
from bothsides.check.whose_fault.measure import Past, measure, owners_in, owners_of
from bothsides.check.whose_fault.options import hosts_of, icinga_of
from bothsides.check.whose_fault.text import line, share_words
from bothsides.command.report_options import check, options
from bothsides.incident import report_windows as windows
from bothsides.incident.case import joined_case
from bothsides.incident.join import verdict
from bothsides.incident.redact import redacted
from bothsides.incident.report import ends_of, made
from bothsides.incident.report_evidence import checked, from_page
from bothsides.incident.report_html import page_of
from bothsides.incident.report_text import text_of
from bothsides.model.evidence import Evidence
from bothsides.model.interval import Interval
from bothsides.model.report import Kept, Phase, Report, Said, Span
from bothsides.model.whose_fault import Asked, Collect, NamedOwner, Plan, Run
from bothsides.parse import Unreadable
from bothsides.parse.time_window import from_window, to_instant
from bothsides.plugin.parser import Namespace
from bothsides.store import path_runs
from bothsides.store.place import place
from bothsides.store.sqlite import opened

__all__ = ["options", "run"]

_SECONDS = 60.0  # for reading
_STALE = 900.0  # s
_PATIENCE, _PATIENCE_COLLECTING = 15.0, 300.0  # s, for hosts of the landscape
_COLLECTING = ("nrpe", "ssh", "here")  # transports that pass on who is to be traced
_KEPT = 14 * 86400.0  # s, in which the last incident is looked for
_PHASES: tuple[Phase, ...] = ("before", "during", "after")


class _Stored(NamedTuple):
    """The runs of a target in the store, and the windows that hold."""

    runs: tuple[path_runs.StoredRun, ...]
    spans: tuple[Span, ...]


def run(arguments: Namespace) -> int:
    """Writes the page, the text or both; exit code 0."""
    check(arguments)
    try:
        if arguments.replay:
            kept = files.parsed(arguments.replay, from_page)
        else:
            kept = checked(_kept(arguments, time.time()))
            if not arguments.no_redaction:
                kept = redacted(kept, ends_of(kept))
        report = judged(kept)
        page = page_of(report) if arguments.html else ""
        text = text_of(report) if arguments.text or not arguments.html else ""
    except Unable as fault:
        raise Unreadable(str(fault)) from None
    except (ArithmeticError, RecursionError) as fault:
        raise Unreadable(f"values that do not fit: {str(fault)[:80]}") from None
    _write(arguments.html or "-", page)
    _write(arguments.text or "-", text)
    return 0


def judged(kept: Kept) -> Report:
    """The report of what was kept, with a verdict made now."""
    run = kept.run
    case = joined_case(run.start, run.target, run.documents, owners_of(run))
    judgement = verdict(case, run.witnesses)
    words = Said(line(judgement), _share(judgement.loss_out), _share(judgement.loss_back))
    return made(kept, judgement, words)


def _share(share: Interval | None) -> str:
    return "" if share is None else share_words(share)


def _write(path: str, text: str) -> None:
    if not text:
        return
    if path == "-":
        print(text, end="")
        return
    octets = text.encode("utf-8", "backslashreplace")
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            # a new file must not replace a device, and a pipe without a reader has no end
            descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            os.set_blocking(descriptor, True)
            with open(descriptor, "wb") as device:
                device.write(octets)
        else:
            replace_file(path, octets)
    except OSError as fault:
        why = "nobody reads this pipe" if fault.errno == errno.ENXIO else fault.strerror or fault
        raise Unreadable(f"cannot write {path}: {why}") from None


def _kept(arguments: Namespace, now: float) -> Kept:
    """All that the report is made from."""
    stored = _Stored((), ())
    if arguments.windows or not (arguments.evidence or arguments.landscape):
        stored = _from_store(arguments, now)
    past = _past(arguments)
    after: tuple[Run, ...] = ()
    if arguments.evidence or arguments.landscape:
        if arguments.evidence:
            run = _joined(arguments, arguments.evidence, arguments.before, past)
        else:
            run = _fetched(arguments, past)
        if arguments.after:
            after = (_joined(arguments, arguments.after, (), past),)
        later = tuple(document for each in after for document in each.documents)
        owners = dict.fromkeys((*run.owners, *(each for one in after for each in one.owners)))
        run = run._replace(owners=tuple(owners))
    else:
        start = arguments.start or os.uname().nodename
        parts = windows.evidence(start, arguments.target, stored.runs, stored.spans)
        run = Run(
            subject=f"{start} to {arguments.target}",
            start=start,
            target=arguments.target,
            documents=(parts.during,),
            owners=_owners(windows.owners(stored.runs), (parts.during, *parts.after), past),
            witnesses=(),
        )
        later = parts.after
    return Kept(
        run=run,
        after=later,
        spans=stored.spans,
        trips=windows.trips(stored.runs, stored.spans),
        provider=arguments.provider,
        ticket=arguments.ticket,
        made=float(int(time.time())),
        version=__version__,
    )


def _owners(
    stored: Sequence[NamedOwner], documents: Sequence[Evidence], past: Past
) -> tuple[NamedOwner, ...]:
    """The owners that the runs were stored with, and where a map knows better, those."""
    known = {each.address: each for each in stored}
    for each in owners_in(documents, past):  # of which "private" is no network of anybody
        if each.label and (each.asn or each.role or each.address not in known):
            known[each.address] = each
    return tuple(known[address] for address in sorted(known))


def _fetched(arguments: Namespace, past: Past) -> Run:
    """What the hosts of the landscape say of each other now."""
    if not arguments.start or not arguments.target:
        raise Misuse("missing A and B, two hosts of the landscape")
    hosts = hosts_of(arguments.landscape, arguments.start, arguments.target, arguments.third)
    ends = hosts[:2]
    notes: list[str] = []
    asked = [_here(each, ends, arguments.landscape) for each in hosts]
    if arguments.collect:
        for place, (each, peer) in enumerate(zip(ends, reversed(ends), strict=True)):
            if asked[place].transport in _COLLECTING:
                collect = Collect(arguments.provider, peer.name)
                asked[place] = asked[place]._replace(collect=collect)
            else:
                notes.append(
                    f"{each.name} collected no traces: its transport is {each.transport}; run there"
                    f" bothsides evidence --collect {arguments.provider} --to {peer.name}=ADDRESS"
                )
    plan = Plan(
        start=arguments.start,
        target=arguments.target,
        before=tuple(arguments.before),
        hosts=tuple(asked),
        stale=_STALE,
        icinga=icinga_of(arguments),
        key=files.secret(arguments.seal) if arguments.seal else None,
    )
    seconds = arguments.timeout or (_PATIENCE_COLLECTING if arguments.collect else _PATIENCE)
    run = measure(plan, past, Deadline(seconds))
    return run._replace(troubles=(*notes, *run.troubles))


def _here(asked: Asked, ends: Sequence[Asked], landscape: str) -> Asked:
    """The host as this very one, which needs no transport, where it is an end and this one."""
    if asked not in ends or asked.name != os.uname().nodename:
        return asked
    words = (sys.executable, os.path.abspath(sys.argv[0]), "evidence", "--name", asked.name)
    (peer,) = (each.name for each in ends if each.name != asked.name)
    more = ("--landscape", os.path.abspath(landscape), "--to", peer)
    return asked._replace(transport="here", argv=(*words, *more))


def _joined(arguments: Namespace, paths: Sequence[str], before: Sequence[str], past: Past) -> Run:
    plan = Plan(
        start=arguments.start,
        target=arguments.target,
        evidence=tuple(paths),
        before=tuple(before),
        stale=_STALE,
        key=files.secret(arguments.seal) if arguments.seal else None,
    )
    return measure(plan, past, Deadline(_SECONDS))


def _past(arguments: Namespace) -> Past:
    """What says whose addresses are."""
    return Past(maps_of(arguments), table_of(arguments))


def _from_store(arguments: Namespace, now: float) -> _Stored:
    """The runs to B that are stored here, in the windows, or about the last incident."""
    if not arguments.target:
        raise Misuse("missing A and B, or --evidence PATH, or --replay PAGE")
    if len(arguments.windows) > 3:
        raise Misuse("at most three windows: before, during, after")
    spans = tuple(_spans(arguments.windows, now))
    with opened(place(arguments.state_dir), write=False) as history:
        known = path_runs.targets(history)
        address = next(
            (each for each, run in known.items() if arguments.target in (each, run.host)), ""
        )
        if not address:
            names = ", ".join(sorted({run.host for run in known.values()})[:4])
            some = f"there are some to {names}" if names else f"none at all in {history.path}"
            raise Unable(
                f"no stored run to {arguments.target}; {some};"
                " name the folder with --state-dir, or give --evidence PATH"
            )
        since = min((span.start for span in spans), default=now - _KEPT)
        until = max((span.end for span in spans), default=now)
        runs = tuple(path_runs.entries(history, address, since, until + 1))
        newest = to_instant(known[address].at)
    _refuse_empty(spans, runs, arguments.target, newest)
    spans = spans or windows.last_incident(runs)
    if not spans:
        raise Unable(f"no incident in {len(runs)} stored runs to {arguments.target}; give WINDOWs")
    return _Stored(runs, spans)


def _spans(texts: Sequence[str], now: float) -> Iterator[Span]:
    """One window is the incident; two are before and during; three also after."""
    phases = _PHASES[1:2] if len(texts) == 1 else _PHASES
    earlier = 0.0
    for phase, text in zip(phases, texts, strict=False):
        window = from_window(text, now)
        if window.start > now:
            raise Misuse(f"window {text[:40]} lies in the future")
        if window.start < earlier:
            raise Misuse(f"window {text[:40]}: write before, during and after in this order")
        yield Span(phase, window.start, window.end)
        earlier = window.end


def _refuse_empty(
    spans: Sequence[Span], runs: Sequence[path_runs.StoredRun], target: str, newest: str
) -> None:
    """Raises Unable where the window of the incident holds no run."""
    for span in spans:
        inside = any(span.start <= run.at <= span.end for run in runs)
        if span.phase == "during" and not inside:
            begin, end = to_instant(span.start), to_instant(span.end)
            raise Unable(
                f"no stored run to {target} from {begin} to {end}; the newest is of {newest}"
            )
