"""Past tries of the same target, so that a fault that hits one connection in a thousand shows within a day."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from bothsides.check.https_several import where
from bothsides.finding import Finding, Remark, State
from bothsides.probe import Unable
from bothsides.probe.https import Run
from bothsides.probe.https_plan import Plan
from bothsides.probe.https_visit import Visit

_MOST = 20000  # runs that a window may hold


class Past(NamedTuple):
    """Tries and failures of earlier runs within the window (seconds); phases: of each failure.

    problem: why nothing is remembered, which must not hide what this run has seen.
    """

    tries: int
    failed: int
    window: float
    phases: tuple[str, ...] = ()
    problem: str = ""

    def phase(self, now: Sequence[str]) -> str:
        """The phase in which most of them failed, those of this run included."""
        found = [*self.phases, *now]
        return max(sorted(set(found)), key=found.count, default="an unknown phase")


def key(plan: Plan) -> str:
    """What a target is remembered under."""
    proxy = f" through {plan.route.proxy.rpartition('@')[2]}" if plan.route.proxy else ""
    return f"https {' '.join(map(str, plan.urls))} {plan.route.address}{proxy}"


def remembering(options: Any) -> str:
    """ "rw", "ro" or "off": without --state-dir nothing is remembered."""
    chosen = next((text for text in reversed(options.state) if text in ("rw", "ro", "off", "auto")), "auto")
    if not options.state_dir or chosen == "off":
        return "off"
    return "ro" if options.replay else "rw" if chosen == "auto" else str(chosen)


def recall(options: Any, plan: Plan, run: Run) -> Past | None:
    """The window over earlier runs; None when nothing is remembered."""
    if remembering(options) == "off":
        return None
    from bothsides.history import opened, place

    try:
        with opened(place(options.state_dir), remembering(options) == "rw") as memory:
            rows = memory.past(key(plan), _MOST, run.now - options.window, run.now)
    except Unable as fault:
        return Past(0, 0, options.window, (), str(fault))
    return Past(
        sum(_count(row.body.get("tries")) for row in rows),
        sum(_count(row.body.get("failed")) for row in rows),
        options.window,
        tuple(str(phase)[:20] for row in rows for phase in _list(row.body.get("phases"))),
    )


def keep(options: Any, plan: Plan, run: Run, past: Past | None, failed: Sequence[Visit]) -> Iterable[Finding]:
    """Adds this run and its failed visits to the memory; what is wrong with it is a remark, not the end."""
    if remembering(options) != "rw" or (past and past.problem):
        return []
    from bothsides.history import opened, place

    # A failure of ours says nothing about the target, so it is no try either.
    ours = [visit for visit in run.visits if visit.failure is not None and visit.failure.blame in ("config", "local")]
    tries = len(run.visits) - len(ours)
    phases = [where(visit) for visit in failed if visit not in ours]
    try:
        with opened(place(options.state_dir)) as memory:
            memory.keep(key(plan), run.now, {"tries": tries, "failed": len(phases), "phases": phases}, options.window * 2)
    except Unable as fault:
        return [Remark(State.UNKNOWN, f"this run is not remembered: {fault}")]
    return []


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
