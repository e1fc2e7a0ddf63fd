"""A generated tree in Icinga 2: a master, a satellite and two agents, each in a namespace.

Time runs 15 times faster: what is 5 minutes in the tree is 20 seconds here.
"""

import contextlib
import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bothsides.command.check_options import tables
from bothsides.generate import icinga2
from bothsides.generate.services import services
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read
from tests.support import daemons, need
from tests.support.icinga import Icinga, icinga, start
from tests.support.net import Network, command, network
from tests.support.process import PLUGINS

TIMES = 15.0
HOSTS = {
    "mon": ("10.77.0.1", "hq", "monitor"),
    "sat": ("10.77.1.1", "eu.fra", "satellite"),
    "a": ("10.77.2.1", "eu.ams", ""),
    "b": ("10.77.3.1", "eu.sto", ""),
}
SHORT = ("mon", "a")
MESH = """\
[defaults]
warning = "200.0,20%"
critical = "500.0,60%"
udp = { packets = 10, interval = "10ms", every = "1m", timeout = "300ms" }
path = { every = "2m", timeout = "4s", warning = "pl=50", critical = "pl=90" }
[[check]]
from = "all"
to = "all"
check = "udp_ping"
except = "self"
"""
OPTIONS = """\
[[https]]
from = "a"
to = "mon"
every = "1m"
warning = "-5:5"
regex = ["^a$", "costs $1"]
all_addresses = true
no_body = true
"""
ARRIVED = (
    *("--IP-address", "10.77.0.1", "--all-addresses=all", "--hostname", "10.77.0.1"),
    *("--maintenance", "/var/lib/bothsides", "--no-body"),
    *("--perfdata-missing", "omit", "--regex", "^a$", "--regex", "costs $1", "--warning", "-5:5"),
)
"""The options of OPTIONS, by name as Icinga sorts them."""
SINGLES = """\
[[pair]]
from = "a"
to = "b"
warning = "300.0,30%"
[[path]]
from = "a | sat"
to = "b"
"""
MAINTENANCE = """\
[[maintenance]]
what = "a"
begin = {}
end = {}
reason = "new router"
"""


class Lab(NamedTuple):
    """A running lab."""

    icinga: Icinga
    lines: dict[str, str]  # the interface of the router towards each host
    reflectors: dict[str, subprocess.Popen[bytes]]
    stage: contextlib.ExitStack

    def services(self) -> dict[str, dict[str, Any]]:
        """Every service by host!name."""
        return {each["__name"]: each for each in self.icinga.objects("services")}

    def host(self, name: str) -> dict[str, Any]:
        """The attributes of a host."""
        return next(each for each in self.icinga.objects("hosts") if each["name"] == name)

    def fine(self) -> bool:
        """Whether every service has been measured and is OK."""
        return all(
            each["last_check_result"] and each["state"] == 0 for each in self.services().values()
        )

    def down(self, name: str) -> bool:
        """Whether a host is down, and not for the first time."""
        host = self.host(name)
        return bool(host["state"] == 1 and host["state_type"] == 1)

    def reflect(self, name: str) -> None:
        """Starts the reflector of a host."""
        inside = self.icinga.network.inside(name)
        words = [*inside, sys.executable, str(PLUGINS / "udp_reflector")]
        ready = functools.partial(answering, inside)
        log = self.icinga.root / f"reflector-{name}.log"
        running = daemons.running(words, ready, log)
        self.reflectors[name] = self.stage.enter_context(running)

    def kill(self, name: str) -> None:
        """Ends everything on a host and its link."""
        self.icinga.kill(name)
        os.killpg(self.reflectors[name].pid, signal.SIGKILL)
        self._link(name, "down")

    def revive(self, name: str) -> None:
        """Starts a host again."""
        self._link(name, "up")
        self.reflect(name)
        self.start(name)

    def start(self, name: str) -> None:
        """Starts a host's Icinga again."""
        self.icinga.processes[name] = self.stage.enter_context(start(self.icinga, name))

    def _link(self, name: str, state: str) -> None:
        router = f"{self.icinga.network.prefix}r"
        command("ip", "-n", router, "link", "set", self.lines[name], state)


def landscape(state: Path, hosts: Iterable[str], more: str = "") -> Mesh:
    """The mesh of some hosts, each with a state directory of its own."""
    servers = ""
    for name in hosts:
        ip, place, role = HOSTS[name]
        servers += (
            f'[[server]]\nname = "{name}"\nip = "{ip}"\ndatacenter = "{place}"\n'
            f'role = "{role or "node"}"\npath = {{ state_dir = "{state / name}" }}\n'
        )
    return Mesh(read(servers + MESH + more))


def star(net: Network, hosts: Iterable[str]) -> dict[str, str]:
    """All hosts on one router; the router's interface towards each."""
    net.host("r")
    net.set("r", "net.ipv4.icmp_ratelimit=0")  # that nothing waits for the time-out of a ping
    lines = {}
    for name in hosts:
        net.host(name)
        ip = HOSTS[name][0]
        gateway = ip.rpartition(".")[0] + ".254"
        lines[name] = net.link(name, f"{ip}/24", "r", f"{gateway}/24")[1]
        net.route(name, "default", "via", gateway)
    return lines


