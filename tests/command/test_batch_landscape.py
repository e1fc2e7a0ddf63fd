"""The services of a host in a landscape become the lines of a batch."""

import os
from pathlib import Path

import pytest

from bothsides.base.errors import Misuse
from bothsides.command import batch_landscape
from bothsides.command.batch_landscape import lines
from bothsides.command.batch_lines import orders
from bothsides.generate.services import services
from bothsides.inventory import files
from bothsides.inventory.mesh import Mesh

LANDSCAPE = """
[[server]]
name = "mon1"
ip = "192.0.2.1"

[[server]]
name = "web1"
ip = "192.0.2.2"

[[server]]
name = "db1"
ip = "192.0.2.3"

[[group]]
name = "far"
match = "web1 | db1"

[[check]]
from = "mon1"
to = "far"
check = "udp_ping"
every = "5m"

[[path]]
from = "mon1"
to = "far"

[[https]]
from = "mon1"
to = "web1"
auth = "web"
string = "all well"
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "landscape.toml"
    file.write_text(LANDSCAPE)
    return str(file)


def test_names_are_those_of_the_generated_services(path: str) -> None:
    made = lines(path, "mon1")
    expected = services(Mesh(files.load(path)))["mon1"]
    assert [(line.host, line.service) for line in made] == [(s.host, s.name) for s in expected]
    assert {line.program for line in made} == {"check_udp_loss", "check_mtr_path", "check_https"}


def test_every_line_is_understood_by_its_check(path: str) -> None:
    made = [line for line in lines(path, "mon1") if line.program != "check_https"]
    plans = {order.line.program: order.plan for order in orders(made)}
    assert plans["check_udp_loss"].hosts == ("192.0.2.3", "192.0.2.2")
    assert None not in plans.values()


def test_secrets_stay_in_their_file(path: str) -> None:
    (line,) = (line for line in lines(path, "mon1") if line.program == "check_https")
    assert line.words[-1] == "--extra-opts=web@/etc/bothsides-secrets.ini"
    assert "--string=all well" in line.words


def test_this_host_must_be_in_the_landscape(path: str) -> None:
    with pytest.raises(Misuse, match=f"has no host {os.uname().nodename}; say with --host"):
        lines(path)
    with pytest.raises(Misuse, match="mon1"):
        lines(path, "mon11")


def test_without_known_json_the_checks_read_the_landscape_itself(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = tmp_path / "known.json"
    monkeypatch.setattr(batch_landscape, "KNOWN", str(known))
    monkeypatch.setattr("bothsides.generate.services.KNOWN", str(known))
    monkeypatch.setattr(
        "bothsides.generate.services._COMMON", (("landscape", str(known)), ("maintenance", "/m"))
    )
    assert all(f"--landscape={path}" in line.words for line in lines(path, "mon1"))
    known.write_text("{}")
    assert all(f"--landscape={known}" in line.words for line in lines(path, "mon1"))
