"""Who is asked in which tick: every peer at its own rate, spread evenly over time."""

import hashlib

from bothsides.base.types import Iterable, Iterator, Mapping
from bothsides.mesh.lane import Lane, Turn, lanes
from bothsides.mesh.peer import Peer
from bothsides.mesh.timeline import LATE

TICK = 0.025  # s between two ticks at the most: at 40/s every peer is asked once in each
_LEAST = 0.005  # s
_TOGETHER = 250  # packets of a tick, beyond which ticks come sooner
_DEAD = 60.0  # s without a reply, after which a peer is asked once a second


class _Wheel:
    """A lane whose peers are passed in turn, each of them once in 1 / rate s."""

    def __init__(self, lane: Lane, rate: float, clock: float) -> None:
        self.lane = lane
        self.speed = rate * len(lane.peers)  # peers/s
        self.began = clock
        self.done = 0  # peers passed
        self.left = 0  # peers that were to be passed and were left out
        self.look()

    def look(self) -> None:
        """Notes which peers do not answer; one that answers since then does no harm in there."""
        peers = self.lane.peers
        self._dead = [place for place, peer in enumerate(peers) if not peer.alive]

    def turns(self, clock: float) -> Iterator[Turn]:
        """What is due by now."""
        late = int((clock - LATE - self.began) * self.speed) - self.left - self.done
        self.left += max(0, late)  # in time; in the order of the peers nobody is left out
        wanted = int((clock - self.began) * self.speed) - self.left
        peers, count = self.lane.peers, len(self.lane.peers)
        while self.done < wanted:
            low = self.done % count
            high = min(count, low + wanted - self.done)
            silent = [
                place
                for place in self._dead
                if low <= place < high and not (peers[place].alive or _turn(peers[place], clock))
            ]
            yield Turn(self.lane, low, high, silent)
            self.done += high - low


class Schedule:
    """The peers of a host. The order does not depend on when the prober was started."""

    def __init__(self, host: str, peers: Iterable[Peer], clock: float) -> None:
        """host: name of this host; clock: monotonic, s."""
        alike: dict[tuple[int, float, bool, int], list[Peer]] = {}
        for peer in peers:
            far = peer.far
            kind = (6 if ":" in far.address else 4, far.rate, far.wire == "mehsh", peer.mask)
            alike.setdefault(kind, []).append(peer)
        for group in alike.values():
            group.sort(key=lambda peer: _phase(host, peer.far.name))
        kinds = sorted(alike)
        self.lanes = lanes([alike[kind] for kind in kinds])
        self._wheels = [
            _Wheel(lane, kind[1], clock) for lane, kind in zip(self.lanes, kinds, strict=True)
        ]
        total = sum(wheel.speed for wheel in self._wheels)
        self.tick = min(TICK, max(_LEAST, _TOGETHER / total)) if total else TICK
        self._changed = False  # whether any peer has died or lives again

    def due(self, clock: float) -> Iterator[Turn]:
        """The peers to be asked now; nobody is in a turn twice. Each turn is to be taken.

        What was due more than LATE before is left out.
        """
        for wheel in self._wheels:
            if self._changed:
                wheel.look()
            yield from wheel.turns(clock)
        self._changed = False

    def judge(self, peer: Peer, clock: float) -> None:
        """Sees whether a peer answered lately; else it is asked once a second."""
        was_alive, peer.alive = peer.alive, alive(peer.last_reply, clock)
        self._changed |= peer.alive != was_alive
        if was_alive and not peer.alive:
            peer.asked = peer.sequence - 1


def _turn(peer: Peer, clock: float) -> bool:
    """Whether a peer that did not answer is asked now; one that has answered is alive."""
    if peer.arrived[peer.asked & peer.mask] > 0:
        peer.alive = True
        return True
    if clock < peer.resume:
        return False
    peer.asked = peer.sequence
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


def alive(last_reply: float, clock: float) -> bool:
    """Whether a peer that answered last at that time is asked at its full rate."""
    return clock - last_reply < _DEAD
