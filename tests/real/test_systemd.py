"""The units under a real systemd, with the drop-ins that `bothsides generate` makes."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.landscape_lab import generated
from tests.support.process import HOUSE
from tests.support.systemd import Systemd, systemd

LANDSCAPE = """\
[defaults]
slice = "1s"
timeout = "200ms"
[[server]]
name = "web1"
ip = "127.0.0.1"
datacenter = "eu.de"
[[server]]
name = "db1"
ip = "127.0.0.2"
datacenter = "us.east"
[[check]]
from = "all"
to = "all"
except = "self"
check = "udp_ping"
[[analysis]]
from = "all"
to = "all"
name = "path"
min_loss = "50%"
path = true
limit = "15s"
"""
UNITS = "etc/systemd/system"
SOON = "[Service]\nWatchdogSec=2\nRestartSec=100ms\n"
CHECK = ("/opt/bothsides/bin/check_mesh", "--window", "3s")


def _files(folder: Path) -> dict[str, str]:
    """Our units and the generated files of web1, at the places that the manual names."""
    tree = generated(folder, LANDSCAPE)
    places = {
        f"{UNITS}/udp-mesh.service": HOUSE / "nrpe/udp-mesh.service",
        f"{UNITS}/udp-reflector.service": HOUSE / "nrpe/udp-reflector.service",
        f"{UNITS}/udp-mesh.service.d/host.conf": tree / "mesh/web1/host.conf",
        f"{UNITS}/udp-reflector.service.d/allow.conf": tree / "reflector/web1/allow.conf",
        "etc/bothsides/landscape.toml": tree / "mesh/web1/landscape.toml",
        "etc/bothsides/allow": tree / "reflector/web1/allow",
    }
    found = {place: path.read_text() for place, path in places.items()}
    return {**found, f"{UNITS}/udp-mesh.service.d/soon.conf": SOON}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Systemd]:
    """Both daemons, started."""
    with systemd(_files(tmp_path_factory.mktemp("units"))) as made:
        made("systemctl", "start", "udp-reflector", "udp-mesh")
        yield made


def checked(made: Systemd, words: str, seconds: float = 15) -> str:
    """What check_mesh says to the monitoring user, once it says this."""
    until = time.monotonic() + seconds
    while True:
        said = made(*CHECK, user="nagios", check=False)
        if words in said or time.monotonic() > until:
            assert words in said, said + made.said()
            return said
        time.sleep(0.3)


def test_it_is_started_when_it_probes_and_says_what_it_does(running: Systemd) -> None:
    assert running.show("udp-mesh", "ActiveState") == "active"
    assert running.show("udp-mesh", "Type") == "notify"
    checked(running, "MESH OK - web1 to db1: lost 0/")
    assert running.show("udp-mesh", "StatusText").startswith("web1 probes 1 host with 40 packets")


def test_it_has_its_own_user_and_one_capability(running: Systemd) -> None:
    number = running.show("udp-mesh", "MainPID")
    text = running("cat", f"/proc/{number}/status")
    status = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
    raw = "0000000000002000"  # CAP_NET_RAW
    assert (status["CapEff"], status["CapBnd"]) == (raw, raw)
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert running("ps", "-o", "user:20=,ni=", "-p", number).split() == ["bothsides", "-5"]


def test_slices_lie_in_its_state_directory_and_the_socket_is_of_the_monitoring_group(
    running: Systemd,
) -> None:
    place = "/var/lib/bothsides-mesh"
    assert running("stat", "-c", "%U %a", place).split() == ["bothsides", "750"]
    assert "mesh-web1.lock" in running("ls", place)
    assert running("stat", "-c", "%U %G %a", "/run/bothsides/mesh.sock").split() == [
        "bothsides", "nagios", "660",
    ]  # fmt: skip
    said = running(*CHECK, user="daemon", check=False)
    assert "MESH UNKNOWN - /run/bothsides/mesh.sock: this user may not ask, " in said


def test_a_reload_reads_the_landscape_again_in_the_same_process(running: Systemd) -> None:
    number = running.show("udp-mesh", "MainPID")
    running("sed", "-i", 's/name = .db1./name = "db2"/', "/etc/bothsides/landscape.toml")
    running("systemctl", "reload", "udp-mesh")
    checked(running, "web1 to db2: lost 0/")
    assert "landscape read again: web1 probes 1 host" in running.said()
    running("sed", "-i", 's/name = .db2./name = "db1"/', "/etc/bothsides/landscape.toml")
    running("systemctl", "reload", "udp-mesh")
    checked(running, "web1 to db1: lost 0/")
    assert running.show("udp-mesh", "MainPID") == number


def test_maintenance_by_hand_holds_the_checks_and_the_prober_alike(running: Systemd) -> None:
    """The prober has a state directory of its own: its user may not read that of the checks."""
    words = ("/opt/bothsides/bin/bothsides", "maintenance")
    running(*words, "on", "--what", "db1", "--for", "1h", "--reason", "new disk", "--owner", "ann")
    checked(running, "MESH OK - web1 to db1: MAINTENANCE, lost 0/")
    assert "new disk (ann, until 20" in running(*CHECK, user="nagios")
    for place in ("/var/lib/bothsides", "/var/lib/bothsides-mesh"):
        assert "new disk" in running("cat", f"{place}/maintenance")
    assert running(*words, "list").count("new disk") == 1
    assert running(*words, "off", "--what", "db1") == "no maintenance\n"
    checked(running, "MESH OK - web1 to db1: lost 0/")


@pytest.mark.parametrize("harm", ["STOP", "KILL"])
def test_one_that_hangs_or_is_killed_is_started_again_with_its_past(
    running: Systemd, harm: str
) -> None:
    """A stopped one is found by the watchdog, which is fed from the loop that sends."""
    running("systemctl", "reset-failed", "udp-mesh", check=False)
    checked(running, "MESH OK - web1 to db1: lost 0/")
    before = running.show("udp-mesh", "MainPID")
    count = int(running.show("udp-mesh", "NRestarts"))
    running("systemctl", "kill", f"--signal=SIG{harm}", "udp-mesh")
    running.wait("udp-mesh", "NRestarts", str(count + 1))
    running.wait("udp-mesh", "ActiveState", "active")
    assert running.show("udp-mesh", "MainPID") != before
    checked(running, "MESH OK - web1 to db1: lost 0/")


def test_what_cannot_start_says_why_and_is_tried_again(running: Systemd) -> None:
    place = "/etc/bothsides/landscape.toml"
    running("mv", place, f"{place}.away")
    assert "failed" in running("systemctl", "restart", "udp-mesh", check=False)
    assert running.show("udp-mesh", "ExecMainStatus") == "3"
    assert f"UDP_MESH UNKNOWN - cannot read {place}: No such file" in running.said()
    running("mv", f"{place}.away", place)
    running.wait("udp-mesh", "ActiveState", "active")


def test_a_stop_ends_it_whole_and_takes_the_socket_away(running: Systemd) -> None:
    running("systemctl", "start", "udp-mesh")
    running("systemctl", "stop", "udp-mesh")
    assert running.show("udp-mesh", "Result") == "success"
    assert running.show("udp-mesh", "ActiveState") == "inactive"
    assert "mesh.sock" not in running("sh", "-c", "ls /run/bothsides 2>&1", check=False)
    said = running(*CHECK, user="nagios", check=False)
    assert "MESH UNKNOWN - /run/bothsides/mesh.sock: udp_mesh is not running, " in said
    running("systemctl", "start", "udp-mesh")
    checked(running, "MESH OK - web1 to db1: lost 0/")


@pytest.mark.soak
def test_an_outage_is_traced_with_what_the_unit_allows(running: Systemd) -> None:
    """mtr needs raw sockets, which the locked up service has by one capability."""
    running("systemctl", "restart", "udp-mesh")
    time.sleep(22)  # of grace, in which nothing is analysed
    running("systemctl", "stop", "udp-reflector")
    folder = "/var/lib/bothsides-mesh/analysis/path"
    until = time.monotonic() + 50
    while "web1-to-db1__" not in (names := running("ls", folder, check=False)):
        assert time.monotonic() < until, running.said()
        time.sleep(0.5)
    text = running("cat", f"{folder}/{names.split()[0]}")
    running("systemctl", "start", "udp-reflector")
    ends = re.findall(r"(?m)^# began .* UTC: (.*)$", text)
    assert ends == ["exit status 0"] * 2, text
    assert text.count("127.0.0.2") >= 4
    assert "not permitted" not in text


def test_its_process_is_none_of_this_machine_s(running: Systemd) -> None:
    """The test's own: nothing of the machine's units, mounts or network is in there."""
    assert os.readlink("/proc/self/ns/net") != os.readlink(f"/proc/{running.number}/ns/net")
    units = running("systemctl", "list-units", "--type=service", "--plain", "--no-legend")
    assert {line.split()[0] for line in units.splitlines()} == {
        "udp-mesh.service", "udp-reflector.service",
    }  # fmt: skip
