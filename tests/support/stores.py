"""Real stores for exports: InfluxDB, VictoriaMetrics, Graphite and Prometheus, on loopback."""

import json
import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.support import daemons, need
from tests.support.process import NRPE_ENVIRONMENT


def ask(url: str, query: Mapping[str, object], body: bytes | None = None) -> Any:
    """The JSON that a server answers."""
    whole = f"{url}?{urllib.parse.urlencode(query)}"
    with urllib.request.urlopen(whole, body, timeout=10) as reply:
        return json.load(reply)


def answers(url: str) -> bool:
    """Whether a server answers at all."""
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def ready(url: str) -> bool:
    """Whether a server answers that it is ready."""
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


class Influx(NamedTuple):
    """InfluxDB 1.x with a database `bothsides`."""

    url: str
    udp: int  # port; what comes there goes into the database too

    def rows(self, measurement: str, group: str = "*") -> list[dict[str, Any]]:
        """All rows with tags and fields; times in ns."""
        query = f'SELECT * FROM "{measurement}" GROUP BY {group}'
        found = ask(f"{self.url}/query", {"db": "bothsides", "epoch": "ns", "q": query})
        (result,) = found["results"]
        assert "error" not in result, result
        return [
            {**series.get("tags", {}), **dict(zip(series["columns"], values, strict=True))}
            for series in result.get("series", [])
            for values in series["values"]
        ]


@contextmanager
def influx(root: Path, login: bool = False) -> Iterator[Influx]:
    """InfluxDB 1.x; with a login only root:secret may use it."""
    program = need.program("influxd", "influxdb")
    port, rpc = daemons.free_port(), daemons.free_port()
    udp = daemons.free_port(socket.SOCK_DGRAM)
    config = root / "influx.conf"
    config.write_text(
        f'reporting-disabled = true\nbind-address = "127.0.0.1:{rpc}"\n'
        f'[meta]\ndir = "{root}/meta"\n[data]\ndir = "{root}/data"\nwal-dir = "{root}/wal"\n'
        f'[http]\nbind-address = "127.0.0.1:{port}"\nlog-enabled = false\n'
        f"auth-enabled = {str(login).lower()}\n[monitor]\nstore-enabled = false\n"
        f'[[udp]]\nenabled = true\nbind-address = "127.0.0.1:{udp}"\ndatabase = "bothsides"\n'
        "batch-size = 1\n"
    )
    url = f"http://127.0.0.1:{port}"
    command = [program, "run", "-config", str(config)]
    environment = {**NRPE_ENVIRONMENT, "HOME": str(root)}
    with daemons.running(command, lambda: answers(f"{url}/ping"), root / "influx.log", environment):
        query = {"q": "CREATE DATABASE bothsides"}
        if login:
            user = "CREATE USER root WITH PASSWORD 'secret' WITH ALL PRIVILEGES"
            ask(f"{url}/query", {"q": user}, b"")
            query |= {"u": "root", "p": "secret"}
        ask(f"{url}/query", query, b"")
        yield Influx(url, udp)


class Victoria(NamedTuple):
    """VictoriaMetrics: where it listens for HTTP and for Graphite's lines."""

    url: str
    graphite: int

    def series(self, match: str) -> list[dict[str, Any]]:
        """All series with their values and times (ms)."""
        urllib.request.urlopen(f"{self.url}/internal/force_flush", timeout=5).close()
        query = urllib.parse.urlencode({"match[]": match})
        with urllib.request.urlopen(f"{self.url}/api/v1/export?{query}", timeout=5) as reply:
            return [json.loads(line) for line in reply.read().splitlines()]


@contextmanager
def victoria(root: Path) -> Iterator[Victoria]:
    """VictoriaMetrics."""
    program = need.program("victoria-metrics", "victoria-metrics")
    port, lines = daemons.free_port(), daemons.free_port()
    url = f"http://127.0.0.1:{port}"
    command = [
        program,
        f"-storageDataPath={root}/vm",
        f"-httpListenAddr=127.0.0.1:{port}",
        f"-graphiteListenAddr=127.0.0.1:{lines}",
        "-retentionPeriod=100y",
    ]
    with daemons.running(command, lambda: answers(f"{url}/health"), root / "vm.log"):
        yield Victoria(url, lines)


