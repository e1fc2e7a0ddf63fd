"""What a verdict means as a state: the words, the figures and the steps."""

from bothsides.base.record import to_json
from bothsides.base.types import Iterator, NamedTuple, Sequence
from bothsides.check.whose_fault.figures import FIGURES, MESH_SIDE, likelihood, side_number
from bothsides.check.whose_fault.memory import WELL, Earlier
from bothsides.check.whose_fault.mesh_text import element_code, mesh_line, mesh_text
from bothsides.check.whose_fault.text import clock_words, line, long_text, share_words
from bothsides.incident.mesh_verdict import MeshVerdict
from bothsides.model.interval import Interval
from bothsides.model.verdict import HARMLESS, MONITOR, NONE, Fault, Verdict, Witness
from bothsides.plugin.finding import Facts, Finding, Ranges, Reading, Remark, State, worst

__all__ = ["FIGURES", "Analysis", "MeshAnalysis", "judge"]


class Analysis(NamedTuple):
    """The verdict, and what could not be read for it."""

    verdict: Verdict
    troubles: tuple[str, ...]  # files that are no evidence, and why
    late: bool  # time ran out
    earlier: Earlier = Earlier()  # with this run: what the next one is to know


class MeshAnalysis(NamedTuple):
    """The verdict about a whole mesh, and who was heard."""

    mesh: MeshVerdict
    witnesses: tuple[Witness, ...]
    troubles: tuple[str, ...]  # files that are no evidence, and why
    late: bool  # time ran out


def judge(analysis: Analysis | MeshAnalysis, limits: Ranges) -> Iterator[Finding]:
    """The findings: the joined line first."""
    if isinstance(analysis, MeshAnalysis):
        yield from _of_mesh(analysis, limits)
        return
    verdict = analysis.verdict
    out = _loss(
        "loss_out", verdict.loss_out, limits, "out", _point(verdict.lost_out, verdict.sent_out)
    )
    back = _loss(
        "loss_back", verdict.loss_back, limits, "back", _point(verdict.lost_back, verdict.sent_back)
    )
    state = _state(verdict, (out.state, back.state))
    words = line(verdict)
    if state is State.OK and analysis.earlier.since and verdict.side == (NONE,):
        since = clock_words(analysis.earlier.since, verdict.at)
        state = State.WARNING
        words = (
            f"nothing is wrong now, but was since {since} UTC:"
            f" well in {analysis.earlier.well} of {WELL} runs"
        )
    if analysis.earlier.since and verdict.in_doubt:
        state = worst((state, State.WARNING))
        words += f"; it was wrong since {clock_words(analysis.earlier.since, verdict.at)} UTC"
    yield Remark(state, words, late=analysis.late)
    yield out
    yield back
    yield limits.reading("side", side_number(verdict))
    yield limits.reading("confidence", likelihood(verdict))
    yield limits.reading("witnesses", float(_thirds(verdict)))
    for trouble in analysis.troubles:
        yield Remark(State.OK, trouble)
    if analysis.earlier.problem:
        yield Remark(State.OK, f"since when is not known: {analysis.earlier.problem}")
    yield from long_text(verdict)
    yield _facts(verdict)


def _of_mesh(analysis: MeshAnalysis, limits: Ranges) -> Iterator[Finding]:
    """The findings about a whole mesh; `loss_out` is what the pairs of the worst element lose."""
    mesh = analysis.mesh
    first = mesh.votes[0] if mesh.votes else None
    point = 100 * first.share if first is not None else 0.0
    measured = mesh.share if mesh.votes else Interval(0.0, 0.0) if mesh.pairs else None
    loss = _loss("loss_out", measured, limits, "", point)
    state = State.OK if mesh.pairs else State.UNKNOWN
    if first is not None:
        state = loss.state if loss.state is not State.OK else State.WARNING
    yield Remark(state, mesh_line(mesh), late=analysis.late)
    yield loss
    yield limits.reading("loss_back", None)._replace(certain=State.OK)
    yield limits.reading("side", MESH_SIDE if first is not None else 0 if mesh.pairs else 1)
    sure = first is not None and len(first.elements) == 1 and not first.also
    yield limits.reading("confidence", 99.0 if sure else 0.0 if first is not None else 100.0)
    yield limits.reading("witnesses", float(mesh.heard))
    for words in analysis.troubles:
        yield Remark(State.OK, f"not read: {words}")
    yield from mesh_text(mesh, analysis.witnesses)
    yield _mesh_facts(mesh)


def _mesh_facts(mesh: MeshVerdict) -> Facts:
    """What JSON says at its top; elements are `host out NAME`, `data centre in NAME`, ..."""
    named = [element_code(vote.elements[0]) for vote in mesh.votes]
    also = [element_code(each) for vote in mesh.votes for each in (*vote.elements[1:], *vote.also)]
    confidence = "open" if also else "likely"
    side: str | list[str] = named if len(named) > 1 else named[0] if named else NONE
    if not mesh.pairs:
        side, confidence = "", "none"
    return Facts(
        {"side": side, "also": also, "confidence": confidence, "mesh": to_json(mesh)},
    )


def _loss(label: str, share: Interval | None, limits: Ranges, way: str, point: float) -> Reading:
    """The loss of one direction; limits are held against what is sure, the low end."""
    if share is None:
        return limits.reading(label, None)._replace(certain=State.OK)
    words = f"lost {share_words(share)} {way}".rstrip()
    sure = limits.reading(label, 100 * share.low)
    return limits.reading(label, point, words)._replace(certain=sure.state)


def _point(lost: Interval | None, sent: int) -> float:
    """The share that was lost, in percent."""
    return 100 * lost.middle / sent if lost is not None and sent else 0.0


def _state(verdict: Verdict, losses: Sequence[State]) -> State:
    """The state of the worst fault; a trouble of the asking host itself is UNKNOWN."""
    if not verdict.faults:
        return State.OK if verdict.side == (NONE,) else State.UNKNOWN
    return worst(_of_fault(fault, losses) for fault in verdict.faults)


def _of_fault(fault: Fault, losses: Sequence[State]) -> State:
    if fault.kind == "own":
        return State.UNKNOWN if fault.named == MONITOR else State.CRITICAL
    if fault.kind == "loss":
        state = worst(losses)
        return state if state is not State.OK else State.WARNING
    if fault.kind == "delay":
        return State.WARNING
    return State.OK if fault.kind in HARMLESS else State.CRITICAL


def _thirds(verdict: Verdict) -> int:
    """Witnesses that counted, besides both ends."""
    ends = (verdict.start, verdict.target)
    return sum(each.state in ("heard", "clock off") and each.name not in ends
               for each in verdict.witnesses)  # fmt: skip


def _facts(verdict: Verdict) -> Facts:
    """What JSON says at its top."""
    side: str | list[str] = list(verdict.side)
    if len(verdict.side) < 2:
        side = verdict.side[0] if verdict.side else ""
    return Facts(
        {
            "side": side,
            "also": list(verdict.also),
            "confidence": verdict.confidence,
            "verdict": to_json(verdict),
        }
    )
