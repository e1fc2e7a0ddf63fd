"""Our own clock by a real chronyd's account, where the kernel keeps none."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bothsides.base.deadline import Deadline
from bothsides.probe.net.local_clock import local_clock
from tests.support import daemons, need, net
from tests.support.process import Outcome, run

FAR = 11123  # the time server's port; the namespace is ours alone


@pytest.fixture
def inside() -> Iterator[tuple[str, ...]]:
    """A namespace with a loopback of its own; nobody is asked where the kernel knows our error."""
    if local_clock(Deadline(8), chrony=False).synchronised:
        pytest.skip("the kernel knows its own error here, so chrony is not asked")
    need.program("chronyc", "chrony")
    with net.network() as network:
        network.host("us")
        yield network.inside("us")


@contextmanager
def chronyd(inside: tuple[str, ...], root: Path, name: str, lines: str) -> Iterator[int]:
    """chronyd that leaves the clock alone (-x), from the moment it has written its pid; the pid."""
    program = need.program("chronyd", "chrony")
    config, pid = root / f"{name}.conf", root / f"{name}.pid"
    config.write_text(
        f"{lines}\nbindcmdaddress /\npidfile {pid}\ndriftfile {root}/{name}.drift\nuser root\n"
    )
    command = [*inside, program, "-x", "-d", "-f", str(config)]
    with daemons.running(
        command, lambda: pid.exists() and bool(pid.read_text().strip()), root / f"{name}.log"
    ):
        yield int(pid.read_text())


@contextmanager
def following(inside: tuple[str, ...], root: Path) -> Iterator[int]:
    """A chronyd that follows another, and takes our clock to be 0.25 s off."""
    client = need.program("chronyc", "chrony")
    server = f"port {FAR}\nbindaddress 127.0.0.1\nallow 127.0.0.0/8\nlocal stratum 3\ncmdport 0"
    ours = (
        f"port 0\nserver 127.0.0.1 port {FAR} offset 0.25 iburst minpoll -2 maxpoll -2\n"
        "bindcmdaddress 127.0.0.1\ncmdport 323"
    )
    with (
        chronyd(inside, root, "far", server),
        chronyd(inside, root, "near", ours) as pid,
    ):
        subprocess.run(
            [*inside, client, "-h", "127.0.0.1", "waitsync", "100", "0", "200", "0.1"],
            capture_output=True,
            check=True,
        )
        yield pid


def check(inside: tuple[str, ...], *arguments: str) -> Outcome:
    return run("check_snmp_clock", "-H", "127.0.0.1", *arguments, inside=inside)


@contextmanager
def agent(inside: tuple[str, ...], root: Path) -> Iterator[tuple[str, ...]]:
    """An agent in there; the options that lead to it."""
    program = need.program("snmpd", "snmpd")
    config, pid = root / "snmpd.conf", root / "snmpd.pid"
    config.write_text(
        "agentAddress udp:127.0.0.1:16161\nrocommunity public\n"
        "extend -cacheTime -1 ns /bin/date +%s.%N\n"
    )
    (root / "persist").mkdir()
    more = {"MIBS": "", "SNMP_PERSISTENT_DIR": str(root / "persist"), "SNMPCONFPATH": str(root)}
    command = [
        *inside,
        program,
        "-f",
        "-Lf",
        str(root / "snmpd.log"),
        "-C",
        "-c",
        str(config),
        "-p",
        str(pid),
    ]
    with daemons.running(
        command, pid.exists, root / "snmpd.out", more | {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    ):
        yield "-p", "16161", "-o", "extend:ns"


def test_a_clock_that_chrony_vouches_for_is_a_measure_with_chronys_error(
    inside: tuple[str, ...],
) -> None:
    with daemons.folder() as root, agent(inside, root) as to_agent:
        nobody = check(inside, *to_agent)
        assert nobody.code == 3, nobody.text
        assert "of our own clock, which is not synchronised, --reference ntp:HOST" in nobody.line
        assert "chronyc: 506 Cannot talk to daemon" in nobody.text
        with following(inside, root) as pid:
            found = check(inside, *to_agent, "-v")
            assert found.code == 0, found.text
            assert "s by chrony (127.0.0.1, stratum 4)" in found.text
            half, offset = found.perfdata["uncertainty"].value, found.perfdata["offset"].value
            assert half is not None
            assert offset is not None
            assert abs(offset) < 0.2  # the agent shows our own time
            assert 0.249 < half < 0.6
            os.kill(pid, signal.SIGSTOP)
            try:
                silent = check(inside, *to_agent, "-t", "3")
            finally:
                os.kill(pid, signal.SIGCONT)
            assert silent.code == 3, silent.text
            assert "chronyc: no answer" in silent.text
            assert silent.seconds < 3 + 0.3 + 1


def test_a_chrony_that_follows_only_itself_vouches_for_nothing(inside: tuple[str, ...]) -> None:
    lines = "port 0\nlocal stratum 8\nbindcmdaddress 127.0.0.1\ncmdport 323"
    with (
        daemons.folder() as root,
        agent(inside, root) as to_agent,
        chronyd(inside, root, "near", lines),
    ):
        alone = check(inside, *to_agent)
        assert alone.code == 3
        assert "chrony: follows nobody" in alone.text
        assert check(inside, *to_agent, "--local-sync", "warn").code == 1
        assert check(inside, *to_agent, "--local-sync", "ignore").code == 0
