"""R1: a host's own trouble comes first: no way out, nothing could be sent, no resolver."""

from bothsides.base.types import NamedTuple, Sequence
from bothsides.incident.case import Case
from bothsides.incident.conclusion import Conclusion
from bothsides.incident.counts import is_silent
from bothsides.model.evidence import OwnTrouble
from bothsides.model.verdict import Fault, Step, Suspect

_CUT_OFF = ("route", "send")


class Own(NamedTuple):
    """Whose own trouble explains what."""

    cut_off: frozenset[str]  # names of hosts that get no packet out
    no_names: frozenset[str]  # names of hosts whose resolver fails


def own_troubles(case: Case) -> tuple[Conclusion, Own]:
    """Faults of both ends themselves, and what they explain."""
    faults, steps = [], []
    cut_off, no_names = set(), set()
    for host, peer in ((case.start, case.target), (case.target, case.start)):
        telling = _telling(case, host, peer)
        for trouble in telling:
            if trouble.kind in _CUT_OFF and not _answered(case, host, peer):
                cut_off.add(host)
            if trouble.kind == "resolver":
                no_names.add(host)
        if telling:
            words = telling[0].words
            suspect = Suspect(case.host(host), "", 1.0)
            faults.append(Fault("own", "", (suspect,), "certain", f"{host}: {words}", "R1"))
            steps.append(Step("R1", "own trouble", f"{host} says of itself: {words}"))
    if not faults:
        names = ", ".join(name for name in (case.start, case.target) if name in case.troubles)
        account = f"none at {names}" if names else "neither end says anything of itself"
        return Conclusion((), (Step("R1", "own trouble", account),)), Own(frozenset(), frozenset())
    return Conclusion(tuple(faults), tuple(steps)), Own(frozenset(cut_off), frozenset(no_names))


def _answered(case: Case, host: str, peer: str) -> bool:
    """Whether any UDP packet of a host was answered: it is not cut off then."""
    view = case.view(host, peer)
    udp = view.now.udp if view is not None else None
    return udp is not None and udp.sent > 0 and not is_silent(udp)


def _telling(case: Case, host: str, peer: str) -> Sequence[OwnTrouble]:
    """The troubles that concern this peer; a host that gets answers is not cut off."""
    view = case.view(host, peer)
    path = view.now.path if view is not None else None
    some_unsent = view is not None and view.now.udp is not None and view.now.udp.unsent > 0
    answered = _answered(case, host, peer)
    # "no route" may be the word of a router far away, which the system hands on as its own
    on_the_way = path is not None and any(hop.host for hop in path.hops)
    return [
        trouble
        for trouble in case.troubles.get(host, ())
        if trouble.kind == "resolver"
        or (trouble.kind == "send" and (not answered or some_unsent))
        or (trouble.kind == "route" and not answered and not on_the_way)
    ]
