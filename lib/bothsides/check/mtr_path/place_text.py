"""The sentences on where a path loses, ends, refuses or circles, and whose that is.

A network is named only where the analysis has proved the place: what is not proved is told as a
question for the other end.
"""

from bothsides.analyse.path.analysis import Analysis
from bothsides.analyse.path.path_end import PathEnd
from bothsides.analyse.path.router_owner import Section
from bothsides.check.mtr_path.text import (
    either,
    label_of,
    owner_words,
    router_at,
    verdict_words,
)

_MOST = 3  # networks that are named for one place; more is no place
_ASK = "where depends on the direction: ask the other end, or check_udp_loss"
_ELSEWHERE = "on the way back: check_mtr_path at the other end can place it"
_CARRIED = "its carriers are not seen from here"


def result_words(analysis: Analysis) -> str:
    """What a stored run says of itself: the verdict, or that the target does not answer."""
    if analysis.reached:
        return verdict_words(analysis) + loss_words(analysis)
    words = unreached_words(analysis)
    changed = analysis.verdict.word == "changed"
    return f"{words}; {verdict_words(analysis)}" if changed else words


def loss_words(analysis: Analysis) -> str:
    """Behind the figure of a loss: on which way it is and where it begins, as far as known."""
    loss = analysis.faults.loss
    if loss is None:
        return ""
    if loss.place is not None:
        way = " on the way out" if loss.direction == "out" else ""
        return f"{way}, {_place_words(loss.place)}"
    if loss.spared:
        lost = "few" if loss.flows[1] else "none"
        return f" of echo requests, {lost} of the flows: one of several parallel paths"
    if loss.direction == "back":
        return f" {_ELSEWHERE}"
    if loss.direction == "both":
        return ", some on each way: no place can be told"
    if loss.direction == "out":
        return " on the way out, no place can be told"
    return f"; {_ASK}"


def slower_words(analysis: Analysis) -> str:
    """Behind the figure of a round trip that has grown: which way is slower, and from where on."""
    slower = analysis.faults.slower
    if slower is None:
        return ""
    if slower.place is not None:
        way = " on the way out" if slower.direction == "out" else ""
        return f", slower{way}, {_place_words(slower.place)}"
    if slower.echoes_alone:
        return ", echo requests alone: one of several parallel paths, or late answers to them"
    return ", slower on the way back" if slower.direction == "back" else ""


def span_words(analysis: Analysis) -> str:
    """For the long output: where a loss of unknown direction begins if it is on the way out."""
    loss = analysis.faults.loss
    if loss is None or loss.span is None or loss.place or loss.spared:
        return ""
    if loss.direction not in ("unknown", "none"):
        return ""
    near, far = loss.span.after, loss.span.before
    front = f"after hop {near} ({_router_words(analysis, near)}), " if near else ""
    target = far >= len(analysis.faults.way)
    end = "the target" if target else f"hop {far} ({_router_words(analysis, far)})"
    return f"if all of the loss is on the way out, it begins {front}before {end}"


def remembered_words(analysis: Analysis) -> str:
    """Whence the direction is known where this run has not asked for it itself."""
    loss, run = analysis.faults.loss, analysis.run
    seen, asked = run.remembered, run.reflection
    if loss is None or seen is None or loss.direction in ("unknown", "none"):
        return ""
    if (asked is not None and asked.sent) or seen.forward is None or seen.backward is None:
        return ""
    forward, backward = (
        str(low) if low == high else f"{low} to {high}"
        for low, high in (seen.forward, seen.backward)
    )
    return (
        f"the direction is check_udp_loss's of {round(seen.age)} s ago: lost"
        f" {seen.sent - seen.answered}/{seen.sent} ({forward} out, {backward} back)"
    )


def limited_words(analysis: Analysis) -> str:
    """That the target limits echo requests, which are no measure of the path then."""
    loss, echoes = analysis.faults.loss, analysis.echoes
    if loss is None:
        return ""
    share = f"{echoes.lost} of {echoes.sent} echo requests unanswered"
    other = f"{loss.flows[0] - loss.flows[1]} of {loss.flows[0]} other probes answered"
    return f"echo requests are limited on the way or by the target: {share}, {other}"


def unreached_words(analysis: Analysis) -> str:
    """That the target does not answer, and where the answers end."""
    end = analysis.faults.end
    front = "the target does not answer"
    if end is None or analysis.faults.refusal or analysis.faults.loop:
        return front
    if end.place is not None:
        return f"{front}{_stop_words(end, end.place)}"
    if not end.last:
        return f"{front}, nor does any router on the way"
    of = f" of {end.length}" if end.length > end.last else ""
    return f"{front}, answers end at hop {end.last}{of}; {_ASK}"


def stop_words(analysis: Analysis) -> str:
    """The last router that answers, for the long output, where nothing proves whose fault it is."""
    end = analysis.faults.end
    if end is None or end.place is not None or not end.last:
        return ""
    words = f"the last answer comes from hop {end.last} ({_router_words(analysis, end.last)})"
    if 0 < end.following <= len(analysis.faults.way):
        words += f", not from hop {end.following} ({_router_words(analysis, end.following)})"
    return f"{words}: the fault may be on either way"


def _stop_words(end: PathEnd, place: Section) -> str:
    if not end.last:
        return f", nor does any router on the way: {_place_words(place)}"
    return f": lost on the way out, {_place_words(place)}"


def _place_words(place: Section) -> str:
    """The section and its owners."""
    hops = f"between hops {place.near} and {place.far}"
    if place.tunnel:
        return f"inside the tunnel {hops}; {_CARRIED}"
    names = [*["this host"] * place.host, *map(str, place.owners)]
    names += ["the target host"] * place.target
    if not place.near:
        hops = f"before hop {place.far}"
    if not place.known or len(place.owners) > _MOST:
        return hops
    return f"at {either(names)} ({hops})"


def refusal_words(analysis: Analysis) -> str:
    """Which router refuses to forward, with its place on the path."""
    refusal = analysis.faults.refusal
    if refusal is None:
        return ""
    router = f"{refusal.host} {owner_words(refusal.owners)}".strip()
    if refusal.ttl:
        return f"hop {refusal.ttl} ({router}) refuses to forward"
    return f"a router on the way ({router}) refuses to forward"


def refusal_note(analysis: Analysis) -> str:
    """For the long output: whose a refusing router's address is, where it proves nothing."""
    refusal = analysis.faults.refusal
    label = label_of(analysis, refusal.host) if refusal is not None else ""
    if refusal is None or refusal.owners or not label:
        return ""
    return f"{refusal.host} is an address of {label}: the router may be of the network behind it"


def loop_words(analysis: Analysis) -> str:
    """Between which routers packets circle."""
    operators = analysis.faults.operators
    names = (
        f"{host} {owner_words(operators.get(host, ()))}".strip() for host in analysis.faults.loop
    )
    return f"loop between {' and '.join(names)}"


def _router_words(analysis: Analysis, ttl: int) -> str:
    router = analysis.faults.way[ttl - 1]
    address = router.address or router_at(analysis, ttl)
    return f"{address} {owner_words(router.owners)}".strip()
