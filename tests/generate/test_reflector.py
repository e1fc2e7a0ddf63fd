"""The networks that a reflector answers."""

from pathlib import Path

import pytest

from bothsides.generate import reflector
from bothsides.generate.services import services
from bothsides.inventory.files import load
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read

DATA = Path(__file__).parents[1] / "data" / "landscapes"


def test_a_reflector_answers_those_who_measure_its_host() -> None:
    mesh = Mesh(load(str(DATA / "kuenzler.toml")))
    made = {file.path: file.body for file in reflector.files(mesh, services(mesh))}
    assert made["reflector/db1/allow"] == (
        "127.0.0.0/8  # this host: SmokePing asks it to learn how udp_fping writes\n::1\n"
        "192.0.2.21  # api1\n2001:db8:21::1  # api1\n192.0.2.22  # api2\n198.51.100.77  # wit1\n"
    )
    assert sorted(made) == [
        f"reflector/{host}/{name}"
        for host in ("api1", "api2", "db1", "db2", "wit1")
        for name in ("allow", "allow.conf")
    ]


@pytest.mark.parametrize(
    ("settings", "command"),
    [("", "--port 862 --allow-file /etc/bothsides/allow")]
    + [("port = 8620", "--port 8620 --allow-file /etc/bothsides/allow")]
    + [('protocol = "mehsh"', "--port 4232 --allow-file /etc/bothsides/allow --mehsh")],
)
def test_the_drop_in_starts_the_reflector_on_the_port_that_is_asked(
    settings: str, command: str
) -> None:
    mesh = Mesh(
        read(f"""\
server = [{{ name = "a", ip = "192.0.2.1" }}, {{ name = "b", ip = "192.0.2.2" }}]
check = [{{ from = "a", to = "b", check = "udp_ping" }}]
[defaults]
{settings}
""")
    )
    made = {file.path: file.body for file in reflector.files(mesh, services(mesh))}
    assert made["reflector/b/allow.conf"] == (
        f"[Service]\nExecStart=\nExecStart=/opt/bothsides/bin/udp_reflector {command}\n"
    )


def test_a_host_that_nobody_asks_has_no_file() -> None:
    mesh = Mesh(load(str(DATA / "mehsh" / "basic.toml")))
    assert list(reflector.files(mesh, services(mesh))) == []
