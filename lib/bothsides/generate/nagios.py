"""Nagios' objects: hosts, services, groups and dependencies, complete by themselves.

Every name that might exist already begins with `bothsides`, so the files stand beside those of a
distribution. They need the contact groups that the landscape names, and one more, by default
`admins`.
"""

from bothsides.base.types import Iterable, Iterator, Mapping, Sequence
from bothsides.generate.links import links
from bothsides.generate.nrpe import INI, PROGRAM, SECRETS
from bothsides.generate.services import PLUGIN, Run, Service
from bothsides.generate.tree import File
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.model import Escalation, Server
from bothsides.inventory.places import prefixes

_ALIVE = "NRPE"
_WIDTH = 30  # columns up to a value

Object = tuple[str, Sequence[tuple[str, str]]]
"""A kind of object and its lines."""


def files(mesh: Mesh, made: Run, *, contact_group: str = "admins") -> list[File]:
    """The files of the folder nagios/."""
    run = [service for each in made.values() for service in each]
    parts: Mapping[str, Iterable[Object]] = {
        "commands": _commands(),
        "templates": _templates(contact_group),
        "hosts": _hosts(mesh),
        "servicegroups": _servicegroups(mesh, run),
        "services": _services(mesh, run),
        "dependencies": _dependencies(mesh, run),
        "escalations": _escalations(mesh, run),
    }
    return [
        File(f"nagios/{name}.cfg", "\n".join(map(_define, objects)), "#", 0o644)
        for name, objects in parts.items()
    ]


def _define(made: Object) -> str:
    kind, lines = made
    body = "".join(f"    {key:<{_WIDTH}} {value}\n" for key, value in lines)
    return f"define {kind} {{\n{body}}}\n"


def _commands() -> Iterator[Object]:
    """Arguments: the section, for checks of the monitor with secrets theirs, and the only peer."""
    spared = f"{PROGRAM} known-down --status '$STATUSDATAFILE$' --objects '$OBJECTCACHEFILE$'"
    nrpe = "$USER1$/check_nrpe -H '$HOSTADDRESS$' -t {} {}"
    ping = "$USER1$/check_ping -H '$HOSTADDRESS$' -w 3000,80% -c 5000,100% -p 5"
    asked = nrpe.format("15:UNKNOWN", "-c 'bs_$ARG1$'")
    lines = {
        "bothsides_host_alive": ping,
        "bothsides_alive": nrpe.format("10:UNKNOWN", "").rstrip(),
        "bothsides_nrpe": f"{spared} --peer '$ARG2$' -- {asked}",
    }
    for kind, plugin in sorted(PLUGIN.items()):
        start = f"-- $USER1$/{plugin} --extra-opts='$ARG1$@{INI}'"
        secrets = f"--extra-opts='$ARG2$@{SECRETS}'"
        lines[f"bothsides_{kind}"] = f"{spared} --peer '$ARG2$' {start}"
        lines[f"bothsides_{kind}_auth"] = f"{spared} --peer '$ARG3$' {start} {secrets}"
    for name, line in lines.items():
        yield "command", [("command_name", name), ("command_line", line)]


def _templates(contact_group: str) -> Iterator[Object]:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    always = [("timeperiod_name", "bothsides-always"), ("alias", "always")]
    yield "timeperiod", [*always, *((day, "00:00-24:00") for day in days)]
    common = [
        ("register", "0"),
        ("max_check_attempts", "3"),
        ("check_period", "bothsides-always"),
        ("notification_period", "bothsides-always"),
        ("notification_interval", "60"),
        ("contact_groups", contact_group),
    ]
    host = [("name", "bothsides-host"), *common, ("check_interval", "1"), ("retry_interval", "1")]
    host += [("check_command", "bothsides_host_alive"), ("notification_options", "d,u,r")]
    yield "host", host
    service = [("name", "bothsides-service"), *common, ("retry_interval", "1")]
    yield "service", [*service, ("check_interval", "5"), ("notification_options", "w,u,c,r")]


def _hosts(mesh: Mesh) -> Iterator[Object]:
    real = [mesh.servers[name] for name in sorted(mesh.servers) if mesh.servers[name].ip]
    names = {prefix for server in real for prefix in prefixes(server.datacenter)}
    for name, alias in [
        ("bothsides", "measure each other"),
        *((f"dc-{n}", n) for n in sorted(names)),
    ]:
        yield "hostgroup", [("hostgroup_name", name), ("alias", alias)]
    for server in real:
        groups = ["bothsides", *(f"dc-{prefix}" for prefix in prefixes(server.datacenter))]
        lines = [
            ("use", "bothsides-host"),
            ("host_name", server.monitor),
            ("alias", server.name),
            ("address", server.ip),
            ("hostgroups", ",".join(groups)),
        ]
        lines += [("_DC", server.datacenter)] if server.datacenter else []
        lines += [("_PROVIDER", server.provider)] if server.provider else []
        yield "host", [*lines, *_contacts(server), *links(mesh, server)]


def _contacts(server: Server) -> list[tuple[str, str]]:
    """The contact groups of a host and its services where the template's are not meant."""
    return [("contact_groups", ",".join(server.contacts))] if server.contacts else []


def _places_of(mesh: Mesh, service: Service) -> tuple[str, str] | None:
    """The two data centres of a service; None where there are more, or an unknown one."""
    here = mesh.servers[service.host].datacenter
    there = mesh.servers[service.peers[0]].datacenter
    if any(mesh.servers[peer].datacenter != there for peer in service.peers):
        return None
    return (here, there) if here and there else None


def _between(places: tuple[str, str]) -> str:
    """The service group of everything that one data centre measures towards another."""
    return "-to-".join(places)


