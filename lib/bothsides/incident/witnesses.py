"""Which other views concern the same host, by which link they enter it, and whether it is one."""

from bothsides.base.types import Iterator
from bothsides.incident.case import Case, View
from bothsides.model.verdict import Step

_FARTHER, _SLACK = 1.5, 0.02
"""Two hosts that are farther apart than by way of a third one, by this factor and these seconds:
no detour of the network, but two hosts of one address (anycast)."""


def to_target(case: Case, view: View) -> Iterator[View]:
    """The views of other hosts to the same target, as far as it is one host."""
    for other in _by_name(case, view):
        if not another_instance(case, view.start, view.target, other.start):
            yield other


def _by_name(case: Case, view: View) -> Iterator[View]:
    """The views of other hosts to a target of the same name."""
    for other in case.views.values():
        if other.target == view.target and other.start != view.start:
            yield other


def same_entry(view: View, other: View) -> bool | None:
    """Whether both ways reach the target by the same router; None where that is not known."""
    if view.way is None or other.way is None:
        return None
    mine = {line[-2] for line in view.way.flows.values() if len(line) > 1 and line[-2]}
    theirs = {line[-2] for line in other.way.flows.values() if len(line) > 1 and line[-2]}
    if not mine or not theirs:
        return None
    if mine & theirs:
        return True
    # other addresses in front of the target: another router, or the same by another interface
    return False if _other_network(view, other) else None


def _other_network(view: View, other: View) -> bool:
    """Whether the addresses in front of the target belong to different networks by the map."""
    assert view.way is not None
    assert other.way is not None
    mine, theirs = view.way.line[-2].label, other.way.line[-2].label
    return bool(mine and theirs and mine != theirs)


def another_instance(case: Case, start: str, target: str, other: str) -> bool:
    """Whether `other` cannot reach the same host as `start` by the address of `target`.

    By the shortest round trips: from one to the other they would be too long beside those to it.
    """
    apart = _shortest(case, start, other) or _shortest(case, other, start)
    mine, theirs = _shortest(case, start, target), _shortest(case, other, target)
    if apart is None or mine is None or theirs is None:
        return False
    return apart > _FARTHER * (mine + theirs) + _SLACK


def _shortest(case: Case, start: str, target: str) -> float | None:
    """The shortest round trip between two hosts, s; None where it was never measured."""
    view = case.view(start, target)
    udps = (look.udp for look in (view.now, view.before)) if view is not None else ()
    return min(
        (udp.rtt.low for udp in udps if udp is not None and udp.rtt is not None), default=None
    )


def doubts(case: Case) -> Iterator[Step]:
    """Witnesses that may have reached another host of the same address than both ends speak of."""
    view = case.there
    if view is None:
        return
    for other in _by_name(case, view):
        if case.host(other.start):
            continue
        if another_instance(case, case.start, case.target, other.start):
            words = (
                f"{other.start} reaches another host by the address of {case.target} (anycast),"
                " by its round trips: it acquits nobody there"
            )
            yield Step("R8", "another instance", words)
        elif same_entry(view, other) is False:
            words = (
                f"{other.start} enters {case.target} by another network: what it says of"
                f" {case.target} holds only if both reach the same host (no anycast)"
            )
            yield Step("R8", "another entry", words)
