"""Many targets in one run: the report on each, what they come to together, and a line for each.

    lines = [line_of(target) for target in targets]
    yield from summarised(lines, Wording(trouble=..., well=...))

Text shows the summary and the lines, worst first; JSON and the memory get the reports themselves.
"""

from bothsides.base.types import Callable, Iterable, Iterator, Mapping, NamedTuple, Sequence
from bothsides.parse.text import to_number
from bothsides.plugin.finding import (
    Figure,
    Finding,
    Reading,
    Remark,
    State,
    Target,
    severity,
    worst,
)


class Line(NamedTuple):
    """What one line says about a target."""

    target: Target
    name: str  # as the line calls the target
    state: State  # the target's, or a better one where other targets make up for it
    words: str
    late: bool = False  # time ran out for this target, so that --timeout-state applies


class Wording(NamedTuple):
    """How a check puts many targets into words; each function gets all lines, worst first."""

    trouble: Callable[[Sequence[Line]], str]  # the summary where a line is not OK; "" for none
    well: Callable[[Sequence[Line]], str]  # the summary where all lines are OK; "" for none
    good: bool = True  # whether a target that is OK has a line of its own


def line_of(target: Target) -> Line:
    """The line with the words of the worst finding, as line 1 has them about one target."""
    state = target.state
    parts = [part for part in target.findings if isinstance(part, Reading | Remark)]
    alike = [part for part in parts if part.state is state]
    chosen = next((part for part in alike if part.words), alike[0] if alike else None)
    late = isinstance(chosen, Remark) and chosen.late
    return Line(target, target.name, state, _words_of(chosen), late)


def _words_of(finding: Reading | Remark | None) -> str:
    if finding is None:
        return "nothing measured"
    if isinstance(finding, Remark) or finding.words:
        return finding.words
    label = finding.figure.label
    if not finding.measured:
        return f"{label} was not measured, but has a limit"
    return f"{label} {to_number(finding.value)}{finding.figure.uom}"


def worst_first(lines: Iterable[Line]) -> list[Line]:
    """The lines by severity; those of the same state stay in their order."""
    return sorted(lines, key=lambda line: severity(line.state))


def summarised(
    lines: Iterable[Line], wording: Wording, between: Iterable[Finding] = ()
) -> Iterator[Finding]:
    """The report on each target, the summary, what stands between, and the lines, worst first."""
    ordered = worst_first(lines)
    troubled = [line for line in ordered if line.state is not State.OK]
    yield from (line.target for line in ordered)
    words = wording.trouble(ordered) if troubled else wording.well(ordered)
    if words:
        yield Remark(worst(line.state for line in ordered), words)
    yield from between
    for line in ordered if wording.good else troubled:
        yield Remark(line.state, f"{line.name}: {line.words}", line.late)


def combined(
    targets: Iterable[Target],
    figures: Sequence[Figure],
    rules: Mapping[str, Callable[[Sequence[float]], float]],
) -> dict[str, float | None]:
    """One value for each figure out of those of all targets; None where no target measured it.

    rules: by label, how many values become one; the largest where nothing is said.
    """
    values: dict[str, list[float]] = {figure.label: [] for figure in figures}
    for target in targets:
        for part in target.findings:
            if isinstance(part, Reading) and part.value is not None and part.figure.label in values:
                values[part.figure.label].append(part.value)
    return {
        label: rules.get(label, max)(measured) if measured else None
        for label, measured in values.items()
    }