def _groups_of(mesh: Mesh, service: Service) -> list[str]:
    """The service groups: towards the peer and between data centres, where there is only one."""
    places = _places_of(mesh, service)
    groups = [f"to-{service.peers[0]}"] if len(service.peers) == 1 else []
    return sorted([*groups, _between(places)] if places else groups)


def _servicegroups(mesh: Mesh, run: Sequence[Service]) -> Iterator[Object]:
    aliases: dict[str, str] = {}
    for service in run:
        places = _places_of(mesh, service)
        if places:
            aliases[_between(places)] = " to ".join(places)
        if len(service.peers) == 1:
            aliases[f"to-{service.peers[0]}"] = f"measured towards {service.peers[0]}"
    for name in sorted(aliases):
        yield "servicegroup", [("servicegroup_name", name), ("alias", aliases[name])]


def _on(mesh: Mesh, service: Service) -> Server:
    """The host of a service: the one that runs it, or the peer of a monitor without an address."""
    own = mesh.servers[service.host]
    return own if own.ip else mesh.servers[service.peers[0]]


def _remote(mesh: Mesh, service: Service) -> bool:
    """Whether NRPE runs a service."""
    return service.host not in mesh.index.monitors


def _services(mesh: Mesh, run: Sequence[Service]) -> Iterator[Object]:
    asking = {service.host for service in run if _remote(mesh, service)}
    for name in sorted(asking):
        yield "service", [*_head(mesh.servers[name], _ALIVE), *_alive()]
    for service in run:
        lines = [
            *_head(_on(mesh, service), service.name),
            ("check_command", _command_of(mesh, service)),
            ("check_interval", f"{service.every / 60:g}"),
        ]
        groups = _groups_of(mesh, service)
        lines += [("servicegroups", ",".join(groups))] if groups else []
        if len(service.peers) == 1:
            peer = mesh.servers[service.peers[0]]
            lines += [("_PEER", peer.name)]
            lines += [("_PEERDC", peer.datacenter)] if peer.datacenter else []
        yield "service", [*lines, *links(mesh, _on(mesh, service), service)]


def _command_of(mesh: Mesh, service: Service) -> str:
    """The command with its arguments; a peer at whose host the service stands is not named."""
    words = ["bothsides_nrpe", service.section]
    if not _remote(mesh, service):
        words = [f"bothsides_{service.kind}", service.section]
        if service.auth:
            words = [f"{words[0]}_auth", service.section, service.auth]
    at = _on(mesh, service).name
    if len(service.peers) == 1 and service.peers[0] != at:
        words.append(service.peers[0])
    return "!".join(words)


def _head(server: Server, name: str) -> list[tuple[str, str]]:
    return [
        ("use", "bothsides-service"),
        ("host_name", server.monitor),
        ("service_description", name),
        *_contacts(server),
    ]


def _alive() -> list[tuple[str, str]]:
    """NRPE fails before those that depend on it, and is notified after its host could be.

    Dependencies look at hard states, so one failure is hard. A dead host is found by its own check
    within three minutes, and then nothing is notified about its services.
    """
    command = [("check_command", "bothsides_alive"), ("check_interval", "1")]
    return [*command, ("max_check_attempts", "1"), ("first_notification_delay", "3")]


def _dependencies(mesh: Mesh, run: Sequence[Service]) -> Iterator[Object]:
    """Services of a host whose NRPE is dead, and those towards it, notify nobody."""
    own: dict[str, list[str]] = {}
    towards: dict[str, dict[str, set[str]]] = {}
    for service in run:
        if _remote(mesh, service):
            own.setdefault(service.host, []).append(service.name)
        at = _on(mesh, service)  # the peer itself where the monitor is no host: its death is enough
        if len(service.peers) == 1 and service.peers[0] != at.name:
            names = towards.setdefault(service.peers[0], {})
            names.setdefault(service.name, set()).add(at.monitor)
    for host in sorted(own):
        monitor = mesh.servers[host].monitor
        yield _dependency(monitor, [monitor], own[host], ("w,u,c", "u,c"))
        for name, hosts in sorted(towards.get(host, {}).items()):
            yield _dependency(monitor, sorted(hosts), [name], ("u,c", "n"))


def _dependency(
    master: str, hosts: Sequence[str], names: Sequence[str], criteria: tuple[str, str]
) -> Object:
    """One dependency on a host's NRPE; criteria for not notifying and for not executing."""
    return (
        "servicedependency",
        [
            ("host_name", master),
            ("service_description", _ALIVE),
            ("dependent_host_name", ",".join(hosts)),
            ("dependent_service_description", ",".join(names)),
            ("notification_failure_criteria", criteria[0]),
            ("execution_failure_criteria", criteria[1]),
        ],
    )


def _escalations(mesh: Mesh, run: Sequence[Service]) -> Iterator[Object]:
    """Who else is notified, for all services between two data centres, in both directions."""
    between = {_places_of(mesh, service) for service in run}
    for each in mesh.landscape.escalations:
        ways = (each.between, each.between[::-1])
        groups = {
            _between(places)
            for places in filter(None, between)
            for here, there in ways
            if here in prefixes(places[0]) and there in prefixes(places[1])
        }
        for group in sorted(groups):
            yield "serviceescalation", [("servicegroup_name", group), *_escalation(each)]


def _escalation(escalation: Escalation) -> list[tuple[str, str]]:
    return [
        ("first_notification", str(escalation.after)),
        ("last_notification", "0"),
        ("notification_interval", f"{escalation.every / 60:g}"),
        ("contact_groups", ",".join(escalation.contacts)),
    ]
