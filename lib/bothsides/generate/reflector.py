"""The networks that the reflector of a host answers: everybody who measures it."""

from bothsides.base.types import Iterator
from bothsides.generate.services import Run
from bothsides.generate.tree import File
from bothsides.inventory.mesh import Mesh


def files(mesh: Mesh, run: Run) -> Iterator[File]:
    """The file `allow` of every host that is asked by UDP, one address a line."""
    askers: dict[str, set[str]] = {}
    for host, services in run.items():
        for service in services:
            if service.topic == "udp":
                for peer in service.peers:
                    askers.setdefault(peer, set()).add(host)
    for host in sorted(askers):
        lines = []
        for name in sorted(askers[host]):
            server = mesh.servers[name]
            lines += [f"{ip}  # {name}" for ip in (server.ip, *server.ips) if ip]
        body = "".join(f"{line}\n" for line in lines)
        yield File(f"reflector/{host}/allow", body, "#", 0o644)
