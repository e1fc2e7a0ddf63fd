"""Prometheus' targets: what they say, and that Prometheus itself reads them."""

import json
import subprocess
from pathlib import Path

import pytest

from bothsides.generate import prometheus
from bothsides.generate.services import services
from bothsides.generate.tree import rendered
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read
from tests.support import need

TEXT = """\
provider = [{ name = "isp" }]
server = [
  { name = "a", ip = "192.0.2.1", datacenter = "eu.x", monitor = "A-host", provider = "isp" },
  { name = "b", ip = "2001:db8::2", role = "db" },
  { name = "c", ip = "192.0.2.3", disabled = true }]
"""


def body(text: str = TEXT) -> bytes:
    mesh = Mesh(read(text))
    (file,) = prometheus.files(mesh, services(mesh))
    assert file.path == "prometheus/hosts.yml"
    return rendered(file, "mesh.toml")


def test_every_host_is_a_target_with_its_labels() -> None:
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load(body()) == [
        {
            "targets": ["192.0.2.1:9100"],
            "labels": {"host": "A-host", "datacenter": "eu.x", "provider": "isp"},
        },
        {"targets": ["[2001:db8::2]:9100"], "labels": {"host": "b", "role": "db"}},
    ]


def test_prometheus_discovers_them(tmp_path: Path) -> None:
    promtool = need.program("promtool", "prometheus")
    (tmp_path / "hosts.yml").write_bytes(body())
    config = tmp_path / "prometheus.yml"
    scrape = {"job_name": "hosts", "file_sd_configs": [{"files": [f"{tmp_path}/hosts.yml"]}]}
    config.write_text(json.dumps({"scrape_configs": [scrape]}))
    done = subprocess.run(
        [promtool, "check", "service-discovery", "--timeout=1s", config, "hosts"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    targets = json.loads(done.stdout[done.stdout.index("[") : done.stdout.rindex("]") + 1])
    assert sorted(each["labels"]["instance"] for each in targets) == [
        "192.0.2.1:9100",
        "[2001:db8::2]:9100",
    ]
