"""Delivers rows to one destination, and keeps what it did not take for the next time.

Nothing here raises: what went wrong comes back as lines for the long output, so that an export can
change neither a state nor line 1.
"""

import time

from bothsides.base.types import NamedTuple, Sequence
from bothsides.export import files, influx
from bothsides.export.destination import Destination
from bothsides.export.http import Sender, Trust
from bothsides.export.login import Secrets, to_login
from bothsides.export.outcome import Undelivered
from bothsides.export.point import Event, Point
from bothsides.export.request import Request
from bothsides.export.through_spool import Way, through_spool

_TEXT = (("Content-Type", "text/plain; charset=utf-8"),)
_NDJSON = (("Content-Type", "application/x-ndjson"),)
_TOO_LARGE = 413
_TOGETHER = 1000  # rows in one request: proxies take 1 MB, and refused requests have to be kept
_UNKEPT = ("statsd", "prometheus")  # they have no times: later it would be wrong


class Means(NamedTuple):
    """What a delivery may use."""

    secrets: Secrets = Secrets()
    trust: Trust = Trust()
    spool: str = ""  # directory of the spools; "" keeps nothing
    pulse: str = ""  # prefix of StatsD's pulse; "" sends none
    trouble: str = ""  # why nobody can log in now: what goes by HTTP is kept for later


def export(
    destination: Destination,
    points: Sequence[Point],
    events: Sequence[Event],
    means: Means,
    seconds: float,
) -> tuple[str, ...]:
    """Sends what waits and then these rows; why something was not taken, one line each."""
    if destination.kind == "s3":
        return (f"{destination} takes reports, not rows",)
    until = time.monotonic() + seconds
    parcels = _parcels(destination, points, events, means)
    with_http = destination.url is not None
    sender = None
    try:
        sender = Sender(to_login(means.secrets), means.trust, gzip=True) if with_http else None

        def deliver(parcel: bytes) -> None:
            if with_http and means.trouble:
                raise Undelivered(means.trouble)
            _deliver(destination, parcel, sender, until)

        if destination.kind == "prometheus":
            return _text_files(destination.path, points)
        unkept = destination.kind in _UNKEPT or destination.path == "-"
        kept = "" if unkept else means.spool
        way = Way(str(destination), deliver, bytes)
        return through_spool(way, parcels, kept, _oldest(points, events))
    except ImportError as fault:
        return (f"not exported to {destination}: {fault}",)
    finally:
        if sender is not None:
            sender.close()


def _parcels(
    destination: Destination, points: Sequence[Point], events: Sequence[Event], means: Means
) -> tuple[bytes, ...]:
    """What goes over the wire; nothing where there is nothing to say."""
    if destination.kind == "statsd":
        texts = [_for_statsd(points, means.pulse)]
    elif destination.kind == "graphite-events":
        from bothsides.export import graphite

        texts = [graphite.event_body(event) for event in events]
    else:
        starts = range(0, max(1, len(points)), _TOGETHER)
        texts = [
            _text(destination.kind, points[at : at + _TOGETHER], events if at == 0 else ())
            for at in starts
        ]
    return tuple(text for text in texts if text)


def _text(kind: str, points: Sequence[Point], events: Sequence[Event]) -> bytes:
    """Some of the rows in the form of a store."""
    if kind in ("influx", "influx-udp"):
        return influx.to_lines(points, events)
    if kind == "victoria":
        return influx.to_lines(points, events, "victoria")
    if kind.startswith("graphite"):
        from bothsides.export import graphite

        return graphite.to_lines(points, "tags" if kind == "graphite-tags" else "tree")
    from bothsides.export import json_lines

    return (json_lines.to_bulk if kind == "elastic" else json_lines.to_lines)(points, events)


def _for_statsd(points: Sequence[Point], prefix: str) -> bytes:
    """The gauges, and the pulse where its prefix is given."""
    from bothsides.export import statsd

    lines = statsd.to_lines(points)
    if not prefix or not points:
        return lines
    first = points[0]
    tags = (first.tag("source"), first.tag("route") or first.tag("target"))
    return lines + statsd.pulse(prefix, tags)


def _deliver(destination: Destination, parcel: bytes, sender: Sender | None, until: float) -> None:
    if sender is not None:
        _post(destination, parcel, sender, until)
    elif destination.port:
        _send(destination, parcel, until - time.monotonic())
    else:
        files.append(destination.path, parcel)


def _send(destination: Destination, parcel: bytes, left: float) -> None:
    from bothsides.export.socket_sender import send_tcp, send_udp  # each kind pays for its own

    if destination.kind in ("graphite", "graphite-tags"):
        send_tcp(destination.host, destination.port, parcel, left)
    else:
        again = destination.kind == "influx-udp"
        send_udp(destination.host, destination.port, influx.datagrams(parcel), left, again)


def _post(destination: Destination, parcel: bytes, sender: Sender, until: float) -> None:
    headers = _NDJSON if destination.kind == "elastic" else _TEXT
    request = Request("POST", str(destination.url), headers, parcel)
    reply = sender.send(request, until - time.monotonic())
    if reply.status == _TOO_LARGE and (halves := _halves(destination.kind, parcel)):
        for half in halves:
            _post(destination, half, sender, until)
        return
    if destination.kind == "elastic":
        from bothsides.export import json_lines

        documents = parcel.count(b"\n") // 2
        answer = json_lines.bulk_answer(reply.status, reply.body, documents)
        # Those that were stored are known by their names when all of them are sent again.
        if answer.refused:
            words = f"{answer.refused} of {documents} documents refused: {answer.reason}"
            raise Undelivered(words, again=answer.again)
        return
    if destination.kind == "graphite-events":
        from bothsides.export import graphite

        words, again = graphite.refusal(reply.status, reply.body), True
    else:
        words, again = influx.refusal(reply.status, reply.body), influx.may_retry(reply)
    if words:
        raise Undelivered(words, again)


def _halves(kind: str, parcel: bytes) -> tuple[bytes, ...]:
    """Two smaller requests of one that is too large; none where it holds but one row."""
    lines = parcel.splitlines(keepends=True)
    row = 2 if kind == "elastic" else 1  # lines
    middle = len(lines) // row // 2 * row
    one_row = kind == "graphite-events" or not middle
    return () if one_row else (b"".join(lines[:middle]), b"".join(lines[middle:]))


def _text_files(path: str, points: Sequence[Point]) -> tuple[str, ...]:
    """The file, or in a folder one for each check and target."""
    from bothsides.export import prometheus

    groups: dict[str, list[Point]] = {}
    for point in points:
        groups.setdefault(_file(path, point), []).append(point)
    lines = []
    for file, group in groups.items():
        try:
            prometheus.write(file, prometheus.to_text(group))
        except Undelivered as fault:
            lines.append(str(fault))
    return tuple(lines)


def _file(path: str, point: Point) -> str:
    if not path.endswith("/"):
        return path
    from bothsides.export.prometheus import file_name

    check = point.measurement.removeprefix("bothsides_").partition("_")[0]
    names = (point.tag("route"), point.tag("url").partition("://")[2] or point.tag("target"))
    about = "_".join(name for name in names if name)
    return path + file_name("path" if check == "hop" else check, about)


def _oldest(points: Sequence[Point], events: Sequence[Event]) -> int:
    return min([*(point.at for point in points), *(event.at for event in events)], default=0)
