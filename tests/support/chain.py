"""Real routers in namespaces between a source and a target; two of them share the load."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.forked import run
from tests.support.net import Network, network
from tests.support.process import Outcome

TARGET = "10.0.67.2"
BEHIND = "10.0.67.0/24"
BALANCED = ("nexthop", "via", "10.0.23.2", "nexthop", "via", "10.0.24.2")
_LINKS = (
    ("src", "10.0.1.2", "r1", "10.0.1.1"),
    ("r1", "10.0.12.1", "r2", "10.0.12.2"),
    ("r2", "10.0.23.1", "r3a", "10.0.23.2"),
    ("r2", "10.0.24.1", "r3b", "10.0.24.2"),
    ("r3a", "10.0.34.1", "r4", "10.0.34.2"),
    ("r3b", "10.0.35.1", "r4", "10.0.35.2"),
    ("r4", "10.0.45.1", "r5", "10.0.45.2"),
    ("r5", "10.0.56.1", "r6", "10.0.56.2"),
    ("r6", "10.0.67.1", "dst", TARGET),
    ("r2", "10.0.27.1", "r7", "10.0.27.2"),
    ("r7", "10.0.74.1", "r4", "10.0.74.2"),
    ("r7", "10.0.78.1", "r8", "10.0.78.2"),
    ("r8", "10.0.84.1", "r4", "10.0.84.2"),
)
_BACK = {
    "r2": "10.0.12.1", "r3a": "10.0.23.1", "r3b": "10.0.24.1", "r4": "10.0.34.1", "r5": "10.0.45.1",
    "r6": "10.0.56.1", "r7": "10.0.27.1", "r8": "10.0.78.1",
}  # fmt: skip
_ON = {
    "r1": "10.0.12.2", "r3a": "10.0.34.2", "r3b": "10.0.35.2", "r4": "10.0.45.2", "r5": "10.0.56.2",
    "r7": "10.0.74.2", "r8": "10.0.84.2",
}  # fmt: skip


class Chain:
    """src r1 r2 (r3a or r3b) r4 r5 r6 dst; r7, or r7 and r8, are another way from r2 to r4."""

    def __init__(self, made: Network, folder: str) -> None:
        self.net = made
        self.folder = folder

    def check(self, *arguments: str) -> Outcome:
        """One run of the plugin at src."""
        return run(
            "check_mtr_path",
            "-H",
            TARGET,
            "--state-dir",
            self.folder,
            *arguments,
            inside=self.net.inside("src"),
        )

    def by(self, *hops: str) -> None:
        """Sends r2's packets for the target another way."""
        self.net.route("r2", BEHIND, *hops)


@contextmanager
def chain(folder: str) -> Iterator[Chain]:
    """The whole network, its memory in the folder; gone afterwards."""
    with network() as made:
        for name in ("src", "r1", "r2", "r3a", "r3b", "r4", "r5", "r6", "r7", "r8", "dst"):
            made.host(name)
            made.set(name, "net.ipv4.icmp_ratelimit=0", "net.ipv4.icmp_errors_use_inbound_ifaddr=1")
        for one, address, other, far in _LINKS:
            made.link(one, f"{address}/24", other, f"{far}/24")
        for host, gateway in _BACK.items():
            made.route(host, "10.0.1.0/24", "via", gateway)
        for host, gateway in _ON.items():
            made.route(host, BEHIND, "via", gateway)
        made.route("src", "default", "via", "10.0.1.1")
        made.route("dst", "default", "via", "10.0.67.1")
        made.set("r2", "net.ipv4.fib_multipath_hash_policy=1")
        made.route("r2", BEHIND, *BALANCED)
        yield Chain(made, folder)
