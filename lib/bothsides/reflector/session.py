"""Decides what the reflector replies to one datagram: never more octets than the request has."""

import ipaddress

from bothsides.base.types import Callable, Mapping, NamedTuple, Sequence
from bothsides.parse import Unreadable, mehsh, stamp
from bothsides.reflector.account import Totals
from bothsides.reflector.follow_up import Session
from bothsides.reflector.loop_guard import Doubtful, LoopGuard
from bothsides.reflector.telemetry import SHORTEST_WITH_TLV, Telemetry, is_inquiry

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

HOME = (
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
)
"""Networks the reflector answers by default: this host and private ranges."""

_PRIVILEGED = 1024
_SESSIONS = 4096  # counted flows; the one that was silent longest makes room
_SOURCES = 4096  # remembered addresses
_IDLE = 300.0  # s after which a flow is counted from 0 again
_INQUIRIES = 128.0  # questions about flows that are answered over the rate: two for each of 64
_RENEWED = 10.0  # s in which as many are granted again
_SHORTEST = 38  # octets: a shorter reply has no room for T2, and could not be told from a request
_HOUR = 3600
_THIRD = slice(4, 12)  # octets where a reflector puts T3 and a sender T1
_SECOND = slice(16, 24)  # octets where a reflector puts T2 and a STAMP sender puts zeros


class Rules(NamedTuple):
    """Whom to answer and how."""

    allow: Sequence[Network] = tuple(map(ipaddress.ip_network, HOME))  # who is answered
    everybody: bool = False  # answer all others too
    keys: Mapping[int | None, bytes] = {}  # by SSID, None for any other; without keys no HMAC
    rate: float = 1000.0  # replies a second and source; an IPv6 /64 is one source
    ports: frozenset[int] = frozenset()  # source ports that are never answered
    mehsh: bool = False  # answer mehsh's requests too
    stateless: bool = False  # return the sender's numbers instead of counting


class Draft(NamedTuple):
    """A reply that lacks only T3, the instant of sending."""

    packet: bytearray
    key: bytes | None  # b"" without authentication; None for a protocol that has no T3
    doubtful: Doubtful | None = None  # the sender, where it may be a reflector
    stamped: Session | None = None  # whose next reply is to say when this one left

    def leaving(self, now: int) -> bytearray:
        """The datagram as it leaves at this instant, ns since 1970."""
        if self.key is not None:
            stamp.sealed_at(self.packet, now, self.key)
        if self.doubtful is not None:
            self.doubtful.note(bytes(self.packet[_THIRD]))
        return self.packet


class _Source:
    """One address: whether it is answered, and how much of its rate is left."""

    __slots__ = ("allowed", "at", "inquiries", "inquiries_at", "refused", "tokens")

    def __init__(self, allowed: bool, tokens: float, at: float) -> None:
        self.allowed = allowed
        self.tokens = tokens  # replies that it may have now
        self.at = at  # when that was computed, monotonic clock
        self.refused = 0  # requests over its rate
        self.inquiries = _INQUIRIES  # replies to questions about flows that it may have beyond that
        self.inquiries_at = at

    def may_ask(self, now: float) -> bool:
        """Whether a question about a flow is answered over the rate: that it may be known why."""
        self.inquiries = min(
            _INQUIRIES, self.inquiries + (now - self.inquiries_at) * _INQUIRIES / _RENEWED
        )
        self.inquiries_at = now
        if self.inquiries < 1:
            return False
        self.inquiries -= 1
        self.refused -= 1
        return True


