"""Three hosts and a monitor in namespaces, each of which sees generated files at their real places.

The hosts stand around a router. Every process of a host runs with the host's own files laid over
/etc, /opt and the folder of plugins, so that a generated tree is used as it is, without a change.
"""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support import daemons, need
from tests.support.net import Network, network
from tests.support.process import CHECKS, HOUSE, NRPE_ENVIRONMENT, PLUGINS

HOSTS = ("h1", "h2", "h3")
MONITOR = "mon"
NRPE_LOG = "var/lib/nagios4/nrpe.log"
LANDSCAPE = """\
[landscape]
name = "lab"
[defaults]
services = "pair"
every = "2m"
notes_url = "https://wiki.example.org/{{topic}}?host={{host}}"
[servers]
columns = ["name", "ip", "datacenter", "role"]
rows = [
  ["h1", "10.77.1.2", "eu.x", "node"],
  ["h2", "10.77.2.2", "eu.y", "node"],
  ["h3", "10.77.3.2", "us.z", "node"],
  ["mon", "10.77.9.2", "eu.x", "monitor"],
]
[[check]]
from = "role:node"
to = "role:node"
check = "udp_ping"
except = "self"
interval = "10ms"
[[path]]
from = "role:node"
to = "role:node"
except = "self"
every = "2m"
[[clock]]
from = "monitor"
to = "role:node"
every = "2m"
services = "pair"
local_sync = "ignore"
[[escalation]]
between = ["eu", "us"]
contacts = ["admins"]
"""
_ADDRESSES = {"h1": "10.77.1", "h2": "10.77.2", "h3": "10.77.3", MONITOR: "10.77.9"}
_LAY_OVER = """\
set -e
for place in etc opt usr/lib/nagios/plugins var/lib; do
  mount -t overlay overlay -o lowerdir="$HOME_OF_HOST/$place":/$place /$place
done
for place in var/lib/bothsides var/lib/nagios4 var/lib/smokeping var/cache/smokeping; do
  mount --bind "$HOME_OF_HOST/$place" /$place
done
mount -t tmpfs tmpfs /run
mkdir /run/nagios /run/smokeping /run/bothsides
chown nagios /run/nagios
mount --bind "$HOME_OF_HOST/run" /run/bothsides
unset HOME_OF_HOST
exec "$@"
"""


