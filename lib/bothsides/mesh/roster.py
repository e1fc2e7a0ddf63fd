"""What one host has to do in the mesh: whom it probes and how, read from the landscape."""

import ipaddress

from bothsides.base.types import NamedTuple
from bothsides.inventory.faults import Wrong, quoted, remedy_for
from bothsides.inventory.mesh import Mesh, Pair
from bothsides.inventory.model import Settings
from bothsides.mesh.peer import Far, Wire
from bothsides.mesh.schedule import shared

_FASTEST = 400.0  # packets/s to one far end: more does not fit into the counters of a slice
_WIRES: dict[str, Wire] = {"stamp": "stamp", "echo": "echo", "mehsh": "mehsh"}


class Roster(NamedTuple):
    """One host's part in the mesh."""

    host: str
    mesh: Mesh
    length: float  # s of a slice
    window: float  # s that a check reads unless it says otherwise
    fars: tuple[Far, ...]  # by name
    asked: float  # packets/s that the landscape asks for
    granted: float  # packets/s that max_pps leaves

    @property
    def families(self) -> list[int]:
        """4 and 6, as far as they are used."""
        return sorted({6 if ":" in far.address else 4 for far in self.fars})


def roster(mesh: Mesh, host: str) -> Roster:
    """The part of this host. Raises Wrong where it has none, or values contradict each other."""
    if host not in mesh.servers:
        words = f"unknown host {quoted(host)} (of --name, else of the system)"
        raise Wrong(words, remedy_for(host, sorted(mesh.servers)))
    pairs = {pair.target.name: pair for pair in mesh.asked_by(host) if pair.work.topic == "udp"}
    if not pairs:
        raise Wrong(
            f"{quoted(host)} asks nobody by UDP", 'write a [[check]] with check = "udp_ping"'
        )
    settings = {name: mesh.effective(pair) for name, pair in pairs.items()}
    rates = {name: min(_FASTEST, number(each, "rate")) for name, each in settings.items()}
    most = float(mesh.servers[host].max_pps)
    granted = shared(rates, most)
    fars = tuple(_far(pair, settings[name], granted[name]) for name, pair in sorted(pairs.items()))
    return Roster(
        host=host,
        mesh=mesh,
        length=_same(settings, "slice"),
        window=_same(settings, "window"),
        fars=fars,
        asked=sum(rates.values()),
        granted=sum(granted.values()),
    )


def _far(pair: Pair, settings: Settings, rate: float) -> Far:
    if not pair.address:
        words = f"{quoted(pair.target.name)} has no address"
        raise Wrong(words, "write its ip, or take it out of the check")
    return Far(
        name=pair.target.name,
        address=str(ipaddress.ip_address(pair.address)),
        port=int(number(settings, "port")),
        wire=_WIRES[str(settings["protocol"].value)],
        rate=round(rate, 6),
        timeout=number(settings, "timeout"),
        datacenter=pair.target.datacenter,
    )


def _same(settings: dict[str, Settings], key: str) -> float:
    """A value that all pairs of a host have in common."""
    values = {number(each, key): name for name, each in settings.items()}
    if len(values) > 1:
        (one, first), (other, second) = sorted(values.items())[:2]
        words = f"{key} is {one:g} s for {quoted(first)} and {other:g} s for {quoted(second)}"
        raise Wrong(words, "a host has one; write it in [defaults]")
    return next(iter(values))


def number(settings: Settings, key: str) -> float:
    """A setting that is a number."""
    return float(str(settings[key].value))
