"""Links of hosts and services: templates filled, or left out where a value is not one."""

import pytest

from bothsides.generate.links import links
from bothsides.generate.services import Service, services
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read

HOSTS = """\
[defaults]
{defaults}
[[provider]]
name = "isp"
[[server]]
name = "a"
ip = "192.0.2.1"
monitor = "a.example"
datacenter = "eu.x"
provider = "isp"
[[server]]
name = "b"
ip = "192.0.2.2"
datacenter = "eu.y"
[[server]]
name = "c"
ip = "192.0.2.3"
datacenter = "us.z"
"""


def mesh(defaults: str, more: str = "") -> Mesh:
    return Mesh(read(HOSTS.format(defaults=defaults) + more))


def of_service(template: str, check: str) -> tuple[Service, list[tuple[str, str]]]:
    """The only service of a, and its links."""
    made = mesh(f'notes_url = "{template}"', check)
    (service,) = services(made)["a"]
    return service, links(made, made.servers["a"], service)


def test_a_host_without_templates_has_no_links() -> None:
    made = mesh("")
    assert links(made, made.servers["a"]) == []


def test_a_host_has_notes_and_actions_in_this_order() -> None:
    made = mesh('action_url = "/graphs/{{name}}"\nnotes_url = "/{{host}}/{{datacenter}}"')
    assert links(made, made.servers["a"]) == [
        ("notes_url", "/a.example/eu.x"),
        ("action_url", "/graphs/a"),
    ]


def test_a_template_of_services_is_left_out_for_a_host() -> None:
    made = mesh('notes_url = "/{{topic}}"\naction_url = "/{{provider}}"')
    assert links(made, made.servers["a"]) == [("action_url", "/isp")]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("b", "/udp/b/eu.y/UDP%20loss%20to%20all"),
        ("b | c", "/udp/all/all/UDP%20loss%20to%20all"),
    ],
)
def test_a_service_names_its_peer_or_all(target: str, expected: str) -> None:
    template = "/{{topic}}/{{peer}}/{{peer_datacenter}}/{{service}}"
    check = f'[[check]]\nfrom = "a"\nto = "{target}"\ncheck = "udp_ping"\n'
    _, made = of_service(template, check)
    assert made == [("notes_url", expected)]


def test_several_peers_of_one_data_centre_share_its_name() -> None:
    check = '[[check]]\nfrom = "a"\nto = "dc:us"\ncheck = "udp_ping"\n'
    more = '[[server]]\nname = "d"\nip = "192.0.2.4"\ndatacenter = "us.z"\n'
    service, made = of_service("/{{peer}}/{{peer_datacenter}}", more + check)
    assert service.peers == ("c", "d")
    assert made == [("notes_url", "/all/us.z")]
