"""What a judge says: states, figures with their limits, and facts in words."""

from bothsides.base.types import Any, Callable, Iterable, Iterator, Mapping, NamedTuple, Sequence
from bothsides.parse import Unreadable
from bothsides.parse.range import Range, Unit


class State:
    """One of the four states; they have no order, so that nobody computes CRITICAL < UNKNOWN.

    No Enum: `enum` costs every run 3 ms of CPU.
    """

    OK: "State"
    WARNING: "State"
    CRITICAL: "State"
    UNKNOWN: "State"

    def __init__(self, value: str) -> None:
        self.value = value  # the word on line 1

    def __repr__(self) -> str:
        return f"State.{self.value}"


State.OK = State("OK")
State.WARNING = State("WARNING")
State.CRITICAL = State("CRITICAL")
State.UNKNOWN = State("UNKNOWN")
WORST_FIRST = (State.CRITICAL, State.WARNING, State.UNKNOWN, State.OK)
"""The order of severity: an UNKNOWN never hides a CRITICAL."""


class Figure(NamedTuple):
    """A perfdata figure that a check declares once: for perfdata, limits, --help and graphs."""

    label: str  # "rta": at most 19 characters, never renamed
    uom: Unit  # unit of measure
    words: str  # what it is, for --help
    low: float | None = 0.0  # least possible value
    high: float | None = None  # greatest possible value


class Reading(NamedTuple):
    """A figure with its value and its limits."""

    figure: Figure
    value: float | None  # in the figure's unit; None: not measured
    words: str  # the value as a person reads it; "" for the label and the value
    warning: Range | None = None
    critical: Range | None = None
    certain: State | None = None  # the state where the limits and the value alone do not decide it

    @property
    def measured(self) -> bool:
        """Whether there is a value; nan and infinity are none."""
        return self.value is not None and self.value - self.value == 0

    @property
    def state(self) -> State:
        """The state by the limits; UNKNOWN where there are limits, but no value."""
        if self.certain is not None:
            return self.certain
        if self.warning is None and self.critical is None:
            return State.OK
        if self.value is None or not self.measured:
            return State.UNKNOWN
        if self.critical is not None and self.critical.alerts(self.value):
            return State.CRITICAL
        if self.warning is not None and self.warning.alerts(self.value):
            return State.WARNING
        return State.OK


class Remark(NamedTuple):
    """A fact with its state."""

    state: State
    words: str
    late: bool = False  # says that time ran out, so that --timeout-state applies


class Lines(Sequence[str]):
    """Lines that are computed only when they are read, as most runs read no tables."""

    def __init__(self, make: Callable[[], Iterable[str]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[str]:
        return iter(self._make())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, place: Any) -> Any:  # Any: a line, or of a slice several
        return tuple(self)[place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lines) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]


class Copied(str):
    """A line of a table that people copy: at a terminal every character stays, else each as %XX."""

    __slots__ = ()


class Table(NamedTuple):
    """Lines for people, without a state."""

    lines: Sequence[str]
    verbosity: int = 1  # how many -v it takes to see them


class Facts(NamedTuple):
    """Further members of the JSON report, beside those that every check has."""

    members: Mapping[str, object]  # by name; what `json` can write


Part = Reading | Remark | Table
"""What the report on one target is made of."""


class Target(NamedTuple):
    """The whole report on one target of a run, as if the run had been about this target alone."""

    name: str  # as the command line names it
    address: str  # the address used; "" when none was found
    findings: tuple[Part, ...]

    @property
    def state(self) -> State:
        """The worst state of its findings."""
        return state_of(self.findings)


Finding = Part | Target | Facts


class Ranges(NamedTuple):
    """The ranges that -w and -c give, by label."""

    figures: tuple[Figure, ...]  # all that the check declares
    warning: Mapping[str, Range]
    critical: Mapping[str, Range]

    def reading(self, label: str, value: float | None, words: str = "") -> Reading:
        """The reading of a figure, with the limits that stand for its label."""
        for figure in self.figures:  # a generator would cost a batch one part in fifty
            if figure.label == label:
                warning, critical = self.warning.get(label), self.critical.get(label)
                return Reading(figure, value, words, warning, critical)
        raise LookupError(f"no figure is called {label}")


def worst(states: Iterable[State]) -> State:
    """CRITICAL before WARNING before UNKNOWN before OK; nothing at all is UNKNOWN."""
    present = set(states)
    return next((state for state in WORST_FIRST if state in present), State.UNKNOWN)


def severity(state: State) -> int:
    """The place of a state in lists that are sorted worst first: 0 is CRITICAL, 3 is OK."""
    return WORST_FIRST.index(state)


def state_of(findings: Iterable[Finding]) -> State:
    """The worst state of readings and remarks; UNKNOWN where nothing was measured or said.

    A Target counts by what the summary says of it.
    """
    stated = [finding for finding in findings if isinstance(finding, Reading | Remark)]
    if not any(isinstance(finding, Remark) or finding.measured for finding in stated):
        return State.UNKNOWN
    return worst(finding.state for finding in stated)


def in_order(findings: Iterable[Finding], figures: Sequence[Figure]) -> list[Reading]:
    """A reading of every figure that is declared, in that order, and further ones behind them."""
    readings = {
        finding.figure.label: finding for finding in findings if isinstance(finding, Reading)
    }
    declared = [readings.pop(figure.label, Reading(figure, None, "")) for figure in figures]
    return declared + list(readings.values())


def targets_of(subject: str, findings: Iterable[Finding]) -> list[Target]:
    """The report on each target; a run about one target, which is the subject, is one report."""
    known = list(findings)
    many = [finding for finding in known if isinstance(finding, Target)]
    if many or not subject:
        return many
    alone = (finding for finding in known if not isinstance(finding, Target | Facts))
    return [Target(subject, "", tuple(alone))]


def alone(target: Target) -> Iterator[Finding]:
    """The findings of a run about one target: its report, and the same findings for the text."""
    yield target
    yield from target.findings


def from_state(text: str) -> State:
    """A state by its name, in any case."""
    for state in WORST_FIRST:
        if state.value == text.upper():
            return state
    raise Unreadable(f"{text[:40]!r} is not a state; write ok, warning, critical or unknown")
