"""On which way packets to an address were lost, as check_udp_loss leaves it for check_mtr_path."""

from bothsides.base.types import Iterable, NamedTuple
from bothsides.store.sqlite import Body

KEY = "udp directions"
"""The key of the one document, which holds every address."""

RECENT = 300.0
"""Seconds for which a direction holds: the usual time between two checks."""

_KEPT = 3600.0  # s, older ones are removed
_MOST = 1000  # addresses; the oldest make room


class UdpDirection(NamedTuple):
    """The losses of one run to one address."""

    at: float  # s, UTC, when its first packet was sent
    host: str  # as check_udp_loss was asked
    address: str
    port: int
    sent: int  # packets
    answered: int  # packets
    forward: tuple[int, int] | None = None  # packets lost forward, least and most; None: unknown
    backward: tuple[int, int] | None = None  # likewise on return


def changed(document: Body | None, latest: Iterable[UdpDirection]) -> Body:
    """The document with these runs; what is older than an hour is removed."""
    known = {each.address: each for each in _all(document)}
    for each in latest:
        known[each.address] = each
    newest = max((each.at for each in known.values()), default=0.0)
    kept = sorted(each for each in known.values() if each.at > newest - _KEPT)
    return {each.address: list(each) for each in kept[-_MOST:]}


def from_document(document: Body | None, address: str, now: float) -> UdpDirection | None:
    """What was found about an address lately; None without it, or where it is not ours."""
    if not document or address not in document:
        return None
    for each in _all({address: document[address]}):
        if 0 <= now - each.at <= RECENT:
            return each
    return None


def _all(document: Body | None) -> Iterable[UdpDirection]:
    for address, fields in (document or {}).items():
        try:
            at, host, _, port, sent, answered, forward, backward = fields
            yield UdpDirection(
                at=float(at),
                host=str(host),
                address=address,
                port=int(port),
                sent=int(sent),
                answered=int(answered),
                forward=_bounds(forward, sent - answered),
                backward=_bounds(backward, sent - answered),
            )
        except (TypeError, ValueError, OverflowError):
            continue


def _bounds(bounds: object, lost: int) -> tuple[int, int] | None:
    """Least and most of a JSON array; ValueError for what no run can have found."""
    if bounds is None:
        return None
    if not isinstance(bounds, list | tuple) or len(bounds) != 2:
        raise ValueError("two numbers are expected")
    low, high = int(bounds[0]), int(bounds[1])
    if not 0 <= low <= high <= lost:
        raise ValueError("more than all losses")
    return low, high
