"""A network in which nothing answers, and what starting costs here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import net
from tests.support.contract import NOWHERE
from tests.support.process import CHECKS, run


@pytest.fixture(scope="module")
def black_hole() -> Iterator[net.Network]:
    """A host whose whole world swallows everything, its resolver too."""
    with net.network() as made:
        made.host("us")
        made.host("hole")
        made.link("us", "10.98.0.2/16", "hole", "10.98.0.1/16")
        made.drop("hole", "drop")
        interface = net.command(*made.inside("us"), "ip", "-o", "route").split()[2]
        for address in (NOWHERE, "10.98.0.1"):
            net.command(
                *made.inside("us"),
                "ip",
                "neighbour",
                "replace",
                address,
                "lladdr",
                "02:00:00:00:00:99",
                "dev",
                interface,
            )
        folder = Path("/etc/netns") / f"{made.prefix}us"
        folder.mkdir(parents=True)
        try:
            (folder / "resolv.conf").write_text("nameserver 10.98.0.1\n")
            (folder / "hosts").write_text("127.0.0.1 localhost\n")
            yield made
        finally:
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()


@pytest.fixture(scope="module")
def start_up() -> float:
    """Seconds that starting a check costs here and now, so that a busy machine is not called a late
    check.
    """
    return max(run(CHECKS[0], "-V").seconds for _ in range(3))
