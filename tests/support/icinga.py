"""Icinga 2 on hosts of a lab: certificates of one CA, a generated tree, time that runs faster."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bothsides.generate.icinga2_validate import definitions
from bothsides.generate.tree import File
from tests.support import daemons, need
from tests.support.net import Network
from tests.support.process import CHECKS, PLUGINS

_FEATURES = """\
object ApiListener "api" {
  accept_config = true
  accept_commands = true
}
object CheckerComponent "checker" { }
object FileLogger "main" {
  severity = "information"
  path = LogDir + "/icinga2.log"
}
"""
_MASTER = """\
object Endpoint NodeName { }
object Zone "master" { endpoints = [ NodeName ] }
object ApiUser "root" {
  password = "test"
  permissions = [ "*" ]
}
object NotificationComponent "notification" { }
include "zones-bothsides.conf"
"""
_NOTIFICATIONS = """\
object User "ops" { }
object NotificationCommand "note" {
  command = [ PluginDir + "/note" ]
  env = { WHAT = "$notification.type$ $host.name$ $service.name$" }
  vars.service = ""
}
template Notification "note" {
  command = "note"
  users = [ "ops" ]
  types = [ Problem, Recovery ]
  interval = 0
}
apply Notification "note" to Host {
  import "note"
  assign where true
}
apply Notification "note" to Service {
  import "note"
  assign where true
}
"""
_SLOW_PING = 'check_command = "hostalive"\n'
_FAST_PING = _SLOW_PING + "  vars.ping_packets = 1\n"
_ASK = """\
import json, ssl, sys, urllib.request
made = urllib.request.HTTPPasswordMgrWithDefaultRealm()
made.add_password(None, sys.argv[1], "root", "test")
opener = urllib.request.build_opener(
    urllib.request.HTTPSHandler(context=ssl._create_unverified_context()),
    urllib.request.HTTPBasicAuthHandler(made),
)
print(opener.open(sys.argv[1], timeout=60).read().decode())
"""


class Icinga(NamedTuple):
    """The Icingas of a lab; the first host is the master."""

    network: Network
    root: Path
    hosts: Sequence[str]
    processes: dict[str, "subprocess.Popen[bytes]"]

    def objects(self, kind: str) -> list[dict[str, Any]]:
        """The attributes of all hosts or services, as the master's API gives them."""
        url = f"https://127.0.0.1:5665/v1/objects/{kind}"
        command = [*self.network.inside(self.hosts[0]), sys.executable, "-c", _ASK, url]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return [each["attrs"] for each in json.loads(text)["results"]]

    def notes(self) -> list[str]:
        """What was notified, a line each: PROBLEM host service."""
        path = self.root / "notes"
        return path.read_text().splitlines() if path.exists() else []

    def forget(self) -> None:
        """Takes the notes away."""
        (self.root / "notes").unlink(missing_ok=True)

    def log(self, host: str) -> str:
        """The end of a host's log."""
        return (self.root / host / "log" / "icinga2.log").read_text(errors="replace")

    def kill(self, host: str) -> None:
        """Ends a host's Icinga at once."""
        os.killpg(self.processes[host].pid, signal.SIGKILL)
        self.processes[host].wait()


def faster(text: str, times: float) -> str:
    """The same configuration with every interval divided."""

    def shorter(match: re.Match[str]) -> str:
        seconds = float(match[2]) * {"s": 1, "m": 60}[match[3]]
        return f"{match[1]} = {seconds / times:.3f}s"

    text = text.replace(_SLOW_PING, _FAST_PING)
    return re.sub(r"(every|check_interval|retry_interval) = ([0-9.]+)([sm])\b", shorter, text)


@contextlib.contextmanager
def icinga(
    network: Network, root: Path, hosts: Sequence[str], files: Sequence[File], times: float
) -> Iterator[Icinga]:
    """Icinga on hosts of a network, whose names are those of the tree; agents start first."""
    program = need.program("icinga2", "icinga2-bin")
    _plugins(root)
    _certificates(program, root, hosts)
    for host in hosts:
        _configure(root, host, host == hosts[0], files, times)
    with contextlib.ExitStack() as stage:
        made = Icinga(network, root, hosts, {})
        for host in reversed(hosts):
            made.processes[host] = stage.enter_context(start(made, host))
        yield made


@contextlib.contextmanager
def start(made: Icinga, host: str) -> "Iterator[subprocess.Popen[bytes]]":
    """Icinga on one host, from the moment it listens."""
    program = need.program("icinga2", "icinga2-bin")
    home, inside = made.root / host, made.network.inside(host)
    command = [
        *inside,
        program,
        "daemon",
        *definitions(str(home), host, *_user()),
        "-c",
        str(home / "etc" / "icinga2.conf"),
    ]
    log = home / "out.log"
    with daemons.running(command, lambda: daemons.listens(5665, inside), log) as process:
        yield process


def _user() -> tuple[str, str]:
    return "root", "root"  # namespaces need root anyway


def _plugins(root: Path) -> None:
    """A folder of plugins: those of the distribution, ours, and one that notes notifications."""
    folder = root / "plugins"
    folder.mkdir()
    ping = need.program("check_ping", "monitoring-plugins-basic")
    (folder / "check_ping").symlink_to(ping)
    scripts = {name: f'exec {sys.executable} {PLUGINS / name} "$@"' for name in CHECKS}
    scripts["check_https"] = "printf '[%s]' \"$@\""  # what arrives of its options
    scripts["note"] = f'echo $WHAT >> "{root}/notes"'
    for name, line in scripts.items():
        path = folder / name
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)


def _certificates(program: str, root: Path, hosts: Sequence[str]) -> None:
    for host in hosts:
        for name in ("etc/zones.d", "lib/certs", "log", "cache", "spool", "run"):
            (root / host / name).mkdir(parents=True)
    words = definitions(str(root / hosts[0]), hosts[0], *_user())

    def pki(*more: str) -> None:
        subprocess.run([program, "pki", *more, *words], capture_output=True, check=True)

    pki("new-ca")
    for host in hosts:
        folder = root / host / "lib" / "certs"
        names = [str(folder / f"{host}.{kind}") for kind in ("key", "csr", "crt")]
        pki("new-cert", "--cn", host, "--key", names[0], "--csr", names[1])
        pki("sign-csr", "--csr", names[1], "--cert", names[2])
        shutil.copy(root / hosts[0] / "lib" / "ca" / "ca.crt", folder / "ca.crt")


def _configure(root: Path, host: str, master: bool, files: Sequence[File], times: float) -> None:
    etc = root / host / "etc"
    head = f'include <itl>\ninclude <plugins>\nconst PluginDir = "{root}/plugins"\n{_FEATURES}'
    own = _MASTER if master else 'include "zones.conf"\n'
    (etc / "icinga2.conf").write_text(head + own)
    for file in files:
        path = file.path.removeprefix("icinga2/")
        if path.startswith(f"hosts/{host}/"):
            (etc / Path(path).name).write_text(file.body)
        elif path.startswith("zones.d/") and master:
            (etc / path).parent.mkdir(exist_ok=True)
            (etc / path).write_text(faster(file.body, times))
    if master:
        folder = etc / "zones.d" / "master"
        (folder / "notifications.conf").write_text(_NOTIFICATIONS)
