"""Earlier tries of the same target.

A fault that hits one connection in a thousand shows in them within a day.
"""

from bothsides.analyse.https import Analysis
from bothsides.analyse.https_past import Try, to_past_run
from bothsides.base.errors import Unable
from bothsides.base.types import Iterable, Mapping, Sequence
from bothsides.check.https.options import MEMORY_MODES
from bothsides.model.https import MemoryMode, Past, PastRun, Plan
from bothsides.plugin.finding import Finding, Remark, State, Target
from bothsides.plugin.memory_options import mode
from bothsides.plugin.parser import Namespace
from bothsides.store.place import place
from bothsides.store.sqlite import opened

_MOST = 20000  # runs that are read
_PHASE = 20  # characters that are read of a phase's name
_PATIENCE = 0.1  # part of the run's time to wait for another run that is writing


def remembered(options: Namespace, plan: Plan) -> Past:
    """What earlier runs with the same target left; why that is not known must not hide this one."""
    chosen = _mode(options)
    if chosen == "off":
        return Past()
    directory = place(options.state_dir)
    past = Past(mode=chosen, directory=directory, key=key(plan), window=options.window)
    try:
        with opened(directory, chosen == "rw", options.timeout * _PATIENCE) as memory:
            rows = memory.past(past.key, _MOST)
    except Unable as fault:
        return past._replace(problem=str(fault))
    return past._replace(runs=tuple(_run(row.at, row.body) for row in rows))


def remember(analysis: Analysis, targets: Sequence[Target]) -> Iterable[Finding]:
    """Adds a run; what is wrong with the memory is a remark, not the end.

    targets: the judge's report on each visit.
    """
    past = analysis.past
    tries = [
        Try(one.visit, target.state is State.CRITICAL, target.state is not State.UNKNOWN)
        for one, target in zip(analysis.visits, targets, strict=False)
    ]
    run = to_past_run(tries, analysis.now)
    body = {"tries": run.tries, "failed": run.failed, "phases": list(run.phases), "down": run.down}
    from bothsides.check.left_evidence import leave_https

    try:
        with opened(past.directory) as memory:
            memory.keep(past.key, run.at, body, past.window * 2)
            for one, target in zip(analysis.visits, targets, strict=False):
                leave_https(memory, one.visit, analysis.now, target.state is State.OK)
    except Unable as fault:
        return [Remark(State.UNKNOWN, f"this run is not remembered: {fault}")]
    return []


def key(plan: Plan) -> str:
    """What a target is remembered under. Another way of asking for it has a window of its own."""
    route, request = plan.route, plan.request
    way = [
        f"through {route.proxy.rpartition('@')[2]}" if route.proxy else "",
        f"by IPv{route.family}" if route.family else "",
        f"from {request.source}" if request.source else "",
        "certificate only" if request.certificate_only else "",
    ]
    return " ".join(("https", *map(str, plan.urls), route.address, *filter(None, way)))


def _mode(options: Namespace) -> MemoryMode:
    """How the memory is used: a person's run only looks."""
    chosen = next((text for text in reversed(options.state) if text in MEMORY_MODES), "auto")
    return mode(chosen, options.state_dir, bool(options.replay))


def _run(at: float, body: Mapping[str, object]) -> PastRun:
    """A run as it was kept, whatever has become of it."""
    tries, phases = _count(body.get("tries")), body.get("phases")
    return PastRun(
        at=at,
        tries=tries,
        failed=min(tries, _count(body.get("failed"))),
        phases=tuple(str(phase)[:_PHASE] for phase in phases) if isinstance(phases, list) else (),
        down=_count(body.get("down")),
    )


def _count(value: object) -> int:
    return value if type(value) is int and value > 0 else 0
