"""What a landscape costs: packets, bandwidth, services and CPU of every host.

CPU figures come from measurements on a 2-core virtual machine: a prober of 38 peers at 40/s took
2.7 % of a core, one of 1000 peers at 40/s 13.9 %; reflectors 1.3 % and 14.9 %.
"""

import ipaddress
from collections.abc import Iterable
from typing import NamedTuple

from bothsides.inventory.mesh import Mesh, Pair
from bothsides.inventory.model import Setting, Topic

_HEADERS = {4: 28, 6: 48}  # octets of IP and UDP
_PAYLOAD = {"stamp": 44, "mehsh": 18, "echo": 44}  # octets
_CHECK_CPU = {"udp": 0.048, "path": 0.069, "https": 0.040, "clock": 0.047}  # s of CPU a run


class Load(NamedTuple):
    """What one host sends, answers and runs."""

    host: str
    asks: int  # UDP pairs in which this host asks
    asked_by: int  # UDP pairs in which this host answers
    probes: float  # packets/s sent as prober
    replies: float  # packets/s sent as reflector
    kbit_out: float  # kbit/s sent, IP level
    kbit_in: float  # kbit/s received when nothing is lost, IP level
    services: int  # services in the monitoring system
    checks: float  # runs of checks a minute, the continuous mesh left out
    cpu: float  # share of one core, as a fraction
    max_pps: int  # packets/s that the host may send

    @property
    def too_much(self) -> bool:
        """Whether the host would send more probes than its max_pps allows."""
        return self.probes > self.max_pps


class _Sum:
    """Sums while the pairs go by."""

    def __init__(self) -> None:
        self.asks = self.asked_by = 0
        self.probes = self.replies = self.bits_out = self.bits_in = 0.0
        self.checks = self.cpu = 0.0
        self.singles = 0  # services of their own
        self.joined: set[Topic] = set()  # topics with one service for all pairs


def loads(mesh: Mesh) -> list[Load]:
    """The load of every host, by name. Goes through all pairs: about 7 s for a million."""
    sums = {name: _Sum() for name in mesh.servers}
    for pair in mesh.all():
        _count(pair, mesh.effective(pair), sums[pair.source.name], sums[pair.target.name])
    rows = [_load(mesh, name, sums[name]) for name in sorted(sums)]
    return [row for row in rows if row.services or row.host in mesh.landscape.servers]


def _count(pair: Pair, settings: dict[str, Setting], source: _Sum, target: _Sum) -> None:
    topic = pair.work.topic
    services = settings.get("services")
    if services and services.value == "pair":
        source.singles += 1
    else:
        source.joined.add(topic)
    every = settings.get("every")
    if every:
        source.checks += 60 / float(str(every.value))
        source.cpu += _CHECK_CPU[topic] / float(str(every.value))
    if topic != "udp":
        return
    rate = _packets(settings)
    bits = rate * 8 * _octets(pair.address, settings)
    for each, is_source in ((source, True), (target, False)):
        each.asks += is_source
        each.asked_by += not is_source
        each.probes += rate * is_source
        each.replies += rate * (not is_source)
        each.bits_out += bits
        each.bits_in += bits


def _packets(settings: dict[str, Setting]) -> float:
    """Packets/s of a pair: all the time, or on average where a check runs every so often."""
    every = settings.get("every")
    if not every:
        return float(str(settings["rate"].value))
    packets = settings.get("packets")
    return float(str(packets.value if packets else 100)) / float(str(every.value))


def _octets(address: str, settings: dict[str, Setting]) -> int:
    """Octets of a packet with its IP header; requests and replies are of one size."""
    version = ipaddress.ip_address(address).version if address else 4
    size = settings.get("size")
    payload = int(str(size.value)) if size else _PAYLOAD[str(settings["protocol"].value)]
    return payload + _HEADERS[version]


def _load(mesh: Mesh, name: str, total: _Sum) -> Load:
    return Load(
        host=name,
        asks=total.asks,
        asked_by=total.asked_by,
        probes=total.probes,
        replies=total.replies,
        kbit_out=total.bits_out / 1000,
        kbit_in=total.bits_in / 1000,
        services=total.singles + len(total.joined),
        checks=total.checks,
        cpu=total.cpu + _prober_cpu(total.probes) + _reflector_cpu(total.replies),
        max_pps=mesh.servers[name].max_pps,
    )


def _prober_cpu(rate: float) -> float:
    """CPU of udp_mesh as a fraction of a core: its ticks, and 3 us a packet."""
    return min(1.0, rate / 200) * 0.02 + rate * 3e-6


def _reflector_cpu(rate: float) -> float:
    """CPU of udp_reflector as a fraction of a core."""
    return min(1.0, rate / 1000) * 0.007 + rate * 3.6e-6


def total(loads_of_all: Iterable[Load]) -> Load:
    """The sums over all hosts, under the name `all`."""
    rows = list(loads_of_all)
    return Load(
        host="all",
        asks=sum(row.asks for row in rows),
        asked_by=sum(row.asked_by for row in rows),
        probes=sum(row.probes for row in rows),
        replies=sum(row.replies for row in rows),
        kbit_out=sum(row.kbit_out for row in rows),
        kbit_in=sum(row.kbit_in for row in rows),
        services=sum(row.services for row in rows),
        checks=sum(row.checks for row in rows),
        cpu=sum(row.cpu for row in rows),
        max_pps=sum(row.max_pps for row in rows),
    )
