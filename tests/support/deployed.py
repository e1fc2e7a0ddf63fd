"""The files of nrpe/ put to use on this host.

The same texts with other paths, addresses and ports.
"""

import contextlib
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.support import daemons, farends
from tests.support.process import CHECKS, HOUSE, NRPE_ENVIRONMENT

_SAMPLE = (HOUSE / "nrpe" / "bothsides.cfg").read_text()
SAMPLED = tuple(sorted(re.findall(r"^command\[(check_\w+)\]", _SAMPLE, re.MULTILINE)))
"""The checks of the sample configuration in nrpe/; a check needs none."""

DEPLOYED = tuple(check for check in SAMPLED if check not in ("check_mesh", "check_metric"))
"""Those that measure by themselves; the others: tests/real/test_mesh*.py, test_metric*.py."""

REPLAYED = "_replayed"  # suffix of commands that judge a kept run, to compare figures


class Deployment(NamedTuple):
    """One monitored host: plugins as installed, sample ini, and the far ends that it measures.

    ports: those of the far ends by check; replayed: sections of the ini by check, for runs that
    repeat exactly.
    """

    root: Path
    plugins: Path
    ini: Path
    ports: Mapping[str, int]
    authority: Path

    def text(self, name: str, *more: tuple[str, str]) -> str:
        """A file of nrpe/ with the paths, addresses and ports of this deployment."""
        text = (HOUSE / "nrpe" / name).read_text()
        for old, new in (*_paths(self), *more):
            text = text.replace(old, new)
        return text

    def run(self, *command: str) -> tuple[int, str]:
        """Runs a plugin as the daemons do; exit code and output."""
        return as_nagios([str(self.plugins / command[0]), *command[1:]])

    def direct(self, section: str) -> tuple[int, str]:
        """The check of that section of the ini, without any daemon in between."""
        return self.run(section.removesuffix(REPLAYED), f"--extra-opts={section}@{self.ini}")


@contextlib.contextmanager
def deployment(installation: Path) -> Iterator[Deployment]:
    """Plugins linked from an installation, far ends running, the sample ini pointing at them."""
    with contextlib.ExitStack() as stage:
        root = stage.enter_context(daemons.folder())
        (root / "plugins").mkdir()
        for check in CHECKS:
            (root / "plugins" / check).symlink_to(installation / "bin" / check)
        for name in ("records", "state"):
            (root / name).mkdir()
            daemons.own(root / name)
        web, authority = stage.enter_context(farends.web(root))
        ports = {
            "check_udp_loss": stage.enter_context(farends.reflector(root)).port,
            "check_https": web.port,
            "check_snmp_clock": stage.enter_context(
                daemons.snmpd("rocommunity public 127.0.0.1", root)
            ).port,
        }
        made = Deployment(root, root / "plugins", root / "bothsides.ini", ports, authority)
        _write_ini(made)
        yield made


def _paths(made: Deployment) -> list[tuple[str, str]]:
    ports = made.ports
    return [
        ("/usr/lib/nagios/plugins", str(made.plugins)),
        ("/etc/bothsides.ini", str(made.ini)),
        ("/var/lib/bothsides", str(made.root / "state")),
        ("#ca-cert = /etc/ssl/office-ca.pem", f"ca-cert = {made.authority}"),
        ("#local-sync = ignore", "local-sync = ignore"),
        ("192.0.2.10", "127.0.0.1"),
        ("192.0.2.20", "127.0.0.1"),
        ("www.example.org", "localhost"),
        ("port = 862", f"port = {ports['check_udp_loss']}"),
        ("port = 443", f"port = {ports['check_https']}"),
        ("port = 161", f"port = {ports['check_snmp_clock']}"),
        ("-p 862 ", f"-p {ports['check_udp_loss']} "),
        ("-p 443 ", f"-p {ports['check_https']} --ca-cert {made.authority} "),
        ("-p 161 ", f"-p {ports['check_snmp_clock']} "),
    ]


def _write_ini(made: Deployment) -> None:
    """The sample, and beside each section one that replays a measurement recorded now."""
    sample = made.text("bothsides.ini")
    made.ini.touch(0o640)
    made.ini.write_text(sample)
    daemons.own(made.ini)
    replays = []
    for check in DEPLOYED:
        record = made.root / "records" / f"{check}.json"
        made.run(check, f"--extra-opts={check}@{made.ini}", "--record", str(record))
        section = sample.partition(f"[{check}]\n")[2].partition("\n[")[0]
        section = section.replace(
            str(made.root / "state"), str(made.root / "records")
        )  # the past must not grow either
        replays.append(f"[{check}{REPLAYED}]\n{section}\nreplay = {record}\n")
    made.ini.write_text("\n".join([sample, *replays]))


def as_nagios(command: Sequence[str]) -> tuple[int, str]:
    """Runs a command as user nagios with NRPE's environment, where we may.

    Stderr must stay empty.
    """
    root = os.geteuid() == 0
    done = subprocess.run(
        command,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        env=NRPE_ENVIRONMENT,
        cwd="/",
        user="nagios" if root else None,
        group="nagios" if root else None,
        extra_groups=[] if root else None,
        timeout=60,
        check=False,
    )
    assert done.stderr == b"", done.stderr
    return done.returncode, done.stdout.decode()
