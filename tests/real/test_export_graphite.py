"""Rows in Graphite and StatsD: names, tags, events and files are read back."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bothsides.export import graphite as graphite_lines
from bothsides.export import influx as influx_lines
from bothsides.export import statsd as statsd_lines
from bothsides.export.http import Sender
from bothsides.export.path_rows import hop_points
from bothsides.export.point import Point
from bothsides.export.request import Request
from bothsides.export.schema import Origin, points
from bothsides.export.socket_sender import send_tcp, send_udp
from tests.export.samples import EVENT, HOSTILE, ORIGIN, PATH, ROWS, UDP, run_points
from tests.support import daemons, need, stores
from tests.support.stopwatch import until
from tests.support.stores import Graphite

NOW = time.time_ns() // 1_000_000_000 * 1_000_000_000 + 123_456_789


@pytest.fixture(scope="module")
def graphite() -> Iterator[Graphite]:
    with daemons.folder() as root, stores.graphite(root) as running:
        yield running


def series(graphite: Graphite, target: str, number: int = 1) -> dict[str, dict[int, float]]:
    """What Graphite has under a name, once it has so many series with values."""
    second = NOW // 1_000_000_000

    rows: dict[str, dict[int, float]] = {}

    def whole() -> bool:
        rows.clear()
        rows.update(graphite.render(target, second - 60, second + 60))
        return sum(map(bool, rows.values())) >= number

    until(whole, f"{number} series of {target}")
    return {name: values for name, values in rows.items() if values}


def test_graphite_keeps_a_tree_of_names(graphite: Graphite) -> None:
    sent = run_points(at=NOW)
    lines = graphite_lines.to_lines(sent)
    send_tcp("127.0.0.1", graphite.port, lines, 5)
    named = {line.split()[0]: float(line.split()[1]) for line in lines.decode().splitlines()}
    names = [name for name in named if ".hop." in name]
    known = series(graphite, "bothsides.mon1.path.198_51_100_10.hop.*.*", len(names))
    assert set(known) == set(names)
    for name, values in known.items():
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


def test_a_path_of_graphite_is_no_more_files_than_promised(graphite: Graphite) -> None:
    rows = [ROWS[2]._replace(hop=hop) for hop in range(1, 12)]
    sent = (
        *hop_points(rows, "files", ORIGIN, NOW),
        *points("MTR_PATH", PATH._replace(name="files"), ORIGIN, NOW),
    )
    send_tcp("127.0.0.1", graphite.port, graphite_lines.to_lines(sent), 5)
    folder = graphite.whisper / "bothsides" / "mon1" / "path" / "files"
    until(lambda: len(list(folder.rglob("*.wsp"))) >= 39, "a file for each figure")
    files = list(folder.rglob("*.wsp"))
    assert len(files) == 3 * 11 + 6
    assert sum(file.stat().st_size for file in files) < 8_000_000
