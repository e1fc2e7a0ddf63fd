"""Plan and Run of check_https with all their parts: requests, transfers, visits, memory."""

from bothsides import __version__
from bothsides.base.deadline import Stop
from bothsides.base.secret import Secret
from bothsides.base.types import Literal, NamedTuple
from bothsides.model.failure import Failure
from bothsides.parse.certificate import Certificate
from bothsides.parse.http import Head
from bothsides.parse.libcurl import Phases, Tls
from bothsides.parse.url import Url

Family = Literal[0, 4, 6]
Policy = Literal[
    "ok", "warning", "critical", "unknown", "follow", "sticky", "stickyport", "curl"
]  # what a redirect means, or how it is followed
HttpVersion = Literal["", "1.0", "1.1", "2", "2.0", "3"]
TlsVersion = Literal["", "1.0", "1.1", "1.2", "1.3"]
Login = Literal["basic", "digest", "negotiate", "any"]  # how to log in at a proxy
MemoryMode = Literal["rw", "ro", "off"]

Setting = tuple[str, str | int | list[str]]  # a libcurl option's name and value
Settings = tuple[Setting, ...]


class Route(NamedTuple):
    """How to get to a server."""

    family: Family = 0  # 0: either
    address: str = ""  # to connect to instead of the URL's host
    proxy: str | None = None  # its URL; "": none; None: as the environment says
    exempt: str | None = None  # hosts to reach without a proxy; None: as the environment says
    canary: str = ""  # a name that our resolver must know; "": the root's name servers
    suspicious: bool = True  # whether a failed look-up leads to a test of our resolver


class Request(NamedTuple):
    """What to send. Body and headers are secrets, because tokens and passwords travel in them."""

    method: str = ""  # "": GET, or POST with a body
    body: Secret | None = None
    content_type: str = ""  # of that body
    headers: tuple[Secret, ...] = ()
    agent: str = f"check_https/{__version__} (bothsides)"
    host: str = ""  # Host header, where it is not the URL's own
    no_body: bool = False  # stop after the headers
    http_version: HttpVersion = ""  # "": libcurl's choice
    authorization: Secret = Secret("")  # user:password for the server
    proxy_authorization: Secret = Secret("")  # user:password for the proxy
    proxy_auth: Login = "any"
    decompress: bool = False  # ask for compressed content and unpack it
    haproxy: bool = False  # send a line of the PROXY protocol first
    cookies: str = ""  # the cookie jar's file
    certificate_only: bool = False  # send nothing: the TLS handshake is all
    source: str = ""  # source address or interface
    keep: int = 1 << 20  # octets of the body to keep
    target: str = ""  # in the request line instead of the path (RFC 9112 section 3.2.2)


class Trust(NamedTuple):
    """Whom to trust, and how to show who we are."""

    verify: bool = True  # the server's certificate
    bundle: str = ""  # CA bundle or folder; "": the environment's or the system's
    certificate: str = ""  # our own, a PEM file
    key: str = ""  # its key, a PEM file
    tls_min: TlsVersion = ""  # oldest version to accept; "": no bound
    tls_max: TlsVersion = ""  # newest version to offer; "": no bound
    stapling: bool = False  # a good OCSP answer must be stapled
    crl: str = ""  # revocation lists, a PEM file; "": none


class Plan(NamedTuple):
    """What to ask of whom."""

    urls: tuple[Url, ...]
    route: Route = Route()
    request: Request = Request()
    trust: Trust = Trust()
    follow: Policy = "ok"
    most_redirects: int = 15
    every_address: bool = False  # ask each address of a name on its own
    parallel: int = 4  # visits at the same time
    repeat: int = 1  # tries of each URL
    interval: float = 0.0  # s, from one try's start to the next
    refuse: tuple[TlsVersion, ...] = ()  # versions that the server should not accept
    pace: float = 0.0  # s, from the start of one URL's visits to the start of the next one's
    patience: float | None = None  # s that each visit may take; None: until the run's deadline


class Order(NamedTuple):
    """One transfer to make."""

    url: Url
    hosts: tuple[str, ...]  # resolved addresses of what is connected to: the proxy, if there is one
    dns: float | None  # s, that finding them took
    settings: Settings = ()  # libcurl options, as far as they are more than where and what
    target: str = ""  # what to connect to instead of the URL's host
    proxy: str = ""  # its URL; "": none
    proxy_host: str = ""
    proxy_port: int = 0
    proxy_user: str = ""
    request: bool = True  # False: the TLS handshake is all
    keep: int = 1 << 20  # octets of the body to keep
    verbose: bool = True  # whether libcurl's verbose lines are read
    resolver: str = ""  # what is wrong with our resolver, though it found the name

    @property
    def socks(self) -> bool:
        """Whether the proxy passes on octets, without a word of HTTP."""
        return self.proxy.startswith("socks")


