"""Makes the report of an incident out of its evidence, the verdict and windows of time; pure."""

import time

from bothsides.analyse.path.ownership import Owner
from bothsides.base.types import Iterator, Mapping, Sequence
from bothsides.incident import report_lists as lists
from bothsides.incident.report_evidence import MOST, to_text, without_thirds
from bothsides.incident.report_lists import Seen
from bothsides.incident.report_paths import Traced, collected, raw, table
from bothsides.incident.report_wanted import Traces, wanted
from bothsides.model.evidence import Evidence, LongTrace, PathEvidence, PeerEvidence, UdpEvidence
from bothsides.model.interval import Interval
from bothsides.model.report import Kept, Phase, Point, Report, Said, Span, Way
from bothsides.model.verdict import NONE, Verdict
from bothsides.parse.time_window import to_instant

_THIRDS = 20  # pairs of third hosts that are shown
_STEPS = 40  # lines of reasoning that are shown
_TRIPS = 600  # stored runs in the timeline
_LATEST = 1e11  # s since 1970


def made(kept: Kept, verdict: Verdict, said: Said) -> Report:
    """The report."""
    owners = {each.address: Owner(each.label, each.asn, each.role, each.sure)
              for each in kept.run.owners}  # fmt: skip
    seen = tuple(_seen(kept))
    names = verdict.start, verdict.target
    titles = {"out": f"{names[0]} to {names[1]}", "back": f"{names[1]} to {names[0]}"}
    traces = {way: _traced(seen, way) for way in titles}
    tables = [
        table(titles["out"], traces["out"], owners, upwards=False),
        table(titles["back"], traces["back"], owners, upwards=True),
    ]
    long = _long_traces(kept)
    spans = kept.spans or tuple(_spans(seen))
    text = to_text(kept)
    if len(text) > MOST:
        text = to_text(without_thirds(kept))
    evidence = text if len(text) <= MOST else ""
    points = tuple(sorted(_points(seen, kept), key=lambda each: (each.at, each.way)))
    return Report(
        headline=f"{names[0]} to {names[1]}: {_headline(verdict, said, points)}",
        facts=tuple(_facts(kept, verdict, said, spans, owners, points)),
        spans=spans,
        points=points,
        ways=tuple(each for each in tables if each is not None),
        thirds=tuple(lists.thirds(kept))[:_THIRDS],
        steps=tuple(f"{each.rule} {each.title}: {each.words}" for each in verdict.steps)[:_STEPS],
        ruled_out=tuple(lists.ruled_out(kept, verdict))[:_STEPS],
        methods=tuple(lists.methods(seen, kept, titles)),
        raw=tuple(
            pair
            for way in titles
            for pair in (
                *collected(titles[way], long[way]),
                *raw(titles[way], traces[way], owners),
            )
        ),
        wanted=tuple(wanted(kept.provider, _ends(kept), _packets(traces, long))),
        limits=tuple(lists.limits(kept, verdict, points, evidence, evidence == to_text(kept)))[
            :_STEPS
        ],
        evidence=evidence,
        verdict=verdict,
    )


def ends_of(kept: Kept) -> tuple[str, str]:
    """The addresses of both hosts; "" where no trace and no document names one."""
    start, target = kept.run.start, kept.run.target
    here = there = ""
    for document in (*kept.run.documents, *kept.after):
        for peer in document.peers:
            trace = peer.now.path or peer.before.path
            if (document.host, peer.peer) == (start, target):
                there = there or (trace.target if trace else peer.address)
                here = here or (trace.source if trace else "")
            elif (document.host, peer.peer) == (target, start):
                here = (trace.target if trace else peer.address) or here
                there = there or (trace.source if trace else "")
    return here, there


def _ends(kept: Kept) -> tuple[tuple[str, str], tuple[str, str]]:
    here, there = ends_of(kept)
    return (kept.run.start, here), (kept.run.target, there)


def moment(at: float) -> str:
    """`2019-01-10 16:15:00Z (17:15:00 CET)`: UTC, and the time of this host's zone."""
    if not 0 <= at < _LATEST:
        return "at an unknown time"
    local = time.localtime(at)
    zone = time.strftime("%Z", local)
    if zone == "UTC":
        return to_instant(at)
    other_day = time.strftime("%Y-%m-%d", local) != to_instant(at)[:10]
    form = "%Y-%m-%d %H:%M:%S" if other_day else "%H:%M:%S"
    return f"{to_instant(at)} ({time.strftime(form, local)} {zone})"


