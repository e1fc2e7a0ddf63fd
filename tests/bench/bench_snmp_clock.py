"""What check_snmp_clock costs beside snmpget and beside pysnmp's own high-level interface."""

import statistics
import sys
from collections.abc import Sequence

from tests.bench.paired import BARE, Cost, Rival, bare, measured, plugin, ratio, show, target
from tests.support import daemons, need

DATE = "1.3.6.1.2.1.25.1.2.0"
MANY = 200
CONFIG = """
rocommunity public
createUser mon SHA-256 authpass12 AES privpass12
rouser mon priv
"""
HIGH_LEVEL = """
import asyncio, sys
from pysnmp.hlapi.v3arch.asyncio import *
async def main():
    engine = SnmpEngine()
    who = CommunityData("public") if sys.argv[2] == "2c" else UsmUserData(
        "mon", "authpass12", "privpass12", authProtocol=usmHMAC192SHA256AuthProtocol,
        privProtocol=usmAesCfb128Protocol)
    where = await UdpTransportTarget.create(("127.0.0.1", int(sys.argv[1])), timeout=3, retries=0)
    failed, status, _, values = await get_cmd(
        engine, who, where, ContextData(), ObjectType(ObjectIdentity("1.3.6.1.2.1.25.1.2.0")))
    engine.close_dispatcher()
    sys.exit(bool(failed or status))
asyncio.run(main())
"""


def main() -> None:
    """The tables, each followed by what was promised."""
    with daemons.folder() as root, daemons.snmpd(CONFIG, root) as agent:
        _one(agent.port)
    with daemons.folder() as root:
        port = daemons.free_port()
        with daemons.snmpd(f"{CONFIG}agentAddress udp:{port}\n", root):
            _fleet(port)


def _one(port: int) -> None:
    get = need.program("snmpget", "snmp")
    where = ("-H", "127.0.0.1", "-p", str(port), "--local-sync", "ignore")
    v3 = ("-U", "mon", "-a", "SHA-256", "-A", "authpass12", "-X", "privpass12")
    high = (sys.executable, "-I", "-c", HIGH_LEVEL, str(port))
    costs = measured(
        [
            bare(),
            Rival(
                "snmpget v2c",
                (get, "-v2c", "-c", "public", f"127.0.0.1:{port}", DATE),
                environment={"MIBS": ""},
            ),
            plugin("check_snmp_clock", *where, title="ours v2c"),
            plugin("check_snmp_clock", *where, *v3, title="ours v3"),
            Rival("pysnmp high level v2c", (*high, "2c")),
            Rival("pysnmp high level v3", (*high, "3")),
        ]
    )
    show("SNMP clock, one query to one agent on loopback", costs, BARE)
    target("v2c in snmpget", ratio(costs, "ours v2c", "snmpget v2c"), 12, " x")
    target(
        "v2c in pysnmp's high level", ratio(costs, "ours v2c", "pysnmp high level v2c"), 1 / 3, " x"
    )
    target(
        "v3 SHA-256 AES in pysnmp's high level",
        ratio(costs, "ours v3", "pysnmp high level v3"),
        1 / 2,
        " x",
    )
    target("peak memory, v3", _peak(costs["ours v3"]), 40, " MB")


def _fleet(port: int) -> None:
    where = ("-p", str(port), "--local-sync", "ignore")
    one = plugin("check_snmp_clock", "-H", "127.0.1.1", *where, title="1 host")
    hosts = ",".join(f"127.0.1.{number}" for number in range(1, MANY + 1))
    many = plugin("check_snmp_clock", "-H", hosts, *where, title=f"{MANY} hosts")
    costs = measured([one, many], rounds=9)
    show("SNMP clock, one process", costs, "1 host")
    pairs = zip(costs["1 host"], costs[f"{MANY} hosts"], strict=True)
    each = statistics.median((more.cpu - less.cpu) / (MANY - 1) for less, more in pairs)
    target("CPU for each further host", 1000 * each, 1, " ms")
    target(f"peak memory, {MANY} hosts", _peak(costs[f"{MANY} hosts"]), 40, " MB")


def _peak(costs: Sequence[Cost]) -> float:
    return statistics.median(cost.peak for cost in costs) / 1e6


if __name__ == "__main__":
    main()
