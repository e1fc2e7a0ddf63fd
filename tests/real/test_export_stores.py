"""Rows in the databases that they are for: values, times and hostile names are read back."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bothsides.base.secret import Secret
from bothsides.export import graphite as graphite_lines
from bothsides.export import influx as influx_lines
from bothsides.export import prometheus as prometheus_text
from bothsides.export import statsd as statsd_lines
from bothsides.export.carbolymer import host_points
from bothsides.export.http import Login, Sender
from bothsides.export.path_rows import hop_points
from bothsides.export.point import Point
from bothsides.export.request import Request
from bothsides.export.schema import Origin, points
from bothsides.export.socket_sender import send_tcp, send_udp
from tests.export.samples import EVENT, HOSTILE, ORIGIN, PATH, ROWS, UDP, run_points
from tests.support import daemons, need, passive, stores
from tests.support.stores import Graphite, Influx, Prometheus, Victoria

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
    passive.until(
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
    passive.until(lambda: victoria.series('{source="mon1"}'), "series of VictoriaMetrics")
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
    passive.until(
        lambda: victoria.series('{__name__="bothsides_hop_rtt_avg_seconds",hop="08"}'),
        "a series by Graphite's lines",
    )


@pytest.fixture(scope="module")
def graphite() -> Iterator[Graphite]:
    with daemons.folder() as root, stores.graphite(root) as running:
        yield running


def series(graphite: Graphite, target: str, number: int = 1) -> dict[str, dict[int, float]]:
    """What Graphite has under a name, once it has so many series with values."""
    second = NOW // 1_000_000_000

    def whole() -> dict[str, dict[int, float]]:
        found = graphite.render(target, second - 60, second + 60)
        return {name: values for name, values in found.items() if values}

    passive.until(lambda: len(whole()) >= number, f"{number} series of {target}")
    return whole()


def test_graphite_keeps_a_tree_of_names(graphite: Graphite) -> None:
    sent = run_points(at=NOW)
    lines = graphite_lines.to_lines(sent)
    send_tcp("127.0.0.1", graphite.port, lines, 5)
    named = {line.split()[0]: float(line.split()[1]) for line in lines.decode().splitlines()}
    names = [name for name in named if ".hop." in name]
    found = series(graphite, "bothsides.mon1.path.198_51_100_10.hop.*.*", len(names))
    assert set(found) == set(names)
    for name, values in found.items():
        assert values == {NOW // 1_000_000_000: pytest.approx(named[name])}


def test_graphite_finds_routers_by_tag(graphite: Graphite) -> None:
    send_tcp("127.0.0.1", graphite.port, graphite_lines.to_lines(run_points(at=NOW), "tags"), 5)
    query = "seriesByTag('name=bothsides_hop_rtt_avg_seconds','hop=08')"
    (name,) = series(graphite, query)
    assert "address=52.93.0.5" in name


def test_graphite_keeps_every_hostile_name(graphite: Graphite) -> None:
    sent = [
        Point("bothsides_udp", (("source", "hostile"), ("target", name)), (("state", n),), NOW)
        for n, name in enumerate(HOSTILE)
    ]
    lines = graphite_lines.to_lines(sent)
    send_tcp("127.0.0.1", graphite.port, lines, 5)
    names = {line.split()[0] for line in lines.decode().splitlines()}
    assert set(series(graphite, "bothsides.hostile.udp.*.state", len(names))) == names
    assert not [
        p for p in graphite.whisper.iterdir() if p.name not in ("bothsides", "_tagged", "carbon")
    ]


def test_graphite_keeps_events(graphite: Graphite) -> None:
    event = EVENT._replace(at=NOW)
    sender = Sender()
    body = graphite_lines.event_body(event)
    assert sender.send(Request("POST", f"{graphite.url}/events/", (), body), 5).status == 200
    sender.close()
    query = {"tags": "path_change", "from": "-1h", "until": "now+1h"}
    (kept,) = stores.ask(f"{graphite.url}/events/get_data", query)
    assert (kept["what"], kept["data"]) == (event.title, event.text)
    assert kept["when"] == NOW // 1_000_000_000
    assert set(kept["tags"]) == {"bothsides", "path", "office-to-aws", "path_change"}


@pytest.mark.soak
def test_statsd_hands_the_pulse_and_gauges_on(graphite: Graphite, tmp_path: Path) -> None:
    """Fetches StatsD by npm, which would bring hundreds of packages along for this one test."""
    npm = shutil.which("npm")
    if npm is None:
        need.missing("npm is not there to fetch StatsD with")
    fetched = subprocess.run(
        [str(npm), "install", "--no-audit", "--no-fund", "statsd@0.9.0"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    if fetched.returncode:
        need.missing("npm cannot fetch statsd")
    origin = Origin("mon2")
    text = (
        statsd_lines.to_lines(points("UDP_LOSS", UDP._replace(name="2001:db8::1"), origin, NOW))
        + statsd_lines.pulse("prod", ("mon1", "office-to-aws"))
        + b"bothsides.mon2.x.y.negative:0|g\nbothsides.mon2.x.y.negative:-0.005|g\n"
    )
    with (
        daemons.folder() as root,
        stores.statsd(root, graphite.port, tmp_path / "node_modules") as port,
    ):
        send_udp("127.0.0.1", port, influx_lines.datagrams(text), 2)
        pulse = "stats.gauges.tagged.prod.mon1.office-to-aws.no_tag.network.mtr.pulse"
        assert set(series(graphite, pulse)[pulse].values()) == {1.0}
        loss = "stats.gauges.bothsides.mon2.udp.2001_db8__1.loss_ratio"
        assert set(series(graphite, loss)[loss].values()) == {0.14}
        mean = "stats.timers.bothsides.mon2.udp.2001_db8__1.rtt_avg.mean"
        assert set(series(graphite, mean)[mean].values()) == {21.3}
        negative = "stats.gauges.bothsides.mon2.x.y.negative"
        assert set(series(graphite, negative)[negative].values()) == {-0.005}
        assert "Bad line" not in (root / "statsd.log").read_text()


@pytest.fixture(scope="module")
def prometheus() -> Iterator[Prometheus]:
    with daemons.folder() as root, stores.prometheus(root, server=False) as running:
        yield running


def test_node_exporter_shows_every_series_of_two_files(prometheus: Prometheus) -> None:
    texts = {}
    for check, target in (("UDP_LOSS", UDP), ("MTR_PATH", PATH)):
        sent = points(
            check, target, ORIGIN, NOW, more={"path_id": "abc"} if check == "MTR_PATH" else {}
        )
        hops = hop_points(ROWS, target.name, ORIGIN, NOW) if check == "MTR_PATH" else ()
        texts[check] = prometheus_text.to_text((*sent, *hops))
        file = prometheus.files / prometheus_text.file_name(check, target.name)
        prometheus_text.write(str(file), texts[check])
    shown = _samples(prometheus.scraped())
    for text in texts.values():
        for name, value in _samples(text.decode()).items():
            assert shown.get(name) == pytest.approx(value), name
    assert shown["node_textfile_scrape_error"] == 0


def test_node_exporter_takes_hostile_names(prometheus: Prometheus) -> None:
    for number, name in enumerate(HOSTILE):
        sent = points("UDP_LOSS", UDP._replace(name=name), Origin("hostile"), NOW)
        file = prometheus.files / f"hostile{number}.prom"
        prometheus_text.write(str(file), prometheus_text.to_text(sent))
    text = prometheus.scraped()
    for number in range(len(HOSTILE)):
        (prometheus.files / f"hostile{number}.prom").unlink()
    assert "node_textfile_scrape_error 0" in text
    states = [
        li for li in text.splitlines() if li.startswith("bothsides_state") and "hostile" in li
    ]
    assert len(states) == len(HOSTILE)


def _samples(text: str) -> dict[str, float]:
    """Values by series; the exporter adds empty labels, which mean none."""
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {re.sub(r',?\w+=""', "", name): float(value) for name, _, value in lines}


def test_promtool_finds_nothing_wrong() -> None:
    promtool = need.program("promtool", "prometheus")
    text = prometheus_text.to_text(run_points(at=NOW))
    done = subprocess.run(
        [promtool, "check", "metrics"], input=text, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")


def test_prometheus_answers_the_queries_of_the_dashboards() -> None:
    with daemons.folder() as root, stores.prometheus(root) as running:
        text = prometheus_text.to_text(run_points(at=NOW))
        prometheus_text.write(str(running.files / "x.prom"), text)
        _join_and_age(running)


def _join_and_age(prometheus: Prometheus) -> None:
    join = (
        "bothsides_hop_loss_ratio"
        " * on(source,target,route,hop) group_left(address,owner) bothsides_hop_info"
    )
    passive.until(lambda: len(prometheus.query(join)) == 3, "three hops in Prometheus", 30)
    rows = {row["metric"]["hop"]: row for row in prometheus.query(join)}
    assert rows["08"]["metric"]["owner"] == "Amazon"
    assert rows["02"]["value"][1] == "1"
    (age,) = prometheus.query(
        'time() - bothsides_last_run_timestamp_seconds{check="udp",route="office-to-aws"}'
    )
    assert float(age["value"][1]) == pytest.approx(time.time() - NOW / 1e9, abs=9)


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


def test_a_path_of_graphite_is_no_more_files_than_promised(graphite: Graphite) -> None:
    rows = [ROWS[2]._replace(hop=hop) for hop in range(1, 12)]
    sent = (
        *hop_points(rows, "files", ORIGIN, NOW),
        *points("MTR_PATH", PATH._replace(name="files"), ORIGIN, NOW),
    )
    send_tcp("127.0.0.1", graphite.port, graphite_lines.to_lines(sent), 5)
    folder = graphite.whisper / "bothsides" / "mon1" / "path" / "files"
    passive.until(lambda: len(list(folder.rglob("*.wsp"))) >= 39, "a file for each figure")
    files = list(folder.rglob("*.wsp"))
    assert len(files) == 3 * 11 + 6
    assert sum(file.stat().st_size for file in files) < 8_000_000
