"""Nagios' objects: what they say, and that Nagios itself accepts them without a warning."""

import re
from pathlib import Path

import pytest

from bothsides.generate import nagios
from bothsides.generate.services import services
from bothsides.generate.tree import File
from bothsides.generate.validate import nagios as validated
from bothsides.inventory.files import load
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read

DATA = Path(__file__).parents[1] / "data" / "landscapes"
EXAMPLES = ["wonderproxy", "semaphore", "kuenzler", "mehsh", "mehsh/readme-3-lamp"]
PAIRS = """\
server = [{ name = "a", ip = "192.0.2.1", datacenter = "eu.x", monitor = "A-host" },
  { name = "b", ip = "192.0.2.2", datacenter = "us" }]
check = [{ from = "all", to = "all", check = "udp_ping", except = "self",\
 services = "pair", every = "5m" }]
clock = [{ from = "monitor", to = "all" }]
"""


def made(mesh: Mesh) -> list[File]:
    return nagios.files(mesh, services(mesh))


def objects(text: str) -> list[tuple[str, dict[str, str]]]:
    """Kind and lines of every object of a landscape's tree."""
    objects = []
    for file in made(Mesh(read(text))):
        for kind, body in re.findall(
            r"^define (\w+) \{\n(.*?)^\}", file.body, re.MULTILINE | re.DOTALL
        ):
            objects.append((kind, dict(re.findall(r"^    (\S+) +(.*)$", body, re.MULTILINE))))
    return objects


def of(kind: str, text: str = PAIRS) -> list[dict[str, str]]:
    return [lines for each, lines in objects(text) if each == kind]


@pytest.mark.parametrize("name", EXAMPLES)
def test_nagios_accepts_the_tree_without_a_warning(name: str) -> None:
    complaints = validated(made(Mesh(load(str(DATA / f"{name}.toml")))))
    if complaints is None:
        pytest.skip("nagios4 is not installed: apt-get install nagios4-core")
    assert complaints == []


def test_the_validator_says_what_is_wrong() -> None:
    files = made(Mesh(read(PAIRS)))
    broken = [
        file._replace(body=file.body.replace("bothsides_nrpe!", "bothsides_nope!"))
        for file in files
    ]
    complaints = validated(broken)
    if complaints is None:
        pytest.skip("nagios4 is not installed: apt-get install nagios4-core")
    assert any("bothsides_nope" in line for line in complaints)


ESCALATED = """\
defaults = { services = "pair", notes_url = "https://wiki.example.org/{{topic}}" }
server = [{ name = "a", ip = "192.0.2.1", datacenter = "eu.x", contacts = ["dba", "noc"] },
  { name = "b", ip = "192.0.2.2", datacenter = "us", action_url = "/graph?h={{host}}" },
  { name = "c", ip = "192.0.2.3", datacenter = "eu.y" }, { name = "d", ip = "192.0.2.4" }]
check = [{ from = "all", to = "all", check = "udp_ping", except = "self" }]
escalation = [{ between = ["eu", "us"], contacts = ["oncall"], after = 2, every = "10m" },
  { between = ["eu", "eu"], contacts = ["noc", "lead"] }]
"""


def test_escalations_are_per_pair_of_data_centres_in_both_directions() -> None:
    escalations = [tuple(each.values()) for each in of("serviceescalation", ESCALATED)]
    assert escalations == [
        ("eu.x-to-us", "2", "0", "10", "oncall"),
        ("eu.y-to-us", "2", "0", "10", "oncall"),
        ("us-to-eu.x", "2", "0", "10", "oncall"),
        ("us-to-eu.y", "2", "0", "10", "oncall"),
        ("eu.x-to-eu.y", "3", "0", "30", "noc,lead"),
        ("eu.y-to-eu.x", "3", "0", "30", "noc,lead"),
    ]


def test_a_service_between_two_data_centres_stands_in_their_group() -> None:
    groups = {
        (each["host_name"], each["_PEER"]): each["servicegroups"]
        for each in of("service", ESCALATED)
        if "_PEER" in each
    }
    assert groups["a", "b"] == "eu.x-to-us,to-b"
    assert groups["a", "d"] == "to-d"


