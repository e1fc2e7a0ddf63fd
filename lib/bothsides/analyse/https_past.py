"""Earlier runs of check_https that count, and how a run is to be remembered."""

from bothsides.base.types import NamedTuple, Sequence
from bothsides.model.https import Past, PastRun, Visit
from bothsides.parse.url import Url

CONTENT = "answer"  # in place of a phase: all came, but not what was wanted


class Window(NamedTuple):
    """The earlier runs that count."""

    tries: int
    failed: int  # of them
    seconds: float  # how far back it reaches
    phases: tuple[str, ...] = ()  # in which they failed, one for each
    problem: str = ""  # why nothing is known of earlier runs
    prolonged: int = 0  # of the failures, those in an outage after its first one


class Try(NamedTuple):
    """One visit with what the judge made of it."""

    visit: Visit
    failed: bool  # on the way, or by what it brought
    known: bool  # whether it tells anything about the target


def failed_in(visit: Visit) -> str:
    """What a failure is remembered by: the phase in which it happened, or CONTENT."""
    return visit.last.phases.last if visit.failure is not None else CONTENT


def commonest(phases: Sequence[str]) -> str:
    """The phase in which most failures happened."""
    return max(sorted(set(phases)), key=phases.count, default="an unknown phase")


def window_of(past: Past, now: float) -> Window | None:
    """The earlier runs that count for a run that began at `now`."""
    if past.mode == "off":
        return None
    if past.problem:
        return Window(0, 0, past.window, problem=past.problem)
    runs = [run for run in past.runs if now - past.window <= run.at < now]
    return Window(
        tries=sum(run.tries for run in runs),
        failed=sum(run.failed for run in runs),
        seconds=past.window,
        phases=tuple(phase for run in runs for phase in run.phases),
        prolonged=_prolonged([run for run in runs if run.tries]),
    )


def _prolonged(runs: Sequence[PastRun]) -> int:
    """Failures that only made an outage longer, since it counts as one failure.

    All but the first of runs in a row that had a target down.
    """
    prolonged, lasting = 0, False
    for run in runs:
        down = min(run.down, run.failed)
        prolonged += down if lasting else max(0, down - 1)
        lasting = down > 0
    return prolonged


def to_past_run(tries: Sequence[Try], now: float) -> PastRun:
    """A run as it is to be remembered.

    A failure of ours says nothing about the target, so it is no try either. Targets that failed in
    every try are down: these are CRITICAL as long as they last, and not rare.
    """
    theirs = [one for one in tries if not one.visit.ours]
    phases = tuple(failed_in(one.visit) for one in theirs if one.failed)
    good = {_target(one.visit) for one in tries if one.known and not one.failed}
    down = sum(1 for one in theirs if one.failed and _target(one.visit) not in good)
    return PastRun(now, len(theirs), len(phases), phases, down)


def _target(visit: Visit) -> tuple[Url, str]:
    return visit.url, visit.address
