"""Many clocks in one run: which are off, and whether it is not rather our own."""

from bothsides.analyse.clock_offset import Bounds, meeting, severity, shared, zone_apart
from bothsides.base.types import Callable, Iterator, Mapping, NamedTuple, Sequence
from bothsides.check.snmp_clock.judge import (
    FIGURES,
    Rules,
    Scale,
    findings,
    known_of,
    offset_words,
    where,
    zoneless,
)
from bothsides.check.snmp_clock.past import Before
from bothsides.model.clock import Host, Run
from bothsides.plugin.finding import Finding, Reading, Remark, State, Table, worst

_ALIKE = 3  # clocks that are off by the same: not theirs is wrong, but ours
_NAMED = 4  # hosts that line 1 names


class One(NamedTuple):
    """What the judge of single hosts says about one of many."""

    host: Host
    state: State
    words: str
    values: Mapping[str, float]


def fleet(
    run: Run, scale: Scale, rules: Rules, past: Mapping[str, Sequence[Before]]
) -> Iterator[Finding]:
    """One summary, a line for each host that is not all right, and the fleet's figures."""
    common = _common(run.hosts, scale, rules)
    if common is not None:
        many, ahead = common
        whose = (
            "this monitor's clock"
            if run.reference is None
            else f"the clock of the reference {run.reference.name}"
        )
        words = f"{many} of {len(run.hosts)} clocks are {offset_words(ahead)} alike: {whose} is wrong, not theirs"
        yield Remark(State.UNKNOWN, words)
        scale = Scale(
            Bounds(scale.ahead.low + ahead.low, scale.ahead.high + ahead.high),
            scale.trusted,
            ", by the others",
        )
    every = [
        _one(host, scale, rules, past.get(host.name, ()), run.stopped is not None)
        for host in run.hosts
    ]
    bad = sorted(
        (one for one in every if one.state is not State.OK), key=lambda one: _RANK.index(one.state)
    )
    if bad:
        names = ", ".join(f"{one.host.name} {one.words.split(',')[0]}" for one in bad[:_NAMED])
        more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
        yield Remark(worst(one.state for one in bad), f"{len(bad)} of {len(every)}: {names}{more}")
    else:
        yield Remark(State.OK, f"{len(every)} clocks are within their limits")
    for one in bad:
        yield Remark(
            one.state,
            f"{one.host.name}: {one.words}",
            run.stopped is not None and one.host.failure is not None,
        )
    yield from _figures(every, rules)
    yield Table(tuple(f"{one.host.name:<24} {one.state.value:<9} {one.words}" for one in every))


_RANK = (State.CRITICAL, State.WARNING, State.UNKNOWN, State.OK)


def _common(hosts: Sequence[Host], scale: Scale, rules: Rules) -> tuple[int, Bounds] | None:
    """How many hosts share an offset beyond the limits, and that offset, where it is most of them."""
    known = [bounds for host in hosts if (bounds := _comparable(host, scale)) is not None]
    group = shared(known)
    if len(group) < _ALIKE or 2 * len(group) <= len(known):
        return None
    met = meeting(known[place] for place in group)
    limits = rules.limits.warning.get("offset"), rules.limits.critical.get("offset")
    return (len(group), met) if met is not None and severity(met, *limits)[0] else None


def _comparable(host: Host, scale: Scale) -> Bounds | None:
    """Its offset, where it is one: many hosts of one zone that their values do not tell are no sign of a wrong clock."""
    known = known_of(host, scale, ())
    if (
        known is None
        or known.trust == "stuck"
        or (zoneless(host) and zone_apart(known.bounds) is not None)
    ):
        return None
    return known.bounds


def _one(host: Host, scale: Scale, rules: Rules, past: Sequence[Before], late: bool) -> One:
    found: list[Finding] = []
    if host.failure is not None:
        found.append(Remark(State.UNKNOWN, f"{host.failure.words}{where(host)}", late))
    found += findings(host, scale, rules, past)
    stated = [finding for finding in found if isinstance(finding, Reading | Remark)]
    state = worst(finding.state for finding in stated)
    words = next(
        (finding.words for finding in stated if finding.state is state and finding.words),
        "nothing measured",
    )
    readings = (
        finding for finding in stated if isinstance(finding, Reading) and finding.value is not None
    )
    return One(
        host, state, words, {reading.figure.label: reading.value or 0.0 for reading in readings}
    )


_COMBINED: Mapping[str, Callable[[Sequence[float]], float]] = {
    "offset": lambda values: max(values, key=abs),
    "queries": sum,
    "uptime": min,
    "drift": lambda values: max(values, key=abs),
}
"""How a figure of many hosts becomes one; the largest where nothing else is said."""


def _figures(every: Sequence[One], rules: Rules) -> Iterator[Finding]:
    for figure in FIGURES:
        values = [one.values[figure.label] for one in every if figure.label in one.values]
        value = _COMBINED.get(figure.label, max)(values) if values else None
        yield rules.limits.reading(figure.label, value)._replace(
            certain=State.OK
        )  # judged host by host
