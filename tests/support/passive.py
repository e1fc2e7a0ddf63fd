"""Real monitoring servers that take passive results: Nagios, NRDP and Icinga 2."""

import json
import os
import re
import shutil
import socket
import subprocess
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from ssl import create_default_context
from typing import NamedTuple

from tests.support import daemons, need
from tests.support.stopwatch import until

HOST = "office"
PASSWORD = "secret"  # of every server here
_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
_OBJECTS = """
define timeperiod {{
    timeperiod_name 24x7
    alias always
    {days}
}}
define command {{
    command_name nothing
    command_line /bin/true
}}
define contact {{
    contact_name nobody
    host_notifications_enabled 0
    service_notifications_enabled 0
    host_notification_period 24x7
    service_notification_period 24x7
    host_notification_commands nothing
    service_notification_commands nothing
}}
define host {{
    host_name {host}
    address 127.0.0.1
    max_check_attempts 1
    check_command nothing
    active_checks_enabled 0
    check_period 24x7
    notification_period 24x7
    contacts nobody
}}
"""
_SERVICE = """
define service {{
    host_name {host}
    service_description {name}
    check_command nothing
    active_checks_enabled 0
    max_check_attempts 1
    check_period 24x7
    notification_period 24x7
    notification_interval 0
    contacts nobody
}}
"""


class Stored(NamedTuple):
    """What a server keeps of a service's last result."""

    code: int
    line: str
    long: str
    perfdata: str
    at: float  # UTC seconds


class Core(NamedTuple):
    """A Nagios that waits for results."""

    folder: Path

    @property
    def spool(self) -> Path:
        return self.folder / "spool" / "checkresults"

    @property
    def fifo(self) -> Path:
        return self.folder / "rw" / "nagios.cmd"

    def stored(self) -> dict[str, Stored]:
        """Services by name, and the host by "", of those that have a result."""
        text = (self.folder / "var" / "status.dat").read_text(errors="replace")
        found = {}
        for kind, block in re.findall(r"(host|service)status \{\n(.*?)\n\t\}", text, re.DOTALL):
            row = dict(line.strip().split("=", 1) for line in block.splitlines())
            if row["has_been_checked"] == "1":
                name = row["service_description"] if kind == "service" else ""
                found[name] = Stored(
                    int(row["current_state"]),
                    row["plugin_output"],
                    row["long_plugin_output"],
                    row["performance_data"],
                    float(row["last_check"]),
                )
        return found


@contextmanager
def nagios(services: Sequence[str], root: Path) -> Iterator[Core]:
    """Nagios 4 with one host and these services, none of which it checks itself."""
    objects = root / "passive.cfg"
    days = "\n    ".join(f"{day} 00:00-24:00" for day in _DAYS.split())
    objects.write_text(
        _OBJECTS.format(days=days, host=HOST)
        + "".join(_SERVICE.format(host=HOST, name=name) for name in services)
    )
    with daemons.nagios([objects], "$USER1$=/usr/lib/nagios/plugins\n", root) as daemon:
        core = Core(daemon.folder)
        until(core.fifo.exists, "the command pipe")
        yield core


class Icinga(NamedTuple):
    """An Icinga 2 with its API: where it listens and the CA that its certificate comes from."""

    url: str
    ca: Path

    def stored(self, service: str) -> Stored | None:
        """The last result of a service of the host."""
        path = f"/v1/objects/services/{HOST}!{service}"
        (row,) = self.ask(path)["results"]
        result = row["attrs"]["last_check_result"]
        if not isinstance(result, dict):
            return None
        line, _, long = str(result["output"]).partition("\n")
        perfdata = " ".join(str(token) for token in result["performance_data"] or [])
        at = float(result["execution_end"])
        return Stored(int(str(row["attrs"]["state"]).split(".")[0]), line, long, perfdata, at)

    def ask(self, path: str) -> Mapping[str, list[dict[str, dict[str, object]]]]:
        """What the API says to root."""
        login = b64encode(f"root:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(
            self.url + path, headers={"Authorization": f"Basic {login}"}
        )
        context = create_default_context(cafile=str(self.ca))
        with urllib.request.urlopen(request, context=context, timeout=60) as reply:
            answer: Mapping[str, list[dict[str, dict[str, object]]]] = json.load(reply)
            return answer


