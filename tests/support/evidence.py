"""Evidence made by hand: two hosts A and B, a provider, a cloud, and a third host C."""

from collections.abc import Mapping, Sequence
from typing import Any

from bothsides.analyse.path.ownership import Owner
from bothsides.incident.case import Case, joined_case
from bothsides.model.evidence import (
    VERSION,
    Evidence,
    FlowLoss,
    HopCount,
    HttpsEvidence,
    IcmpWord,
    Look,
    OwnTrouble,
    PathEvidence,
    PeerEvidence,
    UdpEvidence,
)
from bothsides.model.interval import Interval

NOW = 1_800_000_000.0
OUT = ("10.0.0.1", "62.2.3.1", "62.2.10.2", "62.2.11.2", "52.1.0.1", "52.1.1.2", "52.1.9.10")
BACK = ("52.1.9.1", "52.1.3.2", "62.2.20.2", "62.2.21.2", "62.2.3.2", "10.0.0.10")
THIRD = ("81.1.0.1", "81.1.1.2", "52.1.5.1", "52.1.1.2", "52.1.9.10")
OWNERS = {
    "10.0.0": Owner("Office", 0, "us"),
    "62.2": Owner("TalNet", 0, "isp"),
    "52.1": Owner("Nimbus", 0, "cloud"),
    "81.1": Owner("Bergnet", 0, "isp"),
}
"""By the beginning of the address."""


def owners_of(addresses: Sequence[str]) -> dict[str, Owner]:
    """The owner of each address."""
    return {
        address: owner
        for address in addresses
        for start, owner in OWNERS.items()
        if address.startswith(start)
    }


def udp(out: int = 0, back: int = 0, sent: int = 200, flows: int = 10) -> UdpEvidence:
    """A measurement with so many losses in each direction, even over its flows."""
    each = sent // flows
    parts = [
        FlowLoss(each, a + b, Interval(a, a), 0.002)
        for a, b in zip(_dealt(out, flows), _dealt(back, flows), strict=True)
    ]
    rtt = Interval(0.002, 0.0021) if out + back < sent else None
    return UdpEvidence(
        at=NOW,
        lasted=2.0,
        sent=sent,
        lost=out + back,
        forward=Interval(out, out),
        flows=tuple(parts),
        dead_flows=(),
        rtt=rtt,
        owd=Interval(0.001, 0.001) if rtt else None,
        protocol="stamp",
    )


def silent(icmp: tuple[IcmpWord, ...] = ()) -> UdpEvidence:
    """A measurement without any reply."""
    flows = tuple(FlowLoss(20, 20, None) for _ in range(10))
    return UdpEvidence(NOW, 2.0, 200, 200, None, flows, (), None, None, icmp)


def _dealt(number: int, flows: int) -> list[int]:
    return [number // flows + (place < number % flows) for place in range(flows)]


def trace(
    line: Sequence[str],
    lossy_from: int = 0,
    share: float = 0.0,
    stop: int = 0,
    slow_from: int = 0,
    slower: float = 0.0,
) -> PathEvidence:
    """A trace of 40 probes to each hop; from a hop on they lose a share, or nothing answers."""
    flows = tuple(range(4))
    hops = []
    last = len(line)
    for ttl in range(1, last + 1):
        lost = round(10 * share) if lossy_from and ttl >= lossy_from else 0
        dead = bool(stop and ttl >= stop)
        best = 0.0005 * ttl + (slower if slow_from and ttl >= slow_from else 0)
        hops += [
            HopCount(
                flow=flow,
                ttl=ttl,
                sent=10,
                lost=10 if dead else lost,
                host="" if dead else line[ttl - 1],
                best=None if dead else best,
            )
            for flow in flows
        ]
    lossy = bool(lossy_from)
    return PathEvidence(
        at=NOW,
        target=line[-1],
        source="",
        fixed=True,
        flows=flows,
        length=0 if stop else last,
        hops=tuple(hops),
        echoes=40,
        echoes_lost=40 if stop else round(40 * share) if lossy else 0,
        echo_best=None if stop else 0.0005 * last + slower,
    )


def https(**changes: Any) -> HttpsEvidence:
    """A request that went well, but for the changes."""
    well = HttpsEvidence(NOW, "", "", "", True, 200, 0.05, "tls", 0.03, 0, 0.002)
    return well._replace(**changes)


def document(
    host: str,
    peers: Mapping[str, Look],
    before: Mapping[str, Look] | None = None,
    troubles: tuple[OwnTrouble, ...] = (),
) -> Evidence:
    """The document of one host."""
    return Evidence(
        version=VERSION,
        host=host,
        at=NOW,
        clock_error=None,
        troubles=troubles,
        peers=tuple(
            PeerEvidence(peer, "", look, (before or {}).get(peer, Look()))
            for peer, look in peers.items()
        ),
    )


def case(*documents: Evidence, start: str = "A", target: str = "B") -> Case:
    """The case of these documents."""
    from bothsides.incident.case import addresses_of

    return joined_case(start, target, documents, owners_of(addresses_of(documents)))


WELL = (
    document("A", {"B": Look(udp(), trace(OUT), https())}),
    document("B", {"A": Look(udp(), trace(BACK), https())}),
)
"""Both ends of a healthy way."""
