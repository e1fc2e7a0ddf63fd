"""The windows of an incident out of stored runs: the last time that runs were bad."""

from bothsides.base.types import Iterable, NamedTuple, Sequence
from bothsides.model.evidence import VERSION, Evidence, HopCount, Look, PathEvidence, PeerEvidence
from bothsides.model.report import Span, Trip
from bothsides.model.whose_fault import NamedOwner
from bothsides.store.path_runs import StoredRun, is_bad

_APART = 4.0  # times the usual time between two runs: bad runs that are farther apart are two
_SAME = 3600.0  # s, the same where no good run is between them: runs are slower while it is bad
_SHORTEST = 300.0  # s, of the windows before and after
_MOST = 600  # stored runs in a report


class Stored(NamedTuple):
    """What stored runs know, as documents."""

    during: Evidence  # with the last run before
    after: tuple[Evidence, ...]  # one, or none


def last_incident(runs: Sequence[StoredRun]) -> tuple[Span, ...]:
    """Before, during and after the last bad runs; nothing where no run was bad."""
    bad = [place for place, run in enumerate(runs) if is_bad(run)]
    if not bad:
        return ()
    pairs = zip(runs, runs[1:], strict=False)  # noqa: RUF007
    steps = sorted(later.at - run.at for run, later in pairs)
    usual = steps[len(steps) // 2] if steps else _SHORTEST
    first = last = bad[-1]
    for place in reversed(bad):
        apart = runs[first].at - runs[place].at
        if apart > (_APART * usual if first - place > 1 else max(_SAME, _APART * usual)):
            break
        first = place
    start, end = runs[first].at, runs[last].at
    length = max(_SHORTEST, end - start, 2 * usual)
    spans = [Span("during", start, end)]
    if first:
        spans.insert(0, Span("before", max(runs[0].at, start - length), runs[first - 1].at))
    if last + 1 < len(runs):
        spans.append(Span("after", runs[last + 1].at, min(runs[-1].at, end + length)))
    return tuple(span for span in spans if span.start <= span.end)


def trips(runs: Iterable[StoredRun], spans: Sequence[Span]) -> tuple[Trip, ...]:
    """The runs inside the windows; of very many, neighbours are counted together."""
    inside = [run for run in runs if any(span.start <= run.at <= span.end for span in spans)]
    step = -(-len(inside) // _MOST) or 1
    return tuple(_together(inside[place : place + step]) for place in range(0, len(inside), step))


def _together(runs: Sequence[StoredRun]) -> Trip:
    times = [run.rta for run in runs if run.rta is not None]
    return Trip(
        at=runs[0].at,
        sent=sum(run.sent for run in runs),
        lost=sum(run.lost for run in runs),
        rtt=sum(times) / len(times) if times else None,
        changed=any(run.word == "changed" for run in runs),
    )


def evidence(start: str, target: str, runs: Sequence[StoredRun], spans: Sequence[Span]) -> Stored:
    """The worst run of the incident, the last one before and the first one after, as documents."""
    chosen: dict[str, Look] = {}
    for span in spans:
        inside = [run for run in runs if span.start <= run.at <= span.end]
        if inside:
            run = {"before": inside[-1], "during": max(inside, key=_harm), "after": inside[0]}
            chosen[span.phase] = Look(path=_trace(run[span.phase]))

    def document(now: Look, before: Look) -> Evidence:
        at = now.path.at if now.path is not None else 0.0
        peer = PeerEvidence(target, now.path.target if now.path else "", now, before)
        return Evidence(VERSION, start, at, None, (), (peer,))

    nothing = Look()
    during = document(chosen.get("during", nothing), chosen.get("before", nothing))
    after = (document(chosen["after"], nothing),) if "after" in chosen else ()
    return Stored(during, after)


def owners(runs: Iterable[StoredRun]) -> tuple[NamedOwner, ...]:
    """The networks that the runs were stored with; only the first router of a hop has one."""
    known = {hop.hosts[0]: hop.owner for run in runs for hop in run.hops if hop.hosts and hop.owner}
    return tuple(NamedOwner(host, label, 0, "", True) for host, label in sorted(known.items()))


def _harm(run: StoredRun) -> tuple[bool, float, float]:
    return is_bad(run), run.lost / max(1, run.sent), run.rta or 0.0


def _trace(run: StoredRun) -> PathEvidence:
    """A stored run as evidence: counts by hop, not by flow."""
    reached = [hop.ttl for hop in run.hops if run.target in hop.hosts]
    return PathEvidence(
        at=run.at,
        target=run.target,
        source=run.source,
        fixed=False,
        flows=(0,),
        length=min(reached, default=0),
        hops=tuple(
            HopCount(0, hop.ttl, hop.asked, hop.lost, hop.hosts[0] if hop.hosts else "", hop.best)
            for hop in run.hops
        ),
        echoes=run.sent,
        echoes_lost=run.lost,
        echo_best=run.rta,
    )
