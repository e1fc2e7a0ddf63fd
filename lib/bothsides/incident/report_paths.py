"""The paths of a report: both directions, hop by hop, before, during and after, and mtr's form."""

from bothsides.analyse.path.ownership import Owner
from bothsides.base.types import Iterator, Mapping, NamedTuple, Sequence
from bothsides.incident.path_windows import Line, lines, sentence
from bothsides.incident.report_lists import to_time
from bothsides.model.evidence import HopCount, LongTrace, PathEvidence
from bothsides.model.report import Cell, PathTable, Phase, Row
from bothsides.store.path_runs import StoredHop, WindowSummary

MOST = 40  # hops that are shown
_HOSTS = 4  # routers of one hop that are compared


class Traced(NamedTuple):
    """A trace in one window."""

    phase: Phase
    trace: PathEvidence


def table(
    title: str, traced: Sequence[Traced], owners: Mapping[str, Owner], upwards: bool
) -> PathTable | None:
    """The windows of one direction side by side; None without a trace.

    upwards: the last hop first, so that both directions meet in the networks that they share.
    """
    if not traced:
        return None
    spans = [_window(each, owners) for each in traced]
    made = lines(spans)
    shown = made[:MOST]
    rows = [_row(line) for line in shown]
    return PathTable(
        title=title,
        phases=tuple(each.phase for each in traced),
        rows=tuple(reversed(rows)) if upwards else tuple(rows),
        left_off=len(made) - len(shown),
        words=sentence(spans) if len(spans) > 1 else "",
    )


def _row(line: Line) -> Row:
    known = [cell for cell in line.cells if cell is not None]
    return Row(
        hop=next((cell.ttl for cell in known), 0),
        owner=next((cell.owner for cell in known if cell.owner), ""),
        cells=tuple(None if cell is None else _cell(cell) for cell in line.cells),
        marks=line.marks,
    )


def _cell(hop: StoredHop) -> Cell:
    loss = hop.lost / hop.asked if hop.asked else None
    return Cell(hop.hosts[0] if hop.hosts else "", loss, hop.best)


def _window(traced: Traced, owners: Mapping[str, Owner]) -> WindowSummary:
    trace = traced.trace
    return WindowSummary(
        words=traced.phase,
        runs=1,
        hops=_hops(trace, owners),
        sent=trace.echoes,
        lost=trace.echoes_lost,
        rta=trace.echo_best,
    )


def _hops(trace: PathEvidence, owners: Mapping[str, Owner]) -> tuple[StoredHop, ...]:
    """The counts of all flows together, hop by hop."""
    by_ttl: dict[int, list[HopCount]] = {}
    for count in trace.hops:
        if not trace.length or count.ttl <= trace.length:
            by_ttl.setdefault(count.ttl, []).append(count)
    last = max((ttl for ttl, counts in by_ttl.items() if any(c.host for c in counts)), default=0)
    return tuple(
        _together(ttl, counts, owners)
        for ttl, counts in sorted(by_ttl.items())
        if ttl <= last + 1  # one silent hop says that the trace ends here
    )


def _together(ttl: int, counts: Sequence[HopCount], owners: Mapping[str, Owner]) -> StoredHop:
    often: dict[str, int] = {}
    for count in counts:
        if count.host:
            often[count.host] = often.get(count.host, 0) + count.sent - count.lost
    hosts = tuple(sorted(often, key=lambda host: (-often[host], host))[:_HOSTS])
    best = min((count.best for count in counts if count.best is not None), default=None)
    return StoredHop(
        ttl=ttl,
        hosts=hosts,
        owner=str(owners.get(hosts[0], Owner())) if hosts else "",
        asked=sum(count.sent for count in counts),
        lost=sum(count.lost for count in counts),
        best=best,
        avg=None,
        worst=None,
    )


def raw(
    title: str, traced: Sequence[Traced], owners: Mapping[str, Owner]
) -> Iterator[tuple[str, str]]:
    """Each trace as `mtr -o "LS B"` prints it: evidence has no means, only the best times."""
    for each in traced:
        yield f"{title}, {each.phase}", "\n".join(_report(each.trace, owners))


def collected(title: str, traces: Sequence[LongTrace]) -> Iterator[tuple[str, str]]:
    """Each trace that was made for a provider, as `mtr --report` prints it."""
    for each in traces:
        protocol = "ICMP" if each.protocol == "icmp" else f"TCP port {each.port}"
        yield f"{title}, {each.packets} packets by {protocol}", "\n".join(_long(each))


def _long(trace: LongTrace) -> Iterator[str]:
    hops = trace.hops[:MOST]
    width = max([len(host) for hop in hops for host in hop.hosts] + [12]) + 8
    yield f"{trace.command}"
    yield f"Start: {to_time(trace.at).replace(' ', 'T').replace('Z', '+0000')}"
    columns = "".join(f"{name:>7}" for name in ("Last", "Avg", "Best", "Wrst", "StDev"))
    yield f"{'':<{width}}  Loss%   Snt{columns}"
    for hop in hops:
        loss = 100 * hop.lost / hop.sent if hop.sent else 0.0
        times = (hop.last, hop.avg, hop.best, hop.worst, hop.stdev)
        cells = "".join(f"{'' if time is None else f'{time * 1e3:.1f}':>7}" for time in times)
        head = f"{hop.ttl:3d}.|-- {hop.hosts[0] if hop.hosts else '???'}"
        yield f"{head:<{width}} {loss:5.1f}% {hop.sent:5d}{cells}".rstrip()
        yield from (f"        {host}" for host in hop.hosts[1:])


def _report(trace: PathEvidence, owners: Mapping[str, Owner]) -> Iterator[str]:
    hops = _hops(trace, owners)[:MOST]
    names = [hop.hosts[0] if hop.hosts else "???" for hop in hops]
    width = max([len(name) + 8 for name in names] + [len(trace.source) + 6, 20])
    yield f"Start: {to_time(trace.at).replace(' ', 'T').replace('Z', '+0000')}"
    yield f"{'HOST: ' + trace.source:<{width}}  Loss%   Snt   Best"
    for hop, name in zip(hops, names, strict=True):
        loss = 100 * hop.lost / hop.asked if hop.asked else 0.0
        best = "" if hop.best is None else f"{hop.best * 1e3:.1f}"
        head = f"{hop.ttl:3d}.|-- {name}"
        yield f"{head:<{width}} {loss:5.1f}% {hop.asked:5d} {best:>6}"
        yield from (f"        {host}" for host in hop.hosts[1:])
    yield f"target {trace.target}: {trace.echoes_lost} of {trace.echoes} echo requests lost"