class Reflector:
    """Decides about datagrams and counts them; it knows no socket."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.refused: Callable[[str], None] = lambda host: None  # called once for each source
        self.error = stamp.UNSYNCHRONISED  # error estimate of this host's clock, 16 bits
        self.counts: dict[str, int] = {}  # datagrams by what became of them
        self.sessions: dict[Session, tuple[int, float]] = {}  # next number, last used
        self.telemetry = Telemetry()
        self.doubtful = LoopGuard()
        self._sources: dict[str, _Source] = {}

    def follow(self, rules: Rules) -> None:
        """Takes new rules for the same sessions."""
        self.rules = rules
        self._sources.clear()

    def count(self, what: str, number: int = 1) -> None:
        """Counts so many more of a kind."""
        self.counts[what] = self.counts.get(what, 0) + number

    def reply(
        self, data: bytes, host: str, port: int, ttl: int | None, received: int, now: float
    ) -> Draft | None:
        """The reply to one datagram, or None.

        ttl: as it arrived; received: T2, ns since 1970; now: monotonic clock, s.
        """
        self.count("received")
        refusal = self._refusal(host, port, now)
        if refusal == "rate_limited" and is_inquiry(data, bool(self.rules.keys)):
            source = self._sources[host.partition("%")[0]]
            refusal = "" if source.may_ask(now) else refusal
        if refusal:
            self.count(refusal)
            if refusal == "rate_limited":
                totals = self._totals(host)
                self.telemetry.note_refused(data, (host, port), totals, now)
            return None
        try:
            if self.rules.mehsh and len(data) == mehsh.SIZE:
                return self._mehsh(data)
            return self._stamp(data, (host, port), ttl, received, now)
        except Unreadable:
            self.count("unreadable")
            return None

    def _refusal(self, host: str, port: int, now: float) -> str:
        """Why this sender gets no reply; "" when it gets one."""
        if port < _PRIVILEGED or port in self.rules.ports:
            return "port_refused"  # another reflector or server there would answer for ever
        name = host if ":" not in host else host.partition("%")[0]
        source = self._sources.get(name) or self._new_source(name, now)
        if not source.allowed:
            return "not_allowed"
        self.telemetry.arrivals.note(name, now)
        rate = self.rules.rate
        source.tokens = min(2 * rate, source.tokens + (now - source.at) * rate)
        source.at = now
        if source.tokens < 1:
            source.refused += 1
            return "rate_limited"
        source.tokens -= 1
        return ""

    def _new_source(self, name: str, now: float) -> _Source:
        """A source that is not remembered; all addresses of an IPv6 /64 share one rate."""
        address = ipaddress.ip_address(name)
        allowed = self.rules.everybody or _named(self.rules.allow, address)
        if not allowed:
            self.refused(name)
        share = _share(name, address)
        shared = self._sources.get(share) or _Source(allowed, 2 * self.rules.rate, now)
        while len(self._sources) >= _SOURCES:
            del self._sources[next(iter(self._sources))]
        self._sources[share] = shared
        source = shared if allowed == shared.allowed else _Source(allowed, 2 * self.rules.rate, now)
        self._sources[name] = source
        return source

    def _totals(self, host: str) -> Totals:
        source = self._sources.get(host.partition("%")[0])
        return Totals(
            overflow=self.counts.get("overflow", 0),
            refused=source.refused if source else 0,
            evicted=self.telemetry.accounts.evicted,
            sealed=bool(self.rules.keys),
        )

    def _mehsh(self, data: bytes) -> Draft | None:
        packet = mehsh.from_packet(data)
        if packet.kind != mehsh.REQUEST:
            self.count("answer_refused")
            return None
        self.count("reflected")
        reply = mehsh.Packet(number=packet.number, kind=mehsh.REPLY)
        return Draft(bytearray(mehsh.to_packet(reply)), None)

    def _stamp(
        self, data: bytes, source: tuple[str, int], ttl: int | None, received: int, now: float
    ) -> Draft | None:
        if len(data) < _SHORTEST:
            self.count("short")
            return None
        key = _key(data, self.rules.keys) if self.rules.keys else b""
        if _is_reply(data, bool(key)):
            self.count("answer_refused")
            return None
        doubtful = None
        if any(data[_SECOND]) and not key:
            doubtful = self.doubtful.sender(source)
            if not doubtful.granted(data, now):
                self.count("loop_refused")
                return None
        request = stamp.from_request(data, key)
        number, session = request.sequence, (*source, request.ssid)
        if not self.rules.stateless:
            number = self._number(session, now)
        reply = stamp.Reply(
            number=number,
            replied=0,
            error=self.error,
            ssid=request.ssid,
            received=received,
            sequence=request.sequence,
            sent=request.sent,
            ttl=ttl,
        )
        self.count("reflected")
        packet = bytearray(stamp.to_reply(reply, data, key))
        totals = self._totals(source[0])
        self.telemetry.note(request, source, totals, now)
        stamped = False
        if len(data) >= SHORTEST_WITH_TLV:
            named = bool(key) or _named(
                self.rules.allow, ipaddress.ip_address(source[0].partition("%")[0])
            )
            stamped = self.telemetry.answer(packet, session, totals, now, named)
        return Draft(packet, key, doubtful, session if stamped else None)

    def _number(self, session: Session, now: float) -> int:
        """The next number of a flow; a flow that was silent for long begins again."""
        number, at = self.sessions.pop(session, (0, now))
        if now - at > _IDLE:
            number = 0
        elif len(self.sessions) >= _SESSIONS:
            del self.sessions[next(iter(self.sessions))]
            self.count("sessions_dropped")
        self.sessions[session] = (number + 1) & 0xFFFFFFFF, now
        return number


def _share(name: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """What has one rate: an IPv4 address, or an IPv6 /64."""
    if address.version == 4:
        return name
    return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))


def _named(
    networks: Sequence[Network], address: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> bool:
    """Whether an address is in one of the networks."""
    return any(address.version == network.version and address in network for network in networks)


def _key(data: bytes, keys: Mapping[int | None, bytes]) -> bytes:
    """The key of an authenticated request; Unreadable when its SSID has none."""
    ssid = int.from_bytes(data[26:28])
    key = keys.get(ssid) or keys.get(None)
    if key is None:
        raise Unreadable(f"no key for SSID {ssid}")
    return key


def _is_reply(data: bytes, authenticated: bool) -> bool:
    """Whether this is a reflector's packet: it has a T2, within an hour of its T3.

    A sender leaves T2's octets zero (STAMP) or fills them with padding (TWAMP-Light). T1 decides
    nothing: its value is the sender's choice.
    """
    third, second = (16, 32) if authenticated else (4, 16)
    arrival = int.from_bytes(data[second : second + 4])
    return arrival != 0 and abs(int.from_bytes(data[third : third + 4]) - arrival) <= _HOUR
