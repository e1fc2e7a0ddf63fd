"""Network namespaces with links between them, and exact loss by nftables; all gone afterwards."""

import itertools
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support import need

_SERIAL = itertools.count()


class Network:
    """Namespaces that belong to one test.

    Names are given to the kernel with a prefix of their own.
    """

    def __init__(self) -> None:
        self.prefix = f"bs{os.getpid()}x{next(_SERIAL)}"
        self.names: list[str] = []

    def host(self, name: str) -> str:
        """Makes a namespace with loopback up; returns the kernel's name for it."""
        full = f"{self.prefix}{name}"
        command("ip", "netns", "add", full)
        self.names.append(full)
        command("ip", "-n", full, "link", "set", "lo", "up")
        self.set(
            name,
            "net.ipv4.ip_forward=1",
            "net.ipv4.conf.all.rp_filter=0",
            "net.ipv4.conf.default.rp_filter=0",
        )
        self.set(name, "net.ipv6.conf.all.forwarding=1", "net.ipv6.conf.default.accept_dad=0")
        return full

    def link(self, one: str, address_one: str, other: str, address_other: str) -> tuple[str, str]:
        """A veth pair between two hosts.

        Addresses as 10.0.0.1/24 (or v6); returns the interfaces' names.
        """
        number = next(_SERIAL)
        names = f"v{number}a", f"v{number}b"
        ends = f"{self.prefix}{one}", f"{self.prefix}{other}"
        command(
            "ip",
            "link",
            "add",
            names[0],
            "netns",
            ends[0],
            "type",
            "veth",
            "peer",
            "name",
            names[1],
            "netns",
            ends[1],
        )
        for end, name, address in zip(ends, names, (address_one, address_other), strict=True):
            more = ("nodad",) if ":" in address else ()
            command("ip", "-n", end, "address", "add", address, "dev", name, *more)
            command("ip", "-n", end, "link", "set", name, "up")
        return names

    def route(self, host: str, *words: str) -> None:
        """`ip route replace` inside a host."""
        family = ("-6",) if any(":" in word for word in words) else ()
        command("ip", *family, "-n", f"{self.prefix}{host}", "route", "replace", *words)

    def set(self, host: str, *settings: str) -> None:
        """sysctl settings inside a host."""
        command(*self.inside(host), "sysctl", "-q", "-w", *settings)

    def drop(self, host: str, rule: str, hook: str = "input") -> None:
        """An nftables rule inside a host, as in `udp sport 862 numgen inc mod 10 == 0 drop`."""
        inside = self.inside(host)
        command(*inside, "nft", "add", "table", "inet", "truth")
        command(
            *inside,
            "nft",
            f"add chain inet truth {hook} {{ type filter hook {hook} priority 0 ; }}",
        )
        command(*inside, "nft", f"add rule inet truth {hook} {rule}")

    def heal(self, host: str) -> None:
        """Takes every rule of `drop` away."""
        subprocess.run(
            [*self.inside(host), "nft", "delete", "table", "inet", "truth"],
            capture_output=True,
            check=False,
        )

    def inside(self, host: str) -> tuple[str, ...]:
        """What goes in front of a command that is to run in the host."""
        return ("ip", "netns", "exec", f"{self.prefix}{host}")


@contextmanager
def network() -> Iterator[Network]:
    """A Network that takes its namespaces with it, whatever happens in between."""
    need.root()
    need.program("ip", "iproute2")
    need.program("nft", "nftables")
    made = Network()
    try:
        yield made
    finally:
        for name in made.names:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)


def command(*words: str) -> str:
    """Runs a command that must succeed; its stdout."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout
