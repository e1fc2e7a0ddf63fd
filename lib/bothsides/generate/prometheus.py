"""Prometheus' targets: the node exporter of every host, with the landscape's labels.

The node exporter's text-file collector carries what a host measured. In prometheus.yml:

    file_sd_configs: [{ files: ["/etc/prometheus/bothsides/*.yml"] }]
"""

import json

from bothsides.base.types import Iterator
from bothsides.generate.services import Run
from bothsides.generate.tree import File
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.model import Server

_PORT = 9100  # of the node exporter


def files(mesh: Mesh, run: Run) -> Iterator[File]:
    """The one file of the folder prometheus/."""
    real = [mesh.servers[name] for name in sorted(run) if mesh.servers[name].ip]
    body = "".join(_group(server) for server in real) or "[]\n"
    yield File("prometheus/hosts.yml", body, "#", 0o644)


def _group(server: Server) -> str:
    address = f"[{server.ip}]" if ":" in server.ip else server.ip
    labels = {
        "host": server.monitor,
        "datacenter": server.datacenter,
        "provider": server.provider,
        "role": server.role,
    }
    known = {name: value for name, value in labels.items() if value}
    return f"- targets: {json.dumps([f'{address}:{_PORT}'])}\n  labels: {json.dumps(known)}\n"