class TcpCounters(NamedTuple):
    """What the kernel has counted on a TCP connection (struct tcp_info)."""

    unacknowledged: int  # segments of ours
    sacked: int  # of them, those that came though one before did not
    needless: int  # segments that we sent again and that had come before (DSACK)
    gaps: int  # segments that came, though one before them did not
    received: int  # octets
    quiet: float  # s since data came last
    segment: int  # octets of our largest segment
    sent: float = 0.0  # s since we sent data last
    unread: bool = False  # whether data has come that we have not read


class Contact(NamedTuple):
    """One address that was tried."""

    host: str
    answered: bool  # False: no connection
    reason: str = ""  # why not; "": silence
    waited: float = 0.0  # s, from the socket's opening to the end of the transfer
    rtt: float | None = None  # s, as the kernel knows it
    retransmissions: int | None = None  # TCP segments sent again
    counters: TcpCounters | None = None  # None: not connected, or an old kernel


class Outcome(NamedTuple):
    """All that is known of one transfer when it is over."""

    url: Url
    phases: Phases
    code: int  # libcurl's; 0: it went well
    text: str = ""  # libcurl's, for that code
    errno: int = 0  # counts only for the codes that set it
    verify: int = 0  # the TLS library's verdict; counts only for the codes that set it
    proxy: str = ""  # its URL; "": none
    proxy_user: str = ""
    connect_code: int = 0  # status of a proxy's answer to CONNECT
    refusal: Head = Head("", 0)  # head of that answer
    head: Head = Head("", 0)  # of the final answer
    body: bytes = b""  # as much of it as may be kept
    size: int = 0  # octets of headers and body that came
    cut: bool = False  # whether more came than was kept
    version: str = ""  # of HTTP: "1.0", "1.1", "2" or "3"
    tls: Tls | None = None  # what the handshake agreed on
    chain: tuple[Certificate, ...] = ()  # as the server sent it, its own certificate first
    contacts: tuple[Contact, ...] = ()
    address: str = ""  # of the far end of the connection
    source: str = ""  # of our end
    routed: bool = True  # whether we have a route to any address that was tried
    unclosed: bool = False  # neither a length nor TLS's close_notify told the body's end
    verified: bool = True  # whether the chain was held against trusted certificates
    resolver: str = ""  # what is wrong with our resolver, though it found the name
    held: float = 0.0  # s of the transfer in which this host was busy and did not run the check


class Visit(NamedTuple):
    """One URL with every transfer that it took, redirects included."""

    url: Url
    hops: tuple[Outcome, ...]
    failure: Failure | None = None  # why the last transfer did not end well
    late: bool = False  # it failed because time ran out
    address: str = ""  # when only this one was asked
    proxy: str = ""  # host:port that it went through
    proxy_source: str = ""  # the variable of the environment that named the proxy
    accepted: tuple[str, ...] = ()  # TLS versions that the server should have refused
    untried: tuple[tuple[str, str], ...] = ()  # those not asked for, and why; "": not ours to speak
    unstapled: bool = False  # the certificate says that an OCSP answer is stapled, and none is

    @property
    def last(self) -> Outcome:
        """The transfer that counts: the one that was not a redirect, or that failed."""
        return self.hops[-1]

    @property
    def seconds(self) -> float:
        """All hops together."""
        return sum(hop.phases.total for hop in self.hops)

    @property
    def ours(self) -> bool:
        """Whether it failed by this host or its configuration, and says nothing of the target."""
        return self.failure is not None and self.failure.blame in ("config", "local")

    @property
    def begun(self) -> bool:
        """Whether anybody was asked for anything."""
        return any(phase is not None for hop in self.hops for phase in hop.phases)


class Run(NamedTuple):
    """All that happened."""

    now: float  # s, UTC; at the start, against which certificates are held
    visits: tuple[Visit, ...] = ()
    subject: str = ""  # whom the run is about
    stopped: Stop | None = None  # why it ended early
    planned: int = 1  # visits
    repeat: int = 1  # tries of each URL that were planned


class PastRun(NamedTuple):
    """One run as it is remembered. A failure of ours tells nothing of the target: it is no try."""

    at: float  # s, UTC; its start
    tries: int
    failed: int  # of them
    phases: tuple[str, ...] = ()  # in which they failed, one for each
    down: int = 0  # failed tries of targets that failed in every try


class Past(NamedTuple):
    """What earlier runs left, and whether and where this run is to be kept."""

    mode: MemoryMode = "off"
    directory: str = ""  # where the memory is
    key: str = ""  # what the target is remembered under
    window: float = 86400.0  # s before this run that count
    runs: tuple[PastRun, ...] = ()  # all that are remembered, oldest first
    problem: str = ""  # why nothing is known of them
