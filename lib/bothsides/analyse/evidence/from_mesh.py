"""UDP evidence out of a window of the continuous mesh."""

from bothsides.analyse.evidence.family import family_of
from bothsides.base.types import Iterator
from bothsides.model.evidence import FlowLoss, UdpEvidence
from bothsides.model.interval import Interval
from bothsides.model.mesh import PairWindow, Run

_MICRO = 1e-6


def mesh_evidence(run: Run, window: float) -> dict[str, UdpEvidence]:
    """What the prober's window shows of each of its peers, by the peer's name.

    window: s that were asked for.
    """
    return {pair.name: of_pair(pair, run.closed - window, window) for pair in _measured(run)}


def _measured(run: Run) -> Iterator[PairWindow]:
    """The pairs with packets; a window that is all suspect says nothing."""
    return (pair for pair in run.pairs if pair.sent > 0 and pair.lost <= pair.sent)


def of_pair(pair: PairWindow, begin: float, window: float) -> UdpEvidence:
    """What one pair shows; packets of which nobody knows the direction make the bounds wide.

    begin: s since 1970; window: s.
    """
    known = pair.out + pair.back <= pair.lost
    forward = Interval(pair.out, pair.lost - pair.back) if known else None
    rtt = None
    if pair.rtt_min:
        rtt = Interval(pair.rtt_min * _MICRO, pair.rtt_mean * _MICRO)
    if pair.lost == pair.sent and not pair.out and not pair.back:
        forward = None
    flow = FlowLoss(pair.sent, pair.lost, forward, rtt.low if rtt is not None else None)
    return UdpEvidence(
        at=max(0.0, round(begin, 3)),
        lasted=window,
        sent=pair.sent,
        lost=pair.lost,
        forward=forward,
        flows=(flow,),
        dead_flows=(),
        rtt=rtt,
        owd=None,
        unsent=pair.unsent,
        protocol="mesh",
        family=family_of(pair.address),
    )
