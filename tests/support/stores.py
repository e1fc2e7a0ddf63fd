"""Real stores for exports: InfluxDB, VictoriaMetrics, Graphite and Prometheus, on loopback."""

import json
import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.support import daemons, need
from tests.support.process import NRPE_ENVIRONMENT


def ask(url: str, query: Mapping[str, object], body: bytes | None = None) -> Any:
    """The JSON that a server answers."""
    whole = f"{url}?{urllib.parse.urlencode(query)}"
    with urllib.request.urlopen(whole, body, timeout=60) as reply:
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
        """Values by time, by the name of the series; without the empty ones.

        Nothing while graphite-web fails (500): it reads a file that carbon is still writing.
        """
        query = {"target": target, "format": "json", "from": since, "until": until}
        try:
            rows = ask(f"{self.url}/render", query)
        except urllib.error.HTTPError as fault:
            if fault.code != 500:
                raise
            return {}
        return {
            series["target"]: {at: value for value, at in series["datapoints"] if value is not None}
            for series in rows
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
