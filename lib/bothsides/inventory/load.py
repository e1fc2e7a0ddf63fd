"""What a landscape costs: packets, bandwidth, services and CPU of every host.

CPU figures come from measurements on a slow 2-core virtual machine: a prober of 38 peers at 40/s
took 3.2 % of a core, one of 1000 peers at 10/s 10.5 %; the reflector of 38 peers at 40/s 2.8 %.
"""

import ipaddress

from bothsides.base.types import Iterable, NamedTuple
from bothsides.inventory.mesh import Mesh, Pair
from bothsides.inventory.model import Settings, Topic

_REMEMBERED = 10000  # different pairs whose cost is kept
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
    """The load of every host, by name. Goes through all pairs: about 5 s for a million."""
    sums = {name: _Sum() for name in mesh.servers}
    known: dict[tuple[int, bool], tuple[Settings, _Cost]] = {}
    for pair in mesh.all():
        settings = mesh.effective(pair)
        key = (id(settings), ":" in pair.address)
        if key not in known:
            if len(known) > _REMEMBERED:
                known.clear()
            known[key] = (settings, _cost(pair, settings))
        _count(pair.work.topic, known[key][1], sums[pair.source.name], sums[pair.target.name])
    rows = [_load(mesh, name, sums[name]) for name in sorted(sums)]
    return [row for row in rows if row.services or row.host in mesh.landscape.servers]


class _Cost(NamedTuple):
    """What one pair costs."""

    single: bool  # it has a service of its own
    runs: float  # checks a minute
    cpu: float  # fraction of a core, for the checks
    packets: float  # packets/s
    bits: float  # bit/s each way


def _cost(pair: Pair, settings: Settings) -> _Cost:
    topic = pair.work.topic
    services, every = settings.get("services"), settings.get("every")
    seconds = float(str(every.value)) if every else 0.0
    rate = _packets(settings, seconds) if topic == "udp" else 0.0
    return _Cost(
        single=services is not None and services.value == "pair",
        runs=60 / seconds if seconds else 0.0,
        cpu=_CHECK_CPU[topic] / seconds if seconds else 0.0,
        packets=rate,
        bits=rate * 8 * _octets(pair.address, settings) if topic == "udp" else 0.0,
    )


def _count(topic: Topic, cost: _Cost, source: _Sum, target: _Sum) -> None:
    if cost.single:
        source.singles += 1
    else:
        source.joined.add(topic)
    source.checks += cost.runs
    source.cpu += cost.cpu
    if topic == "udp":
        source.asks += 1
        source.probes += cost.packets
        target.asked_by += 1
        target.replies += cost.packets
        for each in (source, target):
            each.bits_out += cost.bits
            each.bits_in += cost.bits


def _packets(settings: Settings, every: float) -> float:
    """Packets/s of a pair: all the time, or on average where a check runs every so often."""
    if not every:
        return float(str(settings["rate"].value))
    packets = settings.get("packets")
    return float(str(packets.value if packets else 100)) / every


def _octets(address: str, settings: Settings) -> int:
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
    """CPU of udp_mesh as a fraction of a core: its ticks, and 8.6 us a packet."""
    return min(1.0, rate / 200) * 0.019 + rate * 8.6e-6


def _reflector_cpu(rate: float) -> float:
    """CPU of udp_reflector as a fraction of a core."""
    return min(1.0, rate / 1000) * 0.016 + rate * 8e-6


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
