"""Past tries of the same target, so that a fault that hits one connection in a thousand shows within a day."""

from argparse import Namespace

from bothsides.base.errors import Unable
from bothsides.base.types import Any, Iterable, Mapping, NamedTuple, Sequence
from bothsides.check.https.many import where
from bothsides.plugin.finding import Finding, Remark, State
from bothsides.probe.https.measure import Run
from bothsides.probe.https.plan import Plan
from bothsides.probe.https.visit import Visit

_MOST = 20000  # runs that a window may hold


class Past(NamedTuple):
    """Tries and failures of earlier runs within the window (seconds); phases: of each failure.

    problem: why nothing is remembered, which must not hide what this run has seen. prolonged: of the
    failures, those in an outage after its first one: it has alarmed while it lasted, and is one event.
    """

    tries: int
    failed: int
    window: float
    phases: tuple[str, ...] = ()
    problem: str = ""
    prolonged: int = 0

    def phase(self, now: Sequence[str]) -> str:
        """The phase in which most of them failed, those of this run included."""
        found = [*self.phases, *now]
        return max(sorted(set(found)), key=found.count, default="an unknown phase")


def key(plan: Plan) -> str:
    """What a target is remembered under: who asks for it another way has a window of their own."""
    route, request = plan.route, plan.request
    way = [
        f"through {route.proxy.rpartition('@')[2]}" if route.proxy else "",
        f"by IPv{route.family}" if route.family else "",
        f"from {request.source}" if request.source else "",
        "certificate only" if request.certificate_only else "",
    ]
    return " ".join(("https", *map(str, plan.urls), route.address, *filter(None, way)))


def remembering(options: Any) -> str:
    """ "rw", "ro" or "off": without --state-dir nothing is remembered, and a person's run only looks."""
    if not options.state_dir:
        return "off"
    from bothsides.store.sqlite import mode

    chosen = next(
        (text for text in reversed(options.state) if text in ("rw", "ro", "off", "auto")), "auto"
    )
    return mode(Namespace(state=chosen, state_dir=options.state_dir, replay=options.replay))


def recall(options: Any, plan: Plan, run: Run) -> Past | None:
    """The window over earlier runs; None when nothing is remembered."""
    if remembering(options) == "off":
        return None
    from bothsides.store.sqlite import opened, place

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
        prolonged=_prolonged([row.body for row in rows if _count(row.body.get("tries"))]),
    )


def _prolonged(runs: Sequence[Mapping[str, Any]]) -> int:
    """Failures that only made an outage longer: all but the first of runs in a row that had a target down."""
    found, lasting = 0, False
    for body in runs:
        down = min(_count(body.get("down")), _count(body.get("failed")))
        found += down if lasting else max(0, down - 1)
        lasting = down > 0
    return found


def keep(
    options: Any,
    plan: Plan,
    run: Run,
    past: Past | None,
    failed: Sequence[Visit],
    down: Sequence[Visit],
) -> Iterable[Finding]:
    """Adds this run, its failed visits and those of targets that were down; what is wrong is a remark, not the end."""
    if remembering(options) != "rw" or (past and past.problem):
        return []
    from bothsides.store.sqlite import opened, place

    # A failure of ours says nothing about the target, so it is no try either.
    ours = [
        visit
        for visit in run.visits
        if visit.failure is not None and visit.failure.blame in ("config", "local")
    ]
    tries = len(run.visits) - len(ours)
    phases = [where(visit) for visit in failed if visit not in ours]
    body = {
        "tries": tries,
        "failed": len(phases),
        "phases": phases,
        "down": sum(1 for visit in down if visit not in ours),
    }
    try:
        with opened(place(options.state_dir)) as memory:
            memory.keep(key(plan), run.now, body, options.window * 2)
    except Unable as fault:
        return [Remark(State.UNKNOWN, f"this run is not remembered: {fault}")]
    return []


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
