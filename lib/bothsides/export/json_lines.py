"""Points and events as JSON lines, and as the bulk requests of Elasticsearch and OpenSearch.

    {"@timestamp":"2026-10-14T17:46:40.000000Z","measurement":"bothsides_clock","source":"mon1",...}

A bulk request names each document by a digest of what it is about, so that sending it twice stores
it once.
"""

from bothsides.base.types import Iterable, NamedTuple
from bothsides.export.point import Event, Point, Value, event_point, to_decimal
from bothsides.export.request import first_words, from_json

_CONFLICT = 409  # the document is there already
_NEVER = (400, 413, 422)  # the request itself is wrong
_BUSY = 429


class BulkAnswer(NamedTuple):
    """What a bulk request came to."""

    stored: int  # documents, also those that were there before
    refused: int
    reason: str  # of the first refusal; "" without one
    again: bool = False  # the same may be taken later


def to_lines(points: Iterable[Point], events: Iterable[Event] = ()) -> bytes:
    """One document a line."""
    rows = [*points, *(event_point(event) for event in events)]
    return b"".join(_line(_document(point)) for point in rows if point.fields)


def to_bulk(points: Iterable[Point], events: Iterable[Event] = ()) -> bytes:
    """The body of POST /INDEX/_bulk."""
    rows = [*points, *(event_point(event) for event in events)]
    return b"".join(
        _line({"create": {"_id": _identity(point)}}) + _line(_document(point))
        for point in rows
        if point.fields
    )


def bulk_answer(status: int, body: bytes, documents: int) -> BulkAnswer:
    """Reads the answer to a bulk request; one with status 200 may have refused every document."""
    answer = from_json(body)
    if status != 200 or not isinstance(answer, dict) or not isinstance(answer.get("items"), list):
        start = first_words(body)
        words = f"answered {status}{': ' if start else ''}{start}"
        final = status in _NEVER and isinstance(answer, dict)  # a page is by a proxy in front
        return BulkAnswer(0, documents, words, not final)
    reasons = [_reason(item) for item in answer["items"]]
    bad = [reason for reason in reasons if reason]
    stored = len(reasons) - len(bad)
    missing = documents - len(reasons)
    reason = bad[0] if bad else f"answered for {len(reasons)} of {documents}" if missing else ""
    again = missing > 0 or any(_again(item) for item in answer["items"])
    return BulkAnswer(stored, documents - stored, reason, again)


def to_timestamp(at: int) -> str:
    """RFC 3339 in UTC with microseconds, from ns."""
    import time

    seconds, rest = divmod(at, 1_000_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{rest // 1000:06d}Z"


def _document(point: Point) -> dict[str, Value]:
    document: dict[str, Value] = {
        "@timestamp": to_timestamp(point.at),
        "measurement": point.measurement,
        **{name: value for name, value in point.tags if value},
    }
    for name, value in point.fields:
        if isinstance(value, str) or to_decimal(value):
            # A tag and a field of one name, such as `tags` of an event, are never both there.
            document[name] = value if isinstance(value, str) else _number(value)
    return document


def _number(value: float) -> int | float:
    return value if isinstance(value, int) else round(value, 9)


def _identity(point: Point) -> str:
    import hashlib

    key = repr((point.measurement, point.tags, point.at))
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _line(document: object) -> bytes:
    import json

    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def _again(item: object) -> bool:
    """Whether a document was refused only for now."""
    fates = item.values() if isinstance(item, dict) else ()
    codes = [fate.get("status") for fate in fates if isinstance(fate, dict)]
    return any(isinstance(code, int) and (code == _BUSY or code >= 500) for code in codes)


def _reason(item: object) -> str:
    """Why a document was refused; "" when it is stored."""
    if not isinstance(item, dict) or len(item) != 1:
        return "an answer that is none"
    (fate,) = item.values()
    if not isinstance(fate, dict) or not isinstance(fate.get("status"), int):
        return "an answer that is none"
    if fate["status"] in (200, 201, _CONFLICT):
        return ""
    error = fate.get("error")
    reason = error.get("reason", error.get("type")) if isinstance(error, dict) else error
    return " ".join(f"{fate['status']}: {reason}".split())[:300]
