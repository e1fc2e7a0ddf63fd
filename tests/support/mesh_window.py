"""Windows of the mesh as a prober would hand them to check_mesh."""

from collections.abc import Iterable, Mapping

from bothsides.analyse.mesh import Analysis, analyse
from bothsides.check.mesh.check import CHECK
from bothsides.check.mesh.judge import judge
from bothsides.check.mesh.options import Limits
from bothsides.model.failure import Failure
from bothsides.model.mesh import PairWindow, Plan, Run
from bothsides.plugin.command_line import limits_of, understood
from bothsides.plugin.finding import Finding, Reading, Remark, State, state_of

PLAN = Plan("/run/bothsides/mesh.sock", 60.0, "")
CLOSED = 1_700_000_060
GOOD = PairWindow(
    name="db1", address="198.51.100.1", datacenter="us.east", maintenance="", alive=True,
    slices=12, suspect=0, bad=0, first_bad=0, last_bad=0, sent=2400, lost=0, out=0, back=0,
    late=0, duplicated=0, reordered=0, unsent=0, flags=0, rtt_min=11000, rtt_mean=12000,
    rtt_max=15000,
)  # fmt: skip


def pair(
    name: str = "db1", out: int = 0, back: int = 0, unknown: int = 0, **more: object
) -> PairWindow:
    """A pair with so many packets of 2400 lost."""
    lost = out + back + unknown
    seen = GOOD._replace(name=name, lost=lost, out=out, back=back)
    if lost:
        seen = seen._replace(bad=12, first_bad=CLOSED - 60, last_bad=CLOSED - 5)
    return seen._replace(**more)  # type: ignore[arg-type]


def window(pairs: Iterable[PairWindow], **more: object) -> Run:
    """What the prober of web1 has answered."""
    run = Run(
        subject="web1", stopped=None, failure=None, asked=CLOSED + 2.0, now=CLOSED + 2.0,
        started=CLOSED - 4000.0, expected=12, closed=float(CLOSED), pairs=tuple(pairs),
    )  # fmt: skip
    return run._replace(**more)  # type: ignore[arg-type]


def failed(words: str) -> Run:
    """A prober that could not be read."""
    return Run("/run/bothsides/mesh.sock", None, Failure("local", words), CLOSED)


def analysed(run: Run) -> Analysis:
    return analyse(PLAN, run, None)


def limits(*options: str) -> Limits:
    """The limits of a command line."""
    given = understood(CHECK, list(options))
    return CHECK.limits(given, limits_of(CHECK, given))


def judged(run: Run, *options: str) -> tuple[State, str, list[Finding]]:
    """The state, line 1 without its limit, and all findings."""
    findings = list(judge(analysed(run), limits(*options)))
    state = state_of(findings)
    stated = [part for part in findings if isinstance(part, Reading | Remark)]
    words = next((part.words for part in stated if part.state is state and part.words), "")
    return state, words, findings


def values(findings: Iterable[Finding]) -> Mapping[str, float | None]:
    """The figures by label."""
    return {part.figure.label: part.value for part in findings if isinstance(part, Reading)}
