"""What a check declares about itself; `plugin.main` runs it.

A run goes one way, and each step is typed by what it hands on:

    options -> Limits, Plan -> recall -> Past -> measure -> Run -> analyse -> Analysis
    -> judge -> findings -> keep
"""

from bothsides.base.deadline import Deadline, Stop
from bothsides.base.types import (
    Any,
    Callable,
    Generic,
    Iterable,
    Iterator,
    Mapping,
    NamedTuple,
    Protocol,
    Sequence,
    TypeVar,
)
from bothsides.parse.range import Range
from bothsides.plugin.finding import Figure, Finding, Ranges, Target
from bothsides.plugin.parser import Namespace, Parser


class Measured(Protocol):
    """What every Run has: whom it is about, and why it ended early if it did."""

    @property
    def subject(self) -> str: ...

    @property
    def stopped(self) -> Stop | None: ...


PlanT = TypeVar("PlanT")
RunT = TypeVar("RunT", bound=Measured)
PastT = TypeVar("PastT")
AnalysisT = TypeVar("AnalysisT")
LimitsT = TypeVar("LimitsT")


class Check(NamedTuple, Generic[PlanT, RunT, PastT, AnalysisT, LimitsT]):
    """All that makes up one check."""

    name: str  # "UDP_LOSS"
    summary: str  # one sentence
    figures: tuple[Figure, ...]  # performance data, in the order for ever
    options: Callable[[Parser], None]  # adds the check's own options
    short: Callable[[Sequence[str]], Mapping[str, Range]]  # bare items of -w and -c, by label
    limits: Callable[[Namespace, Ranges], LimitsT]  # raises Unreadable or Misuse
    plan: Callable[[Namespace, LimitsT], PlanT]  # raises Unreadable, Misuse or Unable
    recall: Callable[[Namespace, PlanT], PastT]  # `no_past` for a check without a memory
    measure: Callable[[PlanT, PastT, Deadline], RunT]  # the only step that asks the network
    analyse: Callable[[PlanT, RunT, PastT], AnalysisT]  # pure: all that the samples prove
    judge: Callable[[AnalysisT, LimitsT], Iterator[Finding]]  # worst first among equals
    plan_type: type[PlanT]  # for --replay
    run_type: type[RunT]
    warning: str = ""  # the default of -w, as one would write it
    critical: str = ""
    own: Callable[[str], bool] = lambda item: False  # items of -w and -c that `limits` reads itself
    events: Mapping[str, str] = {}  # words of them that are no label, with what they mean
    keep: Callable[[AnalysisT, Sequence[Target]], Iterable[Finding]] | None = None
    around: Callable[[Namespace, AnalysisT, LimitsT, list[Finding]], list[Finding]] = (
        lambda options, analysis, limits, findings: findings
    )  # the findings with what a landscape says of the targets
    examples: tuple[str, ...] = ()  # argument lists for --help, at least three
    libraries: Callable[[], str] = lambda: ""  # named by --version
    by_family: bool = True  # -4 and -6 choose something; else `plan` refuses them
    printed: Callable[[Namespace, tuple[Figure, ...]], tuple[Figure, ...]] = (
        lambda options, figures: figures
    )  # where an option asks for the labels of another tool
    outputs: Mapping[str, Callable[[PlanT, RunT], str]] = {}  # --output's own

    @property
    def program(self) -> str:
        """The name of the script: check_udp_loss."""
        return "check_" + self.name.lower()


AnyCheck = Check[Any, Any, Any, Any, Any]  # Any: what is common to all checks knows no subject


def ranges_alone(options: Namespace, ranges: Ranges) -> Ranges:
    """The limits of a check that knows no others than those of -w and -c."""
    return ranges


def no_past(options: Namespace, plan: object) -> None:
    """The past of a check that remembers nothing."""
