"""Which host is in which zone, and the zones that every host must know."""

import pytest

from bothsides.generate.icinga2_zones import Zones, zones
from bothsides.generate.services import services
from bothsides.inventory.faults import Wrong
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read
from tests.generate.icinga import HOSTS, MESH, SATELLITES, server, tree

NESTED = (
    server("s1", "192.0.2.21", role="satellite", datacenter="eu")
    + server("s2", "192.0.2.22", role="satellite", datacenter="eu.y")
    + server("s3", "192.0.2.23", role="satellite", datacenter="eu.y")
)


def layout(text: str) -> Zones:
    mesh = Mesh(read(text))
    return zones(mesh, services(mesh))


def test_without_satellites_the_masters_schedule_everything() -> None:
    made = layout(HOSTS + MESH)
    assert list(made.zones) == ["master"]
    assert made.zones["master"].servers == ("monitor",)
    assert made.agent == {"a": "a", "b": "b.example", "c": "c", "monitor": "master"}
    assert set(made.scheduling.values()) == {"master"}


def test_a_host_that_runs_nothing_has_no_agent() -> None:
    made = layout(HOSTS + '[[check]]\nfrom = "a"\nto = "b | c"\ncheck = "udp_ping"\n')
    assert made.agent == {"a": "a", "monitor": "master"}


def test_a_satellite_serves_the_widest_prefix_that_is_its_own() -> None:
    alone = layout(HOSTS + SATELLITES + MESH)
    assert list(alone.zones) == ["master", "dc-eu"]
    assert [alone.scheduling[name] for name in ("a", "b", "c", "sat", "mon")] == [
        "dc-eu",
        "dc-eu",
        "master",
        "master",
        "master",
    ]
    other = server("s", "192.0.2.12", role="satellite", datacenter="eu.q")
    two = layout(HOSTS + SATELLITES + other + MESH)
    assert list(two.zones) == ["master", "dc-eu.q", "dc-eu.x"]
    assert [two.scheduling[name] for name in "ab"] == ["dc-eu.x", "master"]


def test_zones_nest_and_satellites_of_one_place_share_a_zone() -> None:
    made = layout(HOSTS + NESTED + MESH)
    assert [(zone.name, zone.parent, zone.servers) for zone in made.zones.values()] == [
        ("master", "", ("monitor",)),
        ("dc-eu", "master", ("s1",)),
        ("dc-eu.y", "dc-eu", ("s2", "s3")),
    ]
    assert [made.scheduling[name] for name in ("a", "b", "s1", "s2")] == [
        "dc-eu",
        "dc-eu.y",
        "master",
        "dc-eu",
    ]
    assert made.below("dc-eu", "dc-eu.y")
    assert not made.below("dc-eu.y", "dc-eu")


def test_an_agent_knows_those_who_call_it_and_the_global_zones() -> None:
    body = tree(HOSTS + SATELLITES + MESH)["hosts/a/zones.conf"]
    assert 'object Endpoint "sat" {\n}\n' in body
    assert 'object Zone "a" {\n  endpoints = [ "a" ]\n  parent = "dc-eu"\n}\n' in body
    assert body.count("global = true") == 3
    assert '"mon"' not in body


def test_a_master_calls_its_satellites_and_agents_keep_no_log() -> None:
    made = tree(HOSTS + SATELLITES + MESH)
    master = made["hosts/mon/zones-bothsides.conf"]
    assert 'object Endpoint "sat" {\n  host = "192.0.2.11"\n}\n' in master
    assert '  parent = "master"\n' in master
    assert 'the zone "master" with: endpoints = [ "mon" ]\n' in master
    assert made["zones.d/dc-eu/agents.conf"].startswith(
        'object Endpoint "a" {\n  host = "192.0.2.1"\n  log_duration = 0\n}\n'
    )
    assert 'object Zone "c"' in made["zones.d/master/agents.conf"]


def test_a_master_knows_all_zones_but_calls_only_those_directly_below() -> None:
    made = tree(HOSTS + NESTED + MESH)
    master = made["hosts/monitor/zones-bothsides.conf"]
    assert 'object Endpoint "s1" {\n  host = "192.0.2.21"\n}\n' in master
    assert 'object Endpoint "s2" {\n}\n' in master
    assert 'object Endpoint "s2" {\n  host = "192.0.2.22"\n}\n' in made["hosts/s1/zones.conf"]


@pytest.mark.parametrize("name", ["bothsides", "global-templates", "master", "dc-eu"])
def test_a_host_with_the_name_of_a_zone_is_refused(name: str) -> None:
    host = server(name, "192.0.2.50")
    with pytest.raises(Wrong, match="has the name of a zone"):
        layout(HOSTS + SATELLITES + host + MESH)


def test_two_hosts_of_one_name_in_icinga_are_refused() -> None:
    host = server("d", "192.0.2.50", monitor="b.example")
    with pytest.raises(Wrong, match=r'"b" and "d" are "b\.example" both'):
        layout(HOSTS + host + MESH)