@contextlib.contextmanager
def lab(hosts: Sequence[str], more: str = "") -> Iterator[Lab]:
    """Hosts with Icinga and a reflector each; the first is the master."""
    need.program("icinga2", "icinga2-bin")
    with contextlib.ExitStack() as stage:
        net = stage.enter_context(network())
        root = stage.enter_context(daemons.folder())
        lines = star(net, hosts)
        mesh = landscape(root / "state", hosts, more)
        files = list(icinga2.files(mesh, services(mesh), tables()))
        made = Lab(stage.enter_context(icinga(net, root, hosts, files, TIMES)), lines, {}, stage)
        for name in hosts:
            made.reflect(name)
        yield made


def answering(inside: tuple[str, ...]) -> bool:
    """Whether the reflector of a host listens."""
    return bool(command(*inside, "ss", "-Hlun", "sport = :862"))


def wait(ready: Callable[[], object], seconds: float) -> None:
    """Waits until something holds."""
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.3)


def measured_by_own_host(running: Lab) -> None:
    """Every check ran where its pair begins, and Icinga has every figure."""
    for name, each in running.services().items():
        result = each["last_check_result"]
        if each["command_endpoint"] and "HTTPS" not in name:
            assert result["check_source"] == name.partition("!")[0]
            labels = [figure.partition("=")[0] for figure in result["performance_data"]]
            assert {"rta", "pl"} <= set(labels), result["output"]
            assert "U" not in str(result["performance_data"])
            assert all(isinstance(figure, str) for figure in result["performance_data"])


def test_a_master_and_an_agent_measure_each_other() -> None:
    with lab(SHORT, OPTIONS) as running:
        wait(running.fine, 60)
        made = running.services()
        measured_by_own_host(running)
        assert set(made) == {
            "a!Icinga agent",
            "a!HTTPS to mon",
            "a!UDP loss to all",
            "mon!UDP loss to all",
        }
        arrived = made["a!HTTPS to mon"]["last_check_result"]["output"]
        assert arrived == "".join(f"[{word}]" for word in ARRIVED)


@pytest.fixture(scope="module")
def long() -> Iterator[Lab]:
    """All four hosts; `a` is in maintenance from the beginning."""
    now = datetime.now(UTC).replace(microsecond=0)
    moments = (now - timedelta(hours=1), now + timedelta(hours=2))
    planned = MAINTENANCE.format(*(moment.isoformat() for moment in moments))
    with lab(tuple(HOSTS), SINGLES + planned) as running:
        wait(running.fine, 120)
        running.icinga.forget()
        yield running


@pytest.mark.soak
def test_all_are_measured_through_the_satellite(long: Lab) -> None:
    measured_by_own_host(long)
    assert len(long.services()) == 11
    towards_b = long.services()["a!Path to b"]
    assert towards_b["zone"] == "dc-eu"


@pytest.mark.soak
def test_a_dead_host_is_notified_once_and_the_others_are_quiet(long: Lab) -> None:
    long.kill("b")
    wait(lambda: long.down("b"), 40)
    time.sleep(25)  # three times what the slowest of the others would need
    assert long.icinga.notes() == ["PROBLEM b"]
    others = {name: each["state"] for name, each in long.services().items() if name[0] != "b"}
    assert set(others.values()) == {0}
    assert "CRITICAL" in long.services()["a!Path to b"]["last_check_result"]["output"]
    long.revive("b")
    wait(long.fine, 90)
    assert long.icinga.notes() == ["PROBLEM b", "RECOVERY b"]


@pytest.mark.soak
def test_a_dead_agent_is_notified_once_and_its_services_rest(long: Lab) -> None:
    long.icinga.forget()
    long.icinga.kill("b")
    wait(lambda: "PROBLEM b Icinga agent" in long.icinga.notes(), 60)
    time.sleep(25)
    assert long.icinga.notes() == ["PROBLEM b Icinga agent"]
    assert long.services()["a!Path to b"]["last_check_result"]["output"].startswith("MTR_PATH OK")
    long.start("b")
    wait(long.fine, 90)
    assert long.icinga.notes() == ["PROBLEM b Icinga agent", "RECOVERY b Icinga agent"]


@pytest.mark.soak
def test_maintenance_of_a_host_covers_what_the_others_measure(long: Lab) -> None:
    wait(lambda: long.host("a")["downtime_depth"] > 0, 90)
    long.icinga.forget()
    covered = {name for name, each in long.services().items() if each["downtime_depth"]}
    assert covered == {name for name in long.services() if name.startswith("a!")}
    long.kill("a")
    wait(lambda: long.down("a"), 40)
    time.sleep(25)
    assert long.icinga.notes() == []
    others = {name: each["state"] for name, each in long.services().items() if name[0] != "a"}
    assert set(others.values()) == {0}
