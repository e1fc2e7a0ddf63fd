"""Icinga 2's configuration: zones, commands, hosts, services, dependencies and downtimes.

    icinga2/hosts/HOST/zones.conf             for /etc/icinga2 of an agent or a satellite
    icinga2/hosts/HOST/zones-bothsides.conf   for /etc/icinga2 of a master, included there
    icinga2/zones.d/                          for /etc/icinga2/zones.d of the first master
      bothsides/                              commands and templates, for every Icinga
      master/, dc-PREFIX/                     what the masters or satellites schedule

Icinga loads the files of a folder by their names: 00-inventory.conf holds what the rules look up.
"""

from bothsides.base.types import Iterator
from bothsides.generate import icinga2_evidence, icinga2_rules, icinga2_zones
from bothsides.generate.icinga2_commands import (
    Tables,
    check_timeout,
    command_name,
    commands,
    variable,
    variables,
)
from bothsides.generate.icinga2_groups import groups
from bothsides.generate.icinga2_maintenance import maintenance
from bothsides.generate.icinga2_text import (
    Code,
    Value,
    definition,
    duration,
    string,
    value,
)
from bothsides.generate.icinga2_zones import GLOBAL, MASTER, Zones
from bothsides.generate.links import links
from bothsides.generate.services import Run, Service
from bothsides.generate.tree import File
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.model import Server


def files(mesh: Mesh, run: Run, tables: Tables) -> Iterator[File]:
    """The files of the folder icinga2/. Raises Wrong where a host has the name of a zone."""
    layout = icinga2_zones.zones(mesh, run)
    yield from icinga2_zones.files(mesh, layout)
    yield _file(GLOBAL, "commands", f"{commands(tables)}\n{icinga2_evidence.check_command()}")
    templates = icinga2_rules.TEMPLATES
    if any(server.transport == "icinga" for server in mesh.servers.values()):
        templates += f"\n{icinga2_evidence.service()}"
    yield _file(GLOBAL, "templates", templates)
    standing = _standing(mesh, run)
    for zone in layout.zones:
        names = [name for name in sorted(standing) if layout.scheduling[name] == zone]
        agents = icinga2_zones.agents(mesh, layout, zone)
        if agents:
            yield _file(zone, "agents", agents)
        if names:
            yield _file(zone, "00-inventory", _inventory(mesh, layout, tables, standing, names))
            asked = any(name in layout.agent for name in names)
            some = any(standing[name] for name in names)
            yield _file(
                zone, "bothsides", "\n".join(icinga2_rules.rules(mesh, layout, zone, some, asked))
            )
    made = {
        "dependencies": icinga2_rules.dependencies(mesh, layout, standing),
        "groups": groups(mesh, standing),
        "maintenance": maintenance(mesh, layout, standing),
    }
    for name, body in made.items():
        if body:
            yield _file(MASTER, name, body)


def _file(zone: str, name: str, body: str) -> File:
    return File(f"icinga2/zones.d/{zone}/{name}.conf", body, "//", 0o644)


def _standing(mesh: Mesh, run: Run) -> dict[str, list[Service]]:
    """The services that stand at each host: its own, and those of a monitor without an address."""
    standing: dict[str, list[Service]] = {
        name: [] for name, server in mesh.servers.items() if server.ip
    }
    for services in run.values():
        for service in services:
            host = service.host if mesh.servers[service.host].ip else service.peers[0]
            standing[host].append(service)
    return standing


def _inventory(
    mesh: Mesh,
    layout: Zones,
    tables: Tables,
    standing: dict[str, list[Service]],
    names: list[str],
) -> str:
    """What the hosts of a zone run, for the rules to look up, and the hosts."""
    runs = {
        mesh.servers[name].monitor: {
            service.name: _run(mesh, layout, tables, name, service) for service in standing[name]
        }
        for name in names
        if standing[name]
    }
    zone = layout.scheduling[names[0]]
    parts = [f"{icinga2_rules.runs_of(zone)} = {value(runs)}\n"] if runs else []
    parts += [_host(mesh, mesh.servers[name], layout) for name in names]
    return "\n".join(parts)


def _run(mesh: Mesh, layout: Zones, tables: Tables, host: str, service: Service) -> Value:
    """One service as its rule needs it."""
    made: dict[str, Value] = {
        "check": command_name(service.kind),
        "every": Code(duration(service.every)),
    }
    timeout = check_timeout(service)
    if timeout is not None:
        made["timeout"] = Code(duration(timeout))
    if mesh.servers[service.host].ip:
        made["endpoint"] = mesh.servers[service.host].monitor
    made |= links(mesh, mesh.servers[host], service)
    return {**made, "vars": _variables(mesh, layout, tables, host, service)}


def _variables(
    mesh: Mesh, layout: Zones, tables: Tables, host: str, service: Service
) -> dict[str, Value]:
    """The custom variables of a service: its peers, where they are, and the check's options."""
    made: dict[str, Value] = {}
    peers = [mesh.servers[name] for name in service.peers if name != host]
    if len(peers) == 1:
        made["bothsides_peer"] = peers[0].monitor
    places = {peer.datacenter for peer in peers}
    if len(places) == 1 and "" not in places:
        made["bothsides_to"] = min(places)
    elsewhere = icinga2_rules.outside(mesh, layout, host, service)
    if elsewhere:
        made["bothsides_outside"] = [mesh.servers[name].monitor for name in elsewhere]
    options = variables(service, tables[service.kind])
    if len(service.peers) > 1:
        name = variable(service.kind, "hostname")
        joint = " | " if service.kind == "mesh" else ","
        addresses = str(options[name]).split(joint)
        monitors = [mesh.servers[peer].monitor for peer in service.peers]
        made["bothsides_peers"] = dict(zip(monitors, addresses, strict=True))
        options[name] = icinga2_rules.ASKED
        made |= {"bothsides_joint": joint} if joint != "," else {}
    elif peers:
        options[variable(service.kind, "exit-ok")] = icinga2_rules.QUIET
    return {**made, **options}


def _host(mesh: Mesh, server: Server, layout: Zones) -> str:
    lines = ['import "bothsides-host"', f"address = {string(server.ip)}"]
    if ":" in server.ip:
        lines = ['import "bothsides-host"', f"address6 = {string(server.ip)}"]
    if server.name != server.monitor:
        lines.append(f"display_name = {string(server.name)}")
        lines.append(f"vars.bothsides_name = {string(server.name)}")
    lines += [f"{key} = {string(url)}" for key, url in links(mesh, server)]
    if server.contacts:
        groups_of_users = value({"groups": server.contacts}, "  ")
        lines.append(f'vars.notification["mail"] = {groups_of_users}')
    facts = {"datacenter": server.datacenter, "provider": server.provider, "role": server.role}
    zone = layout.agent.get(server.name, "")
    facts["agent"] = zone if zone != MASTER else ""
    lines += [f"vars.bothsides_{key} = {string(text)}" for key, text in facts.items() if text]
    if server.transport == "icinga":
        lines.append("vars.bothsides_evidence = true")
    return definition(f"object Host {string(server.monitor)}", lines)
