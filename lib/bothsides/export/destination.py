"""The destinations of exports and passive results, as --export and --submit name them.

    --export  influx:URL  victoria:URL  influx-udp:HOST:PORT  graphite:HOST:PORT
              graphite-tags:HOST:PORT  graphite-events:URL  statsd:HOST:PORT  prometheus:FILE
              jsonl:FILE  jsonl:-  elastic:URL  s3:URL/PREFIX
    --submit  nagios:DIR  nagios-cmd:FIFO  icinga:URL  nrdp:URL  files:DIR  nsca:-  -

No secret stands here: everybody on the host could read it in the list of processes.
"""

from bothsides.base.types import Mapping, NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.url import Url, from_authority, from_url

_SECRETS = ("u", "p", "token", "password", "user", "username", "api_key", "apikey", "access_key")


class Destination(NamedTuple):
    """One destination."""

    kind: str  # influx, graphite, nagios ...
    url: Url | None = None  # of what is reached by HTTP
    host: str = ""  # of what is reached by a socket
    port: int = 0
    path: str = ""  # of what is a file, a folder or a pipe; "-" is standard output

    def __str__(self) -> str:
        """The destination in words; also the name of its spool."""
        if self.url is not None:
            return f"{self.kind}:{self.url}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        place = f"{host}:{self.port}" if self.port else self.path
        return f"{self.kind}:{place}"


class _Kind(NamedTuple):
    """What may follow the word and the colon."""

    form: str  # url, socket, file, folder, dash
    sample: str  # what one writes
    path: str = ""  # of a URL that has none
    port: int = 0  # of a socket that names none


EXPORTS: Mapping[str, _Kind] = {
    "influx": _Kind("url", "influx:http://db.example:8086", "/write?db=bothsides"),
    "victoria": _Kind("url", "victoria:http://vm.example:8428", "/write"),
    "influx-udp": _Kind("socket", "influx-udp:db.example:8089", port=8089),
    "graphite": _Kind("socket", "graphite:carbon.example:2003", port=2003),
    "graphite-events": _Kind("url", "graphite-events:http://graphite.example", "/events/"),
    "graphite-tags": _Kind("socket", "graphite-tags:carbon.example:2003", port=2003),
    "statsd": _Kind("socket", "statsd:127.0.0.1:8125", port=8125),
    "prometheus": _Kind("file", "prometheus:/var/lib/prometheus/node-exporter/udp.prom"),
    "jsonl": _Kind("file", "jsonl:/var/log/bothsides.jsonl"),
    "elastic": _Kind("url", "elastic:https://es.example:9200/bothsides/_bulk"),
    "s3": _Kind("url", "s3:https://s3.eu-central-1.amazonaws.com/bucket/prefix"),
}
SUBMITS: Mapping[str, _Kind] = {
    "nagios": _Kind("folder", "nagios:/var/lib/nagios4/spool/checkresults"),
    "nagios-cmd": _Kind("file", "nagios-cmd:/var/lib/nagios4/rw/nagios.cmd"),
    "icinga": _Kind("url", "icinga:https://master.example:5665", "/"),
    "nrdp": _Kind("url", "nrdp:https://nagios.example/nrdp/"),
    "files": _Kind("folder", "files:/var/spool/bothsides"),
    "nsca": _Kind("dash", "nsca:- | send_nsca -H nagios.example"),
}
_NO_SPACE = "a file, folder or pipe is named by its whole path"


def from_export(text: str) -> Destination:
    """The destination of --export; Unreadable says what is wrong and what to write."""
    destination = _from(text, EXPORTS, "--export")
    if destination.kind == "prometheus" and not destination.path.endswith((".prom", "/")):
        raise Unreadable(
            f"{text[:60]!r}: the collector reads names that end in .prom; "
            "a folder ends in / and gets a file for each check and target"
        )
    if (
        destination.kind == "elastic"
        and destination.url is not None
        and not _is_bulk(destination.url)
    ):
        raise Unreadable(f"{text[:60]!r} names no index; write {EXPORTS['elastic'].sample}")
    if (
        destination.kind == "s3"
        and destination.url is not None
        and not destination.url.path.strip("/")
    ):
        raise Unreadable(f"{text[:60]!r} names no bucket; write {EXPORTS['s3'].sample}")
    return destination


