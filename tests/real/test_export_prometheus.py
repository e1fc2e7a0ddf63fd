"""Rows in node_exporter and Prometheus: every series is shown, hostile names included."""

import re
import subprocess
import time
from collections.abc import Iterator

import pytest

from bothsides.export import prometheus as prometheus_text
from bothsides.export.path_rows import hop_points
from bothsides.export.schema import Origin, points
from tests.export.samples import HOSTILE, ORIGIN, PATH, ROWS, UDP, run_points
from tests.support import daemons, need, scraping
from tests.support.scraping import Prometheus
from tests.support.stopwatch import until

NOW = time.time_ns() // 1_000_000_000 * 1_000_000_000 + 123_456_789


@pytest.fixture(scope="module")
def prometheus() -> Iterator[Prometheus]:
    with daemons.folder() as root, scraping.prometheus(root, server=False) as running:
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
    with daemons.folder() as root, scraping.prometheus(root) as running:
        text = prometheus_text.to_text(run_points(at=NOW))
        prometheus_text.write(str(running.files / "x.prom"), text)
        _join_and_age(running)


def _join_and_age(prometheus: Prometheus) -> None:
    join = (
        "bothsides_hop_loss_ratio"
        " * on(source,target,route,hop) group_left(address,owner) bothsides_hop_info"
    )
    until(lambda: len(prometheus.query(join)) == 3, "three hops in Prometheus", 30)
    rows = {row["metric"]["hop"]: row for row in prometheus.query(join)}
    assert rows["08"]["metric"]["owner"] == "Amazon"
    assert rows["02"]["value"][1] == "1"
    (age,) = prometheus.query(
        'time() - bothsides_last_run_timestamp_seconds{check="udp",route="office-to-aws"}'
    )
    assert float(age["value"][1]) == pytest.approx(time.time() - NOW / 1e9, abs=9)
