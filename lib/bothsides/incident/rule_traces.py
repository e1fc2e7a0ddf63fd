"""R3 without UDP: a trace alone shows that packets are lost, not which way, so it names nobody."""

from bothsides.analyse.statistics import at_least
from bothsides.incident.case import Case
from bothsides.incident.conclusion import NOTHING, Conclusion
from bothsides.incident.counts import FEW, RARE, USUAL
from bothsides.model.evidence import PathEvidence
from bothsides.model.verdict import Fault, Kind, Step


def lost_by_traces(case: Case) -> Conclusion:
    """What traces between both hosts lose where nobody has measured UDP."""
    for view in (case.there, case.here):
        if view is None or view.now.udp is not None or view.now.path is None:
            continue
        path = view.now.path
        kind: Kind = "silence" if _is_silent(path) else "loss"
        if kind == "loss" and not _loses(path):
            continue
        words = (
            f"the trace from {view.start} to {view.target} loses {path.echoes_lost} of"
            f" {path.echoes} echo requests; a trace alone does not tell which way"
        )
        fault = Fault(kind, "", (), "none", words, "R3")
        settle = (f"check_udp_loss between {case.start} and {case.target}",)
        return Conclusion((fault,), (Step("R3", "traces alone", words),), (), settle)
    return NOTHING


def _is_silent(path: PathEvidence) -> bool:
    """Whether nothing of a trace reaches the target, or nothing returns."""
    return path.failure is None and not path.length and 0 < path.echoes == path.echoes_lost


def _loses(path: PathEvidence) -> bool:
    """Whether echo requests and other probes to the target are lost, more than by chance.

    A target or a router that limits echo requests alone harms nobody.
    """
    probes = [hop for hop in path.hops if path.length and hop.ttl == path.length]
    lost, sent = sum(hop.lost for hop in probes), sum(hop.sent for hop in probes)
    both = path.echoes_lost + lost
    if path.echoes_lost < FEW or not lost or 10 * lost < sent:
        return False
    return at_least(both, path.echoes + sent, USUAL) < RARE
