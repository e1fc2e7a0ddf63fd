"""Replies of the stores become series with their last values; whatever else comes is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.metric import Last, from_flux, from_graphite, from_influx, from_prometheus


def test_graphite_s_last_value_is_the_last_that_is_no_null() -> None:
    text = '[{"target": "a", "datapoints": [[1.5, 100], [2, 160], [null, 220]]},'
    text += '{"target": "b", "datapoints": [[null, 100]]}]'
    assert from_graphite(text) == (Last("a", 160.0, 2.0), Last("b", None, None))
    assert from_graphite("[]") == ()


def influx(*rows: list[object], columns: tuple[str, ...] = ("time", "loss", "owner")) -> str:
    series = {"name": "m", "tags": {"hop": "08"}, "columns": columns, "values": rows}
    return json.dumps({"results": [{"statement_id": 0, "series": [series]}]})


def test_influxql_gives_a_series_for_each_column_of_figures() -> None:
    text = influx([2 * 10**9, 0.5, "isp"], [1 * 10**9, 0.25, "isp"], [3 * 10**9, None, None])
    assert from_influx(text) == (Last("m{hop=08}.loss", 2.0, 0.5),)


def test_a_figure_over_the_whole_range_has_no_time() -> None:
    assert from_influx(influx([0, 7], columns=("time", "mean"))) == (
        Last("m{hop=08}.mean", None, 7.0),
    )


@pytest.mark.parametrize(
    "text",
    [
        '{"error": "database not found: nosuch"}',
        '{"results": [{"statement_id": 0, "error": "database not found: nosuch"}]}',
    ],
)
def test_an_error_inside_a_good_reply_is_no_data(text: str) -> None:
    with pytest.raises(Unreadable, match="InfluxDB: database not found: nosuch"):
        from_influx(text)


def prometheus(kind: str, result: object) -> str:
    return json.dumps({"status": "success", "data": {"resultType": kind, "result": result}})


def test_a_selector_s_samples_have_times_and_an_expression_s_have_none() -> None:
    labels = {"__name__": "up", "job": "a"}
    matrix = prometheus("matrix", [{"metric": labels, "values": [[100, "1"], [160, "NaN"]]}])
    assert from_prometheus(matrix) == (Last('up{job="a"}', 100.0, 1.0),)
    vector = prometheus("vector", [{"metric": {}, "value": [100, "2.5"]}])
    assert from_prometheus(vector) == (Last("", None, 2.5),)
    assert from_prometheus(prometheus("scalar", [100, "NaN"])) == (Last("scalar", None, None),)


def test_prometheus_says_what_is_wrong_with_a_query() -> None:
    text = '{"status": "error", "errorType": "bad_data", "error": "parse error: unexpected )"}'
    with pytest.raises(Unreadable, match=r"Prometheus: parse error: unexpected \)"):
        from_prometheus(text)
    with pytest.raises(Unreadable, match="a string, which holds no figure"):
        from_prometheus(prometheus("string", [1, "x"]))


FLUX = """\
#datatype,string,long,dateTime:RFC3339,double,string,string,string
#group,false,false,false,false,true,true,true
#default,_result,,,,,,
,result,table,_time,_value,_field,_measurement,hop
,,0,2026-11-21T10:00:00Z,0.5,loss,bothsides_hop,08
,,0,2026-11-21T10:01:00.5Z,0.25,loss,bothsides_hop,08

,result,table,_time,_value,_field,_measurement,hop
,,1,2026-11-21T10:00:00Z,1,loss,bothsides_hop,09
"""


def test_flux_gives_a_series_for_each_table() -> None:
    assert from_flux(FLUX.replace("\n", "\r\n")) == (
        Last("bothsides_hop{hop=08}.loss", 1795255260.5, 0.25),
        Last("bothsides_hop{hop=09}.loss", 1795255200.0, 1.0),
    )


def test_flux_says_what_is_wrong() -> None:
    with pytest.raises(Unreadable, match="InfluxDB: bucket not found"):
        from_flux("error,reference\nbucket not found,897\n")
    with pytest.raises(Unreadable, match="no column _value"):
        from_flux(",result,table,_time,loss\n,,0,2026-11-21T10:00:00Z,1\n")
    with pytest.raises(Unreadable, match="no time in a reply"):
        from_flux(",_time,_value\n,yesterday,1\n")


READERS = (from_graphite, from_influx, from_prometheus, from_flux)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["target", "datapoints", "results", "series", "columns", "values", "tags", "name"]
                + ["status", "data", "resultType", "result", "metric", "value", "error"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.one_of(JSON.map(json.dumps), st.text(max_size=200)))
def test_nothing_else_but_unreadable_is_raised(text: str) -> None:
    for reader in READERS:
        try:
            found = reader(text)
        except Unreadable as fault:
            assert "\n" not in str(fault)
        else:
            assert all(isinstance(each, Last) for each in found)
