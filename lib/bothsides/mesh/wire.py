"""Replies of other kinds than the usual: mehsh, echo, and reflectors without a SSID."""

from bothsides.base.types import Mapping, NamedTuple
from bothsides.mesh.peer import MEHSH, Peer
from bothsides.parse import Unreadable, mehsh, stamp
from bothsides.parse.ntp_time import to_ntp


class Reply(NamedTuple):
    """A reply to one of our packets."""

    peer: Peer
    sequence: int  # 32 bits of it
    number: int  # the reflector's own; ours where it has none
    third: int  # T3, NTP; 0 where it has none
    second: int  # T2, NTP; 0 where it has none


def other(octets: memoryview, source: int, run: int, peers: Mapping[int, Peer]) -> Reply | None:
    """What a datagram answers, by its whole content; None for a stray.

    source: of the sender, as of `batch.to_source`; run: marks mehsh's packets of this process.
    """
    if len(octets) == mehsh.SIZE:
        return _mehsh(octets, source, run, peers)
    if len(octets) < _SHORTEST:
        return None
    mark = int.from_bytes(octets[14:16])
    peer = peers.get(mark) if mark else _by_source(source, peers)
    if peer is None or peer.source != source or peer.far.wire == "mehsh":
        return None
    return _echo(octets, peer) if peer.far.wire == "echo" else _stamp(octets, peer)


_SHORTEST = 38  # octets of a reflector's packet, as twampy sends it


def _mehsh(octets: memoryview, source: int, run: int, peers: Mapping[int, Peer]) -> Reply | None:
    magic, version, ours, mark, sequence, kind = MEHSH.unpack(octets)
    peer = peers.get(mark)
    if (magic, version, ours, kind) != (mehsh.MAGIC, 1, run, mehsh.REPLY):
        return None
    if peer is None or peer.far.wire != "mehsh" or peer.source != source:
        return None
    return Reply(peer, sequence, sequence, 0, 0)


def _echo(octets: memoryview, peer: Peer) -> Reply | None:
    """Our own packet, returned unchanged."""
    sequence = int.from_bytes(octets[:4])
    if len(octets) != stamp.PLAIN or any(octets[16:]):
        return None
    return Reply(peer, sequence, sequence, 0, 0)


def _stamp(octets: memoryview, peer: Peer) -> Reply | None:
    """The reply of a reflector that is older than RFC 8972, or whose packets are shorter."""
    try:
        reply = stamp.from_reply(bytes(octets))
    except Unreadable:
        return None
    return Reply(peer, reply.sequence, reply.number, to_ntp(reply.replied), to_ntp(reply.received))


def _by_source(source: int, peers: Mapping[int, Peer]) -> Peer | None:
    """The only peer with this address and port."""
    matching = [peer for peer in peers.values() if peer.source == source]
    return matching[0] if len(matching) == 1 else None
