"""The checks that a host runs: which pairs share a service, and their options for the ini."""

import re

from bothsides.base.types import Iterator, Mapping, NamedTuple, Sequence
from bothsides.inventory.mesh import Mesh, Pair
from bothsides.inventory.model import Settings, Topic, Value

PLUGIN = {
    "udp": "check_udp_loss",
    "path": "check_mtr_path",
    "https": "check_https",
    "clock": "check_snmp_clock",
    "mesh": "check_mesh",
}
"""The plugin of each kind of measurement."""

_TITLE = {"udp": "UDP loss", "path": "Path", "https": "HTTPS", "clock": "Clock", "mesh": "Mesh"}
_MANY = frozenset({"udp", "clock", "mesh"})
"""Checks that take several targets, so that all pairs of a host can be one service."""

_OURS = frozenset({"every", "services", "rate", "slice", "auth"})
"""Settings that are no options of a check."""

REPEATABLE = frozenset(
    ("equiv", "string", "header-string", "regex", "header-regex", "no-header", "json", "refuse-tls")
)
"""Options that may be given several times; of all others the last one would hold."""

_REMEMBERED = 10000  # different settings whose options are kept
STATE = "/var/lib/bothsides"
KNOWN = "/etc/bothsides/known.json"
_COMMON = (("landscape", KNOWN), ("maintenance", STATE))
_MESH_EVERY = 60.0  # s; a run of check_mesh sends no packet
_MESH_OPTIONS = frozenset({"warning", "critical", "window"})
_BARE = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:ms)?")  # a round trip as check_ping has it


class Service(NamedTuple):
    """One service of the monitoring system: what a host runs against one or more peers."""

    host: str  # name of the server that runs it
    name: str  # description, as "UDP loss to web1"
    topic: Topic
    kind: str  # the topic; "mesh" where udp_mesh measures and check_mesh reads it
    section: str  # of the ini, and name of the NRPE command
    peers: tuple[str, ...]  # names of servers
    options: tuple[tuple[str, str], ...]  # lines of the ini; a switch has the value ""
    auth: str  # section with the secrets, or ""
    every: float  # s between two runs
    port: str  # of the far ends' reflectors, "" but for UDP
    protocol: str  # that they speak, likewise


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
    kind, lone = _kind(mesh, pair, settings), not mesh.servers[pair.source.name].ip
    # The services of a monitor without an address stand at the hosts that it asks.
    if kind not in _MANY or lone or _text(settings, "services") == "pair":
        return ()
    every, auth = _text(settings, "every"), _text(settings, "auth")
    ports = (_text(settings, "port"), _text(settings, "protocol"))
    return (kind, _options(pair, kind, settings, ""), every, auth, *ports)


def _kind(mesh: Mesh, pair: Pair, settings: Settings) -> str:
    """The topic; "mesh" for UDP that is measured all the time, as nothing says how often."""
    topic = pair.work.topic
    if topic != "udp" or "every" in settings or _text(settings, "protocol") == "echo":
        return topic
    return "mesh" if mesh.servers[pair.source.name].ip else topic


def _singles(mesh: Mesh, pairs: Sequence[Pair]) -> Iterator[Service]:
    """A service for each pair; several of one kind and target are told apart by name or number."""
    seen: dict[tuple[str, str], int] = {}
    for pair in pairs:
        kind, target = _kind(mesh, pair, mesh.effective(pair)), pair.target.name
        number = seen[kind, target] = seen.get((kind, target), 0) + 1
        label = pair.work.name or (str(number) if number > 1 else "")
        name = f"{_TITLE[kind]} to {target}" + (f" {label}" if label else "")
        section = f"{kind}_{target}" + (f"_{label}" if label else "")
        yield _service(mesh, [pair], name, section)


def _joined(mesh: Mesh, groups: Sequence[list[Pair]]) -> Iterator[Service]:
    """A service for all pairs of a host that are measured and judged alike."""
    seen: dict[tuple[str, str], int] = {}
    for pairs in sorted(groups, key=lambda pairs: (-len(pairs), pairs[0].target.name)):
        kind, label = _kind(mesh, pairs[0], mesh.effective(pairs[0])), pairs[0].work.name
        number = seen[kind, label] = seen.get((kind, label), 0) + 1
        tail = [label] if label else []
        tail += [str(number)] if number > 1 else []
        name = " ".join([_TITLE[kind], "to all", *tail])
        yield _service(mesh, pairs, name, "_".join([kind, "all", *tail]))


def _service(mesh: Mesh, pairs: Sequence[Pair], name: str, section: str) -> Service:
    first = pairs[0]
    settings = mesh.effective(first)
    kind = _kind(mesh, first, settings)
    whom = " | ".join([pair.target.name for pair in pairs])  # an expression of udp_mesh
    if kind != "mesh":
        whom = ",".join([_address(pair) for pair in pairs])
    udp = first.work.topic == "udp"
    return Service(
        host=first.source.name,
        name=name,
        topic=first.work.topic,
        kind=kind,
        section=section,
        peers=tuple(pair.target.name for pair in pairs),
        options=_options(first, kind, settings, whom),
        auth=_text(settings, "auth") if kind != "mesh" else "",
        every=float(_text(settings, "every") or (_MESH_EVERY if kind == "mesh" else 300)),
        port=_text(settings, "port") if udp else "",
        protocol=_text(settings, "protocol") if udp else "",
    )


def _address(pair: Pair) -> str:
    if pair.work.topic == "path":
        return pair.trace_address
    return pair.address if pair.overrides else pair.target.ip


def _options(
    pair: Pair, kind: str, settings: Settings, address: str
) -> tuple[tuple[str, str], ...]:
    """The lines of a check's section; without an address those that pairs may share."""
    topic = pair.work.topic
    if kind == "mesh":
        return tuple(_of_mesh(settings, address))
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
        lines.append(("state-dir", STATE))
    return (*lines, *_COMMON)


def _of_mesh(settings: Settings, whom: str) -> Iterator[tuple[str, str]]:
    """The lines of check_mesh; udp_mesh itself reads the landscape and the maintenance."""
    if whom:
        yield "hostname", whom
    for key in sorted(_MESH_OPTIONS & settings.keys()):
        value = settings[key].value
        if key == "window":
            yield from ((key, text) for text in _texts(key, value))
        else:
            yield key, ",".join(_limits_of_mesh(str(value)))


def _limits_of_mesh(text: str) -> Iterator[str]:
    """Limits for check_mesh: a round trip in ms, as check_ping writes it, becomes one of `rta`.

    `pl` is the loss of one pair, which check_mesh calls `worst`; its own `pl` is that of all pairs.
    """
    for item in text.split(","):
        trip = _BARE.fullmatch(item)
        other = f"worst={item[3:]}" if item.startswith("pl=") else item
        yield f"rta={item.removesuffix('ms')}ms" if trip else other


def _texts(name: str, value: Value) -> list[str]:
    """A value as the ini has it; a list is the same option several times, or joined by commas."""
    if value is True:
        return [""]
    if isinstance(value, tuple):
        return list(value) if name in REPEATABLE else [",".join(value)]
    if isinstance(value, float) and name in ("wait", "interval", "window", "keep", "precision"):
        return [f"{value:g}s" if value >= 1 else f"{value * 1000:g}ms"]
    return [f"{value:g}" if isinstance(value, float) else str(value)]


def _text(settings: Settings, key: str) -> str:
    setting = settings.get(key)
    return str(setting.value) if setting else ""
