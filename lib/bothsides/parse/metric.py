"""What Graphite, InfluxDB and Prometheus answer to a query: series, each with its last value.

    [{"target": "a.b", "datapoints": [[1.5, 1700000000], [null, 1700000060]]}]        Graphite
    {"results": [{"series": [{"name": "m", "columns": ["time", "x"], "values": [..]}]}]}  InfluxQL
    {"status": "success", "data": {"resultType": "vector", "result": [..]}}           Prometheus
    ,result,table,_time,_value,host                                                   Flux (CSV)

An error inside a reply that looks well (InfluxDB answers 200 with `error`) is Unreadable, like what
is no such reply at all.
"""

import json

from bothsides.base.types import Any, Iterable, Iterator, Mapping, NamedTuple
from bothsides.parse import Unreadable

_INFINITE = (float("inf"), float("-inf"))
_BROKEN = (KeyError, TypeError, IndexError, ValueError, AttributeError, OverflowError)
_Json = Any  # what `json` reads


class Last(NamedTuple):
    """One series with its last value."""

    name: str
    at: float | None  # s, UTC; None: the value has no time of its own
    value: float | None  # None: no value


def from_graphite(text: str) -> tuple[Last, ...]:
    """The reply of /render with format=json. Raises Unreadable."""
    whole = _json(text, "Graphite")
    try:
        return tuple(
            _last(
                str(series["target"]),
                [(float(at), _number(value)) for value, at in series["datapoints"]],
            )
            for series in whole
        )
    except _BROKEN as fault:
        raise Unreadable(f"no reply of Graphite: {fault!r}"[:160]) from None


def from_influx(text: str) -> tuple[Last, ...]:
    """The reply of /query with epoch=ns. Raises Unreadable, also for an error inside."""
    whole = _json(text, "InfluxDB")
    _refuse_error(whole, "InfluxDB")
    decoded: list[Last] = []
    try:
        for result in whole["results"]:
            _refuse_error(result, "InfluxDB")
            for series in result.get("series", ()):
                decoded += _columns(series)
    except _BROKEN as fault:
        raise Unreadable(f"no reply of InfluxDB: {fault!r}"[:160]) from None
    return tuple(decoded)


def _columns(series: _Json) -> Iterator[Last]:
    """A series for each column of figures; texts are none."""
    columns, rows = series["columns"], series["values"]
    times = [row[columns.index("time")] / 1e9 for row in rows]
    tags = ",".join(f"{key}={value}" for key, value in series.get("tags", {}).items())
    label = f"{series.get('name', '')}{{{tags}}}" if tags else str(series.get("name", ""))
    for place, column in enumerate(columns):
        values = [row[place] for row in rows]
        if column == "time" or any(isinstance(value, str) for value in values):
            continue
        last = _last(f"{label}.{column}", zip(times, map(_number, values), strict=True))
        # a figure over all of the range has the range's begin for its time
        yield last._replace(at=None) if last.at == 0 else last


def from_prometheus(text: str) -> tuple[Last, ...]:
    """The reply of /api/v1/query. Raises Unreadable, also for an error inside.

    What comes as a vector has the time of the query, which says nothing about its age.
    """
    whole = _json(text, "Prometheus")
    if not isinstance(whole, dict) or whole.get("status") != "success":
        _refuse_error(whole, "Prometheus")
        raise Unreadable("no reply of Prometheus: its status is not success")
    try:
        data = whole["data"]
        kind, result = data["resultType"], data["result"]
        if kind == "scalar":
            return (Last("scalar", None, _number(result[1])),)
        if kind == "vector":
            return tuple(
                Last(_labels(each["metric"]), None, _number(each["value"][1])) for each in result
            )
        if kind == "matrix":
            return tuple(
                _last(
                    _labels(each["metric"]),
                    [(float(at), _number(value)) for at, value in each["values"]],
                )
                for each in result
            )
    except _BROKEN as fault:
        raise Unreadable(f"no reply of Prometheus: {fault!r}"[:160]) from None
    raise Unreadable(f"Prometheus answered a {str(kind)[:20]}, which holds no figure")


def from_flux(text: str) -> tuple[Last, ...]:
    """The annotated CSV of /api/v2/query. Raises Unreadable, also for an error inside."""
    import csv

    tables: dict[str, list[tuple[float, float | None]]] = {}
    names: list[str] = []
    timed = True
    for row in csv.reader(text.splitlines()):
        if not row or row[0].startswith("#"):
            names = []
        elif not names:
            names = row
        else:
            known = dict(zip(names, row, strict=False))
            if known.get("error"):
                raise Unreadable(f"InfluxDB: {known['error'][:160]}")
            if "_value" not in known:
                raise Unreadable("the Flux query gives no column _value")
            timed = timed and bool(known.get("_time"))
            at = _moment(known["_time"]) if known.get("_time") else 0.0
            point = (at, _number(known["_value"]))
            tables.setdefault(_flux_name(known), []).append(point)
    series = (_last(name, points) for name, points in tables.items())
    return tuple(each if timed else each._replace(at=None) for each in series)


_NOT_TAGS = ("", "result", "table", "_start", "_stop", "_time", "_value", "_field", "_measurement")


def _flux_name(row: Mapping[str, str]) -> str:
    tags = ",".join(f"{key}={value}" for key, value in row.items() if key not in _NOT_TAGS)
    head = row.get("_measurement", "")
    return f"{head}{{{tags}}}.{row.get('_field', '')}" if tags else f"{head}.{row.get('_field')}"


def _moment(text: str) -> float:
    import datetime

    try:
        return datetime.datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise Unreadable(f"{text[:40]!r} is no time in a reply of InfluxDB") from None


def _labels(metric: Mapping[str, str]) -> str:
    name = metric.get("__name__", "")
    rest = ",".join(f'{key}="{value}"' for key, value in metric.items() if key != "__name__")
    return f"{name}{{{rest}}}" if rest else name


def _last(name: str, points: Iterable[tuple[float, float | None]]) -> Last:
    """The point with the latest time that has a value."""
    valued = [(at, value) for at, value in points if value is not None]
    if not valued:
        return Last(name, None, None)
    at, value = max(valued, key=lambda point: point[0])
    return Last(name, at, value)


def _number(value: object) -> float | None:
    """A finite number; None for null, NaN, infinity and texts."""
    if isinstance(value, bool):
        return float(value)
    if not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return None if number != number or number in _INFINITE else number


def _json(text: str, store: str) -> _Json:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        shown = " ".join(text.split())[:60]
        raise Unreadable(f"what came is no reply of {store}: {shown!r}") from None


def _refuse_error(reply: object, store: str) -> None:
    if isinstance(reply, dict) and reply.get("error"):
        raise Unreadable(f"{store}: {' '.join(str(reply['error']).split())[:160]}")
