"""Who is asked in which tick: every peer at its own rate, spread evenly over time."""

import hashlib

from bothsides.base.types import Iterable, Iterator, Mapping, Sequence
from bothsides.mesh.peer import Peer
from bothsides.mesh.timeline import LATE

TICK = 0.020  # s between two ticks at the most
_LEAST = 0.005  # s
_TOGETHER = 200  # packets of a tick, beyond which ticks come sooner
_DEAD = 60.0  # s without a reply, after which a peer is asked once a second


class _Wheel:
    """Peers of one rate: the position goes round and passes every peer once in 1 / rate s."""

    def __init__(self, peers: Sequence[Peer], rate: float, clock: float) -> None:
        self.peers = peers
        self.speed = rate * len(peers)  # peers/s
        self.began = clock
        self.done = 0  # peers passed


class Schedule:
    """The peers of a host. The order does not depend on when the prober was started."""

    def __init__(self, host: str, peers: Iterable[Peer], clock: float) -> None:
        """host: name of this host; clock: monotonic, s."""
        rates: dict[tuple[int, float], list[Peer]] = {}
        for peer in peers:
            family = 6 if ":" in peer.far.address else 4
            rates.setdefault((family, peer.far.rate), []).append(peer)
        self._wheels: list[tuple[int, _Wheel]] = []
        for (family, rate), alike in sorted(rates.items()):
            alike.sort(key=lambda peer: _phase(host, peer.far.name))
            self._wheels.append((family, _Wheel(alike, rate, clock)))
        total = sum(wheel.speed for _, wheel in self._wheels)
        self.tick = min(TICK, max(_LEAST, _TOGETHER / total)) if total else TICK

    def due(self, clock: float) -> Iterator[tuple[int, list[Peer]]]:
        """The peers to be asked now, by family; nobody is in a group twice.

        What was due more than LATE before is left out.
        """
        for family, wheel in self._wheels:
            wanted = int((clock - wheel.began) * wheel.speed)
            first = max(wheel.done, int((clock - LATE - wheel.began) * wheel.speed))
            wheel.done = wanted
            peers, count = wheel.peers, len(wheel.peers)
            for place in range(first, wanted, count):
                low = place % count
                high = low + min(count, wanted - place)
                chosen = [*peers[low:high], *peers[: max(0, high - count)]]
                yield family, [peer for peer in chosen if peer.alive or _turn(peer, clock)]


def _turn(peer: Peer, clock: float) -> bool:
    """Whether a peer that did not answer is asked now; one that has answered is alive."""
    if peer.arrived[(peer.sequence - 1) & peer.mask] > 0:
        peer.alive = True
        return True
    if clock < peer.resume:
        return False
    peer.resume = clock + 1.0
    return True


def _phase(host: str, name: str) -> bytes:
    return hashlib.blake2b(f"{host}\0{name}".encode(), digest_size=8).digest()


def shared(rates: Mapping[str, float], most: float) -> dict[str, float]:
    """The rates that a budget of `most` packets/s leaves: each the same share of what it asks for.

    `bothsides plan` shows that share.
    """
    share = min(1.0, most / max(most, sum(rates.values())))
    return {name: rate * share for name, rate in rates.items()}


def alive(heard: float, clock: float) -> bool:
    """Whether a peer that was heard then is asked at its full rate."""
    return clock - heard < _DEAD
