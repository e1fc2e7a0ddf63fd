"""R4: only UDP to the reflector fails, while other packets pass both ways."""

from bothsides.base.types import NamedTuple
from bothsides.incident.case import Case, View
from bothsides.incident.conclusion import NOTHING, Conclusion, confidence_of, suspects_of
from bothsides.incident.counts import is_silent
from bothsides.incident.routers import UNSEEN, networks_of
from bothsides.incident.rule_own import Own
from bothsides.incident.witnesses import same_entry, to_target
from bothsides.model.evidence import UdpEvidence
from bothsides.model.verdict import Fault, Step

_ASKING, _ASKED = 0.5, 0.2
"""How likely a filter of the asking host, or one of the host that replies to others, is at fault:
its list of clients, or its firewall in either direction."""


class _Others(NamedTuple):
    """How other hosts fare with the same reflector."""

    silent: tuple[View, ...]
    answered: tuple[View, ...]


def silent_reflector(case: Case, own: Own) -> Conclusion:
    """Faults of the reflectors of both ends, or of what filters UDP on the way."""
    parts = []
    for view in (case.there, case.here):
        if view is None or not is_silent(view.now.udp) or view.start in own.cut_off:
            continue
        if view.target in own.cut_off:
            continue  # it cannot reply
        parts.append(_of_view(case, view))
    return Conclusion(
        tuple(fault for part in parts for fault in part.faults),
        tuple(step for part in parts for step in part.steps),
        tuple(pair for part in parts for pair in part.acquitted),
        tuple(words for part in parts for words in part.settle),
    )


def _of_view(case: Case, view: View) -> Conclusion:
    udp = view.now.udp
    assert udp is not None
    host = case.host(view.target)
    words = said_itself(view, udp)
    if words:
        suspects = suspects_of(case, [(host, 1.0)])
        fault = Fault("service", "", suspects, "certain", words, "R4")
        return Conclusion((fault,), (Step("R4", "UDP refused", words),))
    if not _passes(view, udp):
        return NOTHING
    others = _others(case, view)
    asked = f"no reply of the reflector of {view.target} to {view.start}, other packets pass"
    if others.answered:
        return _not_the_reflector(case, view, asked, others)
    return _reflector(case, view, asked, others)


def said_itself(view: View, udp: UdpEvidence) -> str:
    """What the host that should reply said of the port itself; "" if nothing."""
    for word in udp.icmp:
        if word.source and word.source == _address(view):
            ports = (word.six, word.kind, word.code) in ((False, 3, 3), (True, 1, 4))
            what = "nothing listens on the port" if ports else "the host prohibits it"
            return f"{view.target} answers {view.start} that {what}"
    return ""


def _address(view: View) -> str:
    """The target's address: that of a trace, or the one that was asked."""
    paths = (look.path for look in (view.now, view.before) if look.path is not None)
    return next((path.target for path in paths if path.target), view.address)


def _passes(view: View, udp: UdpEvidence) -> bool:
    """Whether packets of any kind reach the host and return."""
    path, https = view.now.path, view.now.https
    if udp.host_lives:
        return True
    if path is not None and (path.length or path.echoes > path.echoes_lost):
        return True
    return https is not None and https.connected


def _others(case: Case, view: View) -> _Others:
    silent: list[View] = []
    answered: list[View] = []
    for other in to_target(case, view):
        udp = other.now.udp
        if udp is not None and udp.sent:
            (silent if is_silent(udp) else answered).append(other)
    return _Others(tuple(silent), tuple(answered))


def _reflector(case: Case, view: View, asked: str, others: _Others) -> Conclusion:
    """Nobody gets a reply: the reflector's host, or a filter in front of it."""
    host = case.host(view.target)
    network = _last_network(view)
    count = len(others.silent)
    if not count:
        parts = [(host, 0.6), *((side, 0.2 / len(network)) for side in network), (UNSEEN, 0.2)]
        step = Step("R4", "UDP only", f"{asked}; no other host has asked it")
        fault = Fault("service", "", suspects_of(case, parts), "none", asked, "R4")
        return Conclusion(
            (fault,), (step,), (), (f"check_udp_loss from a third host to {view.target}",)
        )
    alone = any(same_entry(view, other) is False for other in others.silent)
    parts = [(host, 1.0)]
    if not alone or not network:
        parts = [(host, 0.8), *((side, 0.2 / len(network)) for side in network)]
    suspects = suspects_of(case, parts)
    names = ", ".join(other.start for other in others.silent)
    words = f"{asked}, nor to {names}"
    fault = Fault("service", "", suspects, confidence_of(suspects), words, "R4")
    return Conclusion((fault,), (Step("R4", "UDP only", words),))


def _not_the_reflector(case: Case, view: View, asked: str, others: _Others) -> Conclusion:
    """Others get replies: the asking host, or a filter on its way."""
    names = ", ".join(other.start for other in others.answered)
    host, peer = case.host(view.start), case.host(view.target)
    arrived = view.arrived is not None and view.arrived.known and view.arrived.last < 90
    words = f"{asked}; it replies to {names}"
    sides = _networks(view)
    rest = (1 - _ASKING - _ASKED) / len(sides)
    parts = [(host, _ASKING), (peer, _ASKED), *((side, rest) for side in sides)]
    if arrived:
        words += f"; requests of {view.start} arrive there, its replies are lost or filtered"
    suspects = suspects_of(case, parts)
    confidence = confidence_of(suspects)
    fault = Fault("service", "", suspects, confidence, words, "R4")
    step = Step("R4", "UDP of one host", words)
    settle = (
        f"arrivals of {view.start} at the reflector of {view.target} (bothsides evidence)",
        f"whether {view.target} answers {view.start} at all (udp_reflector --allow, firewall)",
    )
    return Conclusion((fault,), (step,), (), () if arrived else settle)


def _last_network(view: View) -> tuple[str, ...]:
    """Whose the router in front of the target is."""
    if view.way is None or view.way.length < 2:
        return ()
    return view.way.line[-2].sides


def _networks(view: View) -> tuple[str, ...]:
    """All networks of a way."""
    return networks_of(view.way.line if view.way is not None else (), UNSEEN)
