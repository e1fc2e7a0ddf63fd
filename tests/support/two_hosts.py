"""A host of ours and a far one with a web server and a name server, in namespaces."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.support import net
from tests.support.lab import Lab
from tests.support.process import HOUSE, Outcome, run

US, FAR = "10.79.0.1", "10.79.0.2"


class World:
    """A host "us" with its own resolver configuration, and a host "far" with the servers."""

    def __init__(self, network: net.Network, made: Lab, folder: Path) -> None:
        self.network, self.made, self.folder = network, made, folder
        network.host("us")
        network.host("far")
        self.interface, far = network.link("us", f"{US}/16", "far", f"{FAR}/16")
        for number in range(1, 5):  # neighbours that are known, but are not there
            self.us(
                "ip",
                "neighbour",
                "replace",
                f"10.79.1.{number}",
                "lladdr",
                "02:00:00:00:00:99",
                "dev",
                self.interface,
            )
            # getaddrinfo sorts by how much of our own address they share: these come last.
            net.command(
                "ip",
                "-n",
                f"{network.prefix}far",
                "address",
                "add",
                f"10.79.2.{number}/16",
                "dev",
                far,
            )
        self.resolver(FAR)

    def us(self, *words: str) -> str:
        """A command in our host."""
        return net.command(*self.network.inside("us"), *words)

    def resolver(self, address: str) -> None:
        """Points our host at a name server."""
        (self.folder / "resolv.conf").write_text(f"nameserver {address}\n")

    def check(self, *arguments: str) -> Outcome:
        """check_https in our host, asking the web server in the other one."""
        return run(
            "check_https",
            *arguments,
            "--ca-cert",
            self.made.bundle,
            inside=self.network.inside("us"),
        )


@contextmanager
def built(made: Lab) -> Iterator[World]:
    """The two hosts, with what runs in the far one."""
    with net.network() as network, ExitStack() as stack:
        folder = Path("/etc/netns") / f"{network.prefix}us"
        folder.mkdir(parents=True)
        stack.callback(folder.rmdir)
        (folder / "hosts").write_text("127.0.0.1 localhost\n")
        stack.callback((folder / "hosts").unlink)
        stack.callback((folder / "resolv.conf").unlink, missing_ok=True)
        world = World(network, made, folder)
        inside = network.inside("far")
        for command in (
            [sys.executable, str(HOUSE / "tests/support/resolver.py"), FAR],
            [
                sys.executable,
                str(HOUSE / "tests/support/web.py"),
                "443",
                made.file("good"),
                "0.0.0.0",
            ],
        ):
            process = stack.enter_context(
                subprocess.Popen([*inside, *command], stdout=subprocess.PIPE, text=True)
            )
            stack.callback(process.kill)
            if command[1].endswith("resolver.py"):
                assert process.stdout is not None
                assert "listening" in process.stdout.readline()
        for _ in range(100):
            if world.check("-H", "good.test", "-t", "2").code == 0:
                break
            time.sleep(0.05)
        yield world


def said(outcome: Outcome) -> str:
    """Line 1 of an output without errors."""
    assert outcome.error == ""
    return outcome.line
