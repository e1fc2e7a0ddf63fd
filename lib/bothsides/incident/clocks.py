"""How the hosts' clocks differ, by the one-way delays that they measured, and what is too old.

A one-way delay by two clocks is wrong by their difference, in one direction as much as in the
other: half of the difference of both is the clocks' difference, good to half the round trip.
"""

from bothsides.base.types import Iterable, Mapping, NamedTuple, Sequence
from bothsides.model.evidence import Evidence, Look
from bothsides.model.interval import Interval
from bothsides.model.verdict import Witness

OFF = 2.0  # s, from which a clock's difference is said
_LONG = 1000.0  # s, from which it is said in minutes
STALE = 900.0  # s, by which evidence may be older than the newest


class Timed(NamedTuple):
    """The documents with clocks taken out, and who has a wrong clock or is too old."""

    documents: tuple[Evidence, ...]
    witnesses: tuple[Witness, ...]


def by_one_clock(documents: Sequence[Evidence], start: str, stale: float = STALE) -> Timed:
    """The documents by the clock of `start`, without those that are too old."""
    offsets = differences(documents, start)
    corrected = [
        _moved(document, -offsets[document.host].middle)
        if document.host in offsets and _off(offsets[document.host])
        else document
        for document in documents
    ]
    newest = max((_newest(document) for document in corrected), default=0.0)
    kept, witnesses = [], []
    for document in corrected:
        offset = offsets.get(document.host)
        old = newest - _newest(document)
        if old > stale:
            witnesses.append(Witness(document.host, "stale", f"its evidence is {_age(old)} older"))
            continue
        kept.append(_fresh(document, newest - stale))
        if offset is not None and _off(offset):
            ahead = "ahead of" if offset.middle > 0 else "behind"
            apart = abs(offset.middle)
            size = f"{apart:.3g} s" if apart < _LONG else _age(apart)
            words = f"its clock is {size} {ahead} that of {start}: corrected"
            witnesses.append(Witness(document.host, "clock off", words))
        else:
            witnesses.append(Witness(document.host, "heard", ""))
    return Timed(tuple(kept), tuple(witnesses))


def differences(documents: Iterable[Evidence], start: str) -> dict[str, Interval]:
    """How far each host's clock is ahead of that of `start`, as far as it was measured."""
    known: dict[tuple[str, str], Interval] = {}
    for document in documents:
        for difference in document.clocks:
            _learn(known, document.host, difference.peer, difference.offset)
        for peer in document.peers:
            for look in (peer.now, peer.before):
                offset = _by_delays(look)
                if offset is not None:
                    _learn(known, document.host, peer.peer, offset)
    return _from(start, known)


def _learn(known: dict[tuple[str, str], Interval], host: str, peer: str, offset: Interval) -> None:
    known.setdefault((host, peer), offset)
    known.setdefault((peer, host), Interval(-offset.high, -offset.low))


def _from(start: str, known: Mapping[tuple[str, str], Interval]) -> dict[str, Interval]:
    """The differences from one host, through others where need be."""
    ahead = {start: Interval(0.0, 0.0)}
    waiting = [start]
    while waiting:
        host = waiting.pop(0)
        for (one, other), offset in known.items():
            if one == host and other not in ahead:
                ahead[other] = ahead[host].plus(offset)
                waiting.append(other)
    return ahead


def _by_delays(look: Look) -> Interval | None:
    """How far the peer's clock is ahead."""
    udp = look.udp
    if udp is None or udp.owd is None or udp.rtt is None:
        return None
    middle, half = (udp.owd.low - udp.owd.high) / 2, udp.rtt.high / 2
    return Interval(middle - half, middle + half)


def _off(offset: Interval) -> bool:
    return offset.low > OFF or offset.high < -OFF


def _newest(document: Evidence) -> float:
    times = [part.at for peer in document.peers for part in peer.now if part is not None]
    return max([document.at, *times])


def _fresh(document: Evidence, oldest: float) -> Evidence:
    """The document without measurements that are older than the rest of the evidence."""
    peers = tuple(peer._replace(now=_fresh_look(peer.now, oldest)) for peer in document.peers)
    return document._replace(peers=peers)


def _fresh_look(look: Look, oldest: float) -> Look:
    return Look(
        look.udp if look.udp is None or look.udp.at >= oldest else None,
        look.path if look.path is None or look.path.at >= oldest else None,
        look.https if look.https is None or look.https.at >= oldest else None,
    )


def _moved(document: Evidence, seconds: float) -> Evidence:
    """The document with all its present times by another clock."""
    peers = tuple(peer._replace(now=_look_moved(peer.now, seconds)) for peer in document.peers)
    return document._replace(at=document.at + seconds, peers=peers)


def _look_moved(look: Look, seconds: float) -> Look:
    return Look(
        look.udp and look.udp._replace(at=look.udp.at + seconds),
        look.path and look.path._replace(at=look.path.at + seconds),
        look.https and look.https._replace(at=look.https.at + seconds),
    )


def _age(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
