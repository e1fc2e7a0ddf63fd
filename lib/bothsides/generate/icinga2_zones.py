"""Icinga 2's zones: masters, satellites for parts of the network, and an agent on every host.

A server of the role `monitor` is a master, one of the role `satellite` schedules the checks of all
hosts in its part of the network: the widest prefix of its data centre that no satellite of another
data centre shares. Satellites of one data centre form one zone.
"""

from bothsides.base.types import Iterator, Mapping, NamedTuple, Sequence
from bothsides.generate.icinga2_text import definition, string
from bothsides.generate.services import Run
from bothsides.generate.tree import File
from bothsides.inventory.faults import Wrong, quoted
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.model import Server
from bothsides.inventory.places import prefixes

MASTER = "master"
GLOBAL = "bothsides"
MASTERS = 'zones.conf needs the zone "master" with: endpoints = '
"""What stands before the names of the masters in a file of theirs."""

_STANDARD = (
    "global-templates",
    "director-global",
)  # global zones that Icinga's own wizard declares
_SATELLITE = "satellite"


class Zone(NamedTuple):
    """A zone that schedules checks."""

    name: str
    prefix: str  # of the data centres that it serves; "" for the masters
    parent: str  # name of a zone, "" for the masters
    servers: tuple[str, ...]  # names of its masters or satellites


class Zones(NamedTuple):
    """Where every host is scheduled."""

    zones: Mapping[str, Zone]  # by name, masters first, parents before their children
    scheduling: Mapping[str, str]  # the zone in which a host and its services stand, by server
    agent: Mapping[str, str]  # the zone of the Icinga that runs a host's checks, by server

    def below(self, upper: str, zone: str) -> bool:
        """Whether a zone is another one or below it, so that its hosts are known there."""
        while zone != upper and self.zones[zone].parent:
            zone = self.zones[zone].parent
        return zone == upper


def zones(mesh: Mesh, run: Run) -> Zones:
    """The zones of a landscape. Raises Wrong where a host has the name of a zone."""
    made = _zones(mesh)
    scheduling, agent = {}, {}
    for name, server in mesh.servers.items():
        own = [zone.name for zone in made.values() if name in zone.servers]
        if own:
            scheduling[name] = made[own[0]].parent or MASTER
            agent[name] = own[0]
        else:
            scheduling[name] = _serving(made, server.datacenter)
            if run.get(name):
                agent[name] = server.monitor
    _check_names(mesh, made)
    return Zones(made, scheduling, agent)


def _zones(mesh: Mesh) -> dict[str, Zone]:
    masters = sorted(name for name in mesh.index.monitors if name in mesh.servers)
    by_datacenter: dict[str, list[str]] = {}
    for server in mesh.servers.values():
        if server.role == _SATELLITE and server.datacenter and server.ip:
            by_datacenter.setdefault(server.datacenter, []).append(server.name)
    parts = {
        _part(place, [other for other in by_datacenter if other != place]): place
        for place in by_datacenter
    }
    made = {MASTER: Zone(MASTER, "", "", tuple(masters))}
    for prefix in sorted(parts):
        parent = _serving(made, prefix)
        name = f"dc-{prefix}"
        made[name] = Zone(name, prefix, parent, tuple(sorted(by_datacenter[parts[prefix]])))
    return made


def _part(place: str, others: Sequence[str]) -> str:
    """The widest prefix of a data centre that holds none of the others, at last itself."""
    for prefix in prefixes(place):
        if not any(prefix in prefixes(other) for other in others):
            return prefix
    return place


def _serving(made: Mapping[str, Zone], datacenter: str) -> str:
    """The zone that schedules a data centre's checks: that of the longest prefix."""
    inside = [f"dc-{prefix}" for prefix in prefixes(datacenter) if f"dc-{prefix}" in made]
    return inside[-1] if inside else MASTER


def _check_names(mesh: Mesh, made: Mapping[str, Zone]) -> None:
    taken = {GLOBAL, *_STANDARD, *(name for name in made if name != MASTER)}
    names: dict[str, str] = {}
    for server in mesh.servers.values():
        if server.monitor in taken or (server.monitor == MASTER and not _master(made, server)):
            raise Wrong(f"host {quoted(server.monitor)} has the name of a zone", "rename the host")
        other = names.setdefault(server.monitor, server.name)
        if other != server.name:
            words = f"{quoted(other)} and {quoted(server.name)} are {quoted(server.monitor)} both"
            raise Wrong(words, 'give each its own "monitor"')


