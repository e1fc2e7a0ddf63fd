"""Many targets in one run of check_udp_loss: the worst of every figure, and a table of them all."""

from bothsides.analyse.udp_run import Analysis, TargetAnalysis
from bothsides.base.types import TYPE_CHECKING, Callable, Iterator, Mapping, NamedTuple, Sequence
from bothsides.check.many import Line, Wording, combined, line_of, summarised, worst_first
from bothsides.check.udp_loss import tables
from bothsides.check.udp_loss.figures import FIGURES, Values, lost_backward, lost_forward
from bothsides.parse.text import to_number, to_words
from bothsides.plugin.finding import Finding, Lines, Part, Ranges, Reading, State, Table, Target

if TYPE_CHECKING:
    from bothsides.inventory.rollup import Row

_WITH_FIGURES = 4  # targets whose own loss and round trip have room on line 1
_NAMED = 3  # reflectors that refused packets and are named
_LONGEST = 15  # characters of a target's name: with rta_ all that a data source of RRD can hold
_COMBINED: Mapping[str, Callable[[Sequence[float]], float]] = {
    "sent": sum,
    "recv": sum,
    "rtmin": min,
}  # how the values of many targets become one; the largest of all other figures


class Judged(NamedTuple):
    """One target with its findings."""

    target: TargetAnalysis
    values: Values  # all figures
    findings: tuple[Part, ...]  # as if it had been asked alone


def summary(judged: Sequence[Judged], ranges: Ranges) -> Iterator[Finding]:
    """The report on each target, and the findings about all of them together."""
    lines = [_line(each) for each in sorted(judged, key=_most_loss_first)]
    between = list(_worst_figures([line.target for line in lines], ranges))
    if len(judged) <= _WITH_FIGURES:
        between += _own_figures(judged)
    yield from summarised(lines, Wording(trouble=_trouble, well=_well), between)
    yield from _over_rate(judged)
    rows = {each.target.samples.host: (each.target, each.values) for each in judged}
    yield Table(
        Lines(lambda: tables.target_table([rows[line.name] for line in worst_first(lines)])), 1
    )


def packets(analysis: Analysis) -> "dict[str, Row]":
    """What became of the packets to each target, for sums; the data centre is not known here."""
    from bothsides.inventory.rollup import Row

    return {
        target.samples.host: Row(
            datacenter="",
            sent=target.sent,
            lost=target.lost,
            lost_forward=lost_forward(target),
            lost_return=lost_backward(target),
            rtt_min=min((each.rtt for each in target.delays), default=None),
            rtt_max=max((each.rtt for each in target.delays), default=None),
        )
        for target in analysis.targets
    }


def _over_rate(judged: Sequence[Judged]) -> Iterator[Table]:
    """Which reflectors refused packets: many hosts that ask one reflector are over its rate."""
    refused = {
        each.target.samples.host: each.target.at_reflector.over_rate
        for each in judged
        if each.target.at_reflector and each.target.at_reflector.over_rate
    }
    if refused:
        worst = sorted(refused, key=lambda host: (-refused[host], host))
        named = ", ".join(f"{host} {refused[host]}" for host in worst[:_NAMED])
        more = f" and {len(worst) - _NAMED} more" if len(worst) > _NAMED else ""
        yield Table((f"packets refused by the reflector's --rate: {named}{more}",), 0)


def _line(judged: Judged) -> Line:
    """One target's line; --timeout-state applies to a single target only."""
    return line_of(report(judged))._replace(late=False)


def report(judged: Judged) -> Target:
    """The report on one target."""
    samples = judged.target.samples
    return Target(name=samples.host, address=samples.address, findings=judged.findings)


def _most_loss_first(judged: Judged) -> tuple[float, float]:
    return -(judged.values["pl"] or 0), -(judged.values["rta"] or 0)


def _trouble(lines: Sequence[Line]) -> str:
    bad = sum(line.state is not State.OK for line in lines)
    return f"{bad} of {len(lines)} targets in trouble, {_worst_line(lines)}"


def _well(lines: Sequence[Line]) -> str:
    return f"all {len(lines)} targets answer, {_worst_line(lines)}"


def _worst_line(lines: Sequence[Line]) -> str:
    return f"worst {lines[0].name}: {lines[0].words}"


def _worst_figures(reports: Sequence[Target], ranges: Ranges) -> Iterator[Reading]:
    """The readings of all targets as one."""
    for label, value in combined(reports, FIGURES, _COMBINED).items():
        reading = ranges.reading(label, value)
        yield reading if reading.state is State.OK else reading._replace(words=_worst(reading))


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
