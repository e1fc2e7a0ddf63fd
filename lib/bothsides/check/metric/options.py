"""The options of check_metric, and the plan and the limits that they make."""

from bothsides.base import files
from bothsides.base.errors import Misuse
from bothsides.base.types import Mapping, NamedTuple, Sequence
from bothsides.export.destination import url_without_secret
from bothsides.model.metric import Plan, Store
from bothsides.parse import Unreadable
from bothsides.parse.range import Range, from_range
from bothsides.parse.text import from_duration, from_host
from bothsides.parse.url import bracketed
from bothsides.plugin.finding import Ranges, State, from_state
from bothsides.plugin.parser import Namespace, Parser, valued

STORES: tuple[Store, ...] = ("graphite", "influx", "prometheus")
_MAX_AGE = 300.0  # s
_LONGEST = 1 << 16  # characters of a query
_STATES = {"w": Range(0.0, 0.0), "c": Range(2.0, 2.0, True)}  # 0 OK, 1 WARNING, 2 CRITICAL, 3
_STATES_IN: Mapping[Store, str] = {
    "graphite": "bothsides.*.*.*.state",
    "influx": "SELECT last(state) FROM /^bothsides_(udp|path|https|clock)$/ GROUP BY *",
    "prometheus": "bothsides_state",
}
_CONTROL = frozenset(map(chr, (*range(32), 127))) - {"\n", "\t"}


class Limits(NamedTuple):
    """The limits of the figures, and what no data is."""

    ranges: Ranges
    no_data: State


def options(parser: Parser) -> None:
    """Declares the check's own options."""
    add = parser.add_argument_group("whom to ask", "one of the first four").add_argument
    add("-H", "--hostname", type=valued(from_host), default=None, metavar="HOST",
        help="short for --prometheus http://HOST:9090")  # fmt: skip
    add("--graphite", default="", metavar="URL", help="of graphite-web")
    add("--influx", default="", metavar="URL",
        help="of InfluxDB 1.x, as http://db.example:8086/query?db=bothsides; of 2.x for Flux, as"
        " http://db.example:8086/api/v2/query?org=ours")  # fmt: skip
    add("--prometheus", default="", metavar="URL", help="of Prometheus or VictoriaMetrics")
    add("--login", default="", metavar="FILE",
        help="lines user =, password =, token =; else BOTHSIDES_EXPORT_USER and so on")  # fmt: skip
    add("--ca-cert", default="", metavar="FILE", help="certificates that are trusted, PEM")
    add = parser.add_argument_group("what to ask for", "a bare limit is the value").add_argument
    add("-q", "--query", default=None, metavar="QUERY",
        help="a target of Graphite, InfluxQL, Flux, or PromQL; default: the states of all"
        " checks that --export has stored, with limits of states")  # fmt: skip
    add("--query-file", default="", metavar="FILE",
        help="the query in a file, where NRPE refuses its characters")  # fmt: skip
    add("--window", type=valued(from_duration), default=600.0, metavar="TIME",
        help="how far back Graphite and Prometheus look (default 10m)")  # fmt: skip
    add("--max-age", type=valued(from_duration), default=None, metavar="TIME",
        help="an older value is UNKNOWN, whatever it is (default 5m; 0: no limit)")  # fmt: skip
    add("--no-data", type=valued(from_state), default="unknown", metavar="STATE",
        help="where there is no value: unknown, warning or critical (default unknown)")  # fmt: skip
    add("--hound", default="", metavar="FILE",
        help="print the command lines that do what Hound's alerts in FILE do")  # fmt: skip


def limits(given: Namespace, ranges: Ranges) -> Limits:
    """The limits out of -w, -c and --no-data."""
    if given.no_data is State.OK:
        raise Misuse("--no-data ok: what was not measured is never OK")
    of_states = given.query is None and not (given.query_file or given.replay)
    if of_states and not ("value" in ranges.warning or "value" in ranges.critical):
        ranges = ranges._replace(
            warning={**ranges.warning, "value": _STATES["w"]},
            critical={**ranges.critical, "value": _STATES["c"]},
        )
    return Limits(ranges, given.no_data)


def short(items: Sequence[str]) -> Mapping[str, Range]:
    """A bare item of -w and -c: the value."""
    if len(items) > 1:
        raise Unreadable(f"{items[1][:40]!r}: one bare limit, the value, as in 10:20")
    return {"value": from_range(items[0])}


def plan(given: Namespace, limits: Limits) -> Plan:
    """The plan; what is missing or stands there twice is a usage error."""
    from bothsides.check.metric.measure import is_selector

    store, url = _store(given)
    query = _query(given, store)
    if store == "influx" and not _reads_only(query, "/api/v2/" in url):
        raise Misuse("the query may change what is stored: write one SELECT without INTO, or Flux")
    if not 1 <= given.window <= 366 * 86400:
        raise Misuse("--window: from 1s to 366d")
    max_age = _MAX_AGE if given.max_age is None else given.max_age
    if store == "prometheus" and given.max_age and not is_selector(query):
        raise Misuse(
            "--max-age: Prometheus gives the value of an expression the time of the query; "
            "write a plain selector, or leave --max-age out"
        )
    return Plan(
        store=store,
        url=str(url_without_secret(url, "--login")),
        query=query,
        window=given.window,
        max_age=max_age,
        login=given.login,
        ca_file=given.ca_cert,
    )


def _store(given: Namespace) -> tuple[Store, str]:
    named: list[tuple[Store, str]] = [
        (store, getattr(given, store)) for store in STORES if getattr(given, store)
    ]
    if given.hostname:
        named.append(("prometheus", f"http://{bracketed(given.hostname)}:9090"))
    if len(named) != 1:
        raise Misuse("name one store: -H HOST, --graphite, --influx or --prometheus URL")
    return named[0]


def _query(given: Namespace, store: Store) -> str:
    """The query; without one that for the states of all checks."""
    if given.query is not None and given.query_file:
        raise Misuse("-q and --query-file are two queries")
    query = _STATES_IN[store] if given.query is None else given.query
    if given.query_file:
        query = files.text(given.query_file, _LONGEST)
    query = query.strip()
    if not query or not _CONTROL.isdisjoint(query):
        raise Misuse("the query is empty or has a control character in it")
    return str(query)


def _reads_only(query: str, flux: bool) -> bool:
    """Whether a query only reads: InfluxDB 1.x obeys a DROP also in a request that reads."""
    bare = _without_texts(query).lower()
    if flux:
        return not any(f"{mark}to(" in "".join(bare.split()) for mark in "|>.")
    words = bare.replace(";", " ; ").replace("(", " ( ").split()
    return words[:1] == ["select"] and "into" not in words and ";" not in words[:-1]


def _without_texts(query: str) -> str:
    """The query without what stands in quotes."""
    kept, quote, escaped = [], "", False
    for c in query:
        if escaped:
            escaped = False
        elif quote:
            escaped = c == "\\"
            quote = "" if c == quote else quote
        elif c in "'\"":
            quote = c
        else:
            kept.append(c)
    return "".join(kept)