def _seen(kept: Kept) -> Iterator[Seen]:
    pair = kept.run.start, kept.run.target
    ways: Mapping[tuple[str, str], Way] = {pair: "out", (pair[1], pair[0]): "back"}
    for peer, way in _of_pair(kept.run.documents, ways):
        yield Seen("before", way, peer.before)
        yield Seen("during", way, peer.now)
    for peer, way in _of_pair(kept.after, ways):
        yield Seen("after", way, peer.now)


def _of_pair(
    documents: Sequence[Evidence], ways: Mapping[tuple[str, str], Way]
) -> Iterator[tuple[PeerEvidence, Way]]:
    for document in documents:
        for peer in document.peers:
            way = ways.get((document.host, peer.peer))
            if way is not None:
                yield peer, way


def _traced(seen: Sequence[Seen], way: str) -> list[Traced]:
    return [
        Traced(each.phase, each.look.path)
        for each in seen
        if each.way == way and each.look.path is not None and each.look.path.hops
    ]


def _long_traces(kept: Kept) -> dict[str, list[LongTrace]]:
    """The traces that were made for a provider, by direction."""
    names = kept.run.start, kept.run.target
    ways: Mapping[tuple[str, str], Way] = {names: "out", (names[1], names[0]): "back"}
    by_way: dict[str, list[LongTrace]] = {"out": [], "back": []}
    for peer, way in _of_pair(kept.run.documents, ways):
        by_way[way] += peer.collected
    return by_way


def _packets(
    traces: Mapping[str, Sequence[Traced]], long: Mapping[str, Sequence[LongTrace]]
) -> tuple[Traces, Traces]:
    """Packets of the traces during the incident, out and back."""
    out, back = (
        Traces(
            icmp=sum(each.trace.echoes for each in traces[way] if each.phase == "during")
            + sum(each.packets for each in long[way] if each.protocol == "icmp"),
            tcp=sum(each.packets for each in long[way] if each.protocol == "tcp"),
        )
        for way in ("out", "back")
    )
    return out, back


def _spans(seen: Sequence[Seen]) -> Iterator[Span]:
    """The windows as the evidence has them."""
    phases: tuple[Phase, ...] = ("before", "during", "after")
    for phase in phases:
        parts = [part for each in seen if each.phase == phase for part in each.look if part]
        if parts:
            start = min(part.at for part in parts)
            yield Span(phase, start, max(part.at + _lasted(part) for part in parts))


def _lasted(part: object) -> float:
    return part.lasted if isinstance(part, UdpEvidence) else 0.0


def _points(seen: Sequence[Seen], kept: Kept) -> Iterator[Point]:
    usual = {each.way: each.look.path for each in seen if each.phase == "before"}
    for each in seen:
        other = _other_path(usual.get(each.way), each.look.path)
        if each.look.udp is not None and each.look.udp.sent:
            yield from _by_udp(each, each.look.udp, other)
        elif each.look.path is not None and each.look.path.echoes:
            trace = each.look.path
            inside = any(span.start <= trace.at <= span.end for span in kept.spans)
            if kept.trips and each.way == "out" and inside:
                continue  # one of the stored runs
            rtt = None if trace.echo_best is None else Interval(trace.echo_best, trace.echo_best)
            lost = Interval(trace.echoes_lost, trace.echoes_lost)
            yield Point(each.phase, "trip", trace.at, 0.0, trace.echoes, lost, rtt, other)
    for trip in kept.trips[-_TRIPS:]:
        phase = next((s.phase for s in kept.spans if s.start <= trip.at <= s.end), None)
        if phase is not None:
            rtt = None if trip.rtt is None else Interval(trip.rtt, trip.rtt)
            lost = Interval(trip.lost, trip.lost)
            yield Point(phase, "trip", trip.at, 0.0, trip.sent, lost, rtt, trip.changed)


