"""What the reflector says to one datagram: an answer no longer than the question, or nothing and why."""

import ipaddress

from bothsides.base.types import Mapping, NamedTuple, Sequence
from bothsides.parse import Unreadable, mehsh, stamp
from bothsides.parse.stamp import Reply

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

HOME = (
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip
"""Who is answered unless others are named: this host and private networks."""

_PRIVILEGED = 1024
_SESSIONS = 4096  # counted flows; the one that was silent longest makes room
_SOURCES = 4096  # remembered addresses
_IDLE = 300.0  # seconds after which a flow is counted from 0 again
_SHORTEST = 38  # octets: a shorter answer has no room for what makes it one, and could not be told from a request
_HOUR = 3600


class Rules(NamedTuple):
    """Whom to answer and how.

    allow: networks; everybody: answer all others too; keys: by SSID, None for any SSID; with keys only
    sealed requests are answered; rate: datagrams a second and source (an IPv6 /64 is one source); ports:
    source ports that are never answered; mehsh: answer mehsh's requests too; stateless: return the sender's
    numbers instead of counting.
    """

    allow: Sequence[Network] = tuple(map(ipaddress.ip_network, HOME))
    everybody: bool = False
    keys: Mapping[int | None, bytes] = {}
    rate: float = 1000.0
    ports: frozenset[int] = frozenset()
    mehsh: bool = False
    stateless: bool = False


class Answer(NamedTuple):
    """An answer that lacks only the instant of its leaving. key: None where it carries no such instant."""

    packet: bytearray
    key: bytes | None

    def leaving(self, clock: int) -> bytearray:
        """The datagram as it leaves at this instant (ns since 1970)."""
        if self.key is not None:
            stamp.sealed_at(self.packet, clock, self.key)
        return self.packet


class _Source:
    """One address: whether it may ask, and what is left of its allowance."""

    __slots__ = ("allowed", "at", "tokens")

    def __init__(self, allowed: bool, tokens: float, at: float) -> None:
        self.allowed = allowed
        self.tokens = tokens
        self.at = at


class Answerer:
    """Decides about datagrams. `counts` tells what became of all of them."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.error = stamp.UNSYNCHRONISED
        self.counts: dict[str, int] = {}
        self.sessions: dict[tuple[str, int, int], tuple[int, float]] = {}
        self._sources: dict[str, _Source] = {}

    def follow(self, rules: Rules) -> None:
        """New rules for the same conversations."""
        self.rules = rules
        self._sources.clear()

    def count(self, what: str) -> None:
        """Counts one more of its kind."""
        self.counts[what] = self.counts.get(what, 0) + 1

    def answer(
        self, data: bytes, host: str, port: int, ttl: int | None, received: int, now: float
    ) -> "Answer | None":
        """The answer to one datagram, or None.

        ttl: as it arrived; received: when, in ns since 1970; now: monotonic seconds.
        """
        self.count("received")
        refusal = self._refusal(host, port, now)
        if refusal:
            self.count(refusal)
            return None
        try:
            if self.rules.mehsh and len(data) == mehsh.SIZE:
                return self._mehsh(data)
            return self._stamp(data, host, port, ttl, received, now)
        except Unreadable:
            self.count("unreadable")
            return None

    def _refusal(self, host: str, port: int, now: float) -> str:
        """Why this sender gets no answer; "" when it may have one."""
        if port < _PRIVILEGED or port in self.rules.ports:
            return (
                "port_refused"  # another reflector's or server's answer would be answered for ever
            )
        name = host if ":" not in host else host.partition("%")[0]
        source = self._sources.get(name)
        if source is None:
            source = self._met(name, now)
        if not source.allowed:
            return "not_allowed"
        rate = self.rules.rate
        tokens = min(2 * rate, source.tokens + (now - source.at) * rate)
        source.at = now
        if tokens < 1:
            source.tokens = tokens
            return "rate_limited"
        source.tokens = tokens - 1
        return ""

    def _met(self, name: str, now: float) -> _Source:
        """A source not seen lately; all addresses of an IPv6 /64 share one allowance."""
        address = ipaddress.ip_address(name)
        allowed = self.rules.everybody or any(
            address.version == n.version and address in n for n in self.rules.allow
        )
        share = name
        if address.version == 6:
            share = str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
        shared = self._sources.get(share) or _Source(allowed, 2 * self.rules.rate, now)
        while len(self._sources) >= _SOURCES:
            del self._sources[next(iter(self._sources))]
        self._sources[share] = shared
        source = shared if allowed == shared.allowed else _Source(allowed, 2 * self.rules.rate, now)
        self._sources[name] = source
        return source

    def _mehsh(self, data: bytes) -> "Answer | None":
        packet = mehsh.from_packet(data)
        if packet.kind != mehsh.REQUEST:
            self.count("answer_refused")
            return None
        self.count("reflected")
        return Answer(bytearray(mehsh.to_packet(packet._replace(kind=mehsh.REPLY))), None)

    def _stamp(
        self, data: bytes, host: str, port: int, ttl: int | None, received: int, now: float
    ) -> "Answer | None":
        key = b""
        if len(data) < _SHORTEST:
            self.count("short")
            return None
        if self.rules.keys:
            key = self._key(data)
        if _is_reply(data, bool(key)):
            self.count("answer_refused")
            return None
        request = stamp.from_request(data, key)
        number = (
            request.sequence
            if self.rules.stateless
            else self._number((host, port, request.ssid), now)
        )
        reply = Reply(
            number, 0, self.error, request.ssid, received, request.sequence, request.sent, ttl
        )
        self.count("reflected")
        return Answer(bytearray(stamp.to_reply(reply, data, key)), key)

    def _key(self, data: bytes) -> bytes:
        """The key for a sealed request; Unreadable when its SSID has none."""
        ssid = int.from_bytes(data[26:28])
        key = self.rules.keys.get(ssid) or self.rules.keys.get(None)
        if key is None:
            raise Unreadable(f"no key for SSID {ssid}")
        return key

    def _number(self, session: tuple[str, int, int], now: float) -> int:
        """The next number of a flow; a flow that was silent for long begins again."""
        number, at = self.sessions.pop(session, (0, now))
        if now - at > _IDLE:
            number = 0
        elif len(self.sessions) >= _SESSIONS:
            del self.sessions[next(iter(self.sessions))]
            self.count("sessions_dropped")
        self.sessions[session] = (number + 1) & 0xFFFFFFFF, now
        return number


def _is_reply(data: bytes, sealed: bool) -> bool:
    """Whether this is a reflector's packet: it has a T2, within an hour of its T3.

    A sender leaves T2's octets zero (STAMP) or fills them with padding (TWAMP-Light). T1 is no sign: it
    is what the sender made it.
    """
    third, second = (16, 32) if sealed else (4, 16)
    arrival = int.from_bytes(data[second : second + 4])
    return arrival != 0 and abs(int.from_bytes(data[third : third + 4]) - arrival) <= _HOUR
