"""check_whose_fault asks other hosts: real sshd with forced commands, and Icinga's agents."""

import contextlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bothsides.command.check_options import tables
from bothsides.generate import icinga2
from bothsides.generate.services import services
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read
from tests.support import daemons, need
from tests.support.evidence_hosts import (
    HOSTS,
    KEY,
    LOSS,
    SSH,
    THIRDS,
    asked,
    at,
    hosts,
    keys,
    laid_over,
    landscape,
    sshd,
)
from tests.support.icinga import icinga
from tests.support.net import Network, network
from tests.support.process import PLUGINS, run


@pytest.fixture(scope="module")
def net() -> Iterator[Network]:
    with hosts() as made:
        yield made


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
