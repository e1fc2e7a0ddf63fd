"""Groups of hosts by data centre, and of services by the peer and by the data centres."""

import re

from tests.generate.icinga import HOSTS, MESH, tree

PATHS = '[[path]]\nfrom = "a"\nto = "all"\n'


def groups(text: str) -> dict[str, str]:
    """The bodies of the groups by kind and name."""
    body = tree(text)["zones.d/master/groups.conf"]
    return dict(re.findall(r'^object (\w+ ".*?") \{\n(.*?)^\}', body, re.MULTILINE | re.DOTALL))


def test_hosts_are_grouped_by_every_prefix_of_their_data_centre() -> None:
    made = groups(HOSTS + MESH)
    assert list(made) == [
        f'HostGroup "{name}"'
        for name in ("bothsides", "dc-eu", "dc-eu.x", "dc-eu.y", "dc-us", "dc-us.z")
    ]
    place = "host.vars.bothsides_datacenter"
    assert made['HostGroup "dc-eu"'] == (
        f'  assign where {place} == "eu" || match("eu.*", {place})\n'
    )


def test_services_of_one_peer_are_grouped_by_the_peer_and_by_the_direction() -> None:
    made = groups(HOSTS + PATHS)
    names = [name for name in made if name.startswith("ServiceGroup")]
    assert names == [
        'ServiceGroup "to-b.example"',
        'ServiceGroup "to-c"',
        'ServiceGroup "eu.x-to-eu.y"',
        'ServiceGroup "eu.x-to-us.z"',
    ]
    assert 'service.vars.bothsides_peer == "c"' in made[names[1]]
    assert 'service.vars.bothsides_to == "us.z"' in made[names[3]]
