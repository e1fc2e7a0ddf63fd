"""check_whose_fault asks other hosts: real NRPE, sshd with forced commands, and Icinga's agents."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bothsides.base.secret import Secret
from bothsides.command.check_options import tables
from bothsides.generate import icinga2
from bothsides.generate.services import services
from bothsides.incident.document import to_text
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read
from bothsides.model.evidence import Evidence, Look
from tests.support import daemons, need
from tests.support.evidence import BACK, NOW, OUT, THIRD, document, trace, udp
from tests.support.icinga import icinga
from tests.support.net import Network, network
from tests.support.process import PLUGINS, Outcome, run

HOSTS = {name: f"10.78.{number}.2" for number, name in enumerate(("A", "B", "C", "D", "E", "M"))}
LOSS = (
    document("A", {"B": Look(udp(out=40)._replace(owd=None), trace(OUT, 3, 0.2))}),
    document("B", {"A": Look(udp(back=40)._replace(owd=None), trace(BACK))}),
)
"""A fifth of the packets is lost on the way from A to B; nothing tells how their clocks differ."""
THIRDS = [document(name, {"B": Look(udp()._replace(owd=None), trace(THIRD))}) for name in "CDE"]
KEY = "a key that all hosts have"


@pytest.fixture(scope="module")
def net() -> Iterator[Network]:
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


def test_nrpe_with_one_slow_one_lying_one_late_clock_and_one_dead_host(net: Network) -> None:
    need.program("check_nrpe", "nagios-nrpe-plugin")
    with daemons.folder() as root, contextlib.ExitStack() as stage:
        now = time.time()
        documents = {
            "A": at(LOSS[0], now),
            "B": at(LOSS[1], now + 70),  # its clock is 70 s ahead
            "C": at(THIRDS[0], now).replace('"lost":0', '"lost":1', 1),  # its digest is wrong
        }
        for name, text in documents.items():
            (root / f"{name}.json").write_text(text)
            line = command(root, f"{name}.sh", f"cat {root}/{name}.json")
            stage.enter_context(nrpe(net, root, name, line))
        stage.enter_context(nrpe(net, root, "D", command(root, "D.sh", "sleep 20")))
        outcome = asked(net, landscape(root, {}), "-t", "4")
    assert outcome.seconds < 4.5
    assert outcome.code == 2, outcome.text
    assert outcome.line.startswith("WHOSE_FAULT CRITICAL - A to B: lost 1"), outcome.line
    assert "its document was changed on the way (digest)" in outcome.text
    assert "it did not answer within 3" in outcome.text
    assert "10.78.4.2 port 5666: Connection refused" in outcome.text
    assert "witness B: clock off, its clock is 70 s ahead of that of A: corrected" in outcome.text


def test_nrpe_that_cuts_at_1_kb_is_told_as_such(net: Network) -> None:
    need.program("check_nrpe", "nagios-nrpe-plugin")
    with daemons.folder() as root, contextlib.ExitStack() as stage:
        now = time.time()
        for name, made in (("A", LOSS[0]), ("B", LOSS[1])):
            (root / f"{name}.json").write_text(at(made, now))
            cut = "head -c 1023" if name == "B" else "cat"
            line = command(root, f"{name}.sh", f"{cut} {root}/{name}.json")
            stage.enter_context(nrpe(net, root, name, line))
        outcome = asked(net, landscape(root, {}), "--third", "A", "-t", "5")
    assert "cut at 1 kB, as NRPE does before version 4" in outcome.text
    assert outcome.code in (2, 3), outcome.text


def test_a_host_behind_a_cut_is_asked_through_another_one(net: Network) -> None:
    client = need.program("check_nrpe", "nagios-nrpe-plugin")
    with daemons.folder() as root, contextlib.ExitStack() as stage:
        now = time.time()
        for name, made in (("A", LOSS[0]), ("B", LOSS[1]), ("C", THIRDS[0])):
            (root / f"{name}.json").write_text(at(made, now))
            line = command(root, f"{name}.sh", f"cat {root}/{name}.json")
            if name == "C":
                asks = f"{client} -H {HOSTS['B']} -c bothsides_evidence -t 8"
                line += f"\ncommand[bothsides_evidence_B]={asks}"
            stage.enter_context(nrpe(net, root, name, line))
        net.drop("B", f"ip saddr {HOSTS['M']} drop")
        path = landscape(root, {"B": 'through = "C"'})
        outcome = asked(net, path, "--third", "C", "-t", "6")
    assert outcome.code == 2, outcome.text
    assert "B did not answer us: asked through C" in outcome.text


def test_ssh_with_a_forced_command_and_sealed_documents(net: Network) -> None:
    need.program("sshd", "openssh-server")
    with daemons.folder() as root, contextlib.ExitStack() as stage:
        key = root / "key"
        key.write_text(KEY)
        key.chmod(0o600)
        home = keys(root)
        for name, made in (("A", LOSS[0]), ("B", LOSS[1]), ("C", THIRDS[0])):
            text = at(made, time.time())
            if name == "C":
                text = text.replace('"seal":"', '"seal":"0')
            (root / f"{name}.json").write_text(text)
            stage.enter_context(sshd(net, root, name, f"cat {root}/{name}.json"))
        path = landscape(root, dict.fromkeys(HOSTS, 'transport = "ssh"'))
        inside = laid_over(home)
        more = ("--third", "C", "--seal", str(key), "-t", "6")
        outcome = asked(net, path, *more, inside=inside)
        assert outcome.code == 2, outcome.text
        assert "its document was sealed with another key" in outcome.text
        jump = landscape(root, {"A": SSH, "B": f'{SSH}\nthrough = "C"', "C": SSH})
        net.drop("B", f"ip saddr {HOSTS['M']} tcp dport 22 drop", "forward")
        assert asked(net, jump, *more, inside=inside).code == 2


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


@pytest.mark.soak  # a minute, in which it mostly waits for agents to connect
@pytest.mark.timeout(240)
def test_icingas_api_runs_the_command_on_agents() -> None:
    """A master, two agents and the generated tree; the documents are real ones, measured now."""
    need.root()
    mesh = Mesh(
        read(
            "".join(
                f'[[server]]\nname = "{name}"\nip = "10.79.{number}.2"\n'
                f'transport = "icinga"\n{role}'
                for number, (name, role) in enumerate(
                    {"mon": 'role = "monitor"\n', "a": "", "b": ""}.items()
                )
            )
            + '[[check]]\nfrom = "a | b"\nto = "a | b"\nexcept = "self"\ncheck = "udp_ping"\n'
        )
    )
    with daemons.folder() as root, network() as made:
        made.host("r")
        for number, name in enumerate(("mon", "a", "b")):
            made.host(name)
            made.link("r", f"10.79.{number}.1/24", name, f"10.79.{number}.2/24")
            made.route(name, "default", "via", f"10.79.{number}.1")
        (root / "landscape.toml").write_text(mesh.landscape.texts[0])
        program = root / "bothsides"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} {PLUGINS}/bothsides "$@"\n')
        program.chmod(0o755)
        files = [
            file._replace(
                body=file.body.replace("/opt/bothsides/bin/bothsides", str(program)).replace(
                    "/etc/bothsides/known.json", str(root / "landscape.toml")
                )
            )
            for file in icinga2.files(mesh, services(mesh), tables())
        ]
        login = root / "login"
        login.write_text("user = root\npassword = test\n")
        login.chmod(0o600)
        with icinga(made, root, ("mon", "a", "b"), files, 60.0) as running:
            ca = root / "mon/lib/certs/ca.crt"
            made.set("mon", "net.ipv4.ip_forward=0")
            hosts = "10.79.0.2 mon\n127.0.0.1 localhost\n"
            (root / "hosts").write_text(hosts)
            inside = ("unshare", "-m", "sh", "-c",
                      f'mount --bind {root}/hosts /etc/hosts && exec "$@"', "sh")  # fmt: skip
            words = ("--landscape", str(root / "landscape.toml"), "--from", "a", "--to", "b")
            api = ("--icinga", "https://mon:5665", "--icinga-ca", str(ca))
            more = (*words, *api, "--icinga-login", str(login), "-t", "14", "--output", "json")
            until = time.monotonic() + 60
            while True:
                outcome = run("check_whose_fault", *more, inside=(*made.inside("mon"), *inside))
                said = json.loads(outcome.text)
                states = {
                    each["name"]: each["state"]
                    for each in said.get("verdict", {}).get("witnesses", ())
                }
                if states.get("a") == states.get("b") == "heard" or time.monotonic() > until:
                    break
                time.sleep(2)  # the agents are not connected yet
            assert states["a"] == states["b"] == "heard", outcome.text
            running.kill("b")
            outcome = run("check_whose_fault", *more, inside=(*made.inside("mon"), *inside))
            states = {
                each["name"]: (each["state"], each["words"])
                for each in json.loads(outcome.text)["verdict"]["witnesses"]
            }
            assert states["a"][0] == "heard"
            assert states["b"][0] in ("missing", "slow")
            assert outcome.seconds < 15
            login.write_text("user = root\npassword = wrong\n")
            outcome = run("check_whose_fault", *more, inside=(*made.inside("mon"), *inside))
            assert outcome.code == 3
            assert "the Icinga API refuses user and password (401)" in outcome.text


def test_what_icinga_needs_is_said_before_anything_is_asked(tmp_path: Path) -> None:
    path = landscape(tmp_path, {})
    common = ("--landscape", str(path), "--from", "A", "--to", "B")
    for more, words in (
        (("--icinga", "https://mon:5665"), "--icinga needs --icinga-login FILE"),
        (("--icinga", "mon"), "expected https://HOST:5665"),
        (("--icinga-ca", "x"), "need --icinga URL"),
    ):
        outcome = run("check_whose_fault", *common, *more)
        assert outcome.code == 3
        assert words in outcome.text
