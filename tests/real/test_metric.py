"""check_metric reads back what --export has written, from the real stores."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bothsides.export import graphite as graphite_lines
from bothsides.export import influx as influx_lines
from bothsides.export.http import Sender
from bothsides.export.point import Point
from bothsides.export.request import Request
from bothsides.export.socket_sender import send_tcp
from tests.support import daemons, scraping, stores
from tests.support.forked import run
from tests.support.process import Outcome
from tests.support.scraping import Prometheus
from tests.support.stores import Graphite, Influx, Victoria


def rows(age: float, *losses: float) -> list[Point]:
    at = time.time_ns() - int(age * 1e9)
    return [
        Point(
            "bothsides_udp", (("source", "mon1"), ("target", f"db{number}")), (("loss", loss),), at
        )
        for number, loss in enumerate(losses, 1)
    ]


def check(*words: str) -> Outcome:
    return run("check_metric", *words)


@pytest.fixture(scope="module")
def influx() -> Iterator[Influx]:
    with daemons.folder() as root, stores.influx(root) as running:
        sender = Sender()
        lines = influx_lines.to_lines([*rows(370, 0.5, 0.5), *rows(10, 0.25)], [])
        sender.send(Request("POST", f"{running.url}/write?db=bothsides", (), lines), 5)
        sender.close()
        yield running


def test_influxdb_s_last_values_and_ages_come_back(influx: Influx) -> None:
    query = "SELECT last(loss) FROM bothsides_udp GROUP BY target"
    well = check("--influx", influx.url, "-q", query + " ORDER BY time", "-w", "0.3")
    assert well.code == 3  # db2 has none for 370 s
    assert "1 of 2 series: bothsides_udp{target=db2}.last: last value 6 min old" in well.line
    assert "[OK] bothsides_udp{target=db1}.last: 0.25, 1" in well.text
    query = "SELECT last(loss) FROM bothsides_udp WHERE target = 'db1'"
    one = check("--influx", f"{influx.url}/query?db=bothsides", "-q", query, "-c", "0.2")
    assert one.code == 2
    assert one.perfdata["value"].value == 0.25
    assert 10 <= (one.perfdata["age"].value or 0) < 60


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT last(loss) FROM nosuch", "no data: unknown name, or nothing stored"),
        ("SELECT nosuch FROM bothsides_udp", "no data: unknown name, or nothing stored"),
        ("SELECT", "InfluxDB: error parsing query"),
    ],
)
def test_influxdb_without_data_or_with_an_error_is_unknown(
    influx: Influx, query: str, words: str
) -> None:
    outcome = check("--influx", influx.url, "-q", query)
    assert outcome.code == 3
    assert words in outcome.line
    other = check("--influx", f"{influx.url}/query?db=nosuch", "-q", "SELECT x FROM y")
    assert other.code == 3
    assert "InfluxDB: database not found: nosuch" in other.line


def test_a_mean_over_all_has_no_age(influx: Influx) -> None:
    outcome = check("--influx", influx.url, "-q", "SELECT mean(loss) FROM bothsides_udp")
    assert outcome.code == 3
    assert "no time of its own" in outcome.line


@pytest.fixture(scope="module")
def graphite() -> Iterator[Graphite]:
    with daemons.folder() as root, stores.graphite(root) as running:
        send_tcp("127.0.0.1", running.port, graphite_lines.to_lines(rows(10, 0.25), "tree"), 5)
        send_tcp("127.0.0.1", running.port, graphite_lines.to_lines(rows(1200, 0, 0.5), "tree"), 5)
        name = "bothsides.mon1.udp.db1.loss_ratio"
        until = time.monotonic() + 60
        while "| value=U" in check("--graphite", running.url, "-q", name).text:
            assert time.monotonic() < until
            time.sleep(0.3)
        yield running


def test_graphite_s_last_value_comes_back(graphite: Graphite) -> None:
    outcome = check(
        "--graphite", graphite.url, "-q", "bothsides.mon1.udp.db1.loss_ratio", "-w", "0.2"
    )
    assert (outcome.code, outcome.perfdata["value"].value) == (1, 0.25)
    assert 10 <= (outcome.perfdata["age"].value or 0) < 60


def test_an_old_value_is_unknown_where_hound_s_query_hides_it(graphite: Graphite) -> None:
    old = "bothsides.mon1.udp.db2.loss_ratio"
    outcome = check("--graphite", graphite.url, "-q", old, "--window", "1h")
    assert outcome.code == 3
    assert "last value 20 min old, older than 5 min" in outcome.line
    for nothing in ("no.such.metric", "nosuch("):
        outcome = check("--graphite", graphite.url, "-q", nothing)
        assert outcome.code == 3
        assert "no data in the last 10 min" in outcome.line


@pytest.fixture(scope="module")
def victoria() -> Iterator[Victoria]:
    with daemons.folder() as root, stores.victoria(root) as running:
        sender = Sender()
        lines = influx_lines.to_lines([*rows(10, 0.25), *rows(370, 0.1, 0.5)], [], "victoria")
        sender.send(Request("POST", f"{running.url}/write", (), lines), 5)
        sender.close()
        running.series("bothsides_udp_loss")  # flushes
        yield running


def test_victoriametrics_answers_as_prometheus_does(victoria: Victoria) -> None:
    name = "bothsides_udp_loss"
    outcome = check("--prometheus", victoria.url, "-q", name, "-c", "0.2")
    assert outcome.code == 2
    assert "target=db2}: last value 6 min old, older than 5 min" in outcome.text
    assert outcome.perfdata["series"].value == 2
    assert outcome.perfdata["value"].value == 0.25


def test_prometheus_answers_values_and_refusals(tmp_path: Path) -> None:
    with daemons.folder() as root, scraping.prometheus(root) as running:
        (running.files / "x.prom").write_text(
            "# HELP bothsides_state s\n# TYPE bothsides_state gauge\n"
            'bothsides_state{check="udp"} 2\n'
        )
        until = time.monotonic() + 60
        while not running.query("bothsides_state"):
            assert time.monotonic() < until
            time.sleep(0.3)
        outcome = _asked(running, "bothsides_state", "-w", "0", "-c", "1")
        assert (outcome.code, outcome.perfdata["value"].value) == (2, 2)
        assert 0 <= (outcome.perfdata["age"].value or 0) < 30
        summed = _asked(running, "sum(bothsides_state)", "-w", "0")
        assert (summed.code, summed.perfdata["age"].value) == (1, None)
        for query, words in (("nosuch", "no data"), ("sum(", "Prometheus: invalid parameter")):
            outcome = _asked(running, query)
            assert outcome.code == 3
            assert words in outcome.line


def _asked(running: Prometheus, query: str, *words: str) -> Outcome:
    return check("--prometheus", running.url, "-q", query, *words)
