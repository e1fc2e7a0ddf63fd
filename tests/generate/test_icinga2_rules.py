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
        assert body.count(f'host.zone == "{zone}"') == 4
        assert f'in globals["bothsides runs of {zone}"].get(host.name) || {{}})' in body


def test_services_are_not_checked_while_their_agent_is_away() -> None:
    body = tree(HOSTS + MESH)["zones.d/master/bothsides.conf"]
    of_agent, of_services = body.split("apply Dependency")[1:]
    for dependency in (of_agent, of_services):
        assert "ignore_soft_states = false\n  disable_checks = true\n" in dependency
    assert "parent_host_name = host.name" in of_agent
    assert 'parent_service_name = "Icinga agent"\n  states = [ OK ]' in of_services


def test_no_service_has_two_dependencies_that_may_fail() -> None:
    made = tree(HOSTS + SATELLITES + MESH)
    assert (
        'if (!(NodeName in [ "mon" ])) {\n  apply Dependency "bothsides agent"'
        in (made["zones.d/dc-eu/bothsides.conf"])
    )
    peers = made["zones.d/master/dependencies.conf"]
    assert peers.count('apply Dependency "bothsides "') == 2
    assert peers.count("states = [ OK, Warning, Critical, Unknown ]") == 2


def test_no_rule_is_written_that_would_match_nothing() -> None:
    made = tree(HOSTS + '[[clock]]\nfrom = "monitor"\nto = "all"\n')
    body = made["zones.d/master/bothsides.conf"]
    assert "Icinga agent" not in body
    assert "apply Dependency" not in body
    assert "zones.d/master/dependencies.conf" not in tree(HOSTS + MESH + PATHS)


def test_what_measures_one_peer_is_ok_while_the_peer_is_down() -> None:
    body = tree(HOSTS + PATHS)["zones.d/master/00-inventory.conf"]
    assert body.count('mtr_path_exit_ok = "$bothsides_quiet$"') == 6
    alone = tree(HOSTS + '[[clock]]\nfrom = "monitor"\nto = "a"\n')
    assert "exit_ok" not in alone["zones.d/master/00-inventory.conf"]


def test_a_satellites_service_depends_on_peers_that_the_satellite_does_not_know() -> None:
    made = tree(HOSTS + SATELLITES + MESH)
    inside = made["zones.d/dc-eu/00-inventory.conf"]
    assert inside.count('bothsides_outside = [ "c", "mon", "sat" ]') == 2
    assert "bothsides_outside" not in made["zones.d/master/00-inventory.conf"]
    peers = made["zones.d/master/dependencies.conf"]
    assert 'apply Service "Host" {\n  import "bothsides-present"\n' in peers
    assert 'in bothsides_both([ "mon" ], service.vars.bothsides_outside)) to Service' in peers
    assert 'in bothsides_both([ "c", "sat" ], service.vars.bothsides_outside)) to Ser' in peers


@pytest.mark.parametrize(
    ("names", "others", "result"),
    [('["a", "c"]', '["b", "a"]', ["a"]), ('["a"]', '["b"]', []), ('["a"]', "null", [])],
)
def test_both_are_the_names_in_both_lists(names: str, others: str, result: list[str]) -> None:
    assert evaluated(f"bothsides_both({names}, {others})") == result


def test_unknown_peers_are_asked() -> None:
    assert evaluated('bothsides_down("a")') is False
    assert evaluated('bothsides_asked({ a = "192.0.2.1", b = "2001:db8::2" }, null)') == (
        "192.0.2.1,2001:db8::2"
    )
    assert evaluated('bothsides_asked({ a = "a", b = "b" }, " | ")') == "a | b"
