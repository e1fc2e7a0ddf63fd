"""On which way a target's loss is, and in which section of the path it begins, where proved.

A trace sees losses on both ways, but tells places on the way out only: the answers of a hop may
return by other networks than the target's. So a section is named where another measurement says
that packets are lost on the way out; beside that only the link to the first hop: both ways use it.
"""

import math

from bothsides.analyse.path.loss_location import Counts, Segment, loss_span
from bothsides.analyse.path.ownership import Owner
from bothsides.analyse.path.router_owner import Router, Section, section
from bothsides.analyse.path.walk import counts_by_ttl
from bothsides.base.types import Container, Iterable, Mapping, NamedTuple, Sequence
from bothsides.model.path import ECHO, LossDirection, Plan, ProbeResult, Reflection, Run

_LEAST = 3  # losses of the target below which nothing is said of them
_ONE_WAY = 6  # one way loses so many times what the other does: the loss is on that way
_AT_LEAST = 4  # times, even if all that is not known of was lost on the other way
_PROBES = 8  # probes without an answer that show that a target has fallen silent
_LIKE = 0.2  # share of the echoes' loss that the reflector's packets must lose to speak of the same
_MARGIN = 0.3  # s, by which a request must have arrived here after we began to ask in vain
_MANY = 12  # flows that all lose nothing: 1 of 4 parallel paths stays unseen in 3 of 100 runs
_FEW = 0.05  # share of the flows' probes that may be lost when only echo requests are
_UNLIKELY = 1e-3  # chance below which flows that lose nothing contradict the echo requests


class Loss(NamedTuple):
    """What is known of a target's loss."""

    direction: LossDirection
    span: Segment | None  # where it would begin, were it all on the way out
    place: Section | None  # where it begins, where that is proved
    flows: tuple[
        int, int
    ]  # probes that the target should have answered beside echoes, and lost ones
    spared: bool  # those flows lose hardly any: parallel paths, or a limit for echo requests
    limited: bool  # it is a limit for echo requests, not the path that loses


def locate(
    plan: Plan,
    run: Run,
    routers: Sequence[Router],
    answering: Container[int],
    echoes: tuple[int, int],
    own: Owner | None = None,
) -> Loss | None:
    """The loss of a target that answers; None: it loses too little.

    routers: up to the target; answering: hops that usually answer; echoes: sent and lost; own:
    the network of this host.
    """
    sent, lost = echoes
    length = len(routers)
    if lost < _LEAST or not length:
        return None
    kinds = probe_kinds(run)
    direction = loss_direction(plan, run, lost / sent, not _has_fallen_silent(kinds, length))
    if not kinds[0].hops:  # records of version 0.1 have flows alone
        kinds = (Counts(kinds[1].hops, kinds[0].target),)
    span = loss_span(kinds, length, answering) if kinds[0].hops else None
    flows = _flows(run, length)
    spared = flows[1] <= _FEW * flows[0] and _contradict(flows, lost / sent)
    limited = spared and (_inner_clean(kinds[0], length, lost / sent) or _paths(run) >= _MANY)
    place = None
    if span is not None and not limited:
        own_link = (span.after, span.before) == (0, 1) and 1 in answering
        if direction == "out" or own_link:
            place = section(routers, span.after, span.before, own)
    return Loss(direction, span, place, flows, spared, limited)


def loss_direction(plan: Plan, run: Run, share: float = 0.0, reached: bool = True) -> LossDirection:
    """On which way packets are lost, by the operator or by the far end's reflector.

    share: that the echo requests lose; a reflector's loss that is much smaller is another one.
    reached: whether the target answers anything; if not, its own requests that still arrive here
    prove the way back.
    """
    if plan.direction != "unknown":
        return plan.direction
    seen = run.reflection
    if (seen is None or not seen.sent) and run.remembered is not None:
        return _remembered(run.remembered, share)
    if seen is None or not seen.sent:
        return "unknown"
    if not seen.answered:
        arrived = seen.arrived is not None and seen.arrived < seen.lasted - _MARGIN
        return "out" if arrived and not reached else "unknown"
    if seen.answered == seen.sent:
        return "none"
    return _by_losses(seen, share)


