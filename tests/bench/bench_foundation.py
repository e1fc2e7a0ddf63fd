"""What one run of each check costs, beside bare Python and beside what one would use instead."""

import contextlib
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.paired import BARE, Cost, Rival, bare, measured, plugin, ratio, show, target
from tests.support import daemons, farends, need
from tests.support.process import CHECKS, PLUGINS

FOREIGN = (
    "pycurl",
    "pysnmp",
    "pyasn1",
    "cryptography",
    "nagiosplugin",
    "sqlite3",
    "asyncio",
    "ssl",
)
FEW, MANY = 20, 220


def main() -> None:
    """The tables, each followed by what was promised."""
    with contextlib.ExitStack() as stage:
        root = stage.enter_context(daemons.folder())
        _help()
        _udp_loss(stage.enter_context(farends.reflector(root)).port)
        _mtr_path(root)
        _snmp_clock(stage.enter_context(daemons.snmpd("rocommunity public 127.0.0.1", root)).port)


def _help() -> None:
    costs = measured([bare(), *(plugin(check, "--help", codes=(3,)) for check in CHECKS)])
    show("--help of each check", costs, BARE)
    for check in CHECKS:
        target(f"CPU of {check} --help", 1000 * _cpu(costs[check]), 60, " ms")
        words = [sys.executable, "-X", "importtime", str(PLUGINS / check), "--help"]
        told = subprocess.run(words, capture_output=True, text=True, check=False).stderr
        loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in told.splitlines()}
        target(f"foreign libraries that {check} --help loads", len(loaded & set(FOREIGN)), 0)


def _udp_loss(port: int) -> None:
    name = "check_udp_loss"
    where = ("-H", "127.0.0.1", "-p", str(port), "-i", "10ms")
    ping = need.program("check_ping", "monitoring-plugins-basic")
    fping = need.program("fping", "fping")
    costs = measured(
        [
            bare(),
            plugin(name, *where, "-n", "1", title=f"{name} -n 1"),
            plugin(name, *where, "-n", str(FEW), title=f"{name} -n {FEW}"),
            plugin(name, *where, "-n", str(MANY), title=f"{name} -n {MANY}"),
            Rival(f"fping -C {FEW} -p 10", (fping, "-q", "-C", str(FEW), "-p", "10", "127.0.0.1")),
            Rival(
                "check_ping -p 2",
                (ping, "-H", "127.0.0.1", "-p", "2", "-w", "100,5%", "-c", "200,15%"),
            ),
        ],
        rounds=9,
    )
    show("UDP loss, one target on loopback", costs, BARE)
    few, many = (_cpu(costs[f"{name} -n {number}"]) for number in (FEW, MANY))
    packet = (many - few) / (MANY - FEW)
    print(f"  one packet costs {1e6 * packet:.0f} us")
    _start(name, costs, f"{name} -n 1")
    _memory(name, costs[f"{name} -n {MANY}"])


def _mtr_path(root: Path) -> None:
    mtr = need.program("mtr", "mtr-tiny")
    costs = measured(
        [
            bare(),
            plugin("check_mtr_path", "-H", "127.0.0.1", "--state-dir", str(root / "state")),
            Rival(
                "mtr --json -c 5 -i 0.2",
                (mtr, "-n", "--json", "-c", "5", "-i", "0.2", "-G", "1", "127.0.0.1"),
            ),
        ],
        rounds=5,
    )
    show("Path, to this host", costs, BARE)
    _start("check_mtr_path", costs)
    _memory("check_mtr_path", costs["check_mtr_path"])


def _snmp_clock(port: int) -> None:
    check = need.program("check_snmp", "monitoring-plugins-standard")
    get = need.program("snmpget", "snmp")
    date = "1.3.6.1.2.1.25.1.2.0"
    where = ("-H", "127.0.0.1", "-p", str(port), "-C", "public", "--local-sync", "ignore")
    costs = measured(
        [
            bare(),
            plugin("check_snmp_clock", *where),
            Rival(
                "snmpget",
                (get, "-m", "", "-v2c", "-c", "public", f"127.0.0.1:{port}", date),
                environment={"MIBS": ""},
            ),
            Rival(
                "check_snmp",
                (check, *where[:6], "-P", "2c", "-m", "", "-o", date),
                environment={"MIBS": ""},
            ),
        ]
    )
    show("SNMP clock, one agent on loopback", costs, BARE)
    _start("check_snmp_clock", costs)
    target("check_snmp_clock in snmpget", ratio(costs, "check_snmp_clock", "snmpget"), 15, " x")
    _memory("check_snmp_clock", costs["check_snmp_clock"])


STARTS = {"check_udp_loss": 2.5, "check_snmp_clock": 3.7, "check_mtr_path": 4.6}
"""What one small run may cost in bare Pythons; check_https' stands in bench_https."""


def _start(check: str, costs: Mapping[str, Sequence[Cost]], run: str = "") -> None:
    """The cost of starting: the tricks that keep it low stand in lib/README.md."""
    target(f"one run of {run or check}", ratio(costs, run or check, BARE), STARTS[check], " x bare")


def _cpu(costs: Sequence[Cost]) -> float:
    return statistics.median(cost.cpu for cost in costs)


def _memory(name: str, costs: Sequence[Cost]) -> None:
    target(
        f"peak memory of {name}", statistics.median(cost.peak for cost in costs) / 1e6, 40, " MB"
    )


if __name__ == "__main__":
    main()
