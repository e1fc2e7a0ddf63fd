"""The lists of a report: third vantages, what was ruled out, how it was measured, and limits."""

from bothsides.base.types import Iterator, Mapping, NamedTuple, Sequence
from bothsides.model.evidence import Look, UdpEvidence
from bothsides.model.report import Kept, Phase, Point, Way
from bothsides.model.verdict import Verdict
from bothsides.parse.time_window import to_instant

_LATEST = 1e11  # s since 1970


class Seen(NamedTuple):
    """What one host measured of the other one in one window."""

    phase: Phase
    way: Way  # from the host that measured
    look: Look


def thirds(kept: Kept) -> Iterator[tuple[str, str]]:
    """Each pair with a third host, and what it measured."""
    pair = {kept.run.start, kept.run.target}
    for document in kept.run.documents:
        for peer in document.peers:
            if {document.host, peer.peer} != pair:
                words = "; ".join(_measured(peer.now)) or "nothing measured"
                yield f"{document.host} to {peer.peer}", words


def _measured(look: Look) -> Iterator[str]:
    if look.udp is not None and look.udp.sent:
        out = ""
        if look.udp.lost and look.udp.forward is not None:
            low, high = int(look.udp.forward.low), int(look.udp.forward.high)
            out = f", {low if low == high else f'{low} to {high}'} of these on the way out"
        yield f"UDP: {look.udp.lost} of {look.udp.sent} packets lost{out}"
    if look.path is not None:
        trace = look.path
        yield f"echo: {trace.echoes_lost} of {trace.echoes} lost" if trace.echoes else "traced"
    if look.https is not None:
        failed = f"failed in {look.https.phase}" if look.https.phase else "went well"
        yield f"HTTPS: {failed}, {look.https.total:.3g} s"


def ruled_out(kept: Kept, verdict: Verdict) -> Iterator[str]:
    """Sides that are acquitted, and trouble that both ends looked for in themselves."""
    yield from (f"{code}: {why}" for code, why in verdict.acquitted if code)
    ends = kept.run.start, kept.run.target
    for document in kept.run.documents:
        if document.host not in ends:
            continue
        for trouble in document.troubles:
            yield f"NOT ruled out: {document.host} has trouble of its own: {trouble.words}"
        if document.clock_error is not None:
            yield f"clock of {document.host}: UTC within {document.clock_error * 1e3:.3g} ms"
        for peer in document.peers:
            if peer.now.udp is not None and peer.peer in ends:
                yield from _own_drops(document.host, peer.now.udp)


def _own_drops(host: str, udp: UdpEvidence) -> Iterator[str]:
    """Packets that a host itself could not send, or dropped on arrival."""
    if udp.sent and not udp.unsent and not udp.overflow:
        yield f"{host} sent all of {udp.sent} packets, and its sockets dropped none"
    if udp.unsent:
        yield f"NOT ruled out: {host} could not send {udp.unsent} packets"
    if udp.overflow:
        yield f"NOT ruled out: sockets of {host} dropped {udp.overflow} datagrams"
    if udp.refused_there:
        yield f"NOT ruled out: the host opposite {host} dropped {udp.refused_there} packets"


def methods(seen: Sequence[Seen], kept: Kept, titles: Mapping[str, str]) -> Iterator[str]:
    """Each measurement: by what, how many packets, when."""
    for each in seen:
        head = f"{titles[each.way]}, {each.phase}"
        udp, trace, https = each.look
        if udp is not None and udp.sent:
            yield (
                f"{head}: check_udp_loss, {udp.protocol or 'UDP'}, {udp.sent} packets from"
                f" {len(udp.flows)} source ports in {udp.lasted:.1f} s, {to_time(udp.at)}"
            )
        if trace is not None:
            fixed = "flows held fixed" if trace.fixed else "flows not held fixed"
            yield (
                f"{head}: check_mtr_path, {sum(hop.sent for hop in trace.hops)} probes,"
                f" {trace.echoes} echo requests, {fixed}, {to_time(trace.at)}"
            )
        if https is not None:
            yield f"{head}: check_https, one request, {to_time(https.at)}"
    if kept.trips:
        yield f"{len(kept.trips)} stored runs of check_mtr_path, round trips"
    yield f"joined by bothsides {kept.version} (check_whose_fault)"


def limits(
    kept: Kept, verdict: Verdict, points: Sequence[Point], evidence: str, whole: bool
) -> Iterator[str]:
    """What the evidence does not show.

    whole: the evidence of third hosts is in the page too.
    """
    yield "Probe packets were counted, not those of users; times between measurements are unknown."
    if not any(point.phase == "before" for point in points):
        yield "Nothing is known from before the incident."
    yield from (f"{each.name} is {each.state}: {each.words}" for each in verdict.witnesses
                if each.state != "heard")  # fmt: skip
    yield from verdict.missing
    yield from (f"would settle it: {words}" for words in verdict.settle)
    yield from kept.run.troubles
    if kept.hidden:
        yield (
            f"{len(kept.hidden)} private addresses or names of hosts are hidden as us-1, us-2 ..."
            if len(kept.hidden) > 1
            else "One private address or name of a host is hidden as us-1."
        )
    if not evidence:
        yield "The evidence is too long for this page: it cannot be judged again."
    elif not whole:
        yield "The evidence of third hosts is too long for this page: a replay lacks it."


def to_time(at: float) -> str:
    """An instant in UTC, whatever the evidence says."""
    return to_instant(at) if 0 <= at < _LATEST else "at an unknown time"
