"""Rows in InfluxDB and VictoriaMetrics: values, times and hostile names are read back."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bothsides.base.secret import Secret
from bothsides.export import graphite as graphite_lines
from bothsides.export import influx as influx_lines
from bothsides.export.carbolymer import host_points
from bothsides.export.http import Login, Sender
from bothsides.export.path_rows import hop_points
from bothsides.export.point import Point
from bothsides.export.request import Request
from bothsides.export.schema import points
from bothsides.export.socket_sender import send_tcp, send_udp
from tests.export.samples import EVENT, HOSTILE, ORIGIN, PATH, ROWS, run_points
from tests.support import daemons, stores
from tests.support.stopwatch import until
from tests.support.stores import Influx, Victoria

NOW = time.time_ns() // 1_000_000_000 * 1_000_000_000 + 123_456_789


@pytest.fixture(scope="module")
def influx() -> Iterator[Influx]:
    with daemons.folder() as root, stores.influx(root) as running:
        yield running


def write(sender: Sender, url: str, lines: bytes) -> str:
    """Why the server refused; "" when it took all."""
    reply = sender.send(Request("POST", f"{url}/write?db=bothsides", (), lines), 5)
    return influx_lines.refusal(reply.status, reply.body)


def test_influxdb_keeps_every_field_with_its_time_and_a_second_sending_changes_nothing(
    influx: Influx,
) -> None:
    sent = run_points(at=NOW)
    lines = influx_lines.to_lines(sent, [EVENT])
    for packed in (False, True):
        sender = Sender(gzip=packed)
        assert write(sender, influx.url, lines * 3 if packed else lines) == ""
        sender.close()
    for measurement in {point.measurement for point in sent}:
        expected = [point for point in sent if point.measurement == measurement]
        rows = influx.rows(measurement)
        assert len(rows) == len(expected)
        for point in expected:
            wanted = {**dict(point.tags), **dict(point.fields), "time": point.at}
            assert any(_holds(row, wanted) for row in rows), (wanted, rows)
    (event,) = influx.rows("bothsides_event")
    assert (event["title"], event["text"]) == (EVENT.title, EVENT.text)
    assert event["time"] == EVENT.at


def _holds(row: Mapping[str, object], wanted: Mapping[str, object]) -> bool:
    """Whether a row has all that was sent; numbers to a billionth."""
    return all(
        row.get(name) == (pytest.approx(value, abs=1e-9) if isinstance(value, float) else value)
        for name, value in wanted.items()
    )


def test_influxdb_keeps_hostile_names(influx: Influx) -> None:
    sent = [
        Point("hostile", (("target", name),), (("number", n), ("text", name)), NOW)
        for n, name in enumerate(HOSTILE)
    ]
    sender = Sender()
    assert write(sender, influx.url, influx_lines.to_lines(sent)) == ""
    sender.close()
    rows = {row["number"]: row for row in influx.rows("hostile")}
    for number, name in enumerate(HOSTILE):
        changed = name.translate({ord(c): " " for c in "\n\r\0"}).replace("\\", "/")
        assert (rows[number]["target"], rows[number]["text"]) == (changed, name)


def test_influxdb_refuses_in_its_own_words_and_keeps_the_rest(influx: Influx) -> None:
    sender = Sender()
    first = Point("typed", (("t", "a"),), (("v", 1),), NOW)
    assert write(sender, influx.url, influx_lines.to_lines([first])) == ""
    second = (first._replace(fields=(("v", "text"),)), first._replace(at=NOW + 1))
    assert "field type conflict" in write(sender, influx.url, influx_lines.to_lines(second))
    assert len(influx.rows("typed")) == 2
    reply = sender.send(Request("POST", f"{influx.url}/write?db=none", (), b"a b=1 1\n"), 5)
    assert 'database not found: "none"' in influx_lines.refusal(reply.status, reply.body)
    reply = sender.send(Request("GET", f"{influx.url}/query?q=SHOW+DATABASES"), 5)
    assert "no InfluxDB write address" in influx_lines.refusal(reply.status, reply.body)
    sender.close()


def test_influxdb_takes_datagrams(influx: Influx) -> None:
    lines = influx_lines.to_lines(hop_points(ROWS, "by-udp", ORIGIN, NOW))
    send_udp("127.0.0.1", influx.udp, influx_lines.datagrams(lines, 300), 2)
    until(
        lambda: len([r for r in influx.rows("bothsides_hop") if r["target"] == "by-udp"]) == 3,
        "three rows by UDP",
    )


def test_carbolymers_rows_are_a_measurement_of_the_hosts_name(influx: Influx) -> None:
    sender = Sender()
    assert write(sender, influx.url, influx_lines.to_lines(host_points(ROWS, "8.8.8.8", NOW))) == ""
    sender.close()
    rows = {row["hop"]: row for row in influx.rows("8.8.8.8")}
    assert set(rows) == {"01-192.0.2.1", "02-???", "08-52.93.0.5"}
    assert rows["08-52.93.0.5"]["avg"] == pytest.approx(13.4)
    assert (rows["02-???"]["loss"], rows["02-???"]["snt"]) == (100, 20)


def test_a_login_is_asked_for_and_taken() -> None:
    with daemons.folder() as root, stores.influx(root, login=True) as running:
        lines = influx_lines.to_lines(run_points(at=NOW))
        for login, words in (
            (None, "answered 401"),
            (Login("root", Secret("wrong")), "answered 401: authorization failed"),
            (Login("root", Secret("secret")), ""),
        ):
            sender = Sender(login)
            said = write(sender, running.url, lines)
            assert words in said
            assert bool(words) == bool(said)
            sender.close()


@pytest.fixture(scope="module")
def victoria() -> Iterator[Victoria]:
    with daemons.folder() as root, stores.victoria(root) as running:
        yield running


def test_victoriametrics_makes_a_series_of_each_number_and_none_of_texts(
    victoria: Victoria,
) -> None:
    sender = Sender(gzip=True)
    sent = run_points(at=NOW)
    lines = influx_lines.to_lines(sent, [EVENT], "victoria")
    for path in ("/write", "/api/v2/write"):
        reply = sender.send(Request("POST", victoria.url + path, (), lines), 5)
        assert influx_lines.refusal(reply.status, reply.body) == ""
    sender.close()
    until(lambda: victoria.series('{source="mon1"}'), "series of VictoriaMetrics")
    series = victoria.series('{source="mon1"}')
    names = {row["metric"]["__name__"] for row in series}
    assert "bothsides_hop_rtt_avg" in names
    assert not {name for name in names if "event" in name or "path_id" in name}
    (hop,) = [
        row
        for row in series
        if row["metric"]["__name__"] == "bothsides_hop_rtt_avg" and row["metric"]["hop"] == "08"
    ]
    assert hop["metric"]["address"] == "52.93.0.5"
    assert set(hop["values"]) == {0.0134}
    assert set(hop["timestamps"]) == {NOW // 1_000_000}
    assert len(series) == len({str(row["metric"]) for row in series})


def test_victoriametrics_takes_graphites_lines_too(victoria: Victoria) -> None:
    send_tcp("127.0.0.1", victoria.graphite, graphite_lines.to_lines(run_points(at=NOW), "tags"), 5)
    until(
        lambda: victoria.series('{__name__="bothsides_hop_rtt_avg_seconds",hop="08"}'),
        "a series by Graphite's lines",
    )


def test_a_dead_store_is_told_and_a_revived_one_gets_the_spooled_rows(tmp_path: Path) -> None:
    """The whole way of a failed delivery, with the time of the measurement."""
    from bothsides.export.outcome import Undelivered
    from bothsides.export.spool import Spool

    spool = Spool(str(tmp_path), "influx:test")
    lines = influx_lines.to_lines(run_points(at=NOW - 3_600_000_000_000))
    sender = Sender()
    with pytest.raises(Undelivered):
        write(sender, f"http://127.0.0.1:{daemons.free_port()}", lines)
    spool.keep(lines, NOW)
    with daemons.folder() as root, stores.influx(root) as running:

        def deliver(parcel: bytes) -> None:
            assert write(sender, running.url, parcel) == ""

        assert spool.send(deliver).delivered == 1
        assert spool.send(deliver).delivered == 0
        (clock,) = running.rows("bothsides_clock")
        assert clock["time"] == NOW - 3_600_000_000_000
    sender.close()


def series_of(influx: Influx, target: str) -> int:
    """How many series a target has."""
    query = {"db": "bothsides", "q": f"SHOW SERIES WHERE target = '{target}'"}
    (result,) = stores.ask(f"{influx.url}/query", query)["results"]
    return len(result["series"][0]["values"])


def test_series_grow_with_routers_and_not_with_time(influx: Influx) -> None:
    """60 runs over 11 hops of which two change and come back, and a day of 16 parallel routers."""
    sender = Sender(gzip=True)
    for run in range(60):
        at = NOW - run * 60_000_000_000
        changed = 25 <= run < 38
        rows = [
            ROWS[2]._replace(
                hop=hop, address=f"203.0.113.{hop + 100 * (changed and hop in (8, 9))}"
            )
            for hop in range(1, 12)
        ]
        whole = points("MTR_PATH", PATH._replace(name="day"), ORIGIN, at)
        sent = (*hop_points(rows, "day", ORIGIN, at), *whole)
        assert write(sender, influx.url, influx_lines.to_lines(sent)) == ""
    for run in range(32):
        rows = [
            ROWS[2]._replace(hop=hop, address=f"203.0.{hop}.{(hop * 7 + run) % 16}")
            for hop in range(1, 21)
        ]
        sent = hop_points(rows, "ecmp", ORIGIN, NOW - run * 60_000_000_000)
        assert write(sender, influx.url, influx_lines.to_lines(sent)) == ""
    sender.close()
    assert series_of(influx, "day") == 11 + 2 + 1
    assert series_of(influx, "ecmp") == 320
    assert len([row for row in influx.rows("bothsides_hop") if row["target"] == "day"]) == 60 * 11
