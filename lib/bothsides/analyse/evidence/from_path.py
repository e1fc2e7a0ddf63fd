"""Path evidence out of a recorded run of check_mtr_path."""

from bothsides.analyse.path.walk import circle, walk
from bothsides.base.types import Iterable, Sequence
from bothsides.model.evidence import HopCount, PathEvidence, Refusal
from bothsides.model.path import ECHO, Plan, ProbeResult, Run


def path_evidence(plan: Plan, run: Run) -> PathEvidence:
    """What one trace shows, hop by hop and flow by flow."""
    results = (*run.first, *(run.second or ()), *run.segments)
    seen = walk(results, plan, run.target)
    length = min(seen.lengths.values(), default=0)
    again = [each for each in run.segments if each.flow == ECHO and not each.ttl]  # to the target
    echoes = [*run.echoes, *(each.rtt for each in again)]
    answered = [echo for echo in echoes if echo is not None]
    reached = bool(length or answered)
    return PathEvidence(
        at=run.at,
        target=run.target,
        source=run.source,
        fixed=run.fixed,
        flows=tuple(sorted({result.flow for result in run.first if result.flow != ECHO})),
        length=length,
        hops=_hops(results, run.target, length),
        echoes=len(echoes),
        echoes_lost=len(echoes) - len(answered),
        echo_best=min(answered, default=None),
        refusals=() if reached else _refusals((*results, *run.refusals), run.target),
        loop=() if reached else _loop(results),
        failure=run.failure,
        arrived=run.reflection.arrived if run.reflection is not None else None,
        echo_hops=_counts(
            [each for each in run.segments if each.flow == ECHO and each.ttl], run.target
        ),
    )


def _hops(results: Sequence[ProbeResult], target: str, length: int) -> tuple[HopCount, ...]:
    """Probes by hop and flow, up to the target."""
    mine = (each for each in results if each.flow != ECHO and not 0 < length < each.ttl)
    return _counts(mine, target)


def _counts(results: Iterable[ProbeResult], target: str) -> tuple[HopCount, ...]:
    """Probes by hop and flow."""
    groups: dict[tuple[int, int], list[ProbeResult]] = {}
    for result in results:
        groups.setdefault((result.ttl, result.flow), []).append(result)
    counts = []
    for (ttl, flow), group in sorted(groups.items()):
        hosts = [
            target if each.kind == "reply" else each.host
            for each in group
            if each.host and not _refused(each, target)
        ]
        times = [result.rtt for result in group if result.rtt is not None]
        counts.append(
            HopCount(
                flow=flow,
                ttl=ttl,
                sent=len(group),
                lost=sum(each.kind == "silent" or _refused(each, target) for each in group),
                host=max(hosts, key=hosts.count, default=""),
                best=min(times, default=None),
            )
        )
    return tuple(counts)


def _refused(result: ProbeResult, target: str) -> bool:
    """Whether a router refused to forward; what the target itself says is a reply."""
    return result.kind == "refused" and result.host != target


def _refusals(results: Iterable[ProbeResult], target: str) -> tuple[Refusal, ...]:
    """Who refused to forward, each once with the first hop at which it was seen."""
    known: dict[str, int] = {}
    listed = list(results)
    for result in listed:
        if _refused(result, target) and result.host:
            ttls = [each.ttl for each in listed if each.host == result.host and each.ttl]
            known.setdefault(result.host, min(ttls, default=0))
    return tuple(Refusal(host, ttl) for host, ttl in known.items())


def _loop(results: Sequence[ProbeResult]) -> tuple[str, ...]:
    """The routers between which packets of one flow circle."""
    flows: dict[int, dict[int, str]] = {}
    for result in results:
        if result.kind == "expired" and result.flow != ECHO:
            flows.setdefault(result.flow, {}).setdefault(result.ttl, result.host)
    for hops in flows.values():
        if routers := circle([hops[ttl] for ttl in sorted(hops)]):
            return routers
    return ()
