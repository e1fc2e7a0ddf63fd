"""What the tests of Icinga's tree share: option tables like those of the checks, and landscapes."""

from collections.abc import Mapping, Sequence

from bothsides.generate import icinga2
from bothsides.generate.services import services
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read
from bothsides.plugin.option_table import Option


def option(
    name: str, *more: str, switch: bool = False, bare: str = "", many: bool = False
) -> Option:
    """An option --name."""
    return Option(f"--{name}", (f"--{name}", *more), not switch, bare, many, (), f"{name} costs $1")


_LIMITS = (option("warning", "-w", many=True), option("critical", many=True), option("extra-opts"))
_COMMON = (
    option("hostname", "-H"),
    option("timeout"),
    option("port"),
    option("exit-ok", switch=True),
    option("maintenance"),
    *_LIMITS,
)
TABLES: Mapping[str, Sequence[Option]] = {
    "udp": (*_COMMON, option("wait"), option("perfdata-missing"), option("flows")),
    "path": (*_COMMON, option("state-dir"), option("sticky", switch=True), option("via")),
    "https": (
        *_COMMON,
        option("IP-address"),
        option("url"),
        option("all-addresses", bare="all"),
        option("regex", many=True),
    ),
    "clock": _COMMON,
    "mesh": (*_COMMON, option("window")),
}


def server(name: str, ip: str, **more: str) -> str:
    """A [[server]] with these keys."""
    keys = {"name": name, "ip": ip, **more}
    return "[[server]]\n" + "".join(f'{key} = "{text}"\n' for key, text in keys.items())


HOSTS = (
    server("a", "192.0.2.1", datacenter="eu.x")
    + server("b", "2001:db8::2", datacenter="eu.y", monitor="b.example")
    + server("c", "192.0.2.3", datacenter="us.z")
)
MESH = '[[check]]\nfrom = "all"\nto = "all"\ncheck = "udp_ping"\nexcept = "self"\nevery = "5m"\n'
SATELLITES = server("mon", "192.0.2.10", role="monitor") + server(
    "sat", "192.0.2.11", role="satellite", datacenter="eu.x"
)


def tree(text: str) -> dict[str, str]:
    """The bodies of Icinga's files by their path within icinga2/."""
    mesh = Mesh(read(text))
    made = icinga2.files(mesh, services(mesh), TABLES)
    return {file.path.removeprefix("icinga2/"): file.body for file in made}
