"""What to ask of which agents, and all that they said."""

from bothsides.analyse.clock_offset import Look, Wish
from bothsides.base.deadline import Stop
from bothsides.base.secret import Secret
from bothsides.base.types import NamedTuple
from bothsides.model.failure import Failure
from bothsides.parse.clock_value import Moment
from bothsides.parse.snmp import Source, Value
from bothsides.probe.net.local_clock import LocalClock, Reference
from bothsides.probe.snmp.usm import User

VERSIONS = ("1", "2c", "3")


class Plan(NamedTuple):
    """Whom to ask, how and for what. source None: hrSystemDate, else versionCDate; family 0, 4 or 6;
    restarts: whether to ask since when the host runs; reference: host and port of an NTP server whose
    time counts instead of ours; chrony: whether chrony is asked about our clock where the kernel does not know."""

    hosts: tuple[str, ...]
    port: int = 161
    family: int = 0
    version: str = "2c"
    community: Secret = Secret("")
    user: User | None = None
    source: Source | None = None
    zone: str = ""
    wish: Wish = Wish()
    retries: int = 5
    reference: tuple[str, int] | None = None
    restarts: bool = False
    chrony: bool = False


class Sample(NamedTuple):
    """One answer. look: what it proves; moment: what the clock showed, None with `fault` saying why;
    uptime, running: since when agent and host run, seconds; status: exit code of the command behind
    extend, None elsewhere; line: name and command as they stand in snmpd.conf."""

    value: Value
    moment: Moment | None
    look: Look | None
    fault: str
    uptime: float | None
    status: int | None
    sent: int
    received: int
    running: float | None = None
    line: str = ""


class Host(NamedTuple):
    """All that one agent said. zone: what was given for times without one; engine: its SNMPv3 engine id."""

    name: str
    address: str
    port: int
    source: Source
    samples: tuple[Sample, ...]
    failure: Failure | None
    queries: int
    zone: str = ""
    engine: bytes = b""


class Run(NamedTuple):
    """One measurement of one or more hosts."""

    subject: str
    hosts: tuple[Host, ...]
    local: LocalClock
    reference: Reference | None = None
    stopped: Stop | None = None
