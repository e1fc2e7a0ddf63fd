"""Links of hosts and services, filled from the landscape."""

from bothsides.generate.links import links
from bothsides.generate.services import services
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read

TEXT = """\
[defaults]
notes_url = "/wiki/{{topic}}?from={{datacenter}}&to={{peer_datacenter}}"
[[server]]
name = "a"
ip = "192.0.2.1"
datacenter = "eu"
action_url = "/graph?h={{host}}&s={{service}}&p={{peer}}"
[[server]]
name = "b"
ip = "192.0.2.2"
datacenter = "us"
[[server]]
name = "c"
ip = "192.0.2.3"
datacenter = "ap"
[[check]]
from = "a"
to = "all"
check = "udp_ping"
every = "5m"
except = "self"
"""


def test_a_service_towards_many_says_all() -> None:
    mesh = Mesh(read(TEXT))
    (service,) = services(mesh)["a"]
    assert links(mesh, mesh.servers["a"], service) == [
        ("notes_url", "/wiki/udp?from=eu&to=all"),
        ("action_url", "/graph?h=a&s=UDP%20loss%20to%20all&p=all"),
    ]


def test_a_service_towards_one_names_it() -> None:
    mesh = Mesh(read(TEXT.replace('to = "all"', 'to = "b"')))
    (service,) = services(mesh)["a"]
    assert dict(links(mesh, mesh.servers["a"], service)) == {
        "notes_url": "/wiki/udp?from=eu&to=us",
        "action_url": f"/graph?h=a&s={service.name.replace(' ', '%20')}&p=b",
    }


def test_a_host_has_only_links_that_need_no_service() -> None:
    mesh = Mesh(read(TEXT.replace("&s={{service}}&p={{peer}}", "")))
    assert links(mesh, mesh.servers["a"]) == [("action_url", "/graph?h=a")]
    assert links(mesh, mesh.servers["b"]) == []
