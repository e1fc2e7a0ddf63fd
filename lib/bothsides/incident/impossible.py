"""Values in evidence that no measurement can have found: strangers write evidence, too."""

from bothsides.base.types import Iterator
from bothsides.model.evidence import (
    Arrived,
    Evidence,
    HttpsEvidence,
    LongTrace,
    Look,
    PathEvidence,
    PeerEvidence,
    UdpEvidence,
)
from bothsides.model.interval import Interval

LATEST = 1e11  # s since 1970
_SLOWEST = 86400.0  # s, of a round trip or a request
_PACKETS = 1e9
_OCTETS = 1e15
_LONGEST = 255  # hops
_TRACES = 16  # of one peer
_MANY = 5000  # counts of hops in one trace


def impossible_document(evidence: Evidence) -> Iterator[str]:
    """What no host can have written of itself and its peers, in words; nothing where all fits."""
    if not 0 <= evidence.at < LATEST:
        yield "an impossible time"
    if evidence.clock_error is not None and not 0 <= evidence.clock_error < LATEST:
        yield "an impossible error of the clock"
    if any(not _ordered(each.offset, -LATEST, LATEST) for each in evidence.clocks):
        yield "an impossible difference of clocks"
    if not 0 <= evidence.left_off < _PACKETS:
        yield "an impossible number of peers"
    for peer in evidence.peers:
        yield from impossible_of(peer)


def _ordered(bounds: Interval, least: float, most: float) -> bool:
    return least <= bounds.low <= bounds.high <= most


def _is_delay(*seconds: float | None) -> bool:
    """Whether all of them, where they are known, can be round trips."""
    return all(each is None or 0 <= each < _SLOWEST for each in seconds)


def _is_count(*numbers: int | None) -> bool:
    return all(each is None or 0 <= each < _PACKETS for each in numbers)


def _of_udp(udp: UdpEvidence) -> Iterator[str]:
    """Counts, flows and intervals of UDP that contradict themselves."""
    if not 0 <= udp.lasted < LATEST or not 0 <= udp.lost <= udp.sent < _PACKETS:
        yield "impossible counts of packets"
    if not _is_count(udp.unsent, udp.overflow, udp.refused_there):
        yield "impossible counts of packets"
    if len(udp.flows) > _MANY:
        yield "too many flows"
    bounds = [(udp.forward, udp.lost), *((flow.forward, flow.lost) for flow in udp.flows)]
    if any(not _ordered(forward, 0, lost) for forward, lost in bounds if forward is not None):
        yield "impossible bounds of lost packets"
    if any(not 0 <= flow.lost <= flow.sent < _PACKETS for flow in udp.flows):
        yield "impossible counts of a flow"
    if any(not 0 <= place < len(udp.flows) for place in udp.dead_flows):
        yield "a flow that is not there"
    yield from _of_times(udp)


def _of_times(udp: UdpEvidence) -> Iterator[str]:
    """Delays and errors of UDP that nobody can have measured."""
    if udp.rtt is not None and not _ordered(udp.rtt, 0, _SLOWEST):
        yield "impossible delays"
    if not _is_delay(*(flow.fastest for flow in udp.flows)):
        yield "impossible delays"
    if udp.owd is not None and not all(-LATEST < each < LATEST for each in udp.owd):
        yield "impossible delays"
    if not 0 <= udp.worst <= 1:
        yield "an impossible share of lost packets"
    if any(not (_is_count(each.times) and 0 <= each.kind < 256 > each.code >= 0)
           for each in udp.icmp):  # fmt: skip
        yield "an impossible ICMP error"
    if udp.turned is not None and not 0 <= udp.turned < LATEST:
        yield "an impossible time"


def _of_path(path: PathEvidence) -> Iterator[str]:
    """Hops and counts of a trace that contradict themselves."""
    counts = (*path.hops, *path.echo_hops)
    lists = (path.flows, path.refusals, path.loop)
    if not 0 <= path.length <= _LONGEST or len(counts) > _MANY or max(map(len, lists)) > _MANY:
        yield "a path with too many hops"
    if any(not 0 < hop.ttl <= _LONGEST for hop in counts):
        yield "an impossible hop number"
    if any(not 0 <= refusal.ttl <= _LONGEST for refusal in path.refusals):
        yield "an impossible hop number"
    if any(not 0 <= hop.lost <= hop.sent < _PACKETS for hop in counts):
        yield "impossible counts of a hop"
    if not 0 <= path.echoes_lost <= path.echoes < _PACKETS:
        yield "impossible counts of echo requests"
    if not _is_delay(path.echo_best, *(hop.best for hop in counts)):
        yield "impossible delays"
    if path.arrived is not None and not -LATEST < path.arrived < LATEST:
        yield "an impossible time"


def _of_https(https: HttpsEvidence) -> Iterator[str]:
    if not _is_delay(https.total, https.slowest_seconds, https.rtt):
        yield "impossible delays"
    if not _is_count(https.resent, https.status) or not 0 <= https.bytes_in < _OCTETS:
        yield "impossible counts of a request"


def _of_arrivals(arrived: Arrived) -> Iterator[str]:
    if not -LATEST < arrived.last < LATEST:
        yield "an impossible time"
    if len(arrived.minutes) > _MANY or not _is_count(*arrived.minutes):
        yield "impossible counts of requests"


def impossible_of(peer: PeerEvidence) -> Iterator[str]:
    """The same about all that one host knows of a peer."""
    yield from impossible_values(peer.now)
    yield from impossible_values(peer.before)
    if peer.arrived is not None:
        yield from _of_arrivals(peer.arrived)
    if len(peer.collected) > _TRACES:
        yield "too many traces"
    for trace in peer.collected:
        yield from _of_trace(trace)


def _of_trace(trace: LongTrace) -> Iterator[str]:
    if not 0 <= trace.at < LATEST or not 0 <= trace.port < 65536:
        yield "an impossible time or port of a trace"
    if len(trace.hops) > _LONGEST or any(not 0 < hop.ttl <= _LONGEST for hop in trace.hops):
        yield "an impossible hop number"
    if not _is_count(trace.packets) or any(not 0 <= h.lost <= h.sent < 1e9 for h in trace.hops):
        yield "impossible counts of a hop"
    times = [t for h in trace.hops for t in (h.last, h.avg, h.best, h.worst, h.stdev)]
    if not _is_delay(*times):
        yield "impossible delays"


def impossible_values(look: Look) -> Iterator[str]:
    """What no measurement can have found, in words; nothing where all values are possible."""
    for part in look:
        if part is not None and not 0 <= part.at < LATEST:
            yield "an impossible time"
    if look.udp is not None:
        yield from _of_udp(look.udp)
    if look.path is not None:
        yield from _of_path(look.path)
    if look.https is not None:
        yield from _of_https(look.https)
