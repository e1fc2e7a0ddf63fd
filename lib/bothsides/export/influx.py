"""Points as InfluxDB's line protocol, and what a server's answer to them means.

    bothsides_clock,source=mon1,target=db1 state=0i,offset=0.001 1792000000000000000

InfluxDB 1.x and 2.x take every line. VictoriaMetrics makes a series of each field, also of those
that hold text, so it gets none of them and no events.
Source: docs.influxdata.com, "Line protocol"; escapes tried with InfluxDB 1.6.7.
"""

from bothsides.base.types import Iterable, Literal, Sequence
from bothsides.export.point import Event, Point, Value, event_point, to_decimal
from bothsides.export.request import Reply, first_words, from_json

Dialect = Literal["influx", "victoria"]

DATAGRAM = 1400  # octets that cross every network in one piece
_TAG = str.maketrans({",": "\\,", "=": "\\=", " ": "\\ ", "\\": "/", "\n": "\\ ", "\r": "\\ "})
_MEASUREMENT = str.maketrans({",": "\\,", " ": "\\ ", "\\": "/", "\n": "\\ ", "\r": "\\ "})
_TEXT = str.maketrans({'"': '\\"', "\\": "\\\\"})
_NEVER = (400, 413, 422)  # the lines themselves are wrong
_LONGEST = 32768  # characters of a tag or a text; InfluxDB ends at 64 KiB of octets


def to_lines(
    points: Iterable[Point], events: Iterable[Event] = (), dialect: Dialect = "influx"
) -> bytes:
    """A line for each point and event that has a field left; times in ns."""
    rows = [*points, *(event_point(event) for event in events if dialect == "influx")]
    lines = [_line(point, dialect) for point in rows]
    return "".join(line + "\n" for line in lines if line).encode("utf-8", "replace")


def datagrams(lines: bytes, most: int = DATAGRAM) -> tuple[bytes, ...]:
    """The lines in datagrams of at most `most` octets, where a line alone is not longer."""
    packed: list[bytes] = []
    for line in lines.splitlines(keepends=True):
        if packed and len(packed[-1]) + len(line) <= most:
            packed[-1] += line
        else:
            packed.append(line)
    return tuple(packed)


def refusal(status: int, body: bytes) -> str:
    """Why the server refused, in words; "" when it took everything.

    A refused line does not keep the others of the same request from being stored.
    """
    if status == 204:
        return ""
    reason = _reason(body)
    if status == 200:  # an answer to something else: a query page, a login page, a proxy
        return f"answered 200 instead of 204, which is no InfluxDB write address{reason}"
    return f"answered {status}{reason}"


def may_retry(reply: Reply) -> bool:
    """Whether the same may be taken later: all but what the store itself calls wrong for ever.

    A page is no store's: a proxy, or a web server that expects TLS, has not even read the lines.
    """
    return reply.status not in _NEVER or reply.body.lstrip().startswith(b"<")


def _line(point: Point, dialect: Dialect) -> str:
    fields = _fields(point.fields, dialect)
    if not fields:
        return ""
    tags = "".join(
        f",{name.translate(_TAG)}={value[:_LONGEST].translate(_TAG)}"
        for name, value in _kept(point.tags)
    )
    return f"{_measurement(point.measurement)}{tags} {fields} {point.at}"


def _measurement(name: str) -> str:
    """A name that is no comment and not empty."""
    text = name.translate(_MEASUREMENT) or "_"
    return "_" + text if text.startswith("#") else text


def _kept(tags: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Tags with a value (an empty one is an error for the whole line), without NULs."""
    return [(name, value.replace("\0", " ")) for name, value in tags if value]


def _fields(fields: Sequence[tuple[str, Value]], dialect: Dialect) -> str:
    texts = [(name, _field(value, dialect)) for name, value in fields]
    return ",".join(f"{name.translate(_TAG)}={text}" for name, text in texts if text)


def _field(value: Value, dialect: Dialect) -> str:
    if isinstance(value, str):
        return f'"{value[:_LONGEST].translate(_TEXT)}"' if dialect == "influx" else ""
    number = to_decimal(value)
    return f"{number}i" if number and isinstance(value, int) else number


def _reason(body: bytes) -> str:
    """The server's own words: version 1 writes them as "error", version 2 as "message"."""
    answer = from_json(body)
    words = (answer.get("error") or answer.get("message")) if isinstance(answer, dict) else None
    text = " ".join(words.split())[:300] if isinstance(words, str) else first_words(body)
    return f": {text}" if text else ""
