"""Makes a slice of the packets that belong to it, once their time to be answered is over."""

from operator import sub

from bothsides.base.types import NamedTuple
from bothsides.mesh.peer import SKIPPED, UNSENT, Cut, Peer
from bothsides.mesh.timeline import SHARE, Span
from bothsides.model.mesh import CLOCK, SHORT, Slice

_BILLION = 1_000_000_000


class Lost(NamedTuple):
    """A packet without a reply."""

    number: int  # sequence number
    sent: int  # ns since 1970


class Closed(NamedTuple):
    """A slice, and its packets that were not answered."""

    row: Slice  # `out` and `back` are 0 until their direction is known
    lost: tuple[Lost, ...]  # late ones left out


def closed(peer: Peer, cut: Cut, span: Span) -> Closed:
    """The slice of these packets as it looks now; a reply that comes later makes it another."""
    sent, arrived, inside = peer.columns(cut, peer.sent, peer.arrived, peer.inside)
    unsent = skipped = late = reordered = 0
    duplicated = _duplicates(peer, cut) if peer.duplicates else 0
    lost: tuple[Lost, ...] = ()
    limit = round(peer.far.timeout * _BILLION)
    if arrived and min(arrived) <= 0:
        unsent, skipped = arrived.count(UNSENT), arrived.count(SKIPPED)
        lost = tuple(
            Lost(cut.low + place, sent[place]) for place, at in enumerate(arrived) if not at
        )
        sent = [a for a, b in zip(sent, arrived, strict=True) if b > 0]
        inside = [i for i, b in zip(inside, arrived, strict=True) if b > 0]
        arrived = [b for b in arrived if b > 0]
    waits = list(map(sub, arrived, sent))
    if arrived != sorted(arrived):
        reordered = _reordered(peer, cut)
    if waits and max(waits) > limit:
        inside = [i for i, wait in zip(inside, waits, strict=True) if wait <= limit]
        waits = [wait for wait in waits if wait <= limit]
        late = len(arrived) - len(waits)
    trips = list(map(sub, waits, inside))
    least = min(trips, default=0)
    if least < 0:
        trips, least = [max(0, trip) for trip in trips], 0
    count = cut.high - cut.low - unsent - skipped
    short = unsent > SHARE * (count + unsent) or span.stalled * _BILLION > SHARE * (
        span.end - span.begin
    )
    return Closed(
        Slice(
            at=span.at,
            sent=count,
            lost=count - len(waits),
            out=0,
            back=0,
            late=late,
            duplicated=duplicated,
            reordered=reordered,
            unsent=unsent,
            flags=SHORT * short | CLOCK * span.stepped,
            rtt_min=least // 1000,
            rtt_mean=sum(trips) // len(trips) // 1000 if trips else 0,
            rtt_max=max(trips, default=0) // 1000,
        ),
        lost,
    )


def _duplicates(peer: Peer, cut: Cut) -> int:
    """Replies beyond the first to these packets; those to older packets are forgotten."""
    mine = sum(cut.low <= number < cut.high for number in peer.duplicates)
    oldest = peer.sequence - peer.mask
    peer.duplicates = [number for number in peer.duplicates if number >= oldest]
    return mine


def _reordered(peer: Peer, cut: Cut) -> int:
    """Replies that arrived after the reply to a later packet of the same flow."""
    latest: dict[int, int] = {}
    count = 0
    for number in range(cut.high - 1, cut.low - 1, -1):
        slot = number & peer.mask
        at, flow = peer.arrived[slot], peer.flows[slot]
        if at > 0:
            if at > latest.get(flow, at):
                count += 1
            latest[flow] = min(at, latest.get(flow, at))
    return count