class Graphite(NamedTuple):
    """Carbon, and graphite-web in front of it."""

    port: int  # of carbon's lines
    url: str
    whisper: Path
    process: Any  # carbon's

    def render(self, target: str, since: int, until: int) -> dict[str, dict[int, float]]:
        """Values by time, by the name of the series; without the empty ones."""
        query = {"target": target, "format": "json", "from": since, "until": until}
        found = ask(f"{self.url}/render", query)
        return {
            series["target"]: {at: value for value, at in series["datapoints"] if value is not None}
            for series in found
        }


_CARBON = """\
[cache]
STORAGE_DIR = {root}/storage
CONF_DIR = {root}/conf
LOG_DIR = {root}/log
PID_DIR = {root}
LOCAL_DATA_DIR = {root}/storage/whisper
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = {lines}
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_PORT = {pickle}
CACHE_QUERY_INTERFACE = 127.0.0.1
CACHE_QUERY_PORT = {cache}
MAX_CREATES_PER_MINUTE = inf
MAX_UPDATES_PER_SECOND = 100000
ENABLE_LOGROTATION = False
ENABLE_TAGS = True
GRAPHITE_URL = http://127.0.0.1:{web}
"""
_WEB = """\
SECRET_KEY = "lab"
STORAGE_DIR = "{root}/storage"
WHISPER_DIR = "{root}/storage/whisper"
STANDARD_DIRS = [WHISPER_DIR]
LOG_DIR = "{root}/log"
INDEX_FILE = "{root}/storage/index"
CARBONLINK_HOSTS = ["127.0.0.1:{cache}"]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": "{root}/db.sqlite"}}}}
ALLOWED_HOSTS = ["*"]
"""


@contextmanager
def graphite(root: Path) -> Iterator[Graphite]:
    """Carbon's cache and graphite-web, with tags and events."""
    carbon = need.program("carbon-cache", "graphite-carbon")
    manage = need.program("graphite-manage", "graphite-web")
    ports = {name: daemons.free_port() for name in ("lines", "pickle", "cache", "web")}
    for folder in ("conf", "storage/whisper", "log"):
        (root / folder).mkdir(parents=True)
    (root / "conf" / "carbon.conf").write_text(_CARBON.format(root=root, **ports))
    (root / "conf" / "storage-schemas.conf").write_text(
        "[all]\npattern = .*\nretentions = 1s:2h,10s:1d\n"
    )
    (root / "conf" / "storage-aggregation.conf").write_text(
        "[all]\npattern = .*\nxFilesFactor = 0\naggregationMethod = max\n"
    )
    (root / "local_settings.py").write_text(_WEB.format(root=root, **ports))
    environment = {
        **NRPE_ENVIRONMENT,
        "PYTHONPATH": str(root),
        "GRAPHITE_SETTINGS_MODULE": "local_settings",
    }
    migrated = subprocess.run(
        [manage, "migrate", "--run-syncdb"], env=environment, capture_output=True, check=False
    )
    assert migrated.returncode == 0, migrated.stderr.decode()[-2000:]
    url = f"http://127.0.0.1:{ports['web']}"
    web = [manage, "runserver", "--noreload", f"127.0.0.1:{ports['web']}"]
    cache = [
        carbon,
        f"--config={root}/conf/carbon.conf",
        f"--pidfile={root}/carbon.pid",
        f"--logdir={root}/log",
        "--nodaemon",
        "start",
    ]
    with (
        daemons.running(
            web, lambda: answers(f"{url}/metrics/find?query=*"), root / "web.log", environment
        ),
        daemons.running(
            cache, lambda: daemons.listens(ports["lines"]), root / "carbon.log", environment
        ) as process,
    ):
        yield Graphite(ports["lines"], url, root / "storage" / "whisper", process)


