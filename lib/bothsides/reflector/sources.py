"""The addresses that ask the reflector: who is answered, and how much of its rate is left."""

import ipaddress

from bothsides.base.types import Callable, Sequence

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

SOURCES = 8192  # remembered addresses
_BEYOND = 128.0  # beyond the rate: questions about flows, and flows noted; two for each of 64
_RENEWED = 10.0  # s in which as many are granted again


class Allowance:
    """What a source may have beyond its rate."""

    __slots__ = ("at", "left")

    def __init__(self, at: float) -> None:
        self.left = _BEYOND
        self.at = at  # when that was computed, monotonic clock

    def take(self, now: float) -> bool:
        """Takes one, if there is one."""
        self.left = min(_BEYOND, self.left + (now - self.at) * _BEYOND / _RENEWED)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Source:
    """One address: whether it is answered, and how much of its rate is left."""

    __slots__ = ("allowed", "at", "beginnings", "inquiries", "refused", "tokens")

    def __init__(self, allowed: bool, tokens: float, at: float) -> None:
        self.allowed = allowed
        self.tokens = tokens  # replies that it may have now
        self.at = at  # when that was computed, monotonic clock
        self.refused = 0  # requests over its rate
        self.inquiries: Allowance | None = None  # of questions; None as long as it has asked none
        self.beginnings: Allowance | None = None  # of flows that begin with a refused request

    def spend(self, rate: float, now: float) -> bool:
        """Takes one reply off what is left of the rate, if there is one."""
        tokens = self.tokens + (now - self.at) * rate
        self.at = now
        self.tokens = tokens = tokens if tokens < 2 * rate else 2 * rate
        if tokens < 1:
            return False
        self.tokens = tokens - 1
        return True

    def may_ask(self, now: float) -> bool:
        """Whether a question about a flow is answered over the rate: that it may be known why."""
        self.inquiries = self.inquiries or Allowance(now)
        if not self.inquiries.take(now):
            return False
        self.refused -= 1
        return True

    def may_begin(self, now: float) -> bool:
        """Whether a flow is noted although all of its requests were over the rate so far."""
        self.beginnings = self.beginnings or Allowance(now)
        return self.beginnings.take(now)


class Sources:
    """The addresses that have asked lately; bounded."""

    def __init__(self, allow: Sequence[Network], everybody: bool, rate: float) -> None:
        self._allow = allow  # networks that are answered
        self._everybody = everybody  # whether all others are answered too
        self._rate = rate  # replies a second and source; an IPv6 /64 is one source
        self.forgotten = 0  # for want of room
        self._sources: dict[str, Source] = {}

    def __len__(self) -> int:
        return len(self._sources)

    def get(self, name: str) -> Source | None:
        """What is remembered of an address without its zone; None of one that is not."""
        return self._sources.get(name)

    def touch(self, name: str) -> None:
        """Makes a source that is remembered the youngest one."""
        self._sources[name] = self._sources.pop(name)

    def add(self, name: str, now: float, refused: Callable[[str], None]) -> Source:
        """A source that is not remembered; all addresses of an IPv6 /64 share one rate.

        refused: called with the name where it is not answered.
        """
        address = ipaddress.ip_address(name)
        allowed = self._everybody or named(self._allow, address)
        if not allowed:
            refused(name)
        share = _share(name, address)
        shared = self._sources.get(share) or Source(allowed, 2 * self._rate, now)
        while len(self._sources) >= SOURCES:
            del self._sources[next(iter(self._sources))]
            self.forgotten += 1
        self._sources[share] = shared
        source = shared if allowed == shared.allowed else Source(allowed, 2 * self._rate, now)
        self._sources[name] = source
        return source


def _share(name: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """What has one rate: an IPv4 address, or an IPv6 /64."""
    if address.version == 4:
        return name
    return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))


def named(
    networks: Sequence[Network], address: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> bool:
    """Whether an address is in one of the networks."""
    return any(address.version == network.version and address in network for network in networks)
