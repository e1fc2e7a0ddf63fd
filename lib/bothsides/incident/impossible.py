"""Values in evidence that no measurement can have found: strangers write evidence, too."""

from bothsides.base.types import Iterator
from bothsides.model.evidence import LongTrace, Look, PeerEvidence, UdpEvidence

LATEST = 1e11  # s since 1970
_LONGEST = 255  # hops
_TRACES = 16  # of one peer
_MANY = 5000  # counts of hops in one trace


def _of_udp(udp: UdpEvidence) -> Iterator[str]:
    """Flows and intervals of UDP that contradict themselves."""
    if len(udp.flows) > _MANY:
        yield "too many flows"
    bounds = [(udp.forward, udp.lost), *((flow.forward, flow.lost) for flow in udp.flows)]
    for forward, lost in bounds:
        if forward is not None and not 0 <= forward.low <= forward.high <= lost:
            yield "impossible bounds of lost packets"
            return
    if any(not 0 <= flow.lost <= flow.sent < 1e9 for flow in udp.flows):
        yield "impossible counts of a flow"
    if udp.rtt is not None and not 0 <= udp.rtt.low <= udp.rtt.high < LATEST:
        yield "impossible delays"
    if udp.turned is not None and not 0 <= udp.turned < LATEST:
        yield "an impossible time"


def impossible_of(peer: PeerEvidence) -> Iterator[str]:
    """The same about all that one host knows of a peer."""
    yield from impossible_values(peer.now)
    yield from impossible_values(peer.before)
    if len(peer.collected) > _TRACES:
        yield "too many traces"
    for trace in peer.collected:
        yield from _of_trace(trace)


def _of_trace(trace: LongTrace) -> Iterator[str]:
    if not 0 <= trace.at < LATEST or not 0 <= trace.port < 65536:
        yield "an impossible time or port of a trace"
    if len(trace.hops) > _LONGEST or any(not 0 < hop.ttl <= _LONGEST for hop in trace.hops):
        yield "an impossible hop number"
    if not 0 <= trace.packets < 1e9 or any(not 0 <= h.lost <= h.sent < 1e9 for h in trace.hops):
        yield "impossible counts of a hop"
    times = [t for h in trace.hops for t in (h.last, h.avg, h.best, h.worst, h.stdev) if t]
    if any(not 0 <= time < LATEST for time in times):
        yield "impossible delays"


def impossible_values(look: Look) -> Iterator[str]:
    """What no measurement can have found, in words; nothing where all values are possible."""
    for part in look:
        if part is not None and not 0 <= part.at < LATEST:
            yield "an impossible time"
    udp = look.udp
    if udp is not None and not (0 <= udp.lasted < LATEST and 0 <= udp.lost <= udp.sent < 1e9):
        yield "impossible counts of packets"
    if udp is not None:
        yield from _of_udp(udp)
    if look.path is not None:
        counts = (*look.path.hops, *look.path.echo_hops)
        if not 0 <= look.path.length <= _LONGEST or len(counts) > _MANY:
            yield "a path with too many hops"
        if any(not 0 < hop.ttl <= _LONGEST for hop in counts):
            yield "an impossible hop number"
        if any(not 0 <= hop.lost <= hop.sent < 1e9 for hop in counts):
            yield "impossible counts of a hop"