def from_submit(text: str) -> Destination:
    """The destination of --submit; "-" is a JSON line each on standard output."""
    return Destination("jsonl", path="-") if text == "-" else _from(text, SUBMITS, "--submit")


def _from(text: str, kinds: Mapping[str, _Kind], option: str) -> Destination:
    word, colon, rest = text.partition(":")
    if not word.strip():
        raise Unreadable(f"{option} names no place; known: {', '.join(kinds)}")
    kind = kinds.get(word)
    if kind is None:
        raise Unreadable(_unknown(word, kinds, option))
    if not colon or not rest:
        raise Unreadable(f"{option} {word} says not where; write {kind.sample}")
    if kind.form == "url":
        return Destination(word, url=_url(rest, kind))
    if kind.form == "socket":
        host, port = _socket(rest, kind)
        return Destination(word, host=host, port=port)
    return Destination(word, path=_path(rest, word, kind))


def _unknown(word: str, kinds: Mapping[str, _Kind], option: str) -> str:
    import difflib

    other, has = ("--submit", SUBMITS) if option == "--export" else ("--export", EXPORTS)
    if word in has:
        what = "results" if other == "--submit" else "figures"
        return f"{word} takes {what}: write {other} {has[word].sample}"
    close = difflib.get_close_matches(word, list(kinds), 1, 0.5)
    if close:
        return f"{option} knows no {word[:40]!r}, did you mean {kinds[close[0]].sample}?"
    return f"{option} knows no {word[:40]!r}; known: {', '.join(kinds)}"


def _url(text: str, kind: _Kind) -> Url:
    url = url_without_secret(text, "--export-login")
    query = url.path.partition("?")[2]
    bare, mark, _ = url.path.partition("?")
    if bare != "/" or not kind.path:
        return url
    return url._replace(path=kind.path.partition("?")[0] + mark + query if mark else kind.path)


def url_without_secret(text: str, option: str) -> Url:
    """The URL; Unreadable where it holds a login: that belongs into the file of `option`."""
    authority = text.partition("://")[2].partition("/")[0].partition("?")[0]
    words = f"everybody on this host could read them; put them into a file for {option}"
    if "@" in authority:
        raise Unreadable(f"a URL with a user and password in it: {words}")
    url = from_url(text)
    for pair in url.path.partition("?")[2].split("&"):
        if pair.partition("=")[0].lower() in _SECRETS:
            words = f"everybody on this host could read it; put it into a file for {option}"
            raise Unreadable(f"a URL with {pair.partition('=')[0]}= in it: {words}")
    return url


def _socket(text: str, kind: _Kind) -> tuple[str, int]:
    try:
        host, port = from_authority(text)
    except Unreadable as fault:
        raise Unreadable(f"{fault}; write {kind.sample}") from None
    return host, port or kind.port


def _path(text: str, word: str, kind: _Kind) -> str:
    if text == "-" and word in ("jsonl", "nsca"):
        return text
    if kind.form == "dash":
        raise Unreadable(f"{word}:{text[:40]} is not known; write {kind.sample}")
    if any(c < " " or c == "\x7f" for c in text):
        raise Unreadable(f"{text[:60]!r}: a control character in a path; write {kind.sample}")
    if not text.startswith("/"):
        raise Unreadable(f"{text[:60]!r}: {_NO_SPACE}; write {kind.sample}")
    return text


def _is_bulk(url: Url) -> bool:
    parts = url.path.partition("?")[0].strip("/").split("/")
    return len(parts) >= 2 and parts[-1] == "_bulk"
