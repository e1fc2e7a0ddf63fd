"""The far ends of the four checks on loopback.

Reflector, TLS server and SNMP agent, each a child process.
"""

import contextlib
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.daemons import Daemon, answers, free_port, listens, running, snmpd
from tests.support.lab import issue, write
from tests.support.process import HOUSE, NRPE_ENVIRONMENT

_PYTHON = NRPE_ENVIRONMENT | {"PYTHONPATH": os.pathsep.join((str(HOUSE / "lib"), str(HOUSE)))}


@contextlib.contextmanager
def reflector(root: Path, *options: str) -> Iterator[Daemon]:
    """Our own udp_reflector."""
    port = free_port(socket.SOCK_DGRAM)
    command = [
        sys.executable,
        str(HOUSE / "plugins" / "udp_reflector"),
        "--listen",
        "127.0.0.1",
        "--port",
        str(port),
        *options,
    ]
    with running(command, lambda: answers(port, bytes(44)), root / "reflector.log") as process:
        yield Daemon(port, root, process)


@contextlib.contextmanager
def web(root: Path) -> Iterator[tuple[Daemon, Path]]:
    """A small TLS web server for `localhost` and 127.0.0.1, with the file of the CA that vouches
    for it.
    """
    port = free_port()
    authority, certificate = vouched(root, "localhost", "127.0.0.1")
    command = [sys.executable, "-m", "tests.support.web", str(port), str(certificate)]
    with running(command, lambda: listens(port), root / "web.log", _PYTHON) as process:
        yield Daemon(port, root, process), authority


def vouched(root: Path, *hosts: str) -> tuple[Path, Path]:
    """The files of a CA made on the spot and of a server certificate from it."""
    authority = issue("CA of this demo", authority=True)
    (root / "ca.pem").write_bytes(authority.pem)
    return root / "ca.pem", write(root, "server", issue(hosts[0], authority, hosts=hosts))


@contextlib.contextmanager
def agent(root: Path) -> Iterator[tuple[Daemon, str]]:
    """snmpd where it is installed, else our own small agent (community public), and which of them
    it is.
    """
    if shutil.which("snmpd", path="/usr/sbin:/usr/bin") and shutil.which(
        "snmpget", path="/usr/bin"
    ):
        with snmpd("rocommunity public 127.0.0.1", root) as daemon:
            yield daemon, "snmpd"
        return
    port = free_port(socket.SOCK_DGRAM)
    uptime = bytes.fromhex(
        "302602010104067075626c6963a019020101020100020100300e300c06082b060102010103000500"
    )
    command = [sys.executable, "-m", "tests.support.agent", str(port)]
    with running(command, lambda: answers(port, uptime), root / "agent.log", _PYTHON) as process:
        yield Daemon(port, root, process), "a small agent of this demo"
