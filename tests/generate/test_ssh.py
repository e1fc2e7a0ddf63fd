"""The forced command by which evidence is fetched, and the same for NRPE."""

from bothsides.generate import nrpe, ssh
from bothsides.generate.services import services
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read

TEXT = """\
[servers]
columns = ["name", "ip", "transport", "role"]
rows = [["a", "192.0.2.1", "ssh", "node"], ["b", "192.0.2.2", "nrpe", "node"],
  ["mon", "192.0.2.9", "none", "monitor"]]
[[check]]
from = "role:node"
to = "role:node"
check = "udp_ping"
except = "self"
"""
COMMAND = (
    "/opt/bothsides/bin/bothsides evidence --now -t 6.5 --name {} --landscape"
    " /etc/bothsides/known.json"
)


def test_a_host_that_is_asked_by_ssh_has_a_forced_command() -> None:
    mesh = Mesh(read(TEXT))
    assert [(file.path, file.body) for file in ssh.files(mesh, services(mesh))] == [
        ("ssh/a/options", f'command="{COMMAND.format("a")} --asked",restrict\n')
    ]


def test_nrpe_has_the_same_command_on_every_host_but_the_monitor() -> None:
    mesh = Mesh(read(TEXT))
    made = {file.path: file.body for file in nrpe.files(mesh, services(mesh))}
    line = f"command[bothsides_evidence]={COMMAND.format('b')}\n"
    assert line in made["nrpe/b/bothsides.cfg"]
    assert "bothsides_evidence" not in made.get("nrpe/mon/bothsides.cfg", "")
