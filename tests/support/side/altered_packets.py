"""Other packets and flows, or fewer: altered evidence, as `altered` has it."""

import random

from bothsides.model.evidence import (
    Evidence,
    Look,
    PathEvidence,
    PeerEvidence,
    UdpEvidence,
)
from bothsides.model.interval import Interval
from bothsides.model.whose_fault import Run
from tests.support.side.altered import (
    by_look,
    by_peer,
    by_trace,
)
from tests.support.side.joined import Truth


def alternating(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """Packets of one flow take parallel links in turn, so flows mean nothing."""

    def mixed(path: PathEvidence) -> PathEvidence:
        hops = []
        for ttl in sorted({hop.ttl for hop in path.hops}):
            mine = [hop for hop in path.hops if hop.ttl == ttl]
            whole = sum(hop.lost for hop in mine)
            hosts = [hop.host for hop in mine if hop.host]
            shares = _dealt(whole, [hop.sent for hop in mine], draw)
            for hop, lost in zip(mine, shares, strict=True):
                host = draw.choice(hosts) if hosts and lost < hop.sent else ""
                hops.append(hop._replace(lost=lost, host=host, best=hop.best if host else None))
        return path._replace(hops=tuple(hops))

    def udp(look: Look) -> Look:
        if look.udp is None:
            return look
        flows = look.udp.flows
        lost = _dealt(sum(flow.lost for flow in flows), [flow.sent for flow in flows], draw)
        low = sum(flow.forward.low if flow.forward else 0 for flow in flows)
        out = _dealt(round(low), lost, draw)
        mixed_flows = tuple(
            flow._replace(lost=n, forward=flow.forward and Interval(f, f))
            for flow, n, f in zip(flows, lost, out, strict=True)
        )
        exact = all(flow.forward is None or flow.forward.low == flow.forward.high for flow in flows)
        return look._replace(udp=look.udp._replace(flows=mixed_flows)) if exact else look

    return by_look(by_trace(run, mixed), udp)


def _dealt(number: int, room: list[int], draw: random.Random) -> list[int]:
    """So many losses among flows at random, no more for each than it has room for."""
    places = [place for place, size in enumerate(room) for _ in range(size)]
    drawn = draw.sample(places, min(number, len(places)))
    return [drawn.count(place) for place in range(len(room))]


def other_flows_before(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """The flows of earlier traces had other ports: the same number is another flow."""

    def changed(document: Evidence, peer: PeerEvidence) -> PeerEvidence:
        path = peer.before.path
        if path is None:
            return peer
        mixed = list(path.flows)
        draw.shuffle(mixed)
        names = dict(zip(path.flows, mixed, strict=True))
        hops = tuple(hop._replace(flow=names.get(hop.flow, hop.flow)) for hop in path.hops)
        return peer._replace(before=peer.before._replace(path=path._replace(hops=hops)))

    return by_peer(run, changed)


def no_directions(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """Reflectors that echo packets as they are."""

    def changed(look: Look) -> Look:
        if look.udp is None:
            return look
        flows = tuple(flow._replace(forward=None) for flow in look.udp.flows)
        return look._replace(udp=look.udp._replace(forward=None, owd=None, flows=flows))

    return by_look(run, changed)


def one_flow(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """Traces by ICMP: one flow, which may be any."""

    def changed(path: PathEvidence) -> PathEvidence:
        kept = path.flows[:1]
        return path._replace(
            fixed=False, flows=kept, hops=tuple(hop for hop in path.hops if hop.flow in kept)
        )

    return by_trace(run, changed)


def few_packets(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """A tenth of the packets of UDP."""

    def changed(look: Look) -> Look:
        return look._replace(udp=look.udp and _thinned(look.udp, 0.1, draw))

    return by_look(run, changed)


def _thinned(udp: UdpEvidence, share: float, draw: random.Random) -> UdpEvidence:
    flows = []
    for flow in udp.flows:
        if flow.forward is not None and flow.forward.low != flow.forward.high:
            return udp
        sent = max(1, round(flow.sent * share))
        out = int(flow.forward.low) if flow.forward else 0
        packets = ["out"] * out + ["back"] * (flow.lost - out)
        packets += [""] * (flow.sent - len(packets))
        kept = draw.sample(packets, min(sent, len(packets)))
        lost, forward = len(kept) - kept.count(""), kept.count("out")
        bounds = Interval(forward, forward) if flow.forward else None
        flows.append(flow._replace(sent=len(kept), lost=lost, forward=bounds))
    sent = sum(flow.sent for flow in flows)
    known = udp.forward is not None
    ahead = sum(flow.forward.low for flow in flows if flow.forward)
    return udp._replace(
        sent=sent,
        lost=sum(flow.lost for flow in flows),
        flows=tuple(flows),
        forward=Interval(ahead, ahead) if known else None,
    )
