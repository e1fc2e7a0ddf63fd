"""Real Prometheus servers and exporters on loopback: what they scrape, and what they remember."""

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.support import daemons, need, stores
from tests.support.process import NRPE_ENVIRONMENT


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
        answer = stores.ask(f"{self.url}/api/v1/query", {"query": expression})
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
    with daemons.running(
        command, lambda: stores.answers(f"{address}/metrics"), root / "exporter.log"
    ):
        if not server:
            yield Prometheus(files, address, "")
            return
        with _server(root, [f"127.0.0.1:{port}"]) as url:
            yield Prometheus(files, address, url)


@contextmanager
def remembering(root: Path, history: bytes, consoles: Path | None = None) -> Iterator[str]:
    """A Prometheus that has imported a history by promtool; its address.

    consoles: its templates.
    """
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
    with daemons.running(command, lambda: stores.ready(f"{url}/-/ready"), root / "prometheus.log"):
        yield url
