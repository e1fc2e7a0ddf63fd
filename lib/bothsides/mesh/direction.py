"""On which way unanswered packets were lost: by the reflector's own numbers, or by its account."""

from bothsides.base.types import NamedTuple, Sequence
from bothsides.mesh.closing import Lost
from bothsides.mesh.peer import Cut, Peer
from bothsides.parse import stamp_tlv

_MARGIN = 500_000_000  # ns around the start of a reflector in which nothing is known for certain
_SEARCH = 512  # packets in which the neighbour of a gap is looked for


class Ways(NamedTuple):
    """Of unanswered packets; those that are in none of these are of unknown direction."""

    out: int = 0  # lost on the way out
    back: int = 0  # lost on the way back
    far: bool = False  # the reflector itself refused or dropped some, or was started meanwhile


def by_account(lost: Sequence[Lost], account: stamp_tlv.Account, wall: int, dropped: bool) -> Ways:
    """By what the reflector has noted of every packet.

    wall: when its answer arrived, ns since 1970; dropped: whether its sockets dropped any.
    """
    out = back = unknown = 0
    started = wall - account.uptime * 1_000_000
    for number, sent in lost:
        place = (number & 0xFFFFFFFF) - account.first
        known = 0 <= place < 8 * account.octets
        if not known or _bit(account.refused_bits, place):  # over its rate, or no reply was sent
            unknown += 1
        elif _bit(account.arrived_bits, place):
            back += 1
        elif (number & 0xFFFFFFFF) < account.forgotten or dropped or sent < started + _MARGIN:
            unknown += 1
        else:
            out += 1
    return Ways(out, back, far=unknown > 0)


def _bit(bits: bytes, place: int) -> bool:
    return bool(bits[place >> 3] & 0x80 >> (place & 7))


def by_numbers(peer: Peer, cut: Cut, lost: Sequence[Lost]) -> Ways:
    """By the numbers that the reflector gave to the packets around each gap.

    A gap whose packets were lost on both ways and that reaches beyond the slice stays unknown, and
    so does one in which the numbers do not fit: a reflector that counts otherwise, or not at all.
    """
    out = back = 0
    unseen = {number for number, _ in lost}
    for number, _ in lost:
        if number not in unseen:
            continue
        gap = _gap(peer, number)
        unseen -= set(gap.lost)
        inside = [each for each in gap.lost if cut.low <= each < cut.high]
        if gap.arrived is None or gap.arrived > len(gap.lost):
            continue
        if len(inside) == len(gap.lost):
            back += gap.arrived
            out += len(inside) - gap.arrived
        elif gap.arrived == 0:
            out += len(inside)
        elif gap.arrived == len(gap.lost):
            back += len(inside)
    return Ways(out, back)


class _Gap(NamedTuple):
    """Unanswered packets of one flow between two that were answered."""

    lost: list[int]  # sequence numbers
    arrived: int | None  # how many of them reached the reflector; None when that is not known


def _gap(peer: Peer, number: int) -> _Gap:
    lost = [number]
    before = _walk(peer, number, -1, lost)
    after = _walk(peer, number, 1, lost)
    if before is None or after is None:
        return _Gap(lost, None)
    first, last = (peer.numbers[each & peer.mask] for each in (before, after))
    if first == before & 0xFFFFFFFF and last == after & 0xFFFFFFFF:  # it returns our numbers
        return _Gap(lost, None)
    return _Gap(lost, (last - first - 1) & 0xFFFFFFFF)


def _walk(peer: Peer, number: int, step: int, lost: list[int]) -> int | None:
    """The next answered packet of the same flow; the unanswered ones before it go to `lost`."""
    flow = peer.flows[number & peer.mask]
    oldest = max(peer.sequence - peer.mask, number - _SEARCH)
    newest = min(peer.sequence, number + _SEARCH)
    place = number + step
    while oldest <= place < newest:
        slot = place & peer.mask
        if peer.flows[slot] == flow:
            if peer.arrived[slot] > 0:
                return place
            if peer.arrived[slot] == 0:
                lost.append(place)
        place += step
    return None