def _master(made: Mapping[str, Zone], server: Server) -> bool:
    return server.name in made[MASTER].servers


def agents(mesh: Mesh, layout: Zones, zone: str) -> str:
    """The endpoints and zones of the agents that a zone's masters or satellites connect to."""
    parts = []
    for name in sorted(layout.agent):
        if layout.scheduling[name] == zone and layout.agent[name] not in layout.zones:
            server = mesh.servers[name]
            parts.append(_endpoint(server, address=True, agent=True))
            parts.append(_zone(server.monitor, [server.monitor], zone))
    return "\n".join(parts)


def files(mesh: Mesh, layout: Zones) -> Iterator[File]:
    """The zones that each host must know before it connects to another."""
    for name in sorted({*layout.agent}):
        zone = layout.agent[name]
        master = name in layout.zones[MASTER].servers
        path = f"icinga2/hosts/{name}/{'zones-bothsides' if master else 'zones'}.conf"
        if master:
            body = _of_master(mesh, layout)
        elif zone in layout.zones:
            body = _of_satellite(mesh, layout, layout.zones[zone])
        else:
            body = _of_agent(mesh, layout, name)
        yield File(path, body, "//", 0o644)


def _of_master(mesh: Mesh, layout: Zones) -> str:
    names = ", ".join(map(string, _endpoints(mesh, layout.zones[MASTER])))
    head = (
        '// For /etc/icinga2 of a master; icinga2.conf needs: include "zones-bothsides.conf"\n'
        f"// {MASTERS}[ {names} ]\n"
    )
    return "\n".join([head, *_below(mesh, layout, MASTER), _global(GLOBAL)])


def _of_satellite(mesh: Mesh, layout: Zones, zone: Zone) -> str:
    parts = [_head("satellite"), *_above(mesh, layout, zone.parent)]
    parts += [_endpoint(mesh.servers[name], address=True) for name in zone.servers]
    parts += [_zone(zone.name, _endpoints(mesh, zone), zone.parent)]
    return "\n".join([*parts, *_below(mesh, layout, zone.name), *_globals()])


def _of_agent(mesh: Mesh, layout: Zones, name: str) -> str:
    server, parent = mesh.servers[name], layout.scheduling[name]
    parts = [_head("host"), *_above(mesh, layout, parent), _endpoint(server)]
    return "\n".join([*parts, _zone(server.monitor, [server.monitor], parent), *_globals()])


def _head(what: str) -> str:
    return (
        f"// For /etc/icinga2/zones.conf of this {what}, whose NodeName is the endpoint's name.\n"
        "// features-enabled/api.conf needs: accept_config = true, accept_commands = true\n"
    )


def _above(mesh: Mesh, layout: Zones, name: str) -> Iterator[str]:
    """The zone of those who connect to a host: without addresses, they are the ones who call."""
    zone = layout.zones[name]
    for server in zone.servers:
        yield _endpoint(mesh.servers[server])
    yield _zone(zone.name, _endpoints(mesh, zone), "")


def _below(mesh: Mesh, layout: Zones, name: str) -> Iterator[str]:
    """All satellites below a zone; those directly below with the addresses at which to call."""
    for zone in layout.zones.values():
        if zone.name != name and layout.below(name, zone.name):
            for server in zone.servers:
                yield _endpoint(mesh.servers[server], address=zone.parent == name)
            yield _zone(zone.name, _endpoints(mesh, zone), zone.parent)


def _globals() -> list[str]:
    return [_global(name) for name in (GLOBAL, *_STANDARD)]


def _endpoints(mesh: Mesh, zone: Zone) -> list[str]:
    return [mesh.servers[name].monitor for name in zone.servers]


def _endpoint(server: Server, *, address: bool = False, agent: bool = False) -> str:
    lines = [f"host = {string(server.ip)}"] if address and server.ip else []
    lines += ["log_duration = 0"] if agent else []
    return definition(f"object Endpoint {string(server.monitor)}", lines)


def _zone(name: str, endpoints: Sequence[str], parent: str) -> str:
    lines = [f"endpoints = [ {', '.join(map(string, endpoints))} ]"]
    lines += [f"parent = {string(parent)}"] if parent else []
    return definition(f"object Zone {string(name)}", lines)


def _global(name: str) -> str:
    return definition(f"object Zone {string(name)}", ["global = true"])
