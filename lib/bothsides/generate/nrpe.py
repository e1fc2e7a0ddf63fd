"""NRPE's files for every host: the commands, the options of each check, and who may ask.

nrpe/HOST/bothsides.cfg   for /etc/nagios/nrpe.d, and
nrpe/HOST/bothsides.ini   for /etc; the secrets stay in an ini of your own
nrpe/HOST/known.json      for /etc/bothsides: what the checks know of the landscape
"""

from bothsides.base.types import Iterator, Sequence
from bothsides.generate.services import KNOWN, PLUGIN, Run, Service
from bothsides.generate.tree import File
from bothsides.inventory.extract import Writer
from bothsides.inventory.mesh import Mesh

PLUGINS = "/usr/lib/nagios/plugins"
PROGRAM = "/opt/bothsides/bin/bothsides"
COMMANDS = "/etc/nagios/nrpe.d/bothsides.cfg"
INI = "/etc/bothsides.ini"
SECRETS = "/etc/bothsides-secrets.ini"


def files(mesh: Mesh, run: Run) -> Iterator[File]:
    """The files of every host that runs checks, or is asked whether it is alive."""
    writer = Writer(mesh.landscape)
    for host, services in run.items():
        if mesh.servers[host].ip or services:
            yield File(f"nrpe/{host}/bothsides.cfg", _commands(mesh, host, services), "#", 0o644)
            yield File(f"nrpe/{host}/bothsides.ini", ini(services), "#", 0o640)
            yield File(f"nrpe/{host}/known.json", writer.text(host), "", 0o644)


def extra_opts(service: Service) -> str:
    """The options by which a check finds its section, and the one with its secrets."""
    secrets = f" --extra-opts={service.auth}@{SECRETS}" if service.auth else ""
    return f"--extra-opts={service.section}@{INI}{secrets}"


def _commands(mesh: Mesh, host: str, run: Sequence[Service]) -> str:
    monitors = sorted(name for name in mesh.index.monitors if name in mesh.landscape.servers)
    lines = []
    if monitors and host not in monitors:
        through = mesh.servers[host].through  # who asks this host where the monitor cannot
        asking = [*monitors, *([through] if through and through not in monitors else [])]
        addresses = [ip for name in asking for ip in _addresses(mesh, name)]
        lines.append(f"allowed_hosts=127.0.0.1,::1,{','.join(addresses)}")
    elif not monitors:
        lines.append('# allowed_hosts: no server has the role "monitor"')
    lines += [
        f"command[bs_{each.section}]={PLUGINS}/{PLUGIN[each.kind]} {extra_opts(each)}"
        for each in run
    ]
    if host not in monitors and mesh.servers[host].ip:
        lines.append(f"command[bothsides_evidence]={evidence(host)}")
    lines += _detours(mesh, host)
    return "".join(f"{line}\n" for line in lines)


def evidence(host: str) -> str:
    """The command line by which a host says what it knows of its peers, for check_whose_fault."""
    return f"{PROGRAM} evidence --now -t 6.5 --name {host} --landscape {KNOWN}"


def _detours(mesh: Mesh, host: str) -> Iterator[str]:
    """The commands by which a host asks those that are asked through it."""
    for name, server in sorted(mesh.landscape.servers.items()):
        if server.through == host and server.transport == "nrpe" and server.ip:
            asked = f"{PLUGINS}/check_nrpe -H {server.ip} -c bothsides_evidence -t 8"
            yield f"command[bothsides_evidence_{name}]={asked}"


def _addresses(mesh: Mesh, name: str) -> list[str]:
    server = mesh.servers[name]
    return [server.ip, *server.ips]


def ini(run: Sequence[Service]) -> str:
    """The sections of a host's checks."""
    return "\n".join(
        "".join(
            [
                f"[{service.section}]\n",
                *(f"{key} = {value}\n" if value else f"{key}\n" for key, value in service.options),
            ]
        )
        for service in run
    )
