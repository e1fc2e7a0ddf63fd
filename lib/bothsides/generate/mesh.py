"""What the daemon udp_mesh of a host reads: the landscape, and in a drop-in which host it is.

mesh/HOST/landscape.toml   for /etc/bothsides, with the files that it includes beside it, and
mesh/HOST/host.conf        for /etc/systemd/system/udp-mesh.service.d
"""

import os

from bothsides.base.types import Iterator
from bothsides.generate.services import Run
from bothsides.generate.tree import File
from bothsides.inventory.faults import Wrong, quoted
from bothsides.inventory.mesh import Mesh

FOLDER = "/etc/bothsides"
LANDSCAPE = "landscape.toml"


def hosts(mesh: Mesh, run: Run) -> list[str]:
    """The hosts that ask others by UDP all the time, and so run the daemon."""
    return [
        host
        for host, services in run.items()
        if mesh.servers[host].ip and any(service.kind == "mesh" for service in services)
    ]


def files(mesh: Mesh, run: Run) -> Iterator[File]:
    """The files of every host that asks others by UDP all the time."""
    texts = dict(zip(_names(mesh.landscape.files), mesh.landscape.texts, strict=True))
    for host in hosts(mesh, run):
        for name, text in texts.items():
            yield File(f"mesh/{host}/{name}", text, "#", 0o644)
        yield File(f"mesh/{host}/host.conf", _drop_in(host), "#", 0o644)


def _drop_in(host: str) -> str:
    return (
        "[Service]\n"
        f"Environment=BOTHSIDES_LANDSCAPE={FOLDER}/{LANDSCAPE}\n"
        f"Environment=BOTHSIDES_HOST={host}\n"
    )


def _names(files: tuple[str, ...]) -> list[str]:
    """The landscape's files as they lie on a host: includes keep their place beside the first."""
    names = [LANDSCAPE]
    for path in files[1:]:
        name = os.path.relpath(path, os.path.dirname(files[0]) or ".")
        if name.startswith("..") or name in names:
            words = f"the included file {quoted(path)} cannot be carried to hosts"
            raise Wrong(words, f"move it below the folder of {files[0]}, under a name of its own")
        names.append(name)
    return names
