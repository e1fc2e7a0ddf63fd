"""snmpsim, an SNMP agent that somebody else wrote, serving clocks that move.

`serving` starts it with one community (the context of version 3) for each set of variables. Its
values come from this file too: snmpsim loads what stands in its folder of variation modules, and
what `serving` writes there calls `now`.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support import daemons, need
from tests.support.process import HOUSE
from tests.support.snmp_agent import SYS_UPTIME, Variable
from tests.support.vendor_clocks import vendors

PROTOCOLS = ("--v3-auth-proto=SHA256", "--v3-priv-proto=AES128")
MODULE = """\
from tests.support.snmpsim import now


def init(**context):
    pass


def variate(oid, tag, value, **context):
    if context["setFlag"] or not context["exactMatch"]:
        return context["origOid"], tag, context["errorStatus"]
    return oid, tag, now(value, str(oid))


def shutdown(**context):
    pass
"""


def now(name: str, oid: str) -> bytes | int | str:
    """The value of one variable of PRODUCT@OFFSET; snmpsim's module asks for it at every query."""
    product, _, offset = name.partition("@")
    variable = vendors(float(offset))[product][0][oid]
    return variable() if callable(variable) else variable


def _line(oid: str, variable: Variable, name: str) -> str:
    """One line of a file of records: OID, type and where the value comes from."""
    value = variable() if callable(variable) else variable
    kind = {bytes: 4, int: 2, str: 6}[type(value)]
    return f"{oid}|{kind}:clock|{name}\n"


def _records(name: str, variables: Mapping[str, Variable]) -> str:
    lines = {oid: _line(oid, variable, name) for oid, variable in variables.items()}
    lines[SYS_UPTIME] = f"{SYS_UPTIME}|67|123456\n"
    return "".join(lines[oid] for oid in sorted(lines, key=lambda oid: [*map(int, oid.split("."))]))


@contextmanager
def serving(offsets: Sequence[float]) -> Iterator[tuple[int, dict[tuple[str, float], str]]]:
    """The port of 127.0.0.1, and by product and offset (s) the community that shows its clock."""
    with daemons.folder() as root:
        for part in ("data", "variation", "cache"):
            (root / part).mkdir()
        (root / "variation/clock.py").write_text(MODULE)
        communities = {}
        for offset in offsets:
            for number, (product, (variables, _, _)) in enumerate(vendors(offset).items()):
                community = f"product{number}-{offset:+g}"
                records = _records(f"{product}@{offset:+g}", variables)
                (root / f"data/{community}.snmprec").write_text(records)
                communities[product, offset] = community
        with _running(root, community) as port:
            yield port, communities


@contextmanager
def _running(root: Path, community: str) -> Iterator[int]:
    client = need.program("snmpget", "snmp")
    port = daemons.free_port(socket.SOCK_DGRAM)
    log = root / "log"
    command = [
        str(Path(sys.executable).parent / "snmpsim-command-responder"),
        f"--data-dir={root}/data",
        f"--variation-modules-dir={root}/variation",
        f"--cache-dir={root}/cache",
        f"--agent-udpv4-endpoint=127.0.0.1:{port}",
        "--process-user=root",
        "--process-group=root",
        "--v3-user=mon",
        "--v3-auth-key=authpass12",
        "--v3-priv-key=privpass12",
        *PROTOCOLS,
    ]
    if os.getuid():  # only root has somebody else to become
        command = [word for word in command if not word.startswith("--process-")]

    ask = [client, "-v2c", "-c", community, "-t", "0.2", "-r", "0", f"127.0.0.1:{port}", SYS_UPTIME]

    def ready() -> bool:  # it says "Listening" before it is bound
        return subprocess.run(ask, capture_output=True, check=False).returncode == 0

    environment = os.environ | {"PYTHONPATH": f"{HOUSE}/lib:{HOUSE}"}
    with daemons.running(command, ready, log, environment):
        yield port
