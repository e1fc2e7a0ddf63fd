"""Plan and Run of the clock check: which agents are asked for what, and all that they answered."""

from bothsides.base.deadline import Stop
from bothsides.base.secret import Secret
from bothsides.base.types import Literal, Mapping, NamedTuple, Sequence
from bothsides.model.failure import Failure
from bothsides.model.local_clock import LocalClock, Reference
from bothsides.parse.clock_value import Moment
from bothsides.parse.ntp_status import NtpStatus
from bothsides.parse.range import Range
from bothsides.parse.snmp import Oid, Source, Value

Version = Literal["1", "2c", "3"]
Auth = Literal["MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"]
Priv = Literal["DES", "AES", "AES-192", "AES-256", "AES-192-C", "AES-256-C"]
MemoryMode = Literal["rw", "ro", "off"]

VERSIONS: tuple[Version, ...] = ("1", "2c", "3")
AUTH: tuple[Auth, ...] = ("MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512")
PRIV: tuple[Priv, ...] = ("DES", "AES", "AES-192", "AES-256", "AES-192-C", "AES-256-C")
LEVELS = ("noAuthNoPriv", "authNoPriv", "authPriv")


class User(NamedTuple):
    """A user of SNMPv3."""

    name: str
    level: int  # place in LEVELS
    auth: Auth = "SHA"
    auth_password: Secret = Secret("")
    priv: Priv = "AES"
    priv_password: Secret = Secret("")
    context: str = ""  # name of the context


class Wish(NamedTuple):
    """What is to be known: the probe asks again while a limit lies inside the interval."""

    warning: Range | None = None  # s, limits of the offset
    critical: Range | None = None  # s
    precision: float | None = None  # s, half of the interval that is asked for


class Plan(NamedTuple):
    """Which agents to ask, how and for what."""

    hosts: tuple[str, ...]
    port: int = 161
    family: int = 0  # 4, 6 or 0 for both
    version: Version = "2c"
    community: Secret = Secret("")
    user: User | None = None  # only with version 3
    source: Source | None = None  # None: hrSystemDate, else versionCDate
    zone: str = ""  # IANA name: what times without a zone of their own mean; "" is UTC
    wish: Wish = Wish()
    retries: int = 5  # of a query that nobody answers
    reference: tuple[str, int] | None = None  # host and port of an NTP server instead of our clock
    restarts: bool = False  # whether to ask since when the host runs
    chrony: bool = False  # whether to ask chrony where the kernel does not know our clock's error
    automatic: bool = False  # whether the agent's product decides where its clock is (-o auto)
    time_format: str = ""  # of times written as text, as strptime(3) takes it; "" for any known
    any_source: bool = False  # whether replies may come from another address than the one asked
    local_address: str = ""  # to send from; "" for the kernel's choice


class Look(NamedTuple):
    """One look at a remote clock."""

    sent: int  # ns since 1970 on our clock
    received: int  # ns since 1970 on our clock
    shown: int  # ns since 1970: the clock showed something from here up to shown + grain
    grain: int  # ns
    slack: int = 0  # ns by which its second may change late (time(2) reads a coarse clock)
    cache: float = 0.0  # s for which the agent keeps values, as far as that is known
    packets: int | None = None  # that the agent had received by then; None where it does not say
    asked: int = 0  # queries of ours up to then
    live: bool = False  # whether the agent is known to make the value anew for every query
    unsure: bool = False  # whether nobody knows for how long the agent may keep the value
    kept: float | None = None  # s for which it may keep it at most, as an earlier run has proved
    program: float = 1.0  # s that the program may run which makes a value that is kept


class Sample(NamedTuple):
    """One answer of an agent."""

    value: Value
    moment: Moment | None  # what the clock showed; None with the reason in `fault`
    look: Look | None  # what the answer proves about the clock
    fault: str  # why it shows no time: "noSuchInstance" and the like, or words; "" where it does
    uptime: float | None  # s since when the agent runs
    status: int | None  # exit code of the command behind extend; None elsewhere
    sent: int  # ns since 1970 on our clock
    received: int  # ns since 1970 on our clock
    running: float | None = None  # s since when the host runs
    line: str = ""  # name and command as they stand in snmpd.conf
    ntp: NtpStatus | None = None  # what the host's own NTP says of itself, where it was asked


class Host(NamedTuple):
    """All that one agent answered."""

    name: str  # as the command line names it
    address: str  # the address asked; "" where there is none
    port: int
    source: Source  # the variable that was read in the end
    samples: tuple[Sample, ...]  # oldest first
    failure: Failure | None  # why there is no sample
    queries: int  # sent, also those that nobody answered
    zone: str = ""  # as in the plan
    engine: bytes = b""  # SNMPv3 engine id
    system: Oid = ()  # sysObjectID, where it was asked for
    elsewhere: str = ""  # another address than the one asked, from which replies came


class Run(NamedTuple):
    """One measurement of one or more hosts."""

    subject: str  # the host, or how many they are
    hosts: tuple[Host, ...]
    local: LocalClock
    reference: Reference | None = None  # where the plan asks for one
    stopped: Stop | None = None  # why it ended early
    resolver: tuple[str, ...] = ()  # what is wrong with our resolver, though it found the names


class Earlier(NamedTuple):
    """What one earlier run found about a clock."""

    at: float  # s since 1970, when the last answer was received
    low: float  # s, least offset
    high: float  # s, greatest offset
    shown: int  # ns since 1970: what the clock showed
    uptime: float | None = None  # s since when the agent ran
    running: float | None = None  # s since when the host ran
    kept: float | None = None  # s for which the agent keeps the value at most, where proved
    proved: float | None = None  # s since 1970, when that was proved


class Past(NamedTuple):
    """What earlier runs found, and where and how this run is to be remembered."""

    clocks: Mapping[tuple[str, Oid], Sequence[Earlier]] = {}  # by host name and OID, oldest first
    directory: str = ""  # as the command line names it; "" for the usual one
    mode: MemoryMode = "off"
