"""The rows of a traced path: the path, its hops, and the event of a change."""

import hashlib

from bothsides.analyse.path.analysis import Analysis
from bothsides.analyse.path.baseline import Baseline
from bothsides.analyse.path.compare import Path, compare
from bothsides.analyse.path.ownership import Owner, is_network
from bothsides.analyse.statistics import deviation, mean
from bothsides.base.types import Iterator, Mapping, Sequence
from bothsides.export.carbolymer import host_points
from bothsides.export.path_rows import HopRow, hop_points, path_change
from bothsides.export.point import Event, Point, Value
from bothsides.export.schema import Measured, points
from bothsides.model.path import ECHO, ProbeResult

_NS = 1_000_000_000
_ID = 12  # hexadecimal digits of a path's name


def rows(analysis: Analysis, measured: Measured) -> Iterator[Point]:
    """The rows of the path and of its hops; in carbolymer's style those of the hops alone."""
    run = analysis.run
    hops = hop_rows(analysis)
    if measured.style == "carbolymer":
        yield from host_points(hops, run.host, int((run.at + run.took) * _NS))
        return
    at = int(run.at * _NS) or measured.began
    more: dict[str, Value] = {"run_duration": run.took or measured.duration}
    if name := path_id(analysis):
        more["path_id"] = name
    for report in measured.targets:
        report = report._replace(name=run.host)
        yield from points("MTR_PATH", report, measured.origin, at, more=more)
    yield from hop_points(hops, run.host, measured.origin, at)


def events(analysis: Analysis, measured: Measured) -> Iterator[Event]:
    """The event of a change, from the one run that found it; none where nothing is remembered."""
    run, keeping = analysis.run, analysis.past.keeping
    baseline = analysis.baseline
    if not analysis.verdict.switched or keeping is None or not keeping.learns or not run.fixed:
        return
    before = baseline.other or baseline.normal
    if before is None:
        return
    old, new = _differing(before, analysis)
    change = path_change(
        [_row(analysis, ttl, host, ()) for ttl, hosts in old.items() for host in hosts],
        [_row(analysis, ttl, host, ()) for ttl, hosts in new.items() for host in hosts],
        run.host,
        measured.origin,
        path_id(analysis),
        int(run.at * _NS) or measured.began,
    )
    if change is not None:
        yield change


def path_id(analysis: Analysis) -> str:
    """The name of the path in use, the same from run to run; "" where nothing is remembered."""
    run, keeping = analysis.run, analysis.past.keeping
    remembered = keeping is not None and keeping.learns
    if not run.fixed:
        known = remembered or analysis.classic.runs
        return _name(run.target, analysis.verdict.since) if known else ""
    path = _in_use(analysis, analysis.baseline)
    if path is None and not remembered:
        return ""
    return _name(run.target, run.at if path is None else path.first)


def _in_use(analysis: Analysis, baseline: Baseline) -> Path | None:
    """The path as it is remembered; None for one that this run has found."""
    verdict = analysis.verdict
    if verdict.word in ("silent", "unconfirmed"):
        return baseline.other or baseline.normal
    if verdict.word in ("learning", "same", "reshuffled", "sibling"):
        return baseline.normal
    if not verdict.switched:
        return baseline.other
    walk = analysis.walk
    fitting = (path for path in baseline.known if compare(path, walk, walk).verdict != "changed")
    return next(fitting, None)


def _name(target: str, first: float) -> str:
    """A name made of the target and of when the path was first seen."""
    return hashlib.sha256(f"{target} {int(first)}".encode()).hexdigest()[:_ID]


def _differing(
    before: Path, analysis: Analysis
) -> tuple[Mapping[int, Sequence[str]], Mapping[int, Sequence[str]]]:
    """The routers of both paths at the hops that no router is common to, silent ones left out.

    Where all hops share one, the hop at which most flows have left the path.
    """
    old = {ttl: tuple(hosts) for ttl, hosts in before.members.items() if hosts}
    new = {ttl: tuple(hosts) for ttl, hosts in analysis.routers.items() if hosts}
    apart = [ttl for ttl in old.keys() & new.keys() if not set(old[ttl]) & set(new[ttl])]
    turn = analysis.verdict.turn
    kept = apart or ([turn.ttl] if turn is not None else [])
    return (
        {ttl: old[ttl] for ttl in kept if ttl in old},
        {ttl: new[ttl] for ttl in kept if ttl in new},
    )


def hop_rows(analysis: Analysis) -> tuple[HopRow, ...]:
    """A row for each router of each hop, and one for a silent hop.

    A probe without a reply counts for the router that its flow meets there, else for the first.
    """
    run = analysis.run
    looks = (*run.first, *(run.second or ()), *run.segments)
    results = [result for result in looks if result.flow != ECHO]
    made: list[HopRow] = []
    for hop in analysis.hops:
        mine = [result for result in results if result.ttl == hop.ttl]
        usual = {flow: host for host, flows in hop.flows.items() for flow in flows}
        groups: dict[str, list[ProbeResult]] = {host: [] for host in hop.hosts}
        for result in mine:
            host = run.target if result.kind == "reply" else result.host
            host = host or usual.get(result.flow, next(iter(hop.hosts), ""))
            groups.setdefault(host, []).append(result)
        made += [_row(analysis, hop.ttl, host, group) for host, group in groups.items() if group]
    return tuple(made)


def _row(analysis: Analysis, ttl: int, host: str, results: Sequence[ProbeResult]) -> HopRow:
    times = [result.rtt for result in results if result.rtt is not None]
    owner = analysis.owners.get(host, Owner())
    certain = owner.sure and is_network(owner)
    return HopRow(
        hop=ttl,
        address=host,
        owner=str(owner) if certain else "",
        asn=owner.asn if certain and owner.asn else None,
        sent=len(results),
        lost=sum(result.kind == "silent" for result in results),
        rtt_min=min(times, default=None),
        rtt_avg=mean(times),
        rtt_max=max(times, default=None),
        rtt_stddev=deviation(times),
        rtt_last=times[-1] if times else None,
    )
