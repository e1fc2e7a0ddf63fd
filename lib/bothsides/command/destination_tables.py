"""Destinations, rows and keys of a login, as bothsides-destinations(5) lists them."""

from bothsides.base.types import Iterator, Mapping, Sequence
from bothsides.export.destination import EXPORTS, SUBMITS
from bothsides.export.login import KEYS
from bothsides.export.schema import COLUMNS

WORDS: Mapping[str, str] = {
    "influx": "InfluxDB over HTTP, line protocol",
    "influx-udp": "UDP port of InfluxDB 1.x; nobody confirms what it took",
    "victoria": "VictoriaMetrics, by its InfluxDB address",
    "graphite": "carbon, plain text, names in a tree",
    "graphite-tags": "carbon, plain text, names with tags",
    "graphite-events": "events of graphite-web",
    "statsd": "StatsD, gauges and timers",
    "prometheus": "a text file for the textfile collector",
    "jsonl": "JSON lines, added to a file",
    "elastic": "Elasticsearch or OpenSearch, bulk requests to an index",
    "s3": "a bucket of S3, by our own signatures",
    "nagios": "check result spool of Nagios and Naemon (`check_result_path`)",
    "nagios-cmd": "command pipe of Nagios and Naemon",
    "icinga": "API of Icinga 2; its user needs `actions/process-check-result`",
    "nrdp": "NRDP, with its token in the login file",
    "files": "a file for each service",
    "nsca": "records for send_nsca of NSCA or NSCA-ng, on standard output",
}
_OF_LOGIN: Mapping[str, str] = {
    "user": "with `password`: HTTP basic, as Icinga and InfluxDB 1.x take it",
    "token": "InfluxDB 2.x, VictoriaMetrics, NRDP",
    "authorization": "the whole header, where none of these fits",
    "access_key": "S3, with `secret_key` and, for a role, `session_token`",
}


def destination_tables() -> Mapping[str, Sequence[str]]:
    """The lines of each table by the name of its placeholder."""
    kinds = {"EXPORTS": EXPORTS, "SUBMITS": SUBMITS}
    tables = {
        mark: [f"= `{kind.sample}`\n{WORDS[name]}" for name, kind in known.items()]
        for mark, known in kinds.items()
    }
    return tables | {"ROWS": list(_rows()), "LOGIN": list(_login())}


def _rows() -> Iterator[str]:
    for measurement, columns in COLUMNS.items():
        fields = ", ".join(f"`{column.field}`" for column in columns)
        yield f"= `{measurement}`\n`state`, {fields}"


def _login() -> Iterator[str]:
    shared = {"password": "user", "secret_key": "access_key", "session_token": "access_key"}
    for key in KEYS:
        if key not in shared:
            yield f"= `{key}`\n{_OF_LOGIN[key]}"
