"""Many targets in one report: the worst one's words, the worst of every figure, a line for each."""

from bothsides.analyse.udp_run import TargetAnalysis
from bothsides.base.types import Iterator, NamedTuple, Sequence
from bothsides.check.udp_loss import tables
from bothsides.check.udp_loss.figures import FIGURES, Values, combined
from bothsides.parse.text import to_number, to_words
from bothsides.plugin.finding import (
    Finding,
    Ranges,
    Reading,
    Remark,
    State,
    Table,
    Target,
    state_of,
)

_SEVERITY = (State.CRITICAL, State.WARNING, State.UNKNOWN, State.OK)
_WITH_FIGURES = 4  # targets whose own loss and round trip have room on line 1
_LONGEST = 15  # characters of a target's name: with rta_ all that a data source of RRD can hold


class Judged(NamedTuple):
    """One target with its findings."""

    target: TargetAnalysis
    values: Values  # all figures
    findings: tuple[Reading | Remark | Table, ...]  # as if it had been asked alone


class _Line(NamedTuple):
    """One target in a line."""

    judged: Judged
    state: State  # the worst of its findings
    words: str  # of the first finding in this state


def summary(judged: Sequence[Judged], ranges: Ranges) -> Iterator[Finding]:
    """The findings about all targets together, then the whole report on each."""
    lines = sorted((_line(each) for each in judged), key=_worst_first)
    yield _headline(lines)
    for label, value in combined([each.values for each in judged]).items():
        reading = ranges.reading(label, value)
        yield reading if reading.state is State.OK else reading._replace(words=_worst(reading))
    if len(lines) <= _WITH_FIGURES:
        yield from _own_figures(judged)
    for line in lines:
        yield Remark(line.state, f"{line.judged.target.samples.host}: {line.words}")
    yield Table(
        tables.target_table([(line.judged.target, line.judged.values) for line in lines]), 1
    )
    for each in judged:
        samples = each.target.samples
        yield Target(name=samples.host, address=samples.address, findings=each.findings)


def _line(judged: Judged) -> _Line:
    state = state_of(judged.findings)
    stated = (
        finding
        for finding in judged.findings
        if not isinstance(finding, Table) and finding.state is state
    )
    return _Line(judged, state, next(filter(None, map(_words, stated)), "nothing measured"))


def _words(finding: Reading | Remark) -> str:
    """The finding in words; "" for a figure that has none and is well."""
    if finding.words or isinstance(finding, Remark) or finding.state is State.OK:
        return finding.words
    label = finding.figure.label
    if not finding.measured:
        return f"{label} was not measured, but has a limit"
    return f"{label} {to_number(finding.value)}{finding.figure.uom}"


def _worst_first(line: _Line) -> tuple[float, ...]:
    values = line.judged.values
    return _SEVERITY.index(line.state), -(values["pl"] or 0), -(values["rta"] or 0)


def _headline(lines: Sequence[_Line]) -> Remark:
    """How many targets are well, and the worst one's words."""
    bad = sum(line.state is not State.OK for line in lines)
    worst = f"worst {lines[0].judged.target.samples.host}: {lines[0].words}"
    if bad:
        return Remark(lines[0].state, f"{bad} of {len(lines)} targets in trouble, {worst}")
    return Remark(State.OK, f"all {len(lines)} targets answer, {worst}")


def _worst(reading: Reading) -> str:
    """A figure that breaks its limit, in words."""
    unit = reading.figure.uom
    value = to_words(reading.value) if unit == "s" else f"{to_number(reading.value)}{unit}"
    return f"worst {reading.figure.label} of all targets {value}"


def _own_figures(judged: Sequence[Judged]) -> Iterator[Reading]:
    """Loss and mean round trip of every target, under labels made of their names."""
    by_name = sorted(judged, key=lambda each: each.target.samples.host)
    names = label_names([each.target.samples.host for each in by_name])
    for each, name in zip(by_name, names, strict=True):
        for label, figure in (("pl", FIGURES[1]), ("rta", FIGURES[0])):
            yield Reading(figure._replace(label=f"{label}_{name}"), each.values[label], "")


def label_names(hosts: Sequence[str]) -> Iterator[str]:
    """A name for every host that fits into a label and that no other host or figure has.

    Where it takes a checksum to tell hosts apart, it is computed from the host alone: another
    target renames no graph.
    """
    plain = [
        "".join(c if c.isascii() and c.isalnum() else "_" for c in host.lower()) for host in hosts
    ]
    taken = {figure.label.partition("_")[2] for figure in FIGURES}
    for host, name in zip(hosts, plain, strict=True):
        if len(name) <= _LONGEST and plain.count(name) == 1 and name not in taken:
            yield name
        else:
            yield f"{name[: _LONGEST - 5].rstrip('_')}_{_checksum(host):04x}"


def _checksum(host: str) -> int:
    """16 bits of a host's name."""
    import zlib

    return zlib.crc32(host.encode()) & 0xFFFF
