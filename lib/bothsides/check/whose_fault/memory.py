"""What earlier runs about the same two hosts said: since when it is wrong, whose, and well again.

Files are judged as they are: with --evidence nothing is remembered unless --memory says so.
"""

from bothsides.base.errors import Unable
from bothsides.base.types import Iterable, Mapping, NamedTuple
from bothsides.check.whose_fault.steady import LastRun, from_body, steadied
from bothsides.incident.impossible import LATEST
from bothsides.model.verdict import NONE, Verdict
from bothsides.model.whose_fault import Plan
from bothsides.plugin.finding import Finding, Remark, State
from bothsides.plugin.memory_options import Mode, asked_of, mode_of
from bothsides.plugin.parser import Namespace
from bothsides.store.place import place
from bothsides.store.sqlite import opened

WELL = 2
"""Runs in a row without a fault after which it is over."""

_GAP = 3600.0  # s without a run after which what was before counts no more
_PATIENCE = 0.1  # part of the run's time to wait for another run that is writing


class Earlier(NamedTuple):
    """What the runs before this one said."""

    mode: Mode = "off"
    directory: str = ""
    key: str = ""
    since: float = 0.0  # s since 1970, from when on it was wrong; 0: it was not
    at: float = 0.0  # s since 1970, of the last run's evidence
    well: int = 0  # runs in a row without a fault since then
    problem: str = ""  # why nothing is known
    last: LastRun | None = None  # what the last run of this incident said; None: there was none


def remembered(options: Namespace, plan: Plan) -> Earlier:
    """What earlier runs left; why that is not known must not hide this run."""
    chosen = mode_of(options)
    if plan.evidence and asked_of(options) == "auto":
        chosen = "off"
    if chosen == "off":
        return Earlier()
    key = f"whose fault {plan.start} to {plan.target}"
    earlier = Earlier(chosen, place(options.state_dir), key)
    try:
        with opened(earlier.directory, chosen == "rw", options.timeout * _PATIENCE) as memory:
            body = memory.document(key) or {}
    except Unable as fault:
        return earlier._replace(problem=str(fault))
    return earlier._replace(
        since=_time(body, "since"),
        at=_time(body, "at"),
        well=int(_time(body, "well")),
        last=from_body(body),
    )


def _time(body: Mapping[str, object], name: str) -> float:
    value = body.get(name)
    known = isinstance(value, int | float) and 0 <= value < LATEST
    return float(value) if known and isinstance(value, int | float) else 0.0


def continued(verdict: Verdict, earlier: Earlier) -> tuple[Verdict, Earlier]:
    """The verdict with the begin that is remembered, and what is to be remembered of it."""
    fresh = 0 <= verdict.at - earlier.at <= _GAP
    before = earlier if fresh and earlier.since else earlier._replace(since=0.0, well=0, last=None)
    if verdict.in_doubt:
        return verdict, before._replace(at=verdict.at)  # neither a fault nor a run without one
    if verdict.faults:
        steady, kept = steadied(verdict, before.last)
        if before.mode != "off" or before.last is not None:
            verdict = steady  # alone a run is said with its own figures
        since = before.since or verdict.since or verdict.at
        shown = verdict._replace(since=min(since, verdict.since or since))
        return shown, before._replace(since=shown.since or 0.0, at=verdict.at, well=0, last=kept)
    if verdict.side != (NONE,) or not before.since:
        return verdict, before._replace(at=verdict.at)
    well = before.well + 1
    if well >= WELL:
        return verdict, before._replace(since=0.0, at=verdict.at, well=0, last=None)
    return verdict, before._replace(at=verdict.at, well=well)


def remember(new: Earlier) -> Iterable[Finding]:
    """Keeps it for the next run; what is wrong with the memory is a remark, not the end."""
    if new.mode != "rw" or new.problem:
        return []
    from bothsides.base.record import to_json

    body: dict[str, object] = {"since": new.since, "at": new.at, "well": new.well}
    body["told"] = to_json(new.last)
    try:
        with opened(new.directory) as memory:
            memory.change(new.key, lambda old: body)
    except Unable as fault:
        return [Remark(State.OK, f"this run is not remembered: {fault}")]
    return []
