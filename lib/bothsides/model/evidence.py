"""What one host knows of its peers, as one document: the input of the joined verdict.

A document is JSON of these records by `base.record`, so their field names are its schema. Counts
are packets, times seconds, instants seconds since 1970 in UTC by the clock of the host itself.
"""

from bothsides.base.types import Literal, NamedTuple
from bothsides.model.failure import Failure
from bothsides.model.interval import Interval

VERSION = 1
"""Of the document; a reader refuses others."""

Phase = Literal["", "dns", "connect", "proxy", "tls", "server", "transfer", "content"]
"""Of an HTTPS request in which it failed or took longest; "" for one that went well."""


class FlowLoss(NamedTuple):
    """The packets of one source port."""

    sent: int  # packets
    lost: int  # packets without a reply
    forward: Interval | None  # packets of these lost before the reflector; None: not known
    fastest: float | None = None  # s, the shortest round trip; None: no packet was answered


class IcmpWord(NamedTuple):
    """An ICMP error about our UDP packets."""

    source: str  # address that sent it; "": unknown
    kind: int  # ICMP type
    code: int  # ICMP code
    six: bool  # whether it was ICMPv6
    times: int  # how often it came


class UdpEvidence(NamedTuple):
    """One measurement by UDP, or one window of the mesh."""

    at: float  # s since 1970; when it began
    lasted: float  # s, from the first packet to the last
    sent: int  # packets
    lost: int  # packets without a reply
    forward: Interval | None  # packets of these lost before the reflector; None: not known
    flows: tuple[FlowLoss, ...]  # by source port
    dead_flows: tuple[int, ...]  # places of flows that lose far more than the others
    rtt: Interval | None  # s, the shortest and the median round trip
    owd: Interval | None  # s, one-way medians: low forward, high backward, by two clocks
    icmp: tuple[IcmpWord, ...] = ()  # errors about our packets
    unsent: int = 0  # packets that this host could not send
    overflow: int = 0  # datagrams that this host's sockets dropped
    refused_there: int = 0  # packets that the reflector's host refused or dropped
    host_lives: bool | None = None  # a closed port answered; None: not asked
    protocol: str = ""  # what the reflector speaks
    failure: Failure | None = None  # why nothing was asked
    turned: float | None = None  # s after `at`, when loss began or ended; None: it was steady
    worst: float = 0.0  # share of the packets that was lost before or behind that turn
    ended: bool | None = None  # whether the loss came before the turn; None: it was steady
    family: int | None = None  # 4 or 6: the version of IP; None: not known


class HopCount(NamedTuple):
    """Probes of one flow that were to expire at one hop."""

    flow: int  # number of the flow
    ttl: int  # the hop, 1 is the first
    sent: int  # probes
    lost: int  # probes without an answer
    host: str  # address that answered most often; "": nobody
    best: float | None  # s, the shortest round trip


class Refusal(NamedTuple):
    """A router or the target that said that it does not forward."""

    host: str  # address
    ttl: int  # hop at which it was seen first; 0: it answered an echo request


class PathEvidence(NamedTuple):
    """One trace."""

    at: float  # s since 1970; when it began
    target: str  # address that was traced
    source: str  # address of this host towards it
    fixed: bool  # whether each flow keeps its ports
    flows: tuple[int, ...]  # numbers of the flows that were followed hop by hop
    length: int  # hops to the target; 0: it was not reached
    hops: tuple[HopCount, ...]  # by hop and flow
    echoes: int  # echo requests to the target
    echoes_lost: int  # echo requests without a reply
    echo_best: float | None  # s, the shortest round trip of an echo
    refusals: tuple[Refusal, ...] = ()
    loop: tuple[str, ...] = ()  # addresses between which packets circle
    failure: Failure | None = None  # why nothing was traced
    arrived: float | None = None  # s since the target's last request at this host's reflector
    echo_hops: tuple[HopCount, ...] = ()  # echo requests that were to expire on the way, by hop


class HttpsEvidence(NamedTuple):
    """One HTTPS request."""

    at: float  # s since 1970; when it began
    phase: Phase  # in which it failed; "": it went well
    blame: str  # as `model.failure` has it; "": it went well
    words: str  # of the failure
    connected: bool  # whether the server accepted the connection
    status: int  # of the answer; 0: none
    total: float  # s
    slowest: Phase  # phase that took longest
    slowest_seconds: float  # s
    resent: int | None  # TCP segments that this host sent again; None: not known
    rtt: float | None  # s, as the kernel of this host knows it
    answer: Literal["", "refused", "unreachable"] = ""  # what came instead of a connection
    bytes_in: int = 0  # octets of the answer that came
    mute: bool | None = None  # all was acknowledged, and no packet with data came; None: not known
    family: int | None = None  # 4 or 6: the version of IP; None: not known


class Look(NamedTuple):
    """What one host measured of one peer at about one time."""

    udp: UdpEvidence | None = None
    path: PathEvidence | None = None
    https: HttpsEvidence | None = None


CHECKS = ("check_udp_loss", "check_mtr_path", "check_https")
"""Whose results a Look holds, in its order."""


class Arrived(NamedTuple):
    """Requests of a peer at this host's own reflector."""

    known: bool  # whether any has arrived, as far as is remembered
    last: float  # s before `Evidence.at`, the last one
    minutes: tuple[int, ...] = ()  # requests in each of the last minutes, the present one first


class LongHop(NamedTuple):
    """One hop of a trace of many packets."""

    ttl: int  # the hop, 1 is the first
    hosts: tuple[str, ...]  # addresses that answered; empty: nobody
    sent: int  # probes
    lost: int  # probes without an answer
    last: float | None  # s, round trips: the latest one
    avg: float | None  # s
    best: float | None  # s
    worst: float | None  # s
    stdev: float | None  # s


class LongTrace(NamedTuple):
    """A trace of many packets by the mtr program, as providers ask for it."""

    at: float  # s since 1970; when it began
    protocol: Literal["icmp", "tcp"]
    port: int  # of TCP; 0: none
    packets: int  # to each hop
    command: str  # that made it
    hops: tuple[LongHop, ...]


class PeerEvidence(NamedTuple):
    """All that one host knows of one peer."""

    peer: str  # name of the peer
    address: str  # address of the peer; "": not known
    now: Look  # the present
    before: Look = Look()  # when all was well, as far as is remembered
    arrived: Arrived | None = None  # what came from the peer; None: not known
    collected: tuple[LongTrace, ...] = ()  # for a provider, where somebody asked for it


class OwnTrouble(NamedTuple):
    """One trouble of the host itself."""

    kind: Literal["resolver", "route", "send", "late", "overflow", "clock", "local"]
    words: str


class ClockDifference(NamedTuple):
    """The clock of another host against the clock of this one."""

    peer: str  # name of the other host
    offset: Interval  # s, that the other clock is ahead


class Evidence(NamedTuple):
    """The document of one host."""

    version: int  # VERSION
    host: str  # name of the host
    at: float  # s since 1970; its clock when the document was made
    clock_error: float | None  # s, within which the clock claims UTC; None without a claim
    troubles: tuple[OwnTrouble, ...]
    peers: tuple[PeerEvidence, ...]  # the most useful first
    clocks: tuple[ClockDifference, ...] = ()
    left_off: int = 0  # peers for which there was no room
    digest: str = ""  # SHA-256 of the document without this field and `seal`, in hex
    seal: str = ""  # HMAC-SHA-256 of the same, in hex; "": not sealed
