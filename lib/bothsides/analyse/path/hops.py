"""Each hop of a traced path in figures: routers, probes, losses and delays."""

from bothsides.analyse.statistics import mean
from bothsides.base.types import Iterable, Mapping, NamedTuple, Sequence
from bothsides.model.path import ECHO, ProbeResult, Run


class HopSummary(NamedTuple):
    """All probes of a run that were to expire at one hop."""

    ttl: int
    hosts: tuple[str, ...]  # routers, the one of most flows first
    flows: Mapping[str, tuple[int, ...]]  # the flows of each router
    sent: int
    lost: int
    best: float | None  # s
    mean: float | None  # s
    worst: float | None  # s
    mpls: str  # labels of one reply, "" without any


def summarise_hop(
    ttl: int, results: Iterable[ProbeResult], flows: Mapping[str, tuple[int, ...]]
) -> HopSummary:
    """One hop in figures; `flows`: the flows of each router, the most frequent one first."""
    mine = [result for result in results if result.ttl == ttl and result.flow != ECHO]
    times = [result.rtt for result in mine if result.rtt is not None]
    return HopSummary(
        ttl=ttl,
        hosts=tuple(flows),
        flows=flows,
        sent=len(mine),
        lost=sum(result.kind == "silent" for result in mine),
        best=min(times, default=None),
        mean=mean(times),
        worst=max(times, default=None),
        mpls=min((result.mpls for result in mine if result.mpls), default=""),
    )


class HopFigures(NamedTuple):
    """Delay and loss of one hop for graphs."""

    ttl: int
    rta: float | None  # s, mean round trip
    loss: float | None  # %, probes without an answer; None: not probed


def hop_figures(run: Run, most: int = 30) -> Sequence[HopFigures]:
    """Delay and loss of every hop up to `most`, without the probes that locate a loss."""
    looks = [*run.first, *(run.second or ())]
    figures = []
    for ttl in range(1, most + 1):
        hop = summarise_hop(ttl, looks, {})
        loss = 100.0 * hop.lost / hop.sent if hop.sent else None
        figures.append(HopFigures(ttl, hop.mean, loss))
    return figures