def test_hosts_and_services_have_their_contacts_and_links() -> None:
    hosts = {each["host_name"]: each for each in of("host", ESCALATED) if "host_name" in each}
    services = {
        (each["host_name"], each.get("_PEER", "")): each for each in of("service", ESCALATED)[1:]
    }
    assert hosts["a"]["contact_groups"] == services["a", "b"]["contact_groups"] == "dba,noc"
    assert "contact_groups" not in hosts["b"]
    assert hosts["b"]["action_url"] == services["b", "c"]["action_url"] == "/graph?h=b"
    assert "notes_url" not in hosts["a"]
    assert services["a", "b"]["notes_url"] == "https://wiki.example.org/udp"
    assert services["b", ""]["service_description"] == "NRPE"


def test_nagios_accepts_contacts_links_and_escalations_without_a_warning() -> None:
    complaints = validated(made(Mesh(read(ESCALATED))))
    if complaints is None:
        pytest.skip("nagios4 is not installed: apt-get install nagios4-core")
    assert complaints == []


def test_what_a_monitor_with_an_address_measures_depends_on_the_nrpe_of_the_peer() -> None:
    text = """\
server = [{ name = "a", ip = "192.0.2.1" }, { name = "b", ip = "192.0.2.2" },
  { name = "m", ip = "192.0.2.9", role = "monitor" }]
check = [{ from = "a", to = "b", check = "udp_ping" }, { from = "b", to = "a", check = "udp_ping" }]
clock = [{ from = "monitor", to = "name:[ab]", services = "pair" }]
"""
    dependencies = {
        (each["host_name"], each["dependent_host_name"], each["dependent_service_description"])
        for each in of("servicedependency", text)
    }
    assert {("a", "m", "Clock to a"), ("b", "m", "Clock to b")} <= dependencies


def test_every_command_has_a_name_of_ours() -> None:
    assert all(lines["command_name"].startswith("bothsides_") for lines in of("command"))


def test_a_host_is_checked_notifies_and_is_in_the_groups_of_its_data_centre() -> None:
    first = of("host")[1]
    assert (first["host_name"], first["address"], first["_DC"]) == ("A-host", "192.0.2.1", "eu.x")
    assert first["hostgroups"] == "bothsides,dc-eu,dc-eu.x"
    template = of("host")[0]
    assert (template["check_command"], template["contact_groups"]) == (
        "bothsides_host_alive",
        "admins",
    )


def test_a_service_of_a_pair_knows_its_peer_and_stands_in_its_groups() -> None:
    (service,) = (
        each for each in of("service") if each.get("service_description") == "UDP loss to b"
    )
    assert (service["host_name"], service["_PEER"]) == ("A-host", "b")
    assert service["check_command"] == "bothsides_nrpe!udp_b!b"
    assert service["servicegroups"] == "eu.x-to-us,to-b"


def test_what_the_monitor_asks_stands_at_the_host_that_is_asked() -> None:
    clocks = [
        each
        for each in of("service")
        if each.get("check_command", "").startswith("bothsides_clock")
    ]
    assert [(each["host_name"], each["check_command"]) for each in clocks] == [
        ("A-host", "bothsides_clock!clock_a"),
        ("b", "bothsides_clock!clock_b"),
    ]


def test_nrpe_is_the_master_of_its_host_and_of_what_is_measured_towards_it() -> None:
    dependencies = [
        (
            each["host_name"],
            each["dependent_host_name"],
            each["dependent_service_description"],
            each["notification_failure_criteria"],
        )
        for each in of("servicedependency")
    ]
    assert dependencies == [
        ("A-host", "A-host", "UDP loss to b", "w,u,c"),
        ("A-host", "b", "UDP loss to a", "u,c"),
        ("b", "b", "UDP loss to a", "w,u,c"),
        ("b", "A-host", "UDP loss to b", "u,c"),
    ]
    alive = [each for each in of("service") if each.get("service_description") == "NRPE"]
    assert [(each["max_check_attempts"], each["check_interval"]) for each in alive] == [
        ("1", "1")
    ] * 2
    assert {each["first_notification_delay"] for each in alive} == {"3"}
