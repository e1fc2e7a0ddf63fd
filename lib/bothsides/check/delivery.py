"""Delivers the results of one run where --export and --submit say."""

import os

from bothsides.base.errors import Misuse, Unable
from bothsides.base.types import Iterator, NamedTuple, Sequence
from bothsides.export.deliver import Means, export
from bothsides.export.destination import Destination, from_export, from_submit
from bothsides.export.http import Trust
from bothsides.export.login import Secrets, from_environment, from_file
from bothsides.export.passive import from_report, name
from bothsides.export.schema import Origin
from bothsides.plugin.delivery import Deliver, Finished
from bothsides.plugin.parser import Namespace
from bothsides.store.place import place

_TAGGED = ("influx", "influx-udp", "jsonl")  # where rows of any name may go


class Destinations(NamedTuple):
    """Where results go, and what it takes to get there."""

    exports: tuple[Destination, ...]
    submits: tuple[Destination, ...]
    means: Means
    origin: Origin


def prepared(options: Namespace) -> Deliver:
    """What delivers a run's results. Misuse and Unreadable say what is wrong with the options."""
    destinations = from_options(options)
    for destination in (*destinations.exports, *destinations.submits):
        if destination.path == "-":
            raise Misuse(f"{destination}: standard output is for the report; name a file")
    host, service = subject_of(options.submit_as) if options.submit_as else ("", "")
    if destinations.submits and not host:
        raise Misuse("--submit needs --submit-as HOST!SERVICE, or HOST for the host's own result")

    def deliver(finished: Finished, seconds: float) -> Iterator[str]:
        share = seconds / len(options.export + options.submit)
        if destinations.submits:
            from bothsides.export.submit import submit

            report, began, ended = finished.report, finished.began, finished.ended
            result = from_report(host, service, report, began, ended)
            for destination in destinations.submits:
                means, ttl = destinations.means, options.submit_ttl
                source = destinations.origin.source
                yield from submit(destination, [result], means, share, source, ttl).lines
        if destinations.exports:
            yield from _exported(destinations, finished, share)

    return deliver


def from_options(options: Namespace) -> Destinations:
    """The destinations that --export, --submit and the options about them name."""
    exports = tuple(from_export(text) for text in options.export)
    if any(destination.kind == "s3" for destination in exports):
        raise Misuse("--export s3: takes reports, and not rows; see bothsides export --help")
    submits = tuple(from_submit(text) for text in options.submit)
    _refuse_idle(options, exports, submits)
    trouble, secrets = "", Secrets()
    try:
        login = options.export_login
        secrets = from_file(login) if login else from_environment(os.environ)
    except Unable as fault:
        trouble = str(fault)
    folder = place(getattr(options, "state_dir", ""))
    return Destinations(
        exports=exports,
        submits=submits,
        means=Means(
            secrets=secrets,
            trust=Trust(options.export_ca),
            spool=f"{folder}/spool-{os.geteuid()}",
            pulse=options.pulse,
            trouble=trouble,
        ),
        origin=Origin(options.export_source or short_name(), options.route),
    )


def _refuse_idle(
    options: Namespace, exports: Sequence[Destination], submits: Sequence[Destination]
) -> None:
    """Misuse for an option that would change nothing where somebody relies on it."""
    if options.pulse and all(each.kind != "statsd" for each in exports):
        raise Misuse("--pulse goes with --export statsd:HOST:PORT")
    if options.submit_ttl and all(each.kind != "icinga" for each in submits):
        raise Misuse("--submit-ttl goes with --submit icinga:URL; no other place has it")
    if options.style != "bothsides" and not exports:
        raise Misuse(f"--style {options.style} goes with --export")
    if options.style == "carbolymer" and any(each.kind not in _TAGGED for each in exports):
        raise Misuse("--style carbolymer goes with --export influx:URL?db=NAME alone")


def short_name() -> str:
    """The name of this host, without its domain."""
    return os.uname().nodename.partition(".")[0] or "localhost"


def subject_of(text: str) -> tuple[str, str]:
    """Host and service of HOST!SERVICE; HOST alone is the host's own result."""
    host, mark, service = text.partition("!")
    return name(host, "host"), name(service, "service") if mark else ""


def _exported(destinations: Destinations, finished: Finished, seconds: float) -> Iterator[str]:
    from bothsides.export.exported import rows_of

    points, events = rows_of(finished, destinations.origin, finished.options.style)
    for destination in destinations.exports:
        yield from export(destination, points, events, destinations.means, seconds)
