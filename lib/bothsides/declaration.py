"""What a check declares about itself; `cli` does the rest."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from bothsides.deadline import Deadline, Stop
from bothsides.finding import Figure, Finding, Limits
from bothsides.parse.range import Range


class Run(Protocol):
    """What every probe's Run has: whom it is about, and why it ended early if it did."""

    @property
    def subject(self) -> str: ...

    @property
    def stopped(self) -> Stop | None: ...


class Check(NamedTuple):
    """All that makes up one check.

    name: "UDP_LOSS"; summary: one sentence; figures: its perfdata, in the order for ever;
    options: adds its own options; plan: options -> Plan (raises Unreadable or Misuse);
    measure: Plan, Deadline -> Run; judge: Run, limits, past -> findings, worst first among equals;
    plan_type and run_type: for --replay; short: what bare items of -w and -c mean, by label;
    warning and critical: defaults as one would write them; limits: where the check has limits
    beyond ranges, own: the items of -w and -c that it reads for them itself; recall and keep: where
    it has a memory; examples: argument lists for --help; printed: where an option
    asks for another tool's labels, the figures that are printed instead; outputs: formats of --output
    that this check has beyond text and json, from Plan and Run to the whole text.
    """

    name: str
    summary: str
    figures: tuple[Figure, ...]
    options: Callable[[Any], None]
    plan: Callable[[Any], Any]
    measure: Callable[[Any, Deadline], Any]
    judge: Callable[[Any, Any, Any], Iterator[Finding]]
    plan_type: Any
    run_type: Any
    short: Callable[[Sequence[str]], Mapping[str, Range]]
    warning: str = ""
    critical: str = ""
    limits: Callable[[Any, Limits], Any] = lambda options, limits: limits
    own: Callable[[str], bool] = lambda item: False
    recall: Callable[[Any, Any, Any], Any] | None = None
    keep: Callable[[Any, Any, Any, Any, list[Finding]], Iterable[Finding]] | None = None
    examples: tuple[str, ...] = ()
    libraries: Callable[[], str] = lambda: ""
    printed: Callable[[Any, tuple[Figure, ...]], tuple[Figure, ...]] = lambda options, figures: figures
    outputs: Mapping[str, Callable[[Any, Any], str]] = MappingProxyType({})

    @property
    def program(self) -> str:
        return "check_" + self.name.lower()
