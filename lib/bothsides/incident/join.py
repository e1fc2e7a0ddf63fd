"""The joined verdict: the rules in order, what one fault explains taken out before the next."""

from bothsides.base.types import Sequence
from bothsides.incident.case import Case
from bothsides.incident.conclusion import Conclusion, together
from bothsides.incident.counts import directional
from bothsides.incident.families import left_out, lossy_family, within
from bothsides.incident.moments import at_the_trouble, of_other_times
from bothsides.incident.rule_change import changed
from bothsides.incident.rule_delay import delayed
from bothsides.incident.rule_https import https_trouble
from bothsides.incident.rule_network import few_lost, lost_packets
from bothsides.incident.rule_own import own_troubles
from bothsides.incident.rule_refusal import refusals
from bothsides.incident.rule_traces import lost_by_traces
from bothsides.incident.rule_tunnel import through_tunnel
from bothsides.incident.rule_udp import silent_reflector
from bothsides.incident.shared import MOST
from bothsides.incident.span import span_of
from bothsides.incident.witnesses import doubts
from bothsides.model.evidence import CHECKS, Look
from bothsides.model.verdict import (
    HARMLESS,
    NONE,
    UNKNOWN,
    Confidence,
    Fault,
    Step,
    Verdict,
    Witness,
)

_ORDER: tuple[Confidence, ...] = ("certain", "likely", "open", "none")


def verdict(case: Case, witnesses: Sequence[Witness] = ()) -> Verdict:
    """Whose fault it is between both hosts of a case."""
    family = lossy_family(case)
    missing = (*_missing(case), *left_out(case, family), *of_other_times(case))
    case = at_the_trouble(within(case, family))
    result = through_tunnel(case, _judged(case), _judged)
    faults = _harmful(result.faults)
    side, also = _sides(faults)
    measured = _measured(case)
    if not faults:
        side = (NONE,) if measured else ()
    out = directional(case, case.start, case.target)
    back = directional(case, case.target, case.start)
    span = span_of(case)
    return Verdict(
        start=case.start,
        target=case.target,
        at=_newest(case),
        side=side,
        also=also,
        confidence=_confidence(faults, bool(measured)),
        faults=faults,
        steps=(*result.steps, *(doubts(case) if faults else ())) or (_nothing(case),),
        witnesses=tuple(witnesses) or _with_evidence(case),
        loss_out=out.share if out.sent else None,
        loss_back=back.share if back.sent else None,
        since=span.since if faults else None,
        until=span.until if faults and _passing(faults) else None,
        acquitted=result.acquitted,
        missing=missing,
        settle=result.settle,
        lost_out=out.lost if out.sent else None,
        sent_out=out.sent,
        lost_back=back.lost if back.sent else None,
        sent_back=back.sent,
    )


def _judged(case: Case) -> Conclusion:
    """All rules, each with what is left by those before it."""
    own, theirs = own_troubles(case)
    parts = [own]
    cut_off = bool(theirs.cut_off)
    refused = refusals(case) if not cut_off else Conclusion()
    parts.append(refused)
    lost = Conclusion()
    if not cut_off and not refused.faults:
        lost = lost_packets(case)
    parts.append(lost)
    gone = any(fault.kind in ("silence", "refusal") for fault in (*lost.faults, *refused.faults))
    if not gone:
        parts.append(silent_reflector(case, theirs))
    harmed = frozenset({case.start, case.target}) if lost.faults or refused.faults else frozenset()
    if not gone:
        parts.append(https_trouble(case, theirs, harmed))
    if not lost.faults and not gone and not cut_off:
        other_way = changed(case)
        parts.append(other_way)
        if not other_way.faults:
            parts.append(delayed(case))  # another way may be longer
    if not any(part.faults for part in parts):
        parts.append(few_lost(case))
        parts.append(lost_by_traces(case))
    return together(parts)


def _harmful(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Without what is harmless where something else is wrong; the surest first."""
    harmful = [fault for fault in faults if fault.kind not in HARMLESS]
    kept = harmful or list(faults)
    return tuple(sorted(kept, key=lambda fault: _ORDER.index(fault.confidence)))


def _sides(faults: Sequence[Fault]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sides that are named, and those that are not excluded."""
    proved = [fault.named for fault in faults if fault.confidence in ("certain", "likely")]
    side = tuple(dict.fromkeys(proved))
    if not side:
        opened = [fault for fault in faults if fault.confidence == "open"]
        first = [fault.named for fault in opened if fault.rule == opened[0].rule]
        side = tuple(dict.fromkeys(first))  # two at most: one on each way
    also: dict[str, None] = {}
    for fault in faults:
        for suspect in fault.suspects:
            if suspect.code not in side:
                also[suspect.code] = None
    return side, tuple(sorted(also, key=lambda code: code == UNKNOWN))


def _confidence(faults: Sequence[Fault], measured: bool) -> Confidence:
    """That of the weakest side that is named."""
    if not faults:
        return "likely" if measured else "none"
    named = [fault.confidence for fault in faults if fault.confidence != "none"]
    proved = [word for word in named if word in ("certain", "likely")]
    return max(proved or named or ["none"], key=_ORDER.index)


def _passing(faults: Sequence[Fault]) -> bool:
    """Whether all that is wrong is lost packets, of which UDP knows when they ended."""
    return all(fault.kind == "loss" for fault in faults)


def _measured(case: Case) -> int:
    """How many measurements there are between both hosts."""
    views = (view for view in (case.there, case.here) if view is not None)
    return sum(_useful(view.now) for view in views)


def _useful(look: Look) -> int:
    return sum(part is not None for part in look)


def _newest(case: Case) -> float:
    times = [part.at for view in case.views.values() for part in view.now if part is not None]
    return max(times, default=0.0)


def _with_evidence(case: Case) -> tuple[Witness, ...]:
    """Every host with evidence, when nothing else is known of them."""
    names = dict.fromkeys(view.start for view in case.views.values())
    return tuple(Witness(name, "heard", "") for name in names)


def _missing(case: Case) -> tuple[str, ...]:
    """What was not asked."""
    missing = []
    for view, start, target in (
        (case.there, case.start, case.target),
        (case.here, case.target, case.start),
    ):
        if view is None:
            missing.append(f"nothing is known from {start} to {target}")
            continue
        for part, name in zip(view.now, CHECKS, strict=True):
            if part is None:
                missing.append(f"no {name} from {start} to {target}")
    directions = 2 * sum(1 for _ in case.witnesses())
    if not directions:
        missing.append("no third host was asked")
    if directions > MOST:
        missing.append(f"of many witnesses only {MOST} directions count, those that lose first")
    return tuple(missing)


def _nothing(case: Case) -> Step:
    return Step("R9", "nothing", f"nothing is wrong between {case.start} and {case.target}")