def _remembered(seen: Reflection, share: float) -> LossDirection:
    """By what check_udp_loss found lately: only losses of packets some of which were answered."""
    if not 0 < seen.answered < seen.sent:
        return "unknown"
    return _by_losses(seen, share)


def _by_losses(seen: Reflection, share: float) -> LossDirection:
    if seen.forward is None or seen.backward is None:
        return "unknown"
    if seen.sent - seen.answered < _LIKE * share * seen.sent:
        return "unknown"
    return _one_way(seen.forward, seen.backward)


def _has_fallen_silent(kinds: Sequence[Counts], length: int) -> bool:
    """Whether a target that answered at first answers nothing any more, flows included."""
    counts = [kinds[0].target, *(kind.hops.get(length, (0, 0)) for kind in kinds[1:])]
    return all(sent >= _PROBES and lost == sent for sent, lost in counts)


def _one_way(forward: tuple[int, int], backward: tuple[int, int]) -> LossDirection:
    if _is_mostly(forward, backward):
        return "out"
    if _is_mostly(backward, forward):
        return "back"
    return "both" if forward[0] and backward[0] else "unknown"


def _is_mostly(this: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether packets are lost on one way, by the bounds of both."""
    likely = sum(other) * _ONE_WAY <= sum(this)
    return this[0] >= _LEAST and likely and other[1] * _AT_LEAST <= this[0]


def probe_kinds(run: Run) -> tuple[Counts, ...]:
    """The probes that locate loss, (sent, lost) by hop: echo requests, and the flows."""
    echoes = [result for result in run.segments if result.flow == ECHO]
    aimed = [result for result in echoes if not result.ttl]
    target = len(aimed), sum(result.kind != "reply" for result in aimed)
    return (
        Counts(_by_hop(result for result in echoes if result.ttl), target),
        Counts(_by_hop(result for result in run.segments if result.flow != ECHO)),
    )


def _by_hop(results: Iterable[ProbeResult]) -> Mapping[int, tuple[int, int]]:
    """Probes sent and lost, by TTL."""
    counts = counts_by_ttl(results)
    return {ttl: (sent, sent - answered) for ttl, (sent, answered) in counts.items()}


def _flows(run: Run, length: int) -> tuple[int, int]:
    """Probes beside echo requests that the target should have answered: sent and lost."""
    results = (*run.first, *(run.second or ()), *run.segments)
    aimed = [result for result in results if result.flow != ECHO and result.ttl >= length]
    sent, lost = len(aimed), sum(result.kind == "silent" for result in aimed)
    if not any(result.kind == "reply" for result in aimed):
        sent, lost = 0, 0  # a target that answers no such probe
    seen = run.reflection
    if seen is not None and seen.answered and seen.address == run.target:
        sent, lost = sent + seen.sent, lost + seen.sent - seen.answered
    return sent, lost


def _contradict(flows: tuple[int, int], share: float) -> bool:
    """Whether the flows lose so little that the echo requests' loss is not theirs."""
    sent, lost = flows
    likely = 0.7 * share
    chance = sum(
        math.comb(sent, number) * likely**number * (1 - likely) ** (sent - number)
        for number in range(lost + 1)
    )
    return sent > 0 and chance < _UNLIKELY


def _inner_clean(kind: Counts, length: int, share: float) -> bool:
    """Whether echo requests that expire on the way are answered up to the last hop."""
    last = [counts for ttl, counts in sorted(kind.hops.items()) if ttl < length][-1:]
    return _contradict(last[0], share) if last else length == 1


def _paths(run: Run) -> int:
    """Flows, each of which may take another parallel path, that the target answered."""
    results = (*run.first, *(run.second or ()), *run.segments)
    flows = len({each.flow for each in results if each.flow != ECHO and each.kind == "reply"})
    seen = run.reflection
    return flows + (_MANY if seen is not None and 0 < seen.sent == seen.answered else 0)
