"""bothsides export: what is stored on this host, to databases and archives, with its own times.

    bothsides export --since -14d --export influx:http://db.example:8086
    bothsides export --since "2026-11-20 16:00" --until -1h --host aws --export jsonl:-
    bothsides export --since -1d --export s3:https://s3.eu-central-1.amazonaws.com/bucket/mtr
    bothsides export --incident incident.html --route office-to-aws --export s3:...
    bothsides export --list --export s3:...        bothsides export --expire 90d --export s3:...

Stored are the runs of check_mtr_path and the slices of udp_mesh. A store that refuses gets nothing
more, and the message names the time to go on from; what a store keeps once is not there twice then.
Exit code 0: all; 1: not all; 2: nothing; 3: wrong command line, or nothing is stored.
"""

import os
import stat
import sys
import time

from bothsides.base.errors import Misuse, Unable
from bothsides.base.types import TYPE_CHECKING, Iterable, NamedTuple
from bothsides.parse.text import from_duration
from bothsides.parse.time_window import from_moment, to_instant
from bothsides.plugin.command_line import add_elsewhere
from bothsides.plugin.parser import Namespace, Parser, valued

if TYPE_CHECKING:
    from bothsides.check.delivery import Destinations
    from bothsides.command.export_history import Piece
    from bothsides.export.archive_names import ReportName
    from bothsides.export.destination import Destination
    from bothsides.export.s3 import Bucket

_TOGETHER = 2000  # rows in one request
_WORDS = ("OK", "WARNING", "CRITICAL")


class Sent(NamedTuple):
    """What became of the history at one destination."""

    taken: int  # pieces
    rows: int  # or events, or reports, where the destination takes these alone
    trouble: str = ""  # why it ended early, and where to go on


def options(parser: Parser) -> None:
    """Declares the options."""
    add = parser.add_argument_group("what is sent").add_argument
    add("--since", default="-1d", metavar="TIME", help="from, as -14d or 2026-11-20 16:15 (UTC)")
    add("--until", default="now", metavar="TIME", help="to (default now)")
    add("--host", default="", metavar="TARGET", help="one target alone, by name or address")
    add("--incident", action="append", default=[], metavar="FILE",
        help="instead: this report, into s3; repeatable")  # fmt: skip
    add("--list", action="store_true", help="instead: what the archive holds, s3 alone")
    add("--expire", type=valued(from_duration), metavar="AGE",
        help="instead: remove reports of ours that are older, s3 alone")  # fmt: skip
    add("--below", default="", metavar="PREFIX", help="with --list, --expire: names that begin so")
    add = parser.add_argument_group("how").add_argument
    add("-t", "--timeout", type=valued(from_duration), default=60.0, metavar="TIME",
        help="for each destination (default 60s)")  # fmt: skip
    add("--state-dir", default="", metavar="DIR", help="where the checks remember")
    add_elsewhere(parser, alone=False)


def run(given: Namespace) -> int:
    """Sends the history; the exit code."""
    from bothsides.check.delivery import from_options

    if given.submit or given.style != "bothsides":
        raise Misuse("stored history goes to --export alone, in the style bothsides")
    if not given.export:
        raise Misuse("say where it goes: --export influx:URL, graphite:HOST:PORT, s3:URL ...")
    if given.timeout <= 0:
        raise Misuse("-t 0 leaves no time to send anything")
    asked = [given.list, given.expire is not None, bool(given.incident)]
    if sum(asked) > 1:
        raise Misuse("--list, --expire and --incident are three commands: one at a time")
    if given.expire == 0:
        raise Misuse("--expire 0 would remove every report")
    if given.below and not (given.list or given.expire is not None):
        raise Misuse("--below goes with --list or --expire")
    archives = [text for text in given.export if text.startswith("s3:")]
    given.export = [text for text in given.export if text not in archives]
    destinations = from_options(given)
    if destinations.means.trouble:
        raise Unable(destinations.means.trouble)
    if any(asked):
        if given.export or not archives:
            raise Misuse("--list, --expire and --incident are about an archive: --export s3:URL")
        return _at_archives(archives, destinations, given)
    return _history(archives, destinations, given)


def _history(archives: list[str], destinations: "Destinations", given: Namespace) -> int:
    from bothsides.command.export_history import Span, pieces
    from bothsides.export.destination import from_export
    from bothsides.store.place import place
    from bothsides.store.sqlite import opened

    began = now = time.time()
    span = Span(from_moment(given.since, now), from_moment(given.until, now), given.host)
    if span.since >= span.until:
        raise Misuse("--since is not before --until")
    places = (*destinations.exports, *map(from_export, archives))
    for each in places:
        if each.kind == "statsd":
            raise Misuse("statsd keeps no times: stored history cannot go there")
    with opened(place(given.state_dir), write=False) as past:
        held = sorted(pieces(past, span, destinations.origin), key=lambda piece: piece.at)
        path = past.path
    if not held:
        about = f" about {given.host}" if given.host else ""
        times = f"from {to_instant(span.since)} to {to_instant(span.until)}"
        raise Unable(f"nothing is stored{about} in {path} {times}")
    sent = [_send(each, held, destinations, given.timeout) for each in places]
    taken = min(each.taken for each in sent)
    lines = [each.trouble for each in sent if each.trouble]
    stream = sys.stderr if any(each.path == "-" for each in places) else sys.stdout
    words = f"{taken} of {len(held)} runs exported to {', '.join(map(str, places))}"
    rows = max(each.rows for each in sent)
    kind = "reports" if all(each.kind == "s3" for each in places) else "rows"
    first = f"{to_instant(held[0].at)} to {to_instant(held[-1].at)}, {rows} {kind}"
    code = 0 if not lines else 1 if taken else 2
    figures = f"runs={len(held)};;;0 exported={taken};;;0 time={time.time() - began:.3f}s;;;0"
    print(f"EXPORT {_WORDS[code]} - {words}, {first} | {figures}", file=stream)
    print("".join(f"{line}\n" for line in lines), end="", file=stream)
    return code


