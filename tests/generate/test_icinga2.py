"""Icinga's tree as a whole: the inventory of each zone, and that Icinga accepts everything."""

from pathlib import Path

import pytest

from bothsides.command.check_options import tables
from bothsides.generate import icinga2
from bothsides.generate.icinga2_validate import icinga2 as validated
from bothsides.generate.services import services
from bothsides.generate.tree import File
from bothsides.inventory.files import load
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read
from tests.generate.icinga import HOSTS, MESH, SATELLITES, TABLES, server, tree
from tests.generate.test_icinga2_zones import NESTED
from tests.inventory.big import big
from tests.support import need

DATA = Path(__file__).parents[1] / "data" / "landscapes"
EXAMPLES = sorted(
    str(path.relative_to(DATA)) for path in DATA.rglob("*.toml") if "readme-2" not in path.name
)
PATH = '[[path]]\nfrom = "a"\nto = "b"\n'
TWO = SATELLITES + server("mon2", "192.0.2.12", role="monitor", monitor="mon2.example")
EVERYTHING = """\
[[path]]
from = "all"
to = "all"
timeout = "20s"
via = ["192.0.2.0/24", "AS64500"]
[[https]]
from = "a"
to = "b"
regex = ["^O$", "K\\"s"]
all_addresses = true
auth = "web"
[[clock]]
from = "monitor"
to = "all"
[[pair]]
from = "a"
to = "c"
warning = "9%"
[[maintenance]]
what = "b"
begin = 2026-03-28T22:00:00+01:00
end = 2026-10-29T23:30:00+01:00
reason = "a \\"new\\" router"
"""


def real(mesh: Mesh) -> list[File]:
    return list(icinga2.files(mesh, services(mesh), tables()))


@pytest.mark.parametrize("name", EXAMPLES)
def test_icinga_accepts_the_tree_of_every_example_without_a_warning(name: str) -> None:
    need.program("icinga2", "icinga2-bin")
    assert validated(real(Mesh(load(str(DATA / name))))) == []


@pytest.mark.parametrize("more", ["", SATELLITES, NESTED, TWO])
@pytest.mark.parametrize("services", ["host", "pair"])
def test_icinga_accepts_everything_that_a_landscape_may_say(more: str, services: str) -> None:
    need.program("icinga2", "icinga2-bin")
    defaults = f'[defaults]\nservices = "{services}"\n'
    assert validated(real(Mesh(read(HOSTS + more + MESH + EVERYTHING + defaults)))) == []


def test_the_inventory_of_a_zone_says_what_its_hosts_run() -> None:
    body = tree(HOSTS + MESH)["zones.d/master/00-inventory.conf"]
    assert body.startswith(
        """\
globals["bothsides runs of master"] = {
  a = {
    "UDP loss to all" = {
      check = "bothsides_udp_loss"
      every = 5m
      endpoint = "a"
      vars = {
        bothsides_peers = {
          "b.example" = "2001:db8::2"
          c = "192.0.2.3"
        }
        udp_loss_hostname = "$bothsides_asked$"
        udp_loss_port = "862"
        udp_loss_wait = "1s"
        udp_loss_maintenance = "/var/lib/bothsides"
      }
    }
  }
"""
    )
    assert (
        """\
object Host "b.example" {
  import "bothsides-host"
  address6 = "2001:db8::2"
  display_name = "b"
  vars.bothsides_name = "b"
  vars.bothsides_datacenter = "eu.y"
  vars.bothsides_agent = "b.example"
}
"""
        in body
    )


def test_limits_of_a_pair_are_its_variables() -> None:
    pair = '[[pair]]\nfrom = "a"\nto = "c"\nwarning = "9%"\n'
    body = tree(HOSTS + MESH + pair)["zones.d/master/00-inventory.conf"]
    assert (
        """\
      vars = {
        bothsides_peer = "c"
        bothsides_to = "us.z"
        udp_loss_hostname = "192.0.2.3"
        udp_loss_port = "862"
        udp_loss_wait = "1s"
        udp_loss_warning = "9%"
        udp_loss_maintenance = "/var/lib/bothsides"
        udp_loss_exit_ok = "$bothsides_quiet$"
      }
"""
        in body
    )


def test_what_a_monitor_without_an_address_asks_stands_at_the_host() -> None:
    body = tree(HOSTS + '[[clock]]\nfrom = "monitor"\nto = "a"\n')[
        "zones.d/master/00-inventory.conf"
    ]
    assert (
        """\
  a = {
    "Clock to a" = {
      check = "bothsides_snmp_clock"
      every = 5m
      vars = {
"""
        in body
    )
    assert "bothsides_agent" not in body


def test_a_monitor_with_an_address_runs_its_own_checks() -> None:
    text = HOSTS + SATELLITES + '[[clock]]\nfrom = "monitor"\nto = "a | c"\n'
    body = tree(text)["zones.d/master/00-inventory.conf"]
    assert '  mon = {\n    "Clock to all" = {' in body
    assert 'endpoint = "mon"' in body


def test_a_slow_check_gets_its_own_time_out() -> None:
    body = tree(HOSTS + '[[path]]\nfrom = "a"\nto = "b"\ntimeout = "40s"\n')[
        "zones.d/master/00-inventory.conf"
    ]
    assert "      timeout = 45s\n" in body


def test_links_lead_from_hosts_and_services() -> None:
    links = '[defaults]\nnotes_url = "https://wiki.example.org/{{datacenter}}"\n'
    links += 'action_url = "/graph?{{host}}&{{peer}}"\n'
    body = tree(HOSTS + PATH + links)["zones.d/master/00-inventory.conf"]
    assert '      notes_url = "https://wiki.example.org/eu.x"\n' in body
    assert '      action_url = "/graph?a&b"\n' in body
    assert '  notes_url = "https://wiki.example.org/us.z"\n' in body


def test_contacts_stand_where_icingas_own_rules_look_for_them() -> None:
    noc = server("d", "192.0.2.4") + 'contacts = ["noc", "web"]\n'
    body = tree(HOSTS + noc + MESH)["zones.d/master/00-inventory.conf"]
    assert 'vars.notification["mail"] = {\n    groups = [ "noc", "web" ]\n  }\n' in body


def test_the_tree_is_the_same_every_time() -> None:
    text = HOSTS + SATELLITES + MESH + EVERYTHING
    assert tree(text) == tree(text)
    assert list(tree(text)) == list(tree(text))


def test_a_new_host_changes_its_own_files_and_the_inventories_alone() -> None:
    mesh = '[[check]]\nfrom = "a"\nto = "all"\ncheck = "udp_ping"\nexcept = "self"\n'
    new = server("d", "192.0.2.9", datacenter="us.z")
    before, after = tree(HOSTS + SATELLITES + mesh), tree(HOSTS + SATELLITES + new + mesh)
    changed = {path for path in after if before.get(path) != after[path]}
    assert changed == {
        "zones.d/dc-eu/00-inventory.conf",
        "zones.d/master/00-inventory.conf",
        "zones.d/master/dependencies.conf",
    }


def test_a_thousand_hosts_take_a_tree_that_grows_with_their_pairs() -> None:
    mesh = Mesh(read(big(120, rows=True)))
    size = sum(len(file.body) for file in icinga2.files(mesh, services(mesh), TABLES))
    assert size < 45 * 120 * 120 + 2000 * 120
