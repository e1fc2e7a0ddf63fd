"""The checks that a host runs: which pairs share a service, and their options for the ini."""

from bothsides.base.types import Iterator, Mapping, NamedTuple, Sequence
from bothsides.inventory.mesh import Mesh, Pair
from bothsides.inventory.model import Settings, Topic, Value

PLUGIN = {
    "udp": "check_udp_loss",
    "path": "check_mtr_path",
    "https": "check_https",
    "clock": "check_snmp_clock",
}
"""The plugin of each kind of measurement."""

_TITLE = {"udp": "UDP loss", "path": "Path", "https": "HTTPS", "clock": "Clock"}
_MANY = frozenset({"udp", "clock"})
"""Checks that take several targets, so that all pairs of a host can be one service."""

_OURS = frozenset({"every", "services", "rate", "slice", "auth"})
"""Settings that are no options of a check."""

_REMEMBERED = 10000  # different settings whose options are kept
_STATE = "/var/lib/bothsides"


class Service(NamedTuple):
    """One service of the monitoring system: what a host runs against one or more peers."""

    host: str  # name of the server that runs it
    name: str  # description, as "UDP loss to web1"
    topic: Topic
    section: str  # of the ini, and name of the NRPE command
    peers: tuple[str, ...]  # names of servers
    options: tuple[tuple[str, str], ...]  # lines of the ini; a switch has the value ""
    auth: str  # section with the secrets, or ""
    every: float  # s between two runs


Run = Mapping[str, Sequence[Service]]
"""What every host runs, by its name."""


def services(mesh: Mesh) -> Run:
    """What every host runs, sorted by name of the service."""
    known: dict[int, tuple[Settings, tuple[object, ...]]] = {}
    return {host: _services(mesh, host, known) for host in sorted(mesh.servers)}


def _services(
    mesh: Mesh, host: str, known: dict[int, tuple[Settings, tuple[object, ...]]]
) -> list[Service]:
    alone: list[Pair] = []
    groups: dict[tuple[object, ...], list[Pair]] = {}
    usual: dict[int, list[Pair]] = {}  # by the check: the group of its ordinary pairs
    for pair in mesh.asked_by(host):
        ordinary = mesh.ordinary(pair)
        if ordinary and id(pair.work) in usual:
            usual[id(pair.work)].append(pair)
            continue
        settings = mesh.effective(pair)
        if id(settings) not in known:
            if len(known) > _REMEMBERED:
                known.clear()
            known[id(settings)] = (settings, _alike(mesh, pair, settings))
        key = known[id(settings)][1]
        group = groups.setdefault((*key, pair.work.name), []) if key else alone
        group.append(pair)
        if ordinary:
            usual[id(pair.work)] = group
    made = [*_singles(mesh, alone), *_joined(mesh, list(groups.values()))]
    return sorted(made, key=lambda service: service.name)


def _alike(mesh: Mesh, pair: Pair, settings: Settings) -> tuple[object, ...]:
    """What pairs that share a service have in common; () for a pair that has one of its own."""
    topic, lone = pair.work.topic, not mesh.servers[pair.source.name].ip
    # The services of a monitor without an address stand at the hosts that it asks.
    if topic not in _MANY or lone or _text(settings, "services") == "pair":
        return ()
    every, auth = _text(settings, "every"), _text(settings, "auth")
    return (topic, _options(pair, settings, ""), every, auth)


def _singles(mesh: Mesh, pairs: Sequence[Pair]) -> Iterator[Service]:
    """A service for each pair; several of one kind and target are told apart by name or number."""
    seen: dict[tuple[str, str], int] = {}
    for pair in pairs:
        topic, target = pair.work.topic, pair.target.name
        number = seen[topic, target] = seen.get((topic, target), 0) + 1
        label = pair.work.name or (str(number) if number > 1 else "")
        name = f"{_TITLE[topic]} to {target}" + (f" {label}" if label else "")
        section = f"{topic}_{target}" + (f"_{label}" if label else "")
        yield _service(mesh, [pair], name, section)


def _joined(mesh: Mesh, groups: Sequence[list[Pair]]) -> Iterator[Service]:
    """A service for all pairs of a host that are measured and judged alike."""
    seen: dict[tuple[str, str], int] = {}
    for pairs in sorted(groups, key=lambda pairs: (-len(pairs), pairs[0].target.name)):
        topic, label = pairs[0].work.topic, pairs[0].work.name
        number = seen[topic, label] = seen.get((topic, label), 0) + 1
        tail = [label] if label else []
        tail += [str(number)] if number > 1 else []
        name = " ".join([_TITLE[topic], "to all", *tail])
        yield _service(mesh, pairs, name, "_".join([topic, "all", *tail]))


def _service(mesh: Mesh, pairs: Sequence[Pair], name: str, section: str) -> Service:
    first = pairs[0]
    settings = mesh.effective(first)
    path = first.work.topic == "path"
    addresses = ",".join(
        [
            pair.trace_address if path else pair.address if pair.overrides else pair.target.ip
            for pair in pairs
        ]
    )
    return Service(
        host=first.source.name,
        name=name,
        topic=first.work.topic,
        section=section,
        peers=tuple(pair.target.name for pair in pairs),
        options=_options(first, settings, addresses),
        auth=_text(settings, "auth"),
        every=float(_text(settings, "every") or 300),
    )


def _options(pair: Pair, settings: Settings, address: str) -> tuple[tuple[str, str], ...]:
    """The lines of a check's section; without an address those that pairs may share."""
    topic = pair.work.topic
    lines: list[tuple[str, str]] = []
    if address and topic == "https":
        lines += [("hostname", _text(settings, "hostname") or address), ("IP-address", address)]
    elif address:
        lines.append(("hostname", address))
    for key in sorted(settings):
        if key in _OURS or (topic == "udp" and key == "window") or key == "hostname":
            continue
        value = settings[key].value
        if (key, value) != ("protocol", "stamp") and value is not False:
            name = "wait" if topic == "udp" and key == "timeout" else key.replace("_", "-")
            lines += [(name, text) for text in _texts(name, value)]
    if topic == "path" and "state_dir" not in settings:
        lines.append(("state-dir", _STATE))
    return tuple(lines)


def _texts(name: str, value: Value) -> list[str]:
    """A value as the ini has it; a list is the same option several times."""
    if value is True:
        return [""]
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, float) and name in ("wait", "interval", "window", "keep", "precision"):
        return [f"{value:g}s" if value >= 1 else f"{value * 1000:g}ms"]
    return [f"{value:g}" if isinstance(value, float) else str(value)]


def _text(settings: Settings, key: str) -> str:
    setting = settings.get(key)
    return str(setting.value) if setting else ""
