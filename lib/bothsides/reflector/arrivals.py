"""When requests of each host arrived last, and how many in the last minutes; of bounded size."""

import ipaddress

from bothsides.parse import stamp_tlv

HOSTS = 12288  # remembered; the one that was silent longest makes room
_MINUTE = 60.0  # s


class Host:
    """The requests of one address."""

    __slots__ = ("born", "last", "minute", "minutes")

    def __init__(self, now: float) -> None:
        self.born = self.last = now  # monotonic clock
        self.minute = int(now // _MINUTE)  # number of the minute that `minutes` begins with
        self.minutes = [0] * stamp_tlv.MINUTES  # requests in each, the newest first

    def turn(self, now: float) -> None:
        """Begins the minutes that have passed."""
        minute = int(now // _MINUTE)
        passed = min(minute - self.minute, stamp_tlv.MINUTES)
        if passed > 0:
            self.minutes = ([0] * passed + self.minutes)[: stamp_tlv.MINUTES]
            self.minute = minute


class Arrivals:
    """The hosts whose requests have arrived."""

    def __init__(self) -> None:
        self.hosts: dict[str, Host] = {}
        self.forgotten = 0  # hosts, for want of room

    def __len__(self) -> int:
        return len(self.hosts)

    def note(self, name: str, now: float) -> None:
        """Counts one request of a host."""
        host = self.hosts.pop(name, None)
        if host is None:
            while len(self.hosts) >= HOSTS:
                del self.hosts[next(iter(self.hosts))]
                self.forgotten += 1
            host = Host(now)
        host.turn(now)
        host.last = now
        host.minutes[0] += 1
        self.hosts[name] = host

    def answer(self, asked: stamp_tlv.Arrivals, now: float) -> stamp_tlv.Arrivals:
        """What is remembered of the host that is asked about."""
        host = self.hosts.get(name_of(asked.address))
        if host is None:
            return asked._replace(status=stamp_tlv.UNKNOWN)
        host.turn(now)
        return asked._replace(
            status=stamp_tlv.ANSWERED,
            last=round(1000 * (now - host.last)),
            since=round(1000 * (now - host.born)),
            minutes=tuple(host.minutes),
        )


def name_of(address: bytes) -> str:
    """The text of an address of 16 octets; IPv4 from its mapped form."""
    whole = ipaddress.IPv6Address(address)
    return str(whole.ipv4_mapped or whole)