class Prometheus(NamedTuple):
    """node_exporter with the folder for text files, and a Prometheus that scrapes it."""

    files: Path
    exporter: str
    url: str  # of Prometheus; "" without one

    def scraped(self) -> str:
        """What the exporter shows."""
        with urllib.request.urlopen(f"{self.exporter}/metrics", timeout=5) as reply:
            text: str = reply.read().decode()
            return text

    def query(self, expression: str) -> list[dict[str, Any]]:
        """What an expression is now."""
        answer = ask(f"{self.url}/api/v1/query", {"query": expression})
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found


@contextmanager
def prometheus(root: Path, server: bool = True) -> Iterator[Prometheus]:
    """node_exporter with the collector of text files alone, and Prometheus where asked for."""
    exporter = need.program("prometheus-node-exporter", "prometheus-node-exporter")
    port = daemons.free_port()
    files = root / "textfiles"
    files.mkdir()
    address = f"http://127.0.0.1:{port}"
    command = [
        exporter,
        "--collector.disable-defaults",
        "--collector.textfile",
        f"--collector.textfile.directory={files}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with daemons.running(command, lambda: answers(f"{address}/metrics"), root / "exporter.log"):
        if not server:
            yield Prometheus(files, address, "")
            return
        with _server(root, [f"127.0.0.1:{port}"]) as url:
            yield Prometheus(files, address, url)


@contextmanager
def remembering(root: Path, history: bytes, consoles: Path | None = None) -> Iterator[str]:
    """A Prometheus that has imported a history by promtool; its address. consoles: its templates."""
    promtool = need.program("promtool", "prometheus")
    file = root / "history.txt"
    file.write_bytes(history)
    command = [promtool, "tsdb", "create-blocks-from", "openmetrics", str(file), str(root / "tsdb")]
    made = subprocess.run(command, env=NRPE_ENVIRONMENT, capture_output=True, check=False)
    assert made.returncode == 0, made.stderr.decode()[-2000:]
    options = [f"--web.console.templates={consoles}"] if consoles else []
    with _server(root, [], options) as url:
        yield url


@contextmanager
def _server(root: Path, targets: Sequence[str], options: Sequence[str] = ()) -> Iterator[str]:
    program = need.program("prometheus", "prometheus")
    port = daemons.free_port()
    config = root / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n"
        f"- job_name: lab\n  static_configs: [{{targets: {json.dumps(list(targets))}}}]\n"
    )
    url = f"http://127.0.0.1:{port}"
    command = [
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={root}/tsdb",
        f"--web.listen-address=127.0.0.1:{port}",
        *options,
    ]
    with daemons.running(command, lambda: ready(f"{url}/-/ready"), root / "prometheus.log"):
        yield url


@contextmanager
def statsd(root: Path, carbon: int, modules: Path) -> Iterator[int]:
    """Etsy's StatsD in front of a carbon, flushing twice a second; its UDP port.

    modules: the node_modules that hold it.
    """
    node = shutil.which("node") or ""
    port, manage = daemons.free_port(socket.SOCK_DGRAM), daemons.free_port()
    config = root / "statsd.js"
    config.write_text(
        f'{{ port: {port}, address: "127.0.0.1", mgmt_port: {manage}, mgmt_address: "127.0.0.1",\n'
        f'flushInterval: 500, graphiteHost: "127.0.0.1", graphitePort: {carbon},\n'
        'backends: ["./backends/graphite"], deleteIdleStats: true,\n'
        "graphite: { legacyNamespace: false } }\n"
    )
    command = [node, str(modules / "statsd" / "stats.js"), str(config)]
    environment = {**NRPE_ENVIRONMENT, "HOME": os.environ.get("HOME", "/")}
    with daemons.running(
        command, lambda: daemons.listens(manage), root / "statsd.log", environment
    ):
        yield port
