"""Icinga 2's groups: hosts by data centre, services by the peer and by the data centres."""

from bothsides.base.types import Iterator
from bothsides.generate.icinga2_rules import Standing
from bothsides.generate.icinga2_text import definition, string
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.places import prefixes

_PLACE = "host.vars.bothsides_datacenter"


def groups(mesh: Mesh, standing: Standing) -> str:
    """The file of the groups. Rules fill them, because only masters know the groups."""
    return "\n".join([*_hostgroups(mesh), *_servicegroups(mesh, standing)])


def _hostgroups(mesh: Mesh) -> Iterator[str]:
    ours = ['assign where "bothsides-host" in host.templates']
    yield definition('object HostGroup "bothsides"', ours)
    real = [server for server in mesh.servers.values() if server.ip]
    for prefix in sorted({each for server in real for each in prefixes(server.datacenter)}):
        within = f"match({string(f'{prefix}.*')}, {_PLACE})"
        line = f"assign where {_PLACE} == {string(prefix)} || {within}"
        yield definition(f"object HostGroup {string(f'dc-{prefix}')}", [line])


def _servicegroups(mesh: Mesh, standing: Standing) -> Iterator[str]:
    towards, between = _directions(mesh, standing)
    for name in sorted(towards):
        lines = [
            f"display_name = {string(f'measured towards {name}')}",
            f"assign where service.vars.bothsides_peer == {string(name)}",
        ]
        yield definition(f"object ServiceGroup {string(f'to-{name}')}", lines)
    for here, there in sorted(between):
        both = f"{_PLACE} == {string(here)} && service.vars.bothsides_to == {string(there)}"
        lines = [f"display_name = {string(f'{here} to {there}')}", f"assign where {both}"]
        yield definition(f"object ServiceGroup {string(f'{here}-to-{there}')}", lines)


def _directions(mesh: Mesh, standing: Standing) -> tuple[set[str], set[tuple[str, str]]]:
    """The peers of services that have only one, and the pairs of data centres of services."""
    towards: set[str] = set()
    between: set[tuple[str, str]] = set()
    for host, services in standing.items():
        here = mesh.servers[host].datacenter
        for service in services:
            peers = [mesh.servers[name] for name in service.peers if name != host]
            places = {peer.datacenter for peer in peers}
            if len(peers) == 1:
                towards.add(peers[0].monitor)
            if len(places) == 1 and here and "" not in places:
                between.add((here, min(places)))
    return towards, between
