"""Traces one path: a look, a second one where something differs, and probes that locate loss."""

from bothsides.analyse.path.baseline import Baseline
from bothsides.analyse.path.delay_memory import growth, least_of_target
from bothsides.analyse.path.next_look import (
    further_probes,
    known_length,
    second_look,
    segment_probes,
    widening_probes,
)
from bothsides.base.deadline import Deadline
from bothsides.base.types import (
    TYPE_CHECKING,
    Callable,
    Iterable,
    Iterator,
    Protocol,
    Sequence,
)
from bothsides.model.path import ECHO, Plan, ProbeResult, Run

if TYPE_CHECKING:
    from bothsides.probe.mtr.reflection import Inquiry

_LEAST = 2.0  # s that asking a reflector takes at least
_SPARE = 0.9  # s before the end of the time that asking ends: a busy host is late
_WAYS, _EACH = 3, 12  # one-way delays are learnt in so many runs, then in every twelfth


class Prober(Protocol):
    """What a trace needs of an engine."""

    @property
    def quick(self) -> bool:
        """Whether single probes can be sent."""
        ...

    def look(
        self, echoes: int, known: int, extra: Iterable[tuple[int, int]], stage: str, /
    ) -> tuple[ProbeResult, ...]:
        """Probes the whole path once."""
        ...

    def ask(
        self, jobs: Sequence[tuple[int, int]], stage: str, echoes: int = 0, /
    ) -> tuple[ProbeResult, ...]:
        """Sends single probes, and echo requests to the target."""
        ...


def trace(
    plan: Plan,
    run: Run,
    prober: Prober,
    baseline: Baseline,
    share: Deadline,
    loses: Callable[[], bool] | None = None,
) -> Iterator[Run]:
    """The run after each step, so that whoever is interrupted keeps what was traced before.

    loses: asked after the first look, as plan.lossy, for a measurement that runs beside this one.
    """
    if not run.fixed:
        baseline = Baseline()  # flows that vary are not compared one by one
    run = first_look(plan, run, prober, baseline)
    if loses is not None:
        plan = plan._replace(lossy=plan.lossy or loses())
    run = widened(plan, run, prober, baseline)
    yield run
    run = look_again(plan, run, prober, baseline, share)
    yield run
    inquiry = _inquiry(plan, run, baseline, share)
    jobs = segment_probes(plan, run, baseline, share.left()) if prober.quick else []
    if jobs:
        run = run._replace(segments=prober.ask(jobs, "looking for where the loss begins"))
        yield run
    if inquiry is not None:
        share.enter(f"asking the reflector of {plan.reflector}")
        yield run._replace(reflection=inquiry.result(share.left() - _SPARE / 2))


def _inquiry(plan: Plan, run: Run, baseline: Baseline, share: Deadline) -> "Inquiry | None":
    """Asks the far end's reflector, where one is named and something is wrong.

    A few packets are sent now and then too, so that usual one-way delays are known.
    """
    if not plan.reflector or share.left() < _LEAST:
        return None
    lost = any(echo is None for echo in run.echoes)
    slower = growth(baseline.delays.target, least_of_target(run))
    unknown = len(baseline.delays.ways) < _WAYS or baseline.runs % _EACH == 0
    if not (lost or slower or unknown):
        return None
    from bothsides.probe.mtr.reflection import Inquiry

    left = share.left() - _SPARE
    return Inquiry(plan, run, left if lost or slower else min(left, _LEAST - _SPARE))


def first_look(plan: Plan, run: Run, prober: Prober, baseline: Baseline) -> Run:
    """Traces the whole path once."""
    wanted = further_probes(baseline, plan.flows) if prober.quick else ()
    stage = f"tracing the path to {run.target}"
    return _with_first(run, prober.look(plan.echoes, known_length(baseline), wanted, stage))


def widened(plan: Plan, run: Run, prober: Prober, baseline: Baseline) -> Run:
    """On a new path the run with more flows at balanced hops.

    Not where nothing is learnt and a loss is to be located, which needs the time.
    """
    learns = baseline.normal is None and not (plan.lossy and plan.state == "off")
    if not (prober.quick and run.fixed and learns):
        return run
    jobs = widening_probes(plan, run, run.first)
    return run._replace(first=(*run.first, *prober.ask(jobs, "learning the balanced hops")))


def look_again(plan: Plan, run: Run, prober: Prober, baseline: Baseline, share: Deadline) -> Run:
    """The run with a second look where the first differs from the baseline or met silence."""
    if not prober.quick or share.left() < 0.3:
        return run
    wanted = second_look(plan, run, baseline)
    if wanted is None:
        return run
    if wanted.length is None:
        results = prober.ask(wanted.jobs, wanted.stage, wanted.echoes)
    else:
        results = prober.look(wanted.echoes, wanted.length, wanted.jobs, wanted.stage)
    second = tuple(result for result in results if result.flow != ECHO)
    return _with_echoes(run._replace(second=second), results)


def partial_run(run: Run, results: Sequence[ProbeResult]) -> Run:
    """The run when it was interrupted: with the results of the first look so far."""
    return run if run.first else _with_first(run, results)


def _with_first(run: Run, results: Sequence[ProbeResult]) -> Run:
    first = tuple(result for result in results if result.flow != ECHO)
    return _with_echoes(run._replace(first=first), results)


def _with_echoes(run: Run, results: Iterable[ProbeResult]) -> Run:
    """The run with these echo requests: round trips, and who refused to forward them."""
    echoes = [result for result in results if result.flow == ECHO]
    times = tuple(result.rtt if result.kind == "reply" else None for result in echoes)
    refused = tuple(result for result in echoes if result.kind == "refused")
    return run._replace(echoes=(*run.echoes, *times), refusals=(*run.refusals, *refused))
