"""Breaks a network in namespaces and records what the checks measure, for README and the demo.

PYTHONPATH=lib .venv/bin/python3 -m tests.support.incidents     # as root; then tests.support.readme
"""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.support import daemons, farends, incident, need, net
from tests.support.process import HOUSE, NRPE_ENVIRONMENT, PLUGINS, run
from tests.support.simnet import simulated

RECORDS = HOUSE / "tests/data/records"
FAR = "198.51.100.7"


@contextlib.contextmanager
def internet() -> Iterator[net.Network]:
    """near (192.0.2.5), a provider's router, and far."""
    with net.network() as made:
        for name in ("near", "isp", "far"):
            made.host(name)
        made.link("near", "192.0.2.5/24", "isp", "192.0.2.1/24")
        made.link("isp", "198.51.100.1/24", "far", f"{FAR}/24")
        made.route("near", "default", "via", "192.0.2.1")
        made.route("far", "default", "via", "198.51.100.1")
        yield made


def main() -> None:
    """Writes the records."""
    with daemons.folder() as root, internet() as made:
        _return_loss(made, root)
        _slow_server(made, root)
        _clock_behind(made, root)
        _outage(root)


def _return_loss(made: net.Network, root: Path) -> None:
    command = [
        sys.executable,
        str(PLUGINS / "udp_reflector"),
        "--listen",
        FAR,
        "--allow",
        "192.0.2.0/24",
    ]
    made.drop("isp", "udp sport 862 numgen inc mod 7 == 3 drop", hook="forward")
    with _far(made, command, root):
        _record(made, "check_udp_loss-return_loss", "-H", FAR)
    made.heal("isp")


def _slow_server(made: net.Network, root: Path) -> None:
    authority, certificate = farends.vouched(root, "www.example.org")
    command = [sys.executable, "-m", "tests.support.web", "443", str(certificate), FAR, "1.9"]
    with _far(made, command, root):
        trust = ("--ca-cert", str(authority))
        _record(
            made,
            "check_https-slow_server",
            "-H",
            "www.example.org",
            "-I",
            FAR,
            "-w",
            "1",
            "-c",
            "3",
            *trust,
        )


def _clock_behind(made: net.Network, root: Path) -> None:
    config = root / "snmpd.conf"
    config.write_text(f"agentAddress udp:{FAR}:161\nrocommunity public\n")
    faketime = need.program("faketime", "faketime")
    snmpd = need.program("snmpd", "snmpd")
    command = [
        faketime,
        "-f",
        "-42s",
        snmpd,
        "-f",
        "-Lf",
        str(root / "log"),
        "-C",
        "-c",
        str(config),
        "-p",
        str(root / "pid"),
    ]
    with _far(made, command, root):
        _record(made, "check_snmp_clock-42_s_behind", "-H", FAR, "--local-sync", "ignore")


def _outage(root: Path) -> None:
    """The afternoon of 10 January 2019: one run before, one during and one after."""
    runs = (
        ("before", "16:02:00", incident.GOOD),
        ("outage", "16:17:00", incident.BAD),
        ("after", "16:32:00", incident.GOOD),
    )
    with simulated(root / "simulated", incident.GOOD) as lab:
        for name, clock, network in runs:
            lab.tell(network)
            path = RECORDS / f"check_mtr_path-{name}.json"
            command = (
                "-H",
                str(network["target"]),
                "--state-dir",
                lab.state,
                "--record",
                str(path),
            )
            environment = {**os.environ, **incident.clock(clock)}
            for _ in range(3 if name == "before" else 1):  # three runs teach the path
                print(
                    run(
                        "check_mtr_path",
                        *command,
                        "--state",
                        "rw",
                        inside=lab.inside,
                        environment=environment,
                    ).line
                )
            path.write_text(path.read_text().replace(lab.state, "/var/lib/bothsides"))


def _far(
    made: net.Network, command: list[str], root: Path
) -> contextlib.AbstractContextManager[object]:
    """The daemon on the far host, given a second to start."""
    began = time.monotonic()
    environment = NRPE_ENVIRONMENT | {
        "PYTHONPATH": f"{HOUSE / 'lib'}:{HOUSE}",
        "MIBS": "",
        "SNMP_PERSISTENT_DIR": str(root),
    }
    inside = [*made.inside("far"), *command]
    return daemons.running(
        inside, lambda: time.monotonic() > began + 1.5, root / "far.log", environment
    )


def _record(made: net.Network, name: str, *arguments: str) -> None:
    path = RECORDS / f"{name}.json"
    print(
        run(
            name.partition("-")[0], *arguments, "--record", str(path), inside=made.inside("near")
        ).line
    )


if __name__ == "__main__":
    main()
