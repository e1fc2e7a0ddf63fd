"""Icinga 2's downtimes, made of every [[maintenance]].

A downtime covers the hosts, their services, and the services that measure them. Icinga wants local
times without an offset, so the configuration itself turns the moments into the local time of the
machine that loads it.
"""

from bothsides.base.types import Iterator
from bothsides.generate.icinga2_rules import Standing
from bothsides.generate.icinga2_text import definition, string, value
from bothsides.generate.icinga2_zones import Zones
from bothsides.inventory.mesh import Mesh

_RANGES = """\
// The parts of a time (seconds since 1970) on each local day, as ScheduledDowntime needs them.
globals.bothsides_ranges = function(begin, end) {
  var ranges = {}
  var from = begin
  while (from < end) {
    var here = DateTime(from)
    var passed = 3600 * number(here.format("%H")) + 60 * number(here.format("%M"))
    var until = from + 86400 - passed - number(here.format("%S"))
    var hour = DateTime(until).format("%H")
    if (hour == "01") { until -= 3600 }  // the day of 23 hours
    if (hour == "23") { until += 3600 }  // the day of 25 hours
    var last = "24:00"
    if (end < until) { last = DateTime(end).format("%H:%M") }
    ranges[here.format("%Y-%m-%d")] = here.format("%H:%M") + "-" + last
    from = until
  }
  return ranges
}
"""


def maintenance(mesh: Mesh, layout: Zones, standing: Standing) -> str:
    """The file of the downtimes, "" when there is no maintenance."""
    parts = list(_downtimes(mesh, layout, standing))
    return "\n".join([_RANGES, *parts]) if parts else ""


def _downtimes(mesh: Mesh, layout: Zones, standing: Standing) -> Iterator[str]:
    for number, each in enumerate(mesh.landscape.maintenances, 1):
        hosts = sorted(name for name in mesh.index.select(each.what) if name in standing)
        if not hosts:
            continue
        begin, end = (int(moment.timestamp()) for moment in (each.begin, each.end))
        lines = [
            'author = "bothsides"',
            f"comment = {string(each.reason or 'maintenance')}",
            f"ranges = bothsides_ranges({begin}, {end})",
        ]
        names = [mesh.servers[host].monitor for host in hosts]
        own = f"assign where host.name in {value(names)}"
        span = f"// {each.begin.isoformat()} to {each.end.isoformat()}\n"
        head = f"apply ScheduledDowntime {string(f'bothsides maintenance {number}')} to"
        yield span + definition(f"{head} Host", [*lines, own])
        peers = f"service.vars.bothsides_peer in {value(names)}"
        outside = f"bothsides_both({value(names)}, service.vars.bothsides_outside)"
        if any(standing[host] or host in layout.agent for host in hosts) or _measured(
            standing, set(hosts)
        ):
            yield definition(
                f"{head} Service", [*lines, f"{own} || {peers} || {outside}.len() > 0"]
            )


def _measured(standing: Standing, hosts: set[str]) -> bool:
    """Whether some hosts are the only peer of a service."""
    return any(
        len(service.peers) == 1 and service.peers[0] in hosts
        for services in standing.values()
        for service in services
    )
