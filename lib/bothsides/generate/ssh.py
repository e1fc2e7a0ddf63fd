"""ssh's forced command of every host whose evidence is fetched by ssh.

ssh/HOST/options   goes in front of the monitor's public key, in authorized_keys of the host's user

With --asked the same key may let the host trace others of the landscape for a provider, too
(`bothsides report --collect`).
"""

from bothsides.base.types import Iterator
from bothsides.generate.nrpe import evidence
from bothsides.generate.services import Run
from bothsides.generate.tree import File
from bothsides.inventory.mesh import Mesh


def files(mesh: Mesh, run: Run) -> Iterator[File]:
    """A file for every host with transport = "ssh"."""
    for host in sorted(run):
        server = mesh.servers[host]
        if server.ip and server.transport == "ssh":
            body = f'command="{evidence(host)} --asked",restrict\n'
            yield File(f"ssh/{host}/options", body, "#", 0o644)
