"""What libcurl tells of a transfer: cumulative marks to phases, its verbose lines to facts.

    NAMELOOKUP  CONNECT  [proxy's answer]  APPCONNECT  STARTTRANSFER  TOTAL      s from the start
    |--connect--|--------proxy-------|--tls--|--------server------|--transfer--|

Source: CURLINFO_TOTAL_TIME(3), "TIMES"; the verbose lines of libcurl 7.88 to 8.23.
"""

from bothsides.base.types import Literal, NamedTuple

PhaseName = Literal["dns", "connect", "proxy", "tls", "server", "transfer"]


class Marks(NamedTuple):
    """When each stage of one transfer ended, in seconds from its start; 0 when it never did."""

    namelookup: float = 0.0
    connect: float = 0.0  # TCP's handshake; QUIC: with its own
    proxy: float = 0.0  # the proxy's answer to CONNECT, which libcurl has no mark for
    appconnect: float = 0.0  # TLS's handshake
    starttransfer: float = 0.0  # the first octet of the answer
    total: float = 0.0


class Phases(NamedTuple):
    """How long each phase took, in seconds; None: not reached, or not part of this transfer.

    The phase in which a transfer fails takes the time until the failure, so that the sum is always
    the time that passed.
    """

    dns: float | None = None  # name look-up
    connect: float | None = None  # TCP's handshake; QUIC: with its own
    proxy: float | None = None  # from there to the proxy's answer to CONNECT
    tls: float | None = None  # TLS's handshake
    server: float | None = None  # from there to the first octet of the answer
    transfer: float | None = None  # from the first octet to the last

    @property
    def total(self) -> float:
        """The sum of all phases that were reached."""
        return sum(phase for phase in self if phase is not None)

    @property
    def last(self) -> PhaseName:
        """The name of the last phase that was reached."""
        reached = (name for name in reversed(PHASES) if getattr(self, name) is not None)
        return next(reached, "dns")


PHASES: tuple[PhaseName, ...] = ("dns", "connect", "proxy", "tls", "server", "transfer")


class Tls(NamedTuple):
    """What the handshake agreed on."""

    version: str  # "1.3"
    cipher: str
    group: str = ""  # of the key exchange, where it is told


def from_marks(
    marks: Marks, dns: float | None, through_proxy: bool, tls: bool, request: bool = True
) -> Phases:
    """Phases from cumulative marks.

    dns: seconds of a look-up of our own before the transfer. Marks count only in order, up to the
    first that is 0: libcurl 8 fills the later ones of a failed transfer with the time of the
    failure. request False: the transfer ends with the handshake; what comes after is no phase.
    """
    stages = [("connect", marks.connect)]
    stages += [("proxy", marks.proxy)] if through_proxy else []
    stages += [("tls", marks.appconnect)] if tls else []
    stages += [("server", marks.starttransfer)] if request else []
    if marks.namelookup <= 0 and marks.connect <= 0 and dns is None:
        return Phases(dns=marks.total)
    before = min(marks.namelookup, marks.total)
    seconds: dict[str, float | None] = {"dns": (dns or 0.0) + before}
    for name, mark in stages:
        if mark <= 0:
            seconds[name] = max(0.0, marks.total - before)
            return Phases(**seconds)
        seconds[name] = max(0.0, mark - before)
        before = max(before, mark)
    if request:
        seconds["transfer"] = max(0.0, marks.total - before)
    return Phases(**seconds)


def from_verbose(line: str) -> Tls | None:
    """The agreed TLS version and cipher, if this verbose line is the one that tells them."""
    before, mark, rest = line.partition("SSL connection using ")
    parts = [part.strip() for part in rest.split(" / ")]
    if before or not mark or len(parts) < 2 or not parts[0].startswith(("TLS", "SSL")):
        return None
    return Tls(parts[0].lstrip("TLSv ") or parts[0], parts[1], parts[2] if len(parts) > 2 else "")


def from_refusal(line: str) -> tuple[str, str] | None:
    """Address and reason, if this verbose line tells that a connection to one address failed."""
    about, failed, reason = line.partition(" failed: ")
    words = about.split()
    refused = failed and len(words) > 4 and words[:2] == ["connect", "to"]
    return (words[2], reason.strip()) if refused else None