@contextmanager
def icinga(services: Sequence[str], root: Path) -> Iterator[Icinga]:
    """Icinga 2 with these passive services.

    User "sender" may send results for them and no more, "asker" may also ask for their names.
    """
    program = need.program("icinga2", "icinga2-bin")
    need.root()
    home = root / "icinga"
    port = daemons.free_port()
    name = "localhost"
    folders = ("etc/zones.d", "lib/certs", "lib/ca", "log", "cache", "spool", "run")
    for folder in folders:
        (home / folder).mkdir(parents=True)
    defines = [
        *(f"NodeName={name} ConfigDir={home}/etc ZonesDir={home}/etc/zones.d".split()),
        *(f"DataDir={home}/lib LogDir={home}/log CacheDir={home}/cache".split()),
        *(f"SpoolDir={home}/spool InitRunDir={home}/run PidPath={home}/run/pid".split()),
        *("RunAsUser=nagios", "RunAsGroup=nagios"),
    ]
    options = [word for define in defines for word in ("-D", define)]
    daemons.own(home)
    csr, key, crt = home / "x.csr", home / f"lib/certs/{name}.key", home / f"lib/certs/{name}.crt"
    for step in (
        ["new-ca"],
        ["new-cert", "--cn", name, "--key", str(key), "--csr", str(csr)],
        ["sign-csr", "--csr", str(csr), "--cert", str(crt)],
    ):
        done = subprocess.run(
            [program, "pki", *step, *options], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    ca = home / "lib" / "certs" / "ca.crt"
    shutil.copy(home / "lib" / "ca" / "ca.crt", ca)
    (home / "etc" / "icinga2.conf").write_text(_icinga_config(services, port))
    daemons.own(home)
    command = [program, "daemon", *options, "-c", str(home / "etc" / "icinga2.conf")]
    with daemons.running(command, lambda: daemons.listens(port), home / "out.log"):
        yield Icinga(f"https://localhost:{port}", ca)


def _icinga_config(services: Sequence[str], port: int) -> str:
    send = (
        '{ permission = "actions/process-check-result", '
        "filter = {{ host.vars.passive_ok == true }} }"
    )
    asks = '"objects/query/Service", "objects/query/Host"'
    return (
        "include <itl>\nobject Endpoint NodeName {}\n"
        "object Zone NodeName { endpoints = [ NodeName ] }\n"
        f'object ApiListener "api" {{ bind_host = "127.0.0.1"; bind_port = {port} }}\n'
        f'object ApiUser "root" {{ password = "{PASSWORD}"; permissions = [ "*" ] }}\n'
        f'object ApiUser "sender" {{ password = "{PASSWORD}"; permissions = [ {send} ] }}\n'
        f'object ApiUser "asker" {{ password = "{PASSWORD}"; permissions = [ {send}, {asks} ] }}\n'
        'object CheckerComponent "checker" {}\n'
        f'object Host "{HOST}" {{ check_command = "passive"; vars.passive_ok = true }}\n'
        'object Host "foreign" { check_command = "passive" }\n'
        'object Service "udp" { host_name = "foreign"; check_command = "passive" }\n'
        + "".join(
            f'object Service "{name}" {{ host_name = "{HOST}"; check_command = "passive" }}\n'
            for name in services
        )
    )


@contextmanager
def nrdp(core: Core, server: Path, root: Path) -> Iterator[str]:
    """NRDP in front of a Nagios; its address. server: the folder with NRDP's index.php."""
    php = need.program("php", "php-cli")
    copy = root / "nrdp"
    shutil.copytree(server, copy)
    settings = copy / "config.inc.php"
    text = settings.read_text()
    text = re.sub(r"\$cfg\[\"authorized_tokens\"\] = array\(", f'\\g<0>\n"{PASSWORD}",', text)
    text = re.sub(
        r"\$cfg\[[\"']check_results_dir[\"']\] *= *[^;]*;",
        f"$cfg['check_results_dir'] = '{core.spool}';",
        text,
    )
    settings.write_text(text)
    port = daemons.free_port(socket.SOCK_STREAM)
    user = ["setpriv", "--reuid=nagios", "--regid=nagios", "--clear-groups"]  # who may read it
    become = user if os.geteuid() == 0 else []
    command = [*become, php, "-S", f"127.0.0.1:{port}", "-t", str(copy)]
    with daemons.running(command, lambda: daemons.listens(port), root / "nrdp.log"):
        yield f"http://127.0.0.1:{port}/"