class Lab:
    """The network, the tree, and a folder with the files of each host."""

    def __init__(self, net: Network, root: Path, tree: Path) -> None:
        self.net, self.root, self.tree = net, root, tree

    def home(self, host: str, place: str = "") -> Path:
        """What a host has of its own at a place, as etc/nagios."""
        return self.root / host / place

    def inside(self, host: str) -> list[str]:
        """What goes in front of a command that is to run on a host, with the host's files."""
        home = ["env", f"HOME_OF_HOST={self.home(host)}"]
        return [*self.net.inside(host), *home, "sh", "-c", _LAY_OVER, "lab"]

    def run(self, host: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs a command on a host."""
        return subprocess.run(
            [*self.inside(host), *words],
            capture_output=True,
            text=True,
            timeout=120,
            env=NRPE_ENVIRONMENT,
            check=False,
        )

    def cut(self, host: str) -> None:
        """Takes a host off the network: the router refuses at once whatever goes to it."""
        address = f"{_ADDRESSES[host]}.2"
        for rule in (
            f"ip saddr {address} drop",
            f"ip daddr {address} meta l4proto tcp reject with tcp reset",
            f"ip daddr {address} reject with icmp type host-unreachable",
        ):
            self.net.drop("hub", rule, "forward")

    def deafen(self, host: str) -> None:
        """Drops UDP probes to a host; the host stays alive."""
        self.net.drop("hub", f"ip daddr {_ADDRESSES[host]}.2 udp dport 862 drop", "forward")

    def silence(self, host: str) -> None:
        """Takes a host off the network without a word: packets to it vanish."""
        self.net.drop("hub", f"ip daddr {_ADDRESSES[host]}.2 drop", "forward")


@contextlib.contextmanager
def lab(installation: Path, landscape: str = LANDSCAPE) -> Iterator[Lab]:
    """The network with the generated tree at its places on every host; no daemon runs yet."""
    with daemons.folder() as root, network() as net:
        tree = generated(root, landscape)
        made = Lab(net, root, tree)
        net.host("hub")
        for host, prefix in _ADDRESSES.items():
            net.host(host)
            net.link(host, f"{prefix}.2/24", "hub", f"{prefix}.1/24")
            net.route(host, "default", "via", f"{prefix}.1")
            net.set(host, "net.ipv4.ping_group_range=0 2147483647")
            _furnish(made, host, installation)
        net.set("hub", "net.ipv4.icmp_ratelimit=0")
        yield made


def generated(root: Path, landscape: str) -> Path:
    """The tree of a landscape, made by the program."""
    (root / "lab.toml").write_text(landscape)
    words = [str(PLUGINS / "bothsides"), "generate", str(root / "lab.toml")]
    done = subprocess.run(
        [*words, "--to", str(root / "tree")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return root / "tree"


def _furnish(made: Lab, host: str, installation: Path) -> None:
    """Puts the programs and the generated files of a host where they belong."""
    for place in ("etc/bothsides", "etc/nagios/nrpe.d", "opt", "usr/lib/nagios/plugins", "run"):
        made.home(host, place).mkdir(parents=True)
    written = ("bothsides", "nagios4/spool/checkresults", "nagios4/rw", "smokeping/__cgi")
    for place in (*(f"var/lib/{name}" for name in written), "var/cache/smokeping/images"):
        made.home(host, place).mkdir(parents=True)
    daemons.own(made.home(host, "var"))
    made.home(host, "opt/bothsides").symlink_to(installation)
    for check in CHECKS:
        made.home(host, f"usr/lib/nagios/plugins/{check}").symlink_to(installation / "bin" / check)
    places = {
        f"nrpe/{host}/bothsides.cfg": "etc/nagios/nrpe.d/bothsides.cfg",
        f"nrpe/{host}/bothsides.ini": "etc/bothsides.ini",
        f"nrpe/{host}/known.json": "etc/bothsides/known.json",
        f"reflector/{host}/allow": "etc/bothsides/allow",
        f"mesh/{host}/landscape.toml": "etc/bothsides/landscape.toml",
    }
    for source, place in places.items():
        if (made.tree / source).exists():
            shutil.copy2(made.tree / source, made.home(host, place))
    shutil.chown(made.home(host, "etc/bothsides.ini"), "root", "nagios")


@contextlib.contextmanager
def reflector(made: Lab, host: str) -> Iterator[None]:
    """The reflector of a host, by the command line of its drop-in."""
    lines = (made.tree / "reflector" / host / "allow.conf").read_text().splitlines()
    words = lines[-1].removeprefix("ExecStart=").split()
    log = made.home(host, "reflector.log")
    with daemons.running([*made.inside(host), *words], lambda: _bound(made, host, "u", 862), log):
        yield


@contextlib.contextmanager
def prober(made: Lab, host: str) -> Iterator[None]:
    """The prober of a host, by the command line of its unit and the variables of its drop-in."""
    lines = (HOUSE / "nrpe/udp-mesh.service").read_text().splitlines()
    lines += (made.tree / "mesh" / host / "host.conf").read_text().splitlines()
    start = next(line.removeprefix("ExecStart=") for line in lines if line.startswith("ExecStart="))
    for line in lines:
        name, _, value = line.removeprefix("Environment=").partition("=")
        if line.startswith("Environment=") and not value.startswith("%"):
            start = start.replace(f"${{{name}}}", value)
    words = ["env", "STATE_DIRECTORY=/var/lib/bothsides", *start.split()]
    log, socket = made.home(host, "prober.log"), made.home(host, "run/mesh.sock")
    with daemons.running([*made.inside(host), *words], socket.exists, log):
        yield


@contextlib.contextmanager
def nrpe(made: Lab, host: str) -> Iterator[None]:
    """NRPE of a host, with Debian's own configuration, which includes the generated file."""
    words = [need.program("nrpe", "nagios-nrpe-server"), "-c", "/etc/nagios/nrpe.cfg", "-f"]
    local = f"log_file={made.home(host, NRPE_LOG)}\n"
    write_all(made.home(host), {"etc/nagios/nrpe_local.cfg": local})
    log = made.home(host, "nrpe.log")
    with daemons.running([*made.inside(host), *words], lambda: _bound(made, host, "t", 5666), log):
        yield


@contextlib.contextmanager
def snmpd(made: Lab, host: str) -> Iterator[None]:
    """An SNMP agent, whose clock is asked."""
    config = made.home(host, "snmpd.conf")
    config.write_text("agentAddress udp:161\nrocommunity public\n")
    words = [need.program("snmpd", "snmpd"), "-f", "-Lo", "-C", "-c", str(config)]
    log = made.home(host, "snmpd.log")
    with daemons.running([*made.inside(host), *words], lambda: _bound(made, host, "u", 161), log):
        yield


def _bound(made: Lab, host: str, kind: str, port: int) -> bool:
    """Whether a process of a host has a port: kind u for UDP, t for TCP."""
    words = [*made.net.inside(host), "ss", f"-Hln{kind}", f"sport = :{port}"]
    return bool(subprocess.run(words, capture_output=True, check=False).stdout.strip())


def write_all(folder: Path, files: Mapping[str, str]) -> None:
    """Writes small files of a site."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
