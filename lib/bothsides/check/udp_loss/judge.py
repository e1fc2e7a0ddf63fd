"""What the analysis of a run means by the limits: findings about each target, the worst first."""

from bothsides.analyse.loss_interval import loss_interval
from bothsides.analyse.udp_run import Analysis, TargetAnalysis
from bothsides.base.types import Iterator
from bothsides.check.udp_loss import many, tables, text
from bothsides.check.udp_loss.figures import FIGURES, Values, figures, lost_backward, lost_forward
from bothsides.check.udp_loss.options import Limits
from bothsides.parse.text import to_words
from bothsides.plugin.finding import (
    Figure,
    Finding,
    Lines,
    Reading,
    Remark,
    State,
    Table,
    alone,
)


def judge(analysis: Analysis, limits: Limits) -> Iterator[Finding]:
    """The findings of a run, the most telling first."""
    judged = [_judged(target, analysis, limits) for target in analysis.targets]
    if len(judged) == 1:
        yield from alone(many.report(judged[0]))
    else:
        yield from many.summary(judged, limits.ranges)
    yield from (Remark(State.OK, words) for words in analysis.resolver)


def _judged(target: TargetAnalysis, analysis: Analysis, limits: Limits) -> many.Judged:
    values = figures(target, analysis)
    return many.Judged(target, values, tuple(_findings(target, analysis, values, limits)))


def _findings(
    target: TargetAnalysis, analysis: Analysis, values: Values, limits: Limits
) -> Iterator[Reading | Remark | Table]:
    """All that is to be said about one target, with every table."""
    yield from text.faults(target, analysis)
    yield _loss(target, values, limits)
    for figure in FIGURES:
        if figure.label in ("pl_out", "pl_back"):
            yield _way(figure.label, target, values, limits)
        elif figure.label != "pl":
            yield _reading(figure, target, values, limits)
    yield from text.notes(target, analysis, limits.confidence)
    yield Table(Lines(lambda: tables.summary(target, values)), 1)
    yield Table(Lines(lambda: tables.packet_table(target)), 2)


def _loss(target: TargetAnalysis, values: Values, limits: Limits) -> Reading:
    """The reading of all losses; with its round trips when the target is well."""
    reading = _share("pl", target.lost, target, values, limits, text.loss(target))
    if reading.state is not State.OK or not target.answered:
        return reading
    trips = f"rta {to_words(values['rta'])}, p95 {to_words(values['rtp95'])}"
    return reading._replace(words=f"{reading.words}, {trips}")


def _way(label: str, target: TargetAnalysis, values: Values, limits: Limits) -> Reading:
    """The loss of one direction; where it lies between bounds, the low one breaks limits."""
    forward = label == "pl_out"
    lost = lost_forward(target) if forward else lost_backward(target)
    reading = _share(label, lost, target, values, limits)
    if target.loss is None or reading.value is None or reading.certain is not None:
        return reading
    bounds = target.loss.forward if forward else target.loss.backward
    if bounds.low == bounds.high:
        return reading
    near = reading._replace(value=100 * bounds.low / target.sent)
    return reading._replace(certain=near.state)


def _share(
    label: str,
    lost: int | None,
    target: TargetAnalysis,
    values: Values,
    limits: Limits,
    words: str = "",
) -> Reading:
    """A share of lost packets; --confidence holds the low end of its interval against limits."""
    reading = limits.ranges.reading(label, values[label], words)
    if not limits.confidence or lost is None or reading.value is None or reading.state is State.OK:
        return reading
    # of one direction the number of bursts is not known: as long as those of both together
    bursts = target.bursts.number * lost / target.lost if target.lost else 0
    low = loss_interval(lost, bursts, target.sent, limits.confidence, for_alarms=True).low
    return reading._replace(certain=reading._replace(value=100 * low).state)


def _reading(figure: Figure, target: TargetAnalysis, values: Values, limits: Limits) -> Reading:
    """The reading of any other figure."""
    value = values[figure.label]
    words = f"{figure.label} {to_words(value)}" if figure.uom == "s" and value is not None else ""
    if figure.label == "flows_bad":
        words = text.dead_paths(target)
    if figure.label == "senderr":
        words = text.unsent(target)
    warning, critical = limits.ranges.warning, limits.ranges.critical
    label = figure.label
    reading = Reading(figure, value, words, warning.get(label), critical.get(label))
    if figure.label == "senderr" and not target.sent:
        return reading._replace(certain=State.OK)  # a remark says it already, and is UNKNOWN
    if figure.label == "rta" and reading.state is State.OK:
        return reading._replace(words="")  # line 1 has it already
    return reading
