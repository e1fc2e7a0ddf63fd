"""What a run of a check leaves in the memory for `bothsides evidence`; loaded by who remembers."""

from bothsides.base.types import TYPE_CHECKING
from bothsides.store.looks import StoredLook, keep_look
from bothsides.store.sqlite import History

if TYPE_CHECKING:  # each check loads its own
    from bothsides.analyse.udp_run import Analysis as UdpAnalysis
    from bothsides.model.https import Visit
    from bothsides.model.path import Run as PathRun


def leave_udp(store: History, analysis: "UdpAnalysis") -> None:
    """The evidence of check_udp_loss about each target that was asked."""
    from bothsides.analyse.evidence.from_udp import of_target
    from bothsides.base.record import to_json

    for target in analysis.targets:
        if target.sent:
            samples = target.samples
            body = to_json(of_target("", analysis, target))
            look = StoredLook("udp", samples.host, samples.address, body)
            keep_look(store, look, well=not target.lost, more=str(samples.port))


def leave_path(store: History, run: "PathRun", state: str, word: str) -> None:
    """The evidence of check_mtr_path; state: of the check, word: its verdict on the path."""
    from bothsides.analyse.evidence.from_path import path_evidence
    from bothsides.base.record import to_json
    from bothsides.model.path import Plan

    body = to_json(path_evidence(Plan(run.host), run))
    well = state == "OK" and word not in ("changed", "unconfirmed", "silent")
    keep_look(store, StoredLook("path", run.host, run.target, body), well)


def leave_https(store: History, visit: "Visit", at: float, well: bool) -> None:
    """The evidence of check_https about one visit; a proxy hides the way to the server."""
    from bothsides.analyse.evidence.from_https import of_visit

    if not visit.proxy:
        used = [each.host for each in visit.last.contacts]
        address = visit.address or (used[-1] if used else "")
        look = StoredLook("https", visit.url.host, address, of_visit(visit, at))
        keep_look(store, look, well, f"{visit.url.host}:{visit.url.port}{visit.url.path[:80]}")
