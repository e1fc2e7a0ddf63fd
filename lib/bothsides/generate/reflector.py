"""The reflector of a host: who may be answered, which is everybody who measures it, and its port.

reflector/HOST/allow        for /etc/bothsides, and
reflector/HOST/allow.conf   for /etc/systemd/system/udp-reflector.service.d
"""

from bothsides.base.types import Iterator, Mapping, Sequence
from bothsides.generate.services import Run, Service
from bothsides.generate.tree import File
from bothsides.inventory.keys import PORTS
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.model import Server

ALLOW = "/etc/bothsides/allow"
_HERE = "127.0.0.0/8  # this host: SmokePing asks it to learn how udp_fping writes\n::1\n"
_PROGRAM = "/opt/bothsides/bin/udp_reflector"


def files(mesh: Mesh, run: Run) -> Iterator[File]:
    """The files of every host that is asked by UDP."""
    lines = {host: _lines(mesh.servers[host]) for host in run}
    for host, services in sorted(askers(run).items()):
        names = sorted({service.host for service in services})
        body = _HERE + "".join([lines[name] for name in names])
        yield File(f"reflector/{host}/allow", body, "#", 0o644)
        body = _drop_in(services[0].port, services[0].protocol)
        yield File(f"reflector/{host}/allow.conf", body, "#", 0o644)


def asked(run: Run) -> set[str]:
    """The hosts that are asked by UDP."""
    names: set[str] = set()
    for services in run.values():
        for service in services:
            if service.topic == "udp":
                names.update(service.peers)
    return names


def askers(run: Run) -> Mapping[str, Sequence[Service]]:
    """The services that ask a host by UDP, by the name of the host that is asked."""
    by_peer: dict[str, list[Service]] = {}
    for services in run.values():
        for service in services:
            if service.topic == "udp":
                for peer in service.peers:
                    by_peer.setdefault(peer, []).append(service)
    return by_peer


def _lines(server: Server) -> str:
    """The addresses of a host, one a line."""
    return "".join(f"{ip}  # {server.name}\n" for ip in (server.ip, *server.ips) if ip)


def _drop_in(port: str, protocol: str) -> str:
    more = " --mehsh" if protocol == "mehsh" else ""
    command = f"{_PROGRAM} --port {port or PORTS['stamp']} --allow-file {ALLOW}{more}"
    return f"[Service]\nExecStart=\nExecStart={command}\n"