def _send(
    destination: "Destination", held: "list[Piece]", destinations: "Destinations", seconds: float
) -> Sent:
    """The pieces in their order, some together; it ends where the store refuses."""
    from bothsides.export import archive, deliver, prometheus
    from bothsides.export.outcome import Undelivered

    until, means = time.monotonic() + seconds, destinations.means._replace(spool="")
    if destination.kind == "prometheus":
        if destination.path.endswith("/"):
            raise Misuse(f"{destination}: history is one file, for promtool; name it")
        points = [point for piece in held for point in piece.rows.points]
        try:
            prometheus.write(destination.path, prometheus.to_history(points))
        except Undelivered as fault:
            return Sent(0, 0, str(fault))
        return Sent(len(held), len(points))
    taken = rows = 0
    for group in _groups(held):
        left = until - time.monotonic()
        points = [point for piece in group for point in piece.rows.points]
        events = [event for piece in group for event in piece.rows.events]
        if destination.kind == "s3":
            reports = [piece.report for piece in group if piece.report is not None]
            number, troubles = archive.archive(destination, reports, means, left)
        else:
            troubles = deliver.export(destination, points, events, means, left)
            number = len(events if destination.kind == "graphite-events" else points)
        if troubles:
            at = to_instant(group[0].at).removesuffix("Z")
            return Sent(taken, rows, f"{troubles[0]}; go on with --since '{at}'")
        taken, rows = taken + len(group), rows + number
    return Sent(taken, rows)


def _groups(held: "Iterable[Piece]") -> "Iterable[list[Piece]]":
    group: list[Piece] = []
    size = 0
    for piece in held:
        group.append(piece)
        size += len(piece.rows.points)
        if size >= _TOGETHER:
            yield group
            group, size = [], 0
    if group:
        yield group


def _at_archives(archives: list[str], destinations: "Destinations", given: Namespace) -> int:
    """Reports into the archives, or what they hold."""
    from bothsides.export.archive import archive, bucket_of
    from bothsides.export.archive_names import to_key
    from bothsides.export.destination import from_export
    from bothsides.export.http import Sender
    from bothsides.export.outcome import Undelivered

    code = 0
    reports = [_incident(path, destinations.origin.route, given) for path in given.incident]
    if len({to_key(name) for name, _ in reports}) < len(reports):
        raise Misuse("two reports of the same minute would get the same name; send one of them")
    for text in archives:
        destination = from_export(text)
        assert destination.url is not None  # an archive has one
        if reports:
            stored, troubles = archive(destination, reports, destinations.means, given.timeout)
            own = 0 if not troubles else 1 if stored else 2
            code = max(code, own)
            print(
                f"EXPORT {_WORDS[own]} - {stored} of {len(reports)} reports stored in {destination}"
            )
            print("".join(f"{line}\n" for line in troubles), end="")
            continue
        sender = Sender(trust=destinations.means.trust)
        try:
            bucket = bucket_of(destination.url, destinations.means.secrets, sender)
            _kept(bucket, given, str(destination))
        except Undelivered as fault:
            print(f"EXPORT CRITICAL - {destination}: {fault}")
            code = 2
        finally:
            sender.close()
    return code


def _kept(bucket: "Bucket", given: Namespace, destination: str) -> None:
    """Lists what the archive holds, or removes what is too old."""
    if given.expire is not None:
        gone = bucket.expire(given.below, time.time() - given.expire, given.timeout)
        print(f"EXPORT OK - {gone} reports removed from {destination}")
        return
    number = 0
    for each in bucket.listed(given.below, given.timeout):
        print(f"{each.modified}  {each.size:>10}  {each.key}")
        number += 1
    print(f"EXPORT OK - {number} objects in {destination}")


def _incident(path: str, route: str, given: Namespace) -> "tuple[ReportName, bytes]":
    from bothsides.export.archive_names import ReportName

    ends = route.partition("-to-")
    if not all(ends):
        raise Misuse("--incident needs --route FROM-to-TO: the archive's names begin so")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as fault:
        raise Misuse(f"cannot read {path}: {fault.strerror}") from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise Misuse(f"cannot read {path}: it is no file")
    with open(descriptor, "rb") as file:
        body, at = file.read(), status.st_mtime
    kind = os.path.splitext(path)[1].lstrip(".") or "txt"
    return ReportName(route, at, ends[0], ends[2], kind), body
