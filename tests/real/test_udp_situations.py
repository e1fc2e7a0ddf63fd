"""What line 1 says in the situations that an operator meets; each is made in namespaces."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support import net
from tests.support.forked import run
from tests.support.harm import reflecting
from tests.support.process import HOUSE, Outcome
from tests.support.situations import FAR, PORT, SITUATIONS, Situation

_DIFFERENT = 24  # first lines at least
_QUICK = (
    "the first router drops the port on the way out",
    "another key is given",
    "a router drops all UDP and lets ping through",
    "the reflector's rate is too low",
    "replies come from another address",
)


class World:
    """near, two routers and far."""

    def __init__(self, made: net.Network, directory: Path) -> None:
        self.net = made
        self.files = {name: str(directory / name) for name in ("KEYS", "OTHER", "UNKNOWN")}
        for name, ssid, octet in (("KEYS", 7, "11"), ("OTHER", 7, "22"), ("UNKNOWN", 9, "11")):
            path = directory / name
            path.write_text(f"{ssid} {octet * 16}\n")
            path.chmod(0o640)
        for name in ("near", "west", "east", "far"):
            made.host(name)
        made.link("near", "10.84.0.1/24", "west", "10.84.0.2/24")
        self.middle = made.link("west", "10.84.1.1/24", "east", "10.84.1.2/24")[0]
        self.last = made.link("east", "10.84.2.1/24", "far", f"{FAR}/24")[1]
        net.command(*made.inside("far"), "ip", "address", "add", "10.84.3.3/32", "dev", self.last)
        for name in ("west", "east", "far"):
            made.set(name, "net.ipv4.icmp_ratelimit=0", "net.ipv4.icmp_msgs_per_sec=100000")
        made.set("near", "net.ipv4.ping_group_range=0 2147483647")
        made.route("near", "10.0.0.0/8", "via", "10.84.0.2")
        made.route("west", "10.84.2.0/24", "via", "10.84.1.2")
        made.route("west", "10.84.3.0/24", "via", "10.84.1.2")
        made.route("east", "10.84.0.0/24", "via", "10.84.1.1")
        made.route("east", "10.98.9.0/24", "via", "10.84.1.1")  # where nobody is
        made.route("far", "10.84.0.0/16", "via", "10.84.2.1")

    def met(self, situation: Situation) -> Outcome:
        """One run in a situation."""
        with ExitStack() as stack:
            stack.enter_context(self._far_end(situation))
            for host, hook, rule in situation.rules:
                self.net.drop(host, rule, hook)
                stack.callback(self.net.heal, host)
            if situation.route:
                host, *words = situation.route
                self.net.route(host, *words)
                bare = [word for word in words if "/" in word][:1]
                stack.callback(
                    net.command, "ip", "-n", f"{self.net.prefix}{host}", "route", "del", *bare
                )
            if situation.mtu:
                self._set_mtu(situation.mtu)
                stack.callback(self._set_mtu, 1500)
            usual = ("-p", str(PORT), "-n", "20", "-i", "5ms", "--wait", "0.2")
            words = [self.files.get(word, word) for word in situation.options]
            inside = self.net.inside("near")
            return run("check_udp_loss", "-H", situation.host, *usual, *words, inside=inside)

    def _set_mtu(self, octets: int) -> None:
        inside = self.net.inside("west")
        net.command(*inside, "ip", "link", "set", self.middle, "mtu", str(octets))

    @contextmanager
    def _far_end(self, situation: Situation) -> Iterator[None]:
        if situation.reflector is not None:
            words = [self.files.get(word, word) for word in situation.reflector]
            with reflecting(self.net, "far", *words):
                yield
        elif situation.other:
            command = [*self.net.inside("far"), sys.executable, "-m", "tests.support.odd_far_end"]
            with subprocess.Popen(
                [*command, situation.other, str(PORT)],
                stdout=subprocess.PIPE, text=True, cwd=HOUSE,
            ) as process:  # fmt: skip
                try:
                    assert process.stdout is not None
                    assert process.stdout.readline() == "listening\n"
                    yield
                finally:
                    process.kill()
        else:
            yield


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with net.network() as made:
        yield World(made, tmp_path_factory.mktemp("keys"))


def _right(outcome: Outcome, situation: Situation) -> None:
    assert situation.says in outcome.line, outcome.text
    assert outcome.code == situation.code, outcome.text


@pytest.mark.parametrize("name", _QUICK)
def test_the_first_line_is_right(world: World, name: str) -> None:
    _right(world.met(SITUATIONS[name]), SITUATIONS[name])


@pytest.mark.soak
def test_all_first_lines_are_right_and_most_are_different(world: World) -> None:
    lines = {}
    for name, situation in SITUATIONS.items():
        outcome = world.met(situation)
        _right(outcome, situation)
        lines[name] = re.sub(r"[0-9.]+ m?s\b", "TIME", outcome.line)
    different = set(lines.values())
    print(f"{len(different)} different first lines in {len(lines)} situations")
    assert len(different) >= _DIFFERENT
