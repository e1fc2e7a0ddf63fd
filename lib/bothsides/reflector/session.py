"""Decides what the reflector replies to one datagram: never more octets than the request has."""

import ipaddress

from bothsides.base.types import Callable, Mapping, NamedTuple, Sequence
from bothsides.parse import Unreadable, mehsh, stamp
from bothsides.reflector.account import Totals
from bothsides.reflector.follow_up import Session
from bothsides.reflector.loop_guard import Doubtful, LoopGuard
from bothsides.reflector.sources import HOME, Network, Sources
from bothsides.reflector.sources import named as named_in
from bothsides.reflector.telemetry import SHORTEST_WITH_TLV, Telemetry, is_inquiry

_PRIVILEGED = 1024
SESSIONS = 32768  # counted flows, 8 of each mesh peer; the one that was silent longest makes room
SESSION_IDLE = 300.0  # s after which a flow is counted from 0 again
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
    held: bool = False  # whether it waits until its sender has shown to be one
    stamped: Session | None = None  # whose next reply is to say when this one left

    def leaving(self, now: int) -> bytearray:
        """The datagram as it leaves at this instant, ns since 1970."""
        if self.key is not None:
            stamp.sealed_at(self.packet, now, self.key)
        if self.doubtful is not None:
            self.doubtful.note(bytes(self.packet[_THIRD]))
        return self.packet


class Counted:
    """The numbers that the replies of one flow have."""

    __slots__ = ("at", "number")

    def __init__(self, number: int, at: float) -> None:
        self.number = number  # of the next reply
        self.at = at  # when it was last used, monotonic clock

    def next(self, now: float) -> int:
        """The number of this reply."""
        number = self.number
        self.number = number + 1 & 0xFFFFFFFF
        self.at = now
        return number


class Reflector:
    """Decides about datagrams and counts them; it knows no socket."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.refused: Callable[[str], None] = lambda host: None  # called once for each source
        self.error = stamp.UNSYNCHRONISED  # error estimate of this host's clock, 16 bits
        self.counts: dict[str, int] = {}  # datagrams by what became of them
        self.sessions: dict[Session, Counted] = {}
        self.forgotten = 0  # sessions, for want of room, and all sources by new rules
        self.telemetry = Telemetry()
        self.doubtful = LoopGuard()
        self.sources = _sources_of(rules)

    def follow(self, rules: Rules) -> None:
        """Takes new rules for the same sessions."""
        self.rules = rules
        self.forgotten += self.sources.forgotten + 1
        self.sources = _sources_of(rules)

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
            source = self.sources.get(host.partition("%")[0])
            refusal = "" if source and source.may_ask(now) else refusal
        if refusal:
            self.count(refusal)
            source = self.sources.get(host.partition("%")[0])
            if refusal == "rate_limited" and source:
                self.telemetry.note_refused(
                    data, (host, port), self._totals(host), now, source.may_begin
                )
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
        source = self.sources.get(name) or self.sources.add(name, now, self.refused)
        if not source.allowed:
            return "not_allowed"
        self.telemetry.arrivals.note(name, now)
        if source.spend(self.rules.rate, now):
            return ""
        source.refused += 1
        return "rate_limited"

    def _totals(self, host: str) -> Totals:
        source = self.sources.get(host.partition("%")[0])
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
        doubtful, verdict = None, "reply"
        if any(data[_SECOND]) and not key:
            doubtful = self.doubtful.sender(source)
            verdict = doubtful.verdict(data, now)
            if verdict == "refuse":
                self.count("loop_refused")
                return None
        request = stamp.from_request(data, key)
        number = request.sequence
        # a TWAMP sender's padding begins where STAMP has the SSID, and may differ in each packet
        known = request if doubtful is None else request._replace(ssid=0)
        session = (*source, known.ssid)
        if not self.rules.stateless:
            number = self.number(session, now)
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
        self.telemetry.note(known, source, totals, now)
        stamped = False
        if len(data) >= SHORTEST_WITH_TLV:
            named = bool(key) or named_in(
                self.rules.allow, ipaddress.ip_address(source[0].partition("%")[0])
            )
            stamped = self.telemetry.answer(packet, session, totals, now, named)
        return Draft(packet, key, doubtful, verdict == "hold", session if stamped else None)

    def number(self, session: Session, now: float) -> int:
        """The next number of a flow; a flow that was silent for long begins again."""
        counted = self.sessions.pop(session, None)
        if counted is None or now - counted.at > SESSION_IDLE:
            if counted is None and len(self.sessions) >= SESSIONS:
                del self.sessions[next(iter(self.sessions))]
                self.forgotten += 1
                self.count("sessions_dropped")
            counted = Counted(0, now)
        self.sessions[session] = counted
        return counted.next(now)


def _sources_of(rules: Rules) -> Sources:
    """An empty table of sources by these rules."""
    return Sources(rules.allow, rules.everybody, rules.rate)


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
