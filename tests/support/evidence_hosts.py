"""Hosts in namespaces that give their evidence by NRPE, ssh or files, and one that asks them."""

import contextlib
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bothsides.base.secret import Secret
from bothsides.incident.document import to_text
from bothsides.model.evidence import Evidence, Look
from tests.support import daemons, need
from tests.support.evidence import BACK, NOW, OUT, THIRD, document, trace, udp
from tests.support.net import Network, network
from tests.support.process import Outcome, run

HOSTS = {name: f"10.78.{number}.2" for number, name in enumerate(("A", "B", "C", "D", "E", "M"))}
LOSS = (
    document("A", {"B": Look(udp(out=40)._replace(owd=None), trace(OUT, 3, 0.2))}),
    document("B", {"A": Look(udp(back=40)._replace(owd=None), trace(BACK))}),
)
"""A fifth of the packets is lost on the way from A to B; nothing tells how their clocks differ."""
THIRDS = [document(name, {"B": Look(udp()._replace(owd=None), trace(THIRD))}) for name in "CDE"]
KEY = "a key that all hosts have"


@contextlib.contextmanager
def hosts() -> Iterator[Network]:
    """A to E and M, each behind a router."""
    need.root()
    with network() as made:
        made.host("r")
        for name, address in HOSTS.items():
            made.host(name)
            near = address.removesuffix("2") + "1"
            made.link("r", f"{near}/24", name, f"{address}/24")
            made.route(name, "default", "via", near)
        yield made


def landscape(folder: Path, more: Mapping[str, str]) -> Path:
    """The file, with further lines for some of the hosts."""
    path = folder / "landscape.toml"
    path.write_text(
        "".join(
            f'[[server]]\nname = "{name}"\nip = "{address}"\n{more.get(name, "")}\n'
            for name, address in HOSTS.items()
            if name != "M"
        )
    )
    return path


def at(made: Evidence, when: float) -> str:
    """The document as if it had been written then."""

    def moved(value: Any) -> Any:
        if hasattr(value, "_fields"):
            fields = {key: moved(part) for key, part in value._asdict().items()}
            return value._replace(**fields)
        if isinstance(value, tuple):
            return tuple(moved(part) for part in value)
        return value + when - NOW if isinstance(value, float) and value >= NOW else value

    return to_text(moved(made), Secret(KEY))


def asked(net: Network, path: Path, *more: str, inside: tuple[str, ...] = ()) -> Outcome:
    """The verdict of M about A and B."""
    words = ("--landscape", str(path), "--from", "A", "--to", "B", "-v", *more)
    return run("check_whose_fault", *words, inside=(*net.inside("M"), *inside))


@contextlib.contextmanager
def nrpe(net: Network, root: Path, name: str, commands: str) -> Iterator[None]:
    """NRPE on a host, at its usual port."""
    home = root / f"nrpe-{name}"
    home.mkdir()
    user, group = daemons.daemon_user()
    config = home / "nrpe.cfg"
    config.write_text(
        f"server_port=5666\nnrpe_user={user}\nnrpe_group={group}\nallowed_hosts=10.78.0.0/16\n"
        f"command_timeout=30\npid_file={home}/pid\nlog_file={home}/log\n{commands}\n"
    )
    daemons.own(home)
    words = [need.program("nrpe", "nagios-nrpe-server"), "-c", str(config), "-f", "-4"]
    inside = net.inside(name)
    listens = lambda: daemons.listens(5666, inside)  # noqa: E731
    with daemons.running([*inside, *words], listens, home / "out.log"):
        yield


def command(root: Path, name: str, script: str) -> str:
    """The line of NRPE that runs a script as bothsides_evidence."""
    path = root / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return f"command[bothsides_evidence]={path}"


SSH = 'transport = "ssh"'


def keys(root: Path) -> Path:
    """A folder .ssh with a key, whose owner may log in."""
    home = root / "home"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f"]
    subprocess.run([*make, str(home / ".ssh/id_ed25519")], check=True)
    subprocess.run([*make, str(root / "host")], check=True)
    public = (root / "host.pub").read_text().split()[:2]
    known = "".join(f"{address} {' '.join(public)}\n" for address in HOSTS.values())
    (home / ".ssh/known_hosts").write_text(known)
    return home


def laid_over(home: Path) -> tuple[str, ...]:
    """In front of a command: its user's .ssh is that of `home`, seen by nobody else."""
    script = f'mount -t overlay overlay -o lowerdir={home}:"$(echo ~root)" ~root && exec "$@"'
    return ("unshare", "-m", "sh", "-c", script, "sh")


@contextlib.contextmanager
def sshd(net: Network, root: Path, name: str, forced: str) -> Iterator[None]:
    """sshd on a host, which runs one command for one key."""
    home = root / f"sshd-{name}"
    home.mkdir()
    public = (root / "home/.ssh/id_ed25519.pub").read_text()
    allowed = home / "authorized_keys"
    jump = ',permitopen="*:22",port-forwarding' if name == "C" else ""
    allowed.write_text(f'command="{forced}",restrict{jump} {public}')
    config = home / "sshd_config"
    config.write_text(
        f"HostKey {root}/host\nAuthorizedKeysFile {allowed}\nStrictModes no\nPidFile none\n"
        "PermitRootLogin yes\nUsePAM no\nPasswordAuthentication no\n"
    )
    inside = net.inside(name)
    words = [need.program("sshd", "openssh-server"), "-D", "-e", "-f", str(config)]
    Path("/run/sshd").mkdir(exist_ok=True)
    listens = lambda: daemons.listens(22, inside)  # noqa: E731
    with daemons.running([*inside, *words], listens, home / "log"):
        yield
