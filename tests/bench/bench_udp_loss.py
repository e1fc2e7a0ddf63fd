"""check_udp_loss beside ping, fping, irtt and the ICMP checks.

Accuracy, truth about loss, and cost.
"""

import os
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tests.bench import loss_tools, paired
from tests.support import net
from tests.support.harm import CASES, PORT, harming, reflecting, wired

_ROUNDS = 7
_PACKETS = 200
_TARGETS = 200


def main() -> None:
    """Prints everything; some of it needs root for network namespaces."""
    with net.network() as made:
        made.host("near")
        made.host("far")
        made.link("near", "10.78.0.1/24", "far", "10.78.0.2/24")
        with reflecting(made, "far", "--rate", "100000"):
            accuracy(made, "idle", 0.7, ("median", 0))
            with busy():
                accuracy(made, "with three CPU hogs", 0.8, ("p95", 1))
            many(made)
    truth()


# Accuracy -----------------------------------------------------------------------------------------


@contextmanager
def busy() -> Iterator[None]:
    """Three processes that burn CPU."""
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def _ping(made: net.Network) -> list[float]:
    text = net.command(
        *made.inside("near"), "ping", "-n", "-c", str(_PACKETS), "-i", "0.01", "10.78.0.2"
    )
    return [float(value) / 1000 for value in re.findall(r"time=([0-9.]+) ms", text)]


def _fping(made: net.Network) -> list[float]:
    command = [*made.inside("near"), "fping", "-q", "-C", str(_PACKETS), "-p", "10", "10.78.0.2"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    return [float(value) / 1000 for value in said.partition(" : ")[2].split() if value != "-"]


def _ours(made: net.Network) -> list[float]:
    command = [
        *made.inside("near"),
        sys.executable,
        "plugins/udp_fping",
        "-q",
        "-C",
        str(_PACKETS),
        "-p",
        "10",
        "-i",
        "1",
    ]
    said = subprocess.run(
        [*command, "--port", str(PORT), "10.78.0.2"],
        capture_output=True,
        text=True,
        check=False,
        cwd=_house(),
    ).stderr
    return [float(value) / 1000 for value in said.partition(" : ")[2].split() if value != "-"]


def _house() -> str:
    return os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(0.95 * len(values))]


def accuracy(made: net.Network, title: str, most: float, held: tuple[str, int]) -> None:
    """Median and 95th of the round trips, all tools in turns on one veth, as ratios to ping's."""
    tools: dict[str, Callable[[net.Network], list[float]]] = {
        "ping": _ping,
        "fping": _fping,
        "check_udp_loss": _ours,
    }
    rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in tools}
    for _ in range(_ROUNDS):
        for name, measure in tools.items():
            values = measure(made)
            rounds[name].append((statistics.median(values), _p95(values)))
    print(
        f"\nround trip over a veth, {title}: {_PACKETS} packets every 10 ms, median of"
        f" {_ROUNDS} rounds"
    )
    print(f"  {'':<16} {'median':>10} {'p95':>10}   ratio to ping")
    ratios: dict[str, list[float]] = {}
    for name, pairs in rounds.items():
        pair = [statistics.median(one[place] for one in pairs) for place in (0, 1)]
        ratios[name] = [
            statistics.median(
                mine[place] / ping[place] for mine, ping in zip(pairs, rounds["ping"], strict=True)
            )
            for place in (0, 1)
        ]
        print(
            f"  {name:<16} {pair[0] * 1e6:7.1f} us {pair[1] * 1e6:7.1f} us  "
            f" {ratios[name][0]:.2f}  {ratios[name][1]:.2f}"
        )
    paired.target(
        f"{held[0]} of check_udp_loss / ping, {title}", ratios["check_udp_loss"][held[1]], most
    )


# Cost ---------------------------------------------------------------------------------------------


def many(made: net.Network) -> None:
    """One process and many targets, beside fping; one target beside bare Python."""
    interface = net.command(
        *made.inside("far"), "ip", "-o", "address", "show", "to", "10.78.0.2"
    ).split()[1]
    hosts = [f"10.78.1.{number}" for number in range(1, _TARGETS + 1)]
    for host in hosts:
        net.command(*made.inside("far"), "ip", "address", "add", f"{host}/32", "dev", interface)
    made.route("near", "10.78.1.0/24", "via", "10.78.0.2")
    check = os.path.join(_house(), "plugins", "check_udp_loss")
    port = ("-p", str(PORT))
    inside = ("/usr/sbin/ip", *made.inside("near")[1:])
    rivals = [
        paired.Rival("check_udp_loss, 200 targets", (*inside, sys.executable, check, "-H",
            ",".join(hosts), *port, "-n", "20", "-i", "100ms")),
        paired.Rival("check_udp_loss, 1 packet", (*inside, sys.executable, check, "-H", "10.78.0.2",
            *port, "-n", "1")),
        paired.Rival("fping, 200 targets", (*inside, "/usr/bin/fping", "-q", "-C", "20", "-p",
            "100", "-i", "0.5", *hosts)),
        paired.Rival("check_udp_loss, 1 target", (*inside, sys.executable, check, "-H", "10.78.0.2",
            *port)),
        paired.Rival("python3 -I -c pass", (*inside, sys.executable, "-I", "-c", "pass")),
    ]  # fmt: skip
    costs = paired.measured(rivals, 7)
    paired.show(
        "20 packets to each of 200 targets; 100 packets to one", costs, "python3 -I -c pass"
    )
    beyond = [
        (mine.cpu - start.cpu) / theirs.cpu
        for mine, start, theirs in zip(
            costs["check_udp_loss, 200 targets"],
            costs["check_udp_loss, 1 packet"],
            costs["fping, 200 targets"],
            strict=True,
        )
    ]
    paired.target("CPU for 200 targets beyond its start / fping", statistics.median(beyond), 1.5)
    wall = statistics.median(cost.wall for cost in costs["check_udp_loss, 200 targets"])
    paired.target("wall clock for 200 targets", wall, 2.5, " s")
    paired.target(
        "one packet / bare Python",
        paired.ratio(costs, "check_udp_loss, 1 packet", "python3 -I -c pass"),
        5,
    )


# Truth --------------------------------------------------------------------------------------------


def truth() -> None:
    """What each tool says about 100 packets through a wire that keeps the books.

    Loss in percent.
    """
    print(
        "\nloss in percent as each tool tells it, 100 packets (truth beside it; out and back"
        " where told)"
    )
    print(
        f"  {'harm':<28} {'check_udp_loss':>20} {'irtt':>32} {'fping':>12} {'check_icmp':>12}"
        f" {'check_ping':>12}"
    )
    with net.network() as made:
        interfaces = wired(made)
        for harm, rules in CASES.items():
            cells = [
                _told(made, interfaces, rules, ask)
                for ask in (
                    loss_tools.ask_ours,
                    loss_tools.ask_irtt,
                    loss_tools.ask_fping,
                    loss_tools.ask_icmp,
                    loss_tools.ask_ping,
                )
            ]
            print(
                f"  {harm:<28} {cells[0]:>20} {cells[1]:>32} {cells[2]:>12} {cells[3]:>12}"
                f" {cells[4]:>12}"
            )


def _told(
    made: net.Network,
    interfaces: tuple[str, str],
    rules: dict[str, Any],
    ask: Callable[[net.Network], str],
) -> str:
    with harming(made, interfaces, rules) as books:
        said = ask(made)
    real = books[0]
    return f"{said} ({100 * real.lost / max(1, real.sent):.0f})"


if __name__ == "__main__":
    main()
