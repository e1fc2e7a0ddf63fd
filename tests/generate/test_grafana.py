"""Dashboards as Grafana takes them: the same text each time, and nothing that it would drop."""

import json

import pytest

from bothsides.generate.grafana import Board, Panel, Query, Variable, to_json

BOARD = Board(
    "uid",
    "title",
    (
        Panel("a", "timeseries", (Query("x", "y"),), "s", width=12, stacked=True, red=0.5),
        Panel("b", "table", (Query("z", now=True),), width=12, height=5, matrix=("r", "c", "v")),
        Panel("c", "status-history", (Query("w"),), states=True),
    ),
    (Variable("source", "q"),),
    "m",
)


def test_the_same_board_is_the_same_text() -> None:
    assert to_json(BOARD, "influxdb") == to_json(BOARD, "influxdb")


def test_a_query_is_raw_influxql_or_promql() -> None:
    influx, prometheus = (
        json.loads(to_json(BOARD, store))["panels"] for store in ("influxdb", "prometheus")
    )
    (raw,), (promql,) = influx[0]["targets"], prometheus[0]["targets"]
    assert (raw["query"], raw["rawQuery"], raw["resultFormat"]) == ("x", True, "time_series")
    assert (promql["expr"], promql["legendFormat"], promql["instant"]) == ("x", "y", False)
    assert prometheus[1]["targets"][0]["instant"] is True
    assert influx[1]["targets"][0]["resultFormat"] == "table"


def test_panels_fill_rows_and_have_their_looks() -> None:
    first, second, third = json.loads(to_json(BOARD, "prometheus"))["panels"]
    assert first["gridPos"] == {"x": 0, "y": 0, "w": 12, "h": 9}
    assert second["gridPos"] == {"x": 12, "y": 0, "w": 12, "h": 5}
    assert third["gridPos"] == {"x": 0, "y": 9, "w": 24, "h": 9}
    assert first["fieldConfig"]["defaults"]["custom"]["stacking"]["mode"] == "normal"
    assert first["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"] == 0.5
    assert second["transformations"][0]["options"]["columnField"] == "c"
    assert set(third["fieldConfig"]["defaults"]["mappings"][0]["options"]) == {"0", "1", "2", "3"}


@pytest.mark.parametrize("store", ["influxdb", "prometheus"])
def test_every_query_asks_the_chosen_store(store: str) -> None:
    board = json.loads(to_json(BOARD, store))  # type: ignore[arg-type]
    marks, choices = board["annotations"]["list"], board["templating"]["list"]
    sources = [each["datasource"] for each in (*board["panels"], *marks, choices[1])]
    assert sources == [{"type": store, "uid": "${datasource}"}] * 5
    assert (choices[0]["type"], choices[0]["query"]) == ("datasource", store)
