"""What a judge says: states, figures with their limits, and facts in words."""

from enum import Enum

from bothsides.base.types import Iterable, Mapping, NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.range import Range


class State(Enum):
    """The four states; not an IntEnum, so that nobody computes CRITICAL < UNKNOWN by accident."""

    OK = "OK"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"
    UNKNOWN = "UNKNOWN"


_WORST_FIRST = (State.CRITICAL, State.WARNING, State.UNKNOWN, State.OK)


class Figure(NamedTuple):
    """A perfdata figure that a check declares once: for perfdata, limits, --help and graphs.

    uom is "" (a count), "s", "%", "B" or "c"; low and high are the least and greatest possible value.
    """

    label: str
    uom: str
    words: str
    low: float | None = 0.0
    high: float | None = None


class Reading(NamedTuple):
    """A figure with its value (None: not measured), its limits and the value in words.

    certain: the state where the value alone does not tell it, such as the middle of an interval of
    which only a part breaks a limit.
    """

    figure: Figure
    value: float | None
    words: str
    warning: Range | None = None
    critical: Range | None = None
    certain: State | None = None

    @property
    def measured(self) -> bool:
        """Whether there is a value; nan and infinity are none."""
        return self.value is not None and self.value - self.value == 0

    @property
    def state(self) -> State:
        """What the limits make of the value; with limits and no value, it is not known."""
        if self.certain is not None:
            return self.certain
        if self.value is None or not self.measured:
            return State.OK if self.warning is None and self.critical is None else State.UNKNOWN
        if self.critical is not None and self.critical.alerts(self.value):
            return State.CRITICAL
        if self.warning is not None and self.warning.alerts(self.value):
            return State.WARNING
        return State.OK


class Remark(NamedTuple):
    """A fact with its state. `late` marks those that say that time ran out (--timeout-state)."""

    state: State
    words: str
    late: bool = False


class Table(NamedTuple):
    """Lines for people, shown from the given verbosity on; they have no state."""

    lines: tuple[str, ...]
    verbosity: int = 1


class Target(NamedTuple):
    """The whole report on one of many targets, as if it had been asked alone."""

    name: str  # as the command line names it
    address: str  # the address used; "" when none was found
    findings: tuple[Reading | Remark | Table, ...]

    @property
    def state(self) -> State:
        """The worst state of its findings."""
        return state_of(self.findings)


Finding = Reading | Remark | Table | Target


class Ranges(NamedTuple):
    """Ranges by label, from -w and -c."""

    figures: tuple[Figure, ...]
    warning: Mapping[str, Range]
    critical: Mapping[str, Range]

    def reading(self, label: str, value: float | None, words: str = "") -> Reading:
        """The figure's reading, with the limits that stand for its label."""
        figure = next(figure for figure in self.figures if figure.label == label)
        return Reading(figure, value, words, self.warning.get(label), self.critical.get(label))


def worst(states: Iterable[State]) -> State:
    """CRITICAL before WARNING before UNKNOWN before OK; nothing at all is UNKNOWN."""
    present = set(states)
    return next((state for state in _WORST_FIRST if state in present), State.UNKNOWN)


def state_of(findings: Iterable[Finding]) -> State:
    """The worst state of all findings that have one; a target's counts in the words about all of them."""
    return worst(finding.state for finding in findings if isinstance(finding, Reading | Remark))


def from_state(text: str) -> State:
    """A state by its name, in any case."""
    if text.upper() not in State.__members__:
        raise Unreadable(f"{text[:40]!r} is not a state; write ok, warning, critical or unknown")
    return State[text.upper()]