def _by_udp(seen: Seen, udp: UdpEvidence, other: bool) -> Iterator[Point]:
    """A measurement by UDP in each direction, or as round trips where that is not known."""
    at, lasted, forward = udp.at, udp.lasted, udp.forward
    if forward is None:
        whole = Interval(udp.lost, udp.lost)
        yield Point(seen.phase, "trip", at, lasted, udp.sent, whole, udp.rtt, other)
        return
    back: Way = "back" if seen.way == "out" else "out"
    yield Point(seen.phase, seen.way, at, lasted, udp.sent, forward, udp.rtt, other)
    returned = udp.sent - int(forward.low)
    lost = Interval(max(0.0, udp.lost - forward.high), max(0.0, udp.lost - forward.low))
    if returned > 0:
        yield Point(seen.phase, back, at, lasted, returned, lost, None)


def _other_path(usual: PathEvidence | None, now: PathEvidence | None) -> bool:
    """Whether a router answers at a hop where others did before."""
    if usual is None or now is None or usual is now:
        return False
    before: dict[int, set[str]] = {}
    for hop in usual.hops:
        before.setdefault(hop.ttl, set()).add(hop.host)
    return any(
        hop.host and before.get(hop.ttl, {""}) - {""} and hop.host not in before[hop.ttl]
        for hop in now.hops
    )


def _facts(
    kept: Kept,
    verdict: Verdict,
    said: Said,
    spans: Sequence[Span],
    owners: Mapping[str, Owner],
    points: Sequence[Point],
) -> Iterator[tuple[str, str]]:
    for label, (name, address) in zip(("from", "to"), _ends(kept), strict=True):
        owner = str(owners.get(address, Owner()))
        words = ", ".join(part for part in (address, owner) if part) or "address not known"
        yield label, f"{name} ({words})"
    if kept.ticket:
        yield "ticket", kept.ticket
    for span in spans:
        if span.phase == "during":
            yield from _when(span)
    names = verdict.start, verdict.target
    yield f"lost {names[0]} to {names[1]}", _lost(verdict.lost_out, verdict.sent_out, said.out)
    yield f"lost {names[1]} to {names[0]}", _lost(verdict.lost_back, verdict.sent_back, said.back)
    yield from _round_trips(points)
    for span in spans:
        if span.phase != "during":
            yield f"compared with {span.phase}", f"{moment(span.start)} to {moment(span.end)}"
    yield "report", f"made {moment(kept.made)} by bothsides {kept.version}"


def _when(span: Span) -> Iterator[tuple[str, str]]:
    """Begin and end of the incident, or the moment at which it was measured."""
    if span.end - span.start < 1:
        yield "measured", moment(span.start)
        return
    yield "begin", moment(span.start)
    yield "end", f"{moment(span.end)}, of what was measured"
    yield "duration", duration(span.end - span.start)


def _headline(verdict: Verdict, said: Said, points: Sequence[Point]) -> str:
    """The joined line; in front of it loss that has no direction, which the rules do not judge."""
    lost, sent = _trips_lost(points)
    if not lost or verdict.loss_out is not None or verdict.loss_back is not None:
        return said.headline
    well = verdict.side == (NONE,)
    rest = "cannot tell whose fault" if well else said.headline
    return f"lost {lost} of {sent} round trips, direction not known; {rest}"


def _trips_lost(points: Sequence[Point]) -> tuple[int, int]:
    """Packets lost and sent during the incident by measurements that know no direction."""
    trips = [each for each in points if each.phase == "during" and each.way == "trip"]
    lost = sum(int(each.lost.high) for each in trips if each.lost is not None)
    return lost, sum(each.sent for each in trips)


def _round_trips(points: Sequence[Point]) -> Iterator[tuple[str, str]]:
    """Loss during the incident whose direction is not known."""
    lost, sent = _trips_lost(points)
    if sent:
        yield "lost, round trips", f"{lost} of {sent} packets, direction not known"


def _lost(lost: Interval | None, sent: int, words: str) -> str:
    if lost is None or not sent:
        return "not measured"
    low, high = int(lost.low), -int(-lost.high // 1)
    count = f"{low}" if low == high else f"{low} to {high}"
    return f"{count} of {sent} packets ({words}, with 95 % confidence)"


def duration(seconds: float) -> str:
    """`13 min`, `2.5 h`, `12 s`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
