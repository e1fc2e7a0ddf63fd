"""--record and --replay: a measurement kept as JSON, and judged again later."""

from bothsides.base import files
from bothsides.base.record import from_record, to_record
from bothsides.base.write import overwrite
from bothsides.plugin.check import AnalysisT, AnyCheck, Check, LimitsT, PastT, PlanT, RunT
from bothsides.plugin.finding import Finding, Remark, State


def replayed(check: Check[PlanT, RunT, PastT, AnalysisT, LimitsT], path: str) -> tuple[PlanT, RunT]:
    """Plan and Run out of a record of this check; raises Unable."""
    return files.parsed(
        path, lambda text: from_record(text, check.program, check.plan_type, check.run_type)
    )


def recorded(check: AnyCheck, path: str, plan: object, run: object) -> list[Finding]:
    """Writes the record; a remark where that fails, since the measurement is worth more."""
    try:
        overwrite(path, f"{to_record(check.program, plan, run)}\n".encode())
    except OSError as fault:
        return [Remark(State.UNKNOWN, f"cannot write the record {path}: {fault.strerror}")]
    return []
