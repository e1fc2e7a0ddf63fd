"""SmokePing's Probes, Targets and Slaves: every host that asks is a slave, in both directions.

The master itself measures nothing (nomasterpoll). The slaves' secrets are not generated: write
`NAME:SECRET` lines into /etc/smokeping/slavesecrets, mode 0600. What slaves send is lost without a
word where the master's web server may not write below `dyndir`: with Debian's folders that takes
`precreateperms = 2775` in the section General.
"""

from bothsides.base.types import Iterator, Mapping, Sequence
from bothsides.generate.reflector import askers
from bothsides.generate.services import Run, Service
from bothsides.generate.tree import File
from bothsides.inventory.mesh import Mesh

_PROBE = """*** Probes ***
+ FPing
binary = /opt/bothsides/bin/udp_fping
hostinterval = 0.05
timeout = 1
"""
_NOWHERE = "elsewhere"


def files(mesh: Mesh, run: Run) -> list[File]:
    """The three files of the folder smokeping/."""
    real = {host: services for host, services in run.items() if mesh.servers[host].ip}
    asking = askers(real)
    slaves = sorted({each.host for services in asking.values() for each in services})
    bodies = {
        "Probes": _PROBE,
        "Slaves": "".join(_slaves(slaves)),
        "Targets": "".join(_targets(mesh, asking)),
    }
    return [File(f"smokeping/{name}", body, "#", 0o644) for name, body in bodies.items()]


def carried(name: str) -> str:
    """A name as SmokePing can carry it."""
    return name.replace(".", "_")


def _slaves(names: Sequence[str]) -> Iterator[str]:
    yield "*** Slaves ***\nsecrets = /etc/smokeping/slavesecrets\n"
    for number, name in enumerate(names):
        color = f"{(number * 0x5F3A7B + 0x202020) % 0xD0D0D0:06x}"
        yield f"+ {carried(name)}\ndisplay_name = {name}\ncolor = {color}\n"


def _targets(mesh: Mesh, asking: Mapping[str, Sequence[Service]]) -> Iterator[str]:
    yield "*** Targets ***\nprobe = FPing\nmenu = Top\ntitle = UDP between all hosts\n"
    places: dict[str, list[str]] = {}
    for name in sorted(asking):
        places.setdefault(mesh.servers[name].datacenter or _NOWHERE, []).append(name)
    for place in sorted(places):
        yield f"+ dc_{carried(place)}\nmenu = {place}\ntitle = {place}\n"
        for name in places[place]:
            slaves = " ".join(map(carried, sorted({each.host for each in asking[name]} - {name})))
            if slaves:
                yield (
                    f"++ {carried(name)}\nmenu = {name}\ntitle = to {name}\n"
                    f"host = {mesh.servers[name].ip}\nslaves = {slaves}\nnomasterpoll = yes\n"
                )
