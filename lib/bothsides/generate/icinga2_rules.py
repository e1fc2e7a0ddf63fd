"""Icinga 2's rules: services and dependencies made out of the inventory.

One dead host gives one notification, that of the host:

- Its own services are not checked while the service "Icinga agent" is not OK, and that one is not
  checked while the host is down, and notifies later than the host.
- A service that measures one peer goes on, but is OK while the peer's host is down or in downtime:
  its text and its figures say what is measured.
- A service that measures many peers leaves out those whose host is down or in downtime.
- A satellite knows the hosts of its own zone and those below only. For peers elsewhere the master
  has dependencies: a service is unreachable when a service of the peer's host is.

Before Icinga 2.14 a service is unreachable only when all of its dependencies fail. So no service
has two that may fail: those on peers accept every state and hand on unreachability alone.
"""

from bothsides.base.types import Iterator, Mapping, Sequence
from bothsides.generate.icinga2_text import definition, string, value
from bothsides.generate.icinga2_zones import MASTER, Zones
from bothsides.generate.services import Service
from bothsides.inventory.mesh import Mesh

Standing = Mapping[str, Sequence[Service]]
"""The services that stand at each host, by its name."""

AGENT = "Icinga agent"
PRESENT = "Host"
"""A service that is always OK, on hosts without an agent that others measure."""

ASKED = "$bothsides_asked$"
"""The addresses of the peers that are up."""

QUIET = "$bothsides_quiet$"
"""Whether the only peer is down or in downtime."""

TEMPLATES = """\
// Whether a host is known here and down or in downtime.
globals.bothsides_down = function(name) {
  var host = get_host(name)
  if (!host) { return false }
  return host.state != 0 || host.downtime_depth > 0
}

// The addresses of those peers (host name = address) that are not down, or of all when all are.
globals.bothsides_asked = function(peers, joint) {
  var asked = []
  var every = []
  for (name => address in peers) {
    every.add(address)
    if (!bothsides_down(name)) { asked.add(address) }
  }
  if (asked.len() == 0) { asked = every }
  return asked.join(joint || ",")
}

// Those of some names that are among others too.
globals.bothsides_both = function(names, others) {
  var both = []
  for (name in others || []) {
    if (name in names) { both.add(name) }
  }
  return both
}

// A host is down within 2 minutes, its agent and what measures it notify later. Whom notifications
// go to stands where the rules that Icinga ships look for it.
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
  vars.bothsides_asked = {{
    bothsides_asked(service.vars.bothsides_peers, service.vars.bothsides_joint)
  }}
  vars.bothsides_quiet = {{ bothsides_down(service.vars.bothsides_peer) }}
}

template Service "bothsides-agent" {
  check_command = "cluster-zone"
  check_interval = 30s
  retry_interval = 30s
  max_check_attempts = 6
}

template Service "bothsides-present" {
  check_command = "dummy"
  check_interval = 5m
  enable_notifications = false
}
"""
"""What the rules of every zone build on."""


def runs_of(zone: str) -> str:
    """The expression for what the hosts of a zone run."""
    return f"globals[{string(f'bothsides runs of {zone}')}]"


def rules(mesh: Mesh, layout: Zones, zone: str, services: bool, agents: bool) -> Iterator[str]:
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
                "if (run.notes_url) { notes_url = run.notes_url }",
                "if (run.action_url) { action_url = run.action_url }",
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
        yield _resting("bothsides-agent", f" && {here}")
    if services and agents:
        yield from _idle(mesh, layout, zone)


def _resting(template: str, more: str = "") -> str:
    """The rule by which services of a template are not checked while their host is down.

    So they are not in trouble yet when the host is up again, before its agent is.
    """
    return definition(
        'apply Dependency "bothsides host" to Service',
        [
            "parent_host_name = host.name",
            "ignore_soft_states = false",
            "disable_checks = true",
            f"assign where {string(template)} in service.templates{more}",
        ],
    )


def _idle(mesh: Mesh, layout: Zones, zone: str) -> Iterator[str]:
    """The rule by which services are not checked while their agent is away."""
    ours = 'host.vars.bothsides_agent && "bothsides-service" in service.templates'
    rule = definition(
        'apply Dependency "bothsides agent" to Service',
        [
            f"parent_service_name = {string(AGENT)}",
            "states = [ OK ]",
            "ignore_soft_states = false",
            "disable_checks = true",
            f"assign where {ours} && service.command_endpoint && host.zone == {string(zone)}",
        ],
    )
    if zone == MASTER:
        yield rule
    else:  # masters load these files too, and have the dependencies on peers instead
        masters = [mesh.servers[name].monitor for name in layout.zones[MASTER].servers]
        inside = "".join(f"  {line}\n" for line in rule.splitlines())
        yield f"if (!(NodeName in {value(masters)})) {{\n{inside}}}\n"


def outside(mesh: Mesh, layout: Zones, host: str, service: Service) -> list[str]:
    """The peers of a service that the zone of its host does not know."""
    zone = layout.scheduling[host]
    if zone == MASTER:
        return []
    peers = [name for name in service.peers if name != host]
    return [name for name in peers if not layout.below(zone, layout.scheduling[name])]


def dependencies(mesh: Mesh, layout: Zones, standing: Standing) -> str:
    """The rules by which services depend on peers that their satellites do not know."""
    peers = {
        name
        for host, services in standing.items()
        for service in services
        for name in outside(mesh, layout, host, service)
    }
    if not peers:
        return ""
    parts = []
    bare = sorted(mesh.servers[name].monitor for name in peers if not _has_agent(layout, name))
    if bare:
        lines = ['import "bothsides-present"', f"assign where host.name in {value(bare)}"]
        parts.append(definition(f"apply Service {string(PRESENT)}", lines))
        parts.append(_resting("bothsides-present"))
    for title, names in (
        (PRESENT, bare),
        (AGENT, sorted(mesh.servers[name].monitor for name in peers if _has_agent(layout, name))),
    ):
        if names:
            parts.append(_depending(title, names))
    return "\n".join(parts)


def _has_agent(layout: Zones, name: str) -> bool:
    return layout.agent.get(name, MASTER) != MASTER


def _depending(title: str, names: Sequence[str]) -> str:
    """The rule for peers on whose hosts a service has this title."""
    chosen = f"bothsides_both({value(names)}, service.vars.bothsides_outside)"
    return definition(
        f'apply Dependency "bothsides " for (peer in {chosen}) to Service',
        [
            "parent_host_name = peer",
            f"parent_service_name = {string(title)}",
            "states = [ OK, Warning, Critical, Unknown ]",
            "disable_checks = false",
            "assign where service.vars.bothsides_outside",
        ],
    )
