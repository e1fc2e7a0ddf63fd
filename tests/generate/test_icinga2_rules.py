"""The rules of each zone, and which services depend on which hosts."""

import json
import subprocess

import pytest

from bothsides.generate.icinga2_rules import TEMPLATES
from tests.generate.icinga import HOSTS, MESH, SATELLITES, tree
from tests.support import need

PATHS = '[[path]]\nfrom = "all"\nto = "all"\n'


def evaluated(expression: str) -> object:
    """What Icinga makes of an expression after our functions."""
    program = need.program("icinga2", "icinga2-bin")
    functions = TEMPLATES.partition("// A host is down")[0]
    text = f"{functions}\nJson.encode({expression})"
    done = subprocess.run([program, "console", "--eval", text], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(json.loads(done.stdout))


def test_each_zone_has_rules_for_its_own_hosts() -> None:
    made = tree(HOSTS + SATELLITES + MESH)
    for zone in ("master", "dc-eu"):
        body = made[f"zones.d/{zone}/bothsides.conf"]
        assert body.count(f'host.zone == "{zone}"') == 3
        assert f'in globals["bothsides runs of {zone}"].get(host.name) || {{}})' in body


def test_services_are_quiet_and_idle_while_their_agent_is_away() -> None:
    body = tree(HOSTS + MESH)["zones.d/master/bothsides.conf"]
    dependency = body.partition("apply Dependency")[2]
    for line in ("states = [ OK ]", "ignore_soft_states = false", "disable_checks = true"):
        assert line in dependency


def test_no_rule_is_written_that_would_match_nothing() -> None:
    made = tree(HOSTS + '[[clock]]\nfrom = "monitor"\nto = "all"\n')
    body = made["zones.d/master/bothsides.conf"]
    assert "Icinga agent" not in body
    assert "apply Dependency" not in body
    assert "zones.d/master/dependencies.conf" not in tree(HOSTS + MESH)
    assert "zones.d/master/dependencies.conf" in tree(HOSTS + PATHS)


def test_what_measures_one_peer_depends_on_its_host_but_is_measured_on() -> None:
    made = tree(HOSTS + PATHS)
    body = made["zones.d/master/dependencies.conf"]
    assert "parent_host_name = peer" in body
    assert "disable_checks = false" in body
    assert 'bothsides_parents = [ "b.example" ]' in made["zones.d/master/00-inventory.conf"]


def test_what_measures_many_depends_on_those_that_its_satellite_does_not_know() -> None:
    made = tree(HOSTS + SATELLITES + MESH)
    inside = made["zones.d/dc-eu/00-inventory.conf"]
    assert inside.count('bothsides_parents = [ "c", "mon", "sat" ]') == 2
    assert "bothsides_parents" not in made["zones.d/master/00-inventory.conf"]


@pytest.mark.parametrize(
    ("names", "others", "result"),
    [('["a"]', '["b", "a"]', True), ('["a"]', '["b"]', False), ('["a"]', "null", False)],
)
def test_any_finds_a_name_among_others(names: str, others: str, result: bool) -> None:
    assert evaluated(f"bothsides_any({names}, {others})") is result


def test_unknown_peers_are_asked() -> None:
    assert evaluated('bothsides_asked({ a = "192.0.2.1", b = "2001:db8::2" })') == (
        "192.0.2.1,2001:db8::2"
    )
