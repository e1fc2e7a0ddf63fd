"""A finished run and those who deliver its results elsewhere: --export and --submit.

What happens here is loaded by a run that delivers alone, and changes neither its state nor line 1.
"""

from bothsides.base.deadline import Deadline, Interrupted
from bothsides.base.types import Callable, Iterable, NamedTuple, Sequence
from bothsides.plugin.finding import Finding
from bothsides.plugin.output import Report
from bothsides.plugin.parser import Namespace

_LEAST = 0.12  # s where the measurement took all of -t; `deadline.settle` grants 0.2


class Finished(NamedTuple):
    """A whole run, for those who deliver its results elsewhere."""

    name: str  # of the check, as in "UDP_LOSS"
    options: Namespace
    subject: str  # whom it is about
    findings: Sequence[Finding]
    analysis: object  # the check's own; None where the run did not get there
    report: Report  # as text, without colours, with the code of the state
    began: float  # s, UTC
    ended: float  # s, UTC


Deliver = Callable[[Finished, float], Iterable[str]]
"""Delivers a run's results within so many seconds; lines about what was not taken."""

Prepare = Callable[[Namespace], Deliver | None]
"""Reads the options about deliveries; Misuse and Unreadable say what is wrong with them."""


def delivered(deliver: Deliver, finished: Finished, deadline: Deadline) -> tuple[str, ...]:
    """What a delivery says; it ends in time, and nothing that it meets is raised."""
    deadline.enter("delivering the results")
    try:
        return tuple(deliver(finished, max(_LEAST, deadline.left() - _LEAST)))
    except Interrupted as cause:
        why = "own deadline reached" if str(cause) == "deadline" else f"interrupted by {cause}"
    except Exception as fault:
        why = f"{type(fault).__name__}: {fault}"
    return (f"results not delivered: {why}, after {deadline.spent():.1f} s",)
