"""Since when a fault is seen, and whether it was over when the measurements ended."""

from bothsides.base.types import NamedTuple
from bothsides.incident.case import Case
from bothsides.model.evidence import UdpEvidence


class Span(NamedTuple):
    """When a fault was seen, s since 1970."""

    since: float | None  # the earliest measurement that shows it; None: not known
    until: float | None  # when it ended while it was measured; None: it did not, or is not known


def span_of(case: Case) -> Span:
    """The time of what both hosts measured of each other."""
    looks = [view.now for view in (case.there, case.here) if view is not None]
    times = [part.at for look in looks for part in look if part is not None and part.at > 0]
    lossy = [look.udp for look in looks if look.udp is not None and look.udp.lost]
    if not times:
        return Span(None, None)
    turns = [_turn(udp) for udp in lossy]
    began = [at for at, ended in turns if at is not None and not ended]
    over = [at for at, ended in turns if at is not None and ended]
    if lossy and len(began) == len(lossy):
        return Span(min(began), None)
    return Span(min(times), max(over) if lossy and len(over) == len(lossy) else None)


def _turn(udp: UdpEvidence) -> tuple[float | None, bool]:
    """When loss began or ended, and whether it ended."""
    if udp.turned is None or udp.ended is None or udp.at <= 0:
        return None, False
    return udp.at + udp.turned, udp.ended
