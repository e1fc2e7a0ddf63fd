"""1000 checks in one batch beside the C plugins of the same jobs, one process for each check."""

import contextlib
import re
import resource
import socket
import statistics
import subprocess
import sys
from pathlib import Path

from tests.bench.bench_snmp_clock import CONFIG, DATE
from tests.bench.paired import Rival, measured, plugin, ratio, show, target
from tests.bench.store import extended
from tests.support import daemons, farends, need
from tests.support.process import PLUGINS

EACH = 334  # checks of each kind
BATCH = f"bothsides batch, {3 * EACH} checks"
KINDS = ("https", "snmp", "udp")
PROMISED = 1.0  # ms of CPU for one check of the batch,
CHECK_HTTP = 4.5  # on a machine where one check_http -S takes so many ms of CPU


def main() -> None:
    """The table, and what was promised."""
    with contextlib.ExitStack() as stage:
        root = stage.enter_context(daemons.folder())
        web, authority = stage.enter_context(farends.web(root))
        stage.enter_context(extended(authority, root))
        port = daemons.free_port()
        stage.enter_context(daemons.snmpd(f"{CONFIG}agentAddress udp:{port}\n", root))
        far = daemons.free_port(socket.SOCK_DGRAM)
        command = [sys.executable, str(PLUGINS / "udp_reflector"), "--listen", "0.0.0.0"]
        command += ["--port", str(far), "--rate", "1000000"]
        log = root / "reflector.log"
        stage.enter_context(daemons.running(command, lambda: daemons.answers(far, bytes(44)), log))
        _compare(root, {"https": web.port, "snmp": port, "udp": far})


def lines(ports: dict[str, int], kind: str) -> list[str]:
    """The lines of one kind."""
    hosts = [f"127.0.{1 + number // 200}.{1 + number % 200}" for number in range(EACH)]
    if kind == "https":
        where = f"https://localhost:{ports['https']}"
        return [f"h{number}!web check_https {where}/{number} -4" for number in range(EACH)]
    options = {
        "snmp": f"check_snmp_clock -p {ports['snmp']} --local-sync ignore",
        "udp": f"check_udp_loss -p {ports['udp']} -n 5",
    }
    return [f"{host}!{kind} {options[kind]} -H {host}" for host in hosts]


def handshake(port: int) -> float:
    """CPU of one TLS connection and one answer by OpenSSL itself, s: nobody pays less."""
    program = need.program("openssl", "openssl")
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    command = [program, "s_time", "-new", "-time", "2", "-www", "/", "-verify", "5"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*command, "-CAfile", bundle, "-connect", f"localhost:{port}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    (number,) = re.findall(r"(\d+) connections in \d+ real seconds", done.stdout)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent / int(number)


def _compare(root: Path, ports: dict[str, int]) -> None:
    spool = root / "spool"
    spool.mkdir()
    for kind in KINDS:
        (root / kind).write_text("\n".join(lines(ports, kind)))
    (root / "all").write_text("\n".join("\n".join(lines(ports, kind)) for kind in KINDS))
    where = ("-H", "localhost", "-I", "127.0.0.1", "-p", str(ports["https"]))
    http = need.program("check_http", "monitoring-plugins-basic")
    snmp = need.program("check_snmp", "monitoring-plugins-standard")
    icmp = need.program("check_icmp", "monitoring-plugins-basic")
    agent = ("-H", "127.0.0.1", "-p", str(ports["snmp"]), "-o", DATE, "-C", "public")
    ours = [
        plugin("bothsides", "batch", str(root / name), "--submit", f"nagios:{spool}",
               "--state-dir", str(root / "state"), title=title)
        for name, title in (("all", BATCH), *((kind, f"of these, {kind}") for kind in KINDS))
    ]  # fmt: skip
    costs = measured(
        [
            *ours,
            Rival("check_http -S", (http, "-S", *where)),
            Rival("check_snmp", (snmp, *agent)),
            Rival("check_icmp -n 5", (icmp, "-H", "127.0.0.1", "-n", "5", "-i", "20ms")),
        ],
        rounds=5,
    )
    show("A batch of checks, and single C plugins", costs, "check_http -S")
    cpu = statistics.median(cost.cpu for cost in costs[BATCH])
    target("CPU of one check of the batch", 1000 * cpu / (3 * EACH), PROMISED, " ms")
    share = ratio(costs, BATCH, "check_http -S") / (3 * EACH)
    target("the same in one check_http -S of this run", share, PROMISED / CHECK_HTTP, " x")
    floor = 1000 * handshake(ports["https"])
    https = 1000 * statistics.median(cost.cpu for cost in costs["of these, https"]) / EACH
    print(
        f"  a TLS connection alone by openssl s_time: {floor:.2f} ms; one check_https: {https:.2f}"
    )
    for kind, other in zip(KINDS, ("check_http -S", "check_snmp", "check_icmp -n 5"), strict=True):
        each = ratio(costs, f"of these, {kind}", other) / EACH
        target(f"one check of {kind} in {other}", each, 1.0, " x")


if __name__ == "__main__":
    main()
