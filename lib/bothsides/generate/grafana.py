"""Grafana's dashboards as JSON: panels in rows of 24, queries, variables and marks.

    board = Board("bothsides-path", "Path", PANELS, VARIABLES, MARKS)
    text = to_json(board, INFLUX)

The boards stand in grafana_influx.py and grafana_prometheus.py; `bothsides dashboards DIR`
writes them. Form: the dashboard schema of Grafana 8 and later (schemaVersion 36).
"""

import json

from bothsides.base.types import Literal, NamedTuple

Kind = Literal["timeseries", "table", "status-history"]
Store = Literal["influxdb", "prometheus"]
Json = dict[str, object]
_COLUMNS = 24  # of Grafana's grid
_SOURCE = "${datasource}"
_STATES = (("OK", "green"), ("WARNING", "yellow"), ("CRITICAL", "red"), ("UNKNOWN", "purple"))


class Query(NamedTuple):
    """One query of a panel."""

    text: str  # InfluxQL or PromQL, with Grafana's variables
    legend: str = ""  # of its series
    now: bool = False  # the last values alone, as a table


class Panel(NamedTuple):
    """One panel."""

    title: str
    kind: Kind
    queries: tuple[Query, ...]
    unit: str = "short"  # Grafana's name: s, percentunit, d
    words: str = ""  # what it shows, behind its i
    width: int = 24  # of 24
    height: int = 9
    states: bool = False  # the value is a state of a check
    stacked: bool = False
    red: float | None = None  # from here on a value is red
    matrix: tuple[str, str, str] | None = None  # columns for rows, columns and cells of a grid


def loss_matrix(title: str, last: Query, value: str) -> Panel:
    """Who loses towards whom, a cell for each pair; value: the column that has the loss."""
    return Panel(
        title,
        "table",
        (last,),
        "percentunit",
        "From the rows to the columns.",
        red=0.01,
        matrix=("source", "target", value),
    )


def loss_lines(both_ways: Query, words: str = "") -> Panel:
    """Loss over time, a line for each direction of each pair."""
    return Panel("Loss", "timeseries", (both_ways,), "percentunit", words, 12)


class Variable(NamedTuple):
    """A choice at the head of a dashboard."""

    name: str
    query: str


class Board(NamedTuple):
    """One dashboard."""

    uid: str  # stays for ever: links hang on it
    title: str
    panels: tuple[Panel, ...]
    variables: tuple[Variable, ...]
    marks: str = ""  # the query of what is marked in all graphs


def to_json(board: Board, store: Store) -> str:
    """The dashboard as Grafana imports it; the same text for the same board."""
    return json.dumps(_board(board, store), indent=1) + "\n"


def _board(board: Board, store: Store) -> Json:
    return {
        "uid": f"{board.uid}-{store}",
        "title": f"bothsides: {board.title}",
        "tags": ["bothsides"],
        "schemaVersion": 36,
        "version": 1,
        "editable": True,
        "refresh": "1m",
        "timezone": "utc",
        "time": {"from": "now-6h", "to": "now"},
        "annotations": {"list": [_marks(board.marks, store)] if board.marks else []},
        "templating": {"list": [_source(store), *(_variable(v, store) for v in board.variables)]},
        "panels": _laid_out(board, store),
    }


def _source(store: Store) -> Json:
    return {
        "type": "datasource",
        "name": "datasource",
        "label": "store",
        "query": store,
        "refresh": 1,
        "hide": 0,
        "includeAll": False,
        "multi": False,
    }


def _variable(variable: Variable, store: Store) -> Json:
    return {
        "type": "query",
        "name": variable.name,
        "datasource": {"type": store, "uid": _SOURCE},
        "query": variable.query,
        "refresh": 2,
        "sort": 1,
        "hide": 0,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def _marks(query: str, store: Store) -> Json:
    """The annotation query: red lines in all graphs of the dashboard."""
    common: Json = {
        "name": "path changes",
        "datasource": {"type": store, "uid": _SOURCE},
        "enable": True,
        "hide": False,
        "iconColor": "red",
    }
    if store == "influxdb":
        fields = {"titleColumn": "title", "textColumn": "text", "tagsColumn": "tags"}
        return {**common, "query": query, "fromAnnotations": True, **fields}
    texts = {"titleFormat": "another path", "textFormat": "{{target}}: {{path_id}}"}
    return {**common, "expr": query, "step": "60s", "tagKeys": "source,target", **texts}


def _laid_out(board: Board, store: Store) -> list[Json]:
    """The panels from left to right, a new row where one has no room."""
    made: list[Json] = []
    left = top = height = 0
    for number, panel in enumerate(board.panels, 1):
        if left + panel.width > _COLUMNS:
            left, top, height = 0, top + height, 0
        place = {"x": left, "y": top, "w": panel.width, "h": panel.height}
        made.append(_panel(panel, number, place, store))
        left, height = left + panel.width, max(height, panel.height)
    return made


def _panel(panel: Panel, number: int, place: dict[str, int], store: Store) -> Json:
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.words,
        "gridPos": place,
        "datasource": {"type": store, "uid": _SOURCE},
        "targets": [
            _target(query, chr(ord("A") + place), store)
            for place, query in enumerate(panel.queries)
        ],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _options(panel),
        "transformations": _transformations(panel, store),
    }


def _target(query: Query, name: str, store: Store) -> Json:
    common: Json = {"refId": name, "datasource": {"type": store, "uid": _SOURCE}}
    if store == "influxdb":
        form = "table" if query.now else "time_series"
        raw = {"rawQuery": True, "resultFormat": form, "alias": query.legend}
        return {**common, "query": query.text, **raw}
    form = "table" if query.now else "time_series"
    when = {"instant": query.now, "range": not query.now, "format": form}
    return {**common, "expr": query.text, "legendFormat": query.legend, **when}


def _defaults(panel: Panel) -> Json:
    steps: list[Json] = [{"color": "green", "value": None}]
    if panel.red is not None:
        steps.append({"color": "red", "value": panel.red})
    made: Json = {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}}
    if panel.states:
        texts = {
            str(value): {"text": text, "color": color, "index": value}
            for value, (text, color) in enumerate(_STATES)
        }
        made["mappings"] = [{"type": "value", "options": texts}]
    if panel.kind == "timeseries":
        mode = {"mode": "normal" if panel.stacked else "none", "group": "A"}
        made["custom"] = {
            "drawStyle": "line",
            "lineWidth": 1,
            "fillOpacity": 30 if panel.stacked else 0,
            "spanNulls": 600_000,
            "showPoints": "auto",
            "stacking": mode,
        }
    elif panel.kind == "table" and panel.red is not None:
        made["custom"] = {"cellOptions": {"type": "color-text"}}
    return made


def _options(panel: Panel) -> Json:
    if panel.kind == "table":
        return {"showHeader": True}
    legend = {"displayMode": "table", "placement": "bottom", "showLegend": True, "calcs": []}
    if panel.kind == "status-history":
        return {"showValue": "never", "rowHeight": 0.9, "legend": {**legend, "displayMode": "list"}}
    return {"legend": legend, "tooltip": {"mode": "multi", "sort": "none"}}


def _transformations(panel: Panel, store: Store) -> list[Json]:
    if panel.matrix is None:
        merge: Json = {"id": "merge", "options": {}}
        return [merge] if panel.kind == "table" and len(panel.queries) > 1 else []
    row, column, value = panel.matrix
    names = {"rowField": row, "columnField": column, "valueField": value}
    return [{"id": "groupingToMatrix", "options": names}]
