"""The lines of a batch out of a landscape: the services that one host runs.

Names and options are those that `bothsides generate` writes for Nagios, Icinga and NRPE, so that
each passive result finds its service.
"""

import os

from bothsides.base.errors import Misuse
from bothsides.base.types import Iterator
from bothsides.command.batch_lines import Line
from bothsides.generate.nrpe import SECRETS
from bothsides.generate.services import KNOWN, PLUGIN, Service, services
from bothsides.inventory import files
from bothsides.inventory.mesh import Mesh
from bothsides.plugin.parser import nearest


def lines(path: str, host: str = "") -> tuple[Line, ...]:
    """The host's services. host: its name there; "" for this host."""
    mesh = Mesh(files.load(path))
    name = host or _here(mesh, path)
    if name not in mesh.servers:
        raise Misuse(f"{path}: {nearest('host', name, mesh.servers)}")
    known = KNOWN if os.path.exists(KNOWN) else os.path.abspath(path)
    return tuple(
        Line(
            number, service.host, service.name, PLUGIN[service.kind], tuple(_words(service, known))
        )
        for number, service in enumerate(services(mesh)[name], 1)
    )


def _here(mesh: Mesh, path: str) -> str:
    """The name of this host in the landscape."""
    whole = os.uname().nodename
    for name in (whole, whole.partition(".")[0]):
        if name in mesh.servers:
            return name
    raise Misuse(f"{path} has no host {whole}; say with --host which one this is")


def _words(service: Service, known: str) -> Iterator[str]:
    """The options. known: what the checks read of the landscape; known.json costs them least."""
    for key, value in service.options:
        value = known if (key, value) == ("landscape", KNOWN) else value
        yield f"--{key}={value}" if value else f"--{key}"
    if service.auth:
        yield f"--extra-opts={service.auth}@{SECRETS}"
