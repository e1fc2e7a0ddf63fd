"""The plan of a UDP measurement, and all that is kept of a run: packets, replies, ICMP errors."""

from bothsides.base.deadline import Stop
from bothsides.base.secret import Secret
from bothsides.base.types import Literal, NamedTuple
from bothsides.model.failure import Failure
from bothsides.parse import stamp

ProbeProtocol = Literal["stamp", "echo", "mehsh"]

FIRST_CLOSING = 1 << 20
"""Sequence number of a flow's first closing probe; those of measured packets are below."""

FORMER_FIELDS = {
    "Run": {"patience": "", "clock": "clock_error"},
    "TargetRun": {"answers": "replies", "refused": "icmp_errors", "elsewhere": "other_sources"},
}
"""Fields of older records by the names that they have now; "" for one that is no longer kept."""


class Plan(NamedTuple):
    """Whom to ask and how."""

    hosts: tuple[str, ...]  # names or addresses, each once
    port: int  # UDP port, the same of all hosts
    family: Literal[0, 4, 6] = 0  # IP version, 0 for both
    protocol: ProbeProtocol = "stamp"  # what the reflector speaks
    packets: int = 100  # to each target
    interval: float = 0.02  # s, between two packets to one target
    flows: int = 8  # source ports
    patience: float = 1.0  # s, a reply that takes longer is late (--wait)
    size: int = stamp.PLAIN  # octets of a packet, UDP payload
    dscp: int = 0  # differentiated services code point, 0 to 63
    key: Secret = Secret("")  # of STAMP's authenticated mode, in hex; "" without one
    ssid: int = 0  # session identifier, 1 to 65535; 0 for a random one
    source_port: int = 0  # of the first flow, the others follow; 0 for ports of our choice
    local_address: str = ""  # to send from; "" for the kernel's choice


class Packet(NamedTuple):
    """One request."""

    flow: int  # number of its source port, from 0
    sequence: int  # from 0 in each flow
    at: float  # s since the start of the run, monotonic clock
    sent: int  # T1, ns since 1970, as the packet itself says
    left: int | None  # kernel's stamp of sending, ns since 1970; None when it gave none
    fault: str  # why it was not sent, an errno's name; "" when it was


class Reply(NamedTuple):
    """One reply; replies are kept in the order of arrival."""

    flow: int  # of the packet that it answers
    sequence: int  # of the packet that it answers
    at: float  # s since the start of the run when we read it, monotonic clock
    read: int  # ns since 1970 when we read it
    arrived: int | None  # kernel's stamp of arrival, ns since 1970; None when it gave none
    number: int | None  # reflector's own sequence number; None where it has none
    received: int | None  # T2, ns since 1970, reflector's clock; None without it
    replied: int | None  # T3, ns since 1970, reflector's clock; None without it
    error: int | None  # reflector's error estimate, the raw 16 bits; None without it
    ttl_there: int | None  # TTL of the packet as it arrived at the reflector; None when unknown
    ttl_here: int | None  # TTL of the reply as it arrived here; None when unknown
    left_there: int | None = None  # reflector's kernel stamp of sending, ns since 1970, its clock


class IcmpError(NamedTuple):
    """An ICMP error message about a packet of ours."""

    version: Literal[4, 6]  # of IP
    kind: int  # ICMP type
    code: int  # ICMP code
    source: str  # address of the host or router that sent it; "" when unknown
    mtu: int  # octets, where the packet was too big; else 0


class FlowAccount(NamedTuple):
    """What our own reflector had received of one flow when it was asked."""

    flow: int  # number of the flow
    at: float  # s since the start of the run when the answer was read, monotonic clock
    known: bool  # whether the reflector knew the flow; if not, nothing of it had arrived
    by_port: bool  # whether it was asked by the flow's source port, which NAT may have changed
    first: int  # sequence numbers were asked about from here
    end: int  # and below here
    forgotten: int  # sequence numbers below this may have been forgotten by the reflector
    arrived: tuple[int, ...]  # sequence numbers, of those asked about, that had arrived
    refused: tuple[int, ...]  # likewise those that were over the rate of one source
    uptime: float  # s since the reflector began to remember, mostly its start
    age: float  # s since the reflector began to note this flow; 0 when it was not known
    boot: str  # hexadecimal, new whenever the reflector has forgotten all flows
    requests: int  # of the flow that had arrived, duplicates too
    ports: int  # source ports, as the reflector saw them, that the flow came from
    overflow: int  # datagrams that the reflector's sockets dropped meanwhile
    over_rate: int  # requests from our address over the rate meanwhile
    evicted: int  # flows that the reflector forgot meanwhile for want of room
    took: float = 0.0  # s from the question to its answer; 0 in older records


class Silence(NamedTuple):
    """What was learnt around a target that answered nothing."""

    host_lives: bool  # a closed port of the target was answered with "port unreachable"
    small_answered: bool  # a packet of the least size was answered
    last_ttl: int  # highest TTL that a router reported as exceeded; 0 when none did
    last_router: str  # address of that router; "" without one
    other_ttl: int = 0  # the same as last_ttl for packets to the closed port
    sealed: bool = False  # whether requests were sealed with a key
    unsealed_answered: bool = False  # whether a request without a seal was answered
    echo_answered: bool = False  # whether the target answered an echo request (ping)
    again_answered: bool = False  # a packet like all others, from another port, was answered
    protocol: ProbeProtocol = "stamp"  # that was asked for


class TargetRun(NamedTuple):
    """All that happened with one target."""

    host: str  # as the plan names it
    address: str  # the address used; "" when none was found
    port: int  # UDP port
    failure: Failure | None  # why it was not asked; None when it was
    packets: tuple[Packet, ...]  # in the order of sending
    replies: tuple[Reply, ...]  # in the order of arrival, duplicates too
    closing: tuple[tuple[Packet, ...], tuple[Reply, ...]]  # closing probes and their replies
    icmp_errors: tuple[tuple[IcmpError, int], ...]  # each with how often it came
    strays: dict[str, int]  # datagrams from the target that are no replies, counted by reason
    other_sources: tuple[str, ...]  # addresses that replied in the target's place
    silence: Silence | None = None  # what was learnt when nothing answered; None: not asked
    accounts: tuple[FlowAccount, ...] = ()  # of flows with losses, from a reflector of ours

    @property
    def closing_packets(self) -> tuple[Packet, ...]:
        """Packets sent after all others to ask how many had arrived at the reflector."""
        return self.closing[0]

    @property
    def closing_replies(self) -> tuple[Reply, ...]:
        """The first reply to each closing probe that was answered."""
        return self.closing[1]


class Run(NamedTuple):
    """One measurement of one or more targets."""

    subject: str  # whom it is about, in words
    targets: tuple[TargetRun, ...]  # in the order of the plan
    overflow: int  # datagrams that our own sockets dropped
    corrupt: int | None  # UDP datagrams with a wrong checksum that this host got; None: unknown
    ended: float  # s since the start of the run when listening ended
    clock_error: float | None = None  # s, within which our clock claims UTC; None without a claim
    stopped: Stop | None = None  # why the run ended early; None when it did not
    seed: int = 0  # of the random order of flows; 0 in older records, which dealt them in turn
    resolver: tuple[str, ...] = ()  # what is wrong with our resolver, though it found the names
