"""Icinga 2's rules: services and dependencies made out of the inventory.

One dead host gives one notification, that of the host:

- Its own services depend on the service "Icinga agent", which fails later than the host itself.
- A service that measures one peer depends on the peer's host.
- A service that measures many peers leaves out those whose host is down or in downtime. A satellite
  knows the hosts of its own zone only, so such a service also depends on its peers elsewhere.
"""

from bothsides.base.types import Iterator, Mapping, Sequence
from bothsides.generate.icinga2_text import definition, string
from bothsides.generate.icinga2_zones import MASTER, Zones
from bothsides.generate.services import Service
from bothsides.inventory.mesh import Mesh

Standing = Mapping[str, Sequence[Service]]
"""The services that stand at each host, by its name."""

AGENT = "Icinga agent"
ASKED = "$bothsides_asked$"
"""The addresses of the peers that are up."""

TEMPLATES = """\
// The addresses of those peers (host name = address) that are up, or of all when none is.
globals.bothsides_asked = function(peers) {
  var asked = []
  for (name => address in peers) {
    var peer = get_host(name)
    if (!peer || (peer.state == 0 && peer.downtime_depth == 0)) {
      asked.add(address)
    }
  }
  if (asked.len() == 0) {
    for (name => address in peers) {
      asked.add(address)
    }
  }
  return asked.join(",")
}

// Whether any of some names is among others.
globals.bothsides_any = function(names, others) {
  for (name in others || []) {
    if (name in names) { return true }
  }
  return false
}

// A host is down within 2 minutes, its agent and what measures it notify later.
template Host "bothsides-host" {
  check_command = "hostalive"
  check_interval = 1m
  retry_interval = 10s
  max_check_attempts = 3
  vars.notification["mail"] = { groups = [ "icingaadmins" ] }
}

template Service "bothsides-service" {
  check_interval = 5m
  retry_interval = 1m
  max_check_attempts = 3
  vars.bothsides_asked = {{ bothsides_asked(service.vars.bothsides_peers) }}
}

template Service "bothsides-agent" {
  check_command = "cluster-zone"
  check_interval = 30s
  retry_interval = 30s
  max_check_attempts = 5
}
"""
"""What the rules of every zone build on."""


def runs_of(zone: str) -> str:
    """The expression for what the hosts of a zone run."""
    return f"globals[{string(f'bothsides runs of {zone}')}]"


def rules(zone: str, services: bool, agents: bool) -> Iterator[str]:
    """The rules for the hosts of a zone."""
    here = f"host.zone == {string(zone)}"
    if services:
        yield definition(
            f"apply Service for (title => run in {runs_of(zone)}.get(host.name) || {{}})",
            [
                'import "bothsides-service"',
                "check_command = run.check",
                "check_interval = run.every",
                "if (run.timeout) { check_timeout = run.timeout }",
                "if (run.endpoint) { command_endpoint = run.endpoint }",
                "vars += run.vars",
                f"assign where {here}",
            ],
        )
    if agents:
        yield definition(
            f"apply Service {string(AGENT)}",
            [
                'import "bothsides-agent"',
                "vars.cluster_zone = host.vars.bothsides_agent",
                f"assign where host.vars.bothsides_agent && {here}",
            ],
        )
    if services and agents:
        yield definition(
            'apply Dependency "bothsides agent" to Service',
            [
                f"parent_service_name = {string(AGENT)}",
                "states = [ OK ]",
                "ignore_soft_states = false",
                "disable_checks = true",
                f"assign where host.vars.bothsides_agent && {here}"
                " && service.command_endpoint && service.check_command != "
                '"cluster-zone"',
            ],
        )


def parents(mesh: Mesh, layout: Zones, host: str, service: Service) -> list[str]:
    """The hosts that must be up for a service to be heard, besides its own."""
    peers = [name for name in service.peers if name != host]
    if len(service.peers) > 1:
        zone = layout.scheduling[host]
        if zone == MASTER:
            return []
        peers = [name for name in peers if not layout.below(zone, layout.scheduling[name])]
    return [mesh.servers[name].monitor for name in peers]


def dependencies(mesh: Mesh, layout: Zones, standing: Standing) -> str:
    """The rule by which services depend on the hosts that they measure; only masters notify."""
    if not any(parents(mesh, layout, host, each) for host in standing for each in standing[host]):
        return ""
    return definition(
        'apply Dependency "bothsides " for (peer in service.vars.bothsides_parents || [])'
        " to Service",
        [
            "parent_host_name = peer",
            "ignore_soft_states = false",
            "disable_notifications = true",
            "disable_checks = false",
            "assign where service.vars.bothsides_parents",
        ],
    )
