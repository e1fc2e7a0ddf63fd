"""What a window of the mesh means by the limits: the worst pair or data centre first."""

from bothsides.analyse.mesh import Analysis, Pair, Total, by_prefix, leaving, without
from bothsides.base.types import Iterator, NamedTuple, Sequence
from bothsides.check.mesh import text
from bothsides.check.mesh.figures import FIGURES, values
from bothsides.check.mesh.options import Limits
from bothsides.parse.text import to_words
from bothsides.plugin.finding import (
    Figure,
    Finding,
    Part,
    Reading,
    Remark,
    State,
    Table,
    Target,
    severity,
    state_of,
)

NOT_OK = "not OK: "
"""How the line begins that names the hosts in trouble, as in check.landscape."""

_BAD = (State.WARNING, State.CRITICAL)
_LINES = 20  # bad pairs that have a line each
_STALE = 3.0  # s that closing a slice may take beyond two slices
_STALLED = 0.2  # of the window in which the prober may be away
_LONGEST = 19  # characters of a label


class Scope(NamedTuple):
    """What line 1 names: a pair, or a data centre all of whose pairs lose."""

    pairs: tuple[Pair, ...]
    total: Total | None  # None: a single pair


def judge(analysis: Analysis, limits: Limits) -> Iterator[Finding]:
    """The findings of a window, the most telling first."""
    run = analysis.run
    if run.failure is not None:
        yield Remark(State.UNKNOWN, run.failure.words)
        yield from (limits.ranges.reading(figure.label, None) for figure in FIGURES)
        yield Table((f"udp_mesh is asked at {analysis.plan.socket}",), 1)
        return
    if limits.pairs:
        yield from (_target(analysis, pair, limits) for pair in analysis.pairs)
    states = {
        pair.seen.name: _state(pair, limits)
        for pair in analysis.total.pairs
        if pair.seen.lost or pair.trouble
    }
    bad = [pair for pair in analysis.total.pairs if states.get(pair.seen.name) in _BAD]
    bad.sort(key=lambda pair: (severity(states[pair.seen.name]), -pair.certain))
    yield from _own(analysis)
    prefixes = by_prefix(analysis) if bad or limits.datacenters else ()
    alarming = values(analysis, analysis.total.pairs, len(bad))
    yield _worst(analysis, prefixes, bad, states, limits, alarming["worst"])
    yield from _others(analysis, bad, states)
    yield from (Remark(State.OK, words) for words in text.gaps(analysis))
    yield from (Remark(State.OK, note) for note in run.notes)
    held = len(analysis.total.pairs) < len(analysis.pairs)
    known = values(analysis, analysis.pairs, len(bad)) if held else alarming
    early = bool(analysis.pairs) and all(pair.trouble == "new" for pair in analysis.pairs)
    for figure in FIGURES[1:]:
        reading = limits.ranges.reading(figure.label, known[figure.label])
        yield reading._replace(certain=State.OK) if early and not reading.measured else reading
    if limits.datacenters:
        yield from _datacenters(prefixes)
    names = {pair.seen.name for pair in bad}
    yield Table(tuple(text.grid(analysis, names, limits.tables)), 0)
    if limits.tables:
        yield Table(tuple(text.table(analysis.pairs)), 1)
    yield from _named(analysis, states, limits)


def _own(analysis: Analysis) -> Iterator[Remark]:
    """What the prober lacks itself."""
    run, age = analysis.run, analysis.age or 0.0
    if not analysis.number:
        yield Remark(State.UNKNOWN, "no pair is probed")
    if age > 2 * run.length + _STALE:
        words = f"the last slice ended {to_words(age)} ago: udp_mesh hangs or is overloaded"
        yield Remark(State.UNKNOWN, words)
    if run.stalled > _STALLED * analysis.plan.window:
        words = f"udp_mesh did not run for {to_words(run.stalled)} of the window"
        yield Remark(State.UNKNOWN, words)
    blind = [pair for pair in analysis.pairs if _blind(pair) and not pair.seen.maintenance]
    for pair in blind[:3]:
        yield Remark(State.UNKNOWN, text.trouble(run, pair))
    if len(blind) > 3:
        words = f"{run.subject}: {len(blind)} of {analysis.number} pairs cannot be judged"
        yield Remark(State.UNKNOWN, words)


def _blind(pair: Pair) -> bool:
    """Whether a pair lacks what it should have by now."""
    return pair.trouble not in ("", "new")


def _state(pair: Pair, limits: Limits) -> State:
    """A pair's state by the limits of `worst`, as far as its loss is certain."""
    if _blind(pair):
        return State.UNKNOWN
    if not pair.seen.lost:  # as nearly always, and then no limit is asked
        return State.OK
    return limits.ranges.reading("worst", 100 * pair.certain).state


def _worst(
    analysis: Analysis,
    prefixes: Sequence[Total],
    bad: Sequence[Pair],
    states: dict[str, State],
    limits: Limits,
    value: float | None,
) -> Reading:
    """The reading of the worst pair, with the words for line 1."""
    if not bad:
        # pairs that cannot be judged have remarks of their own
        return limits.ranges.reading("worst", value, _quiet(analysis))._replace(certain=State.OK)
    leave = [leaving(total, analysis.run.subject) for total in (analysis.total, *prefixes)]
    scope = _scope(leave, bad, limits)
    words = (
        text.pair(analysis, scope.pairs[0])
        if scope.total is None
        else text.group(analysis, scope.total)
    )
    named = {pair.seen.name for pair in scope.pairs}
    more = sum(pair.seen.name not in named for pair in bad)
    words += f"; {more} more" if more else ""
    state = states[bad[0].seen.name]
    return limits.ranges.reading("worst", value, words)._replace(certain=state)


def _quiet(analysis: Analysis) -> str:
    """The words where no pair alarms."""
    held = [pair for pair in analysis.pairs if pair.seen.maintenance]
    new = [pair for pair in analysis.pairs if pair.trouble == "new" and pair not in held]
    if held and len(held) == analysis.number:
        return text.held(analysis.run, held[0])
    if new and len(new) == analysis.number:
        return text.trouble(analysis.run, new[0])
    more = f", {len(held)} in MAINTENANCE" if held else ""
    more += f", {len(new)} just added" if new else ""
    return text.well(analysis) + more


def _scope(totals: Sequence[Total], bad: Sequence[Pair], limits: Limits) -> Scope:
    """The widest data centre all of whose pairs lose, if the worst pair is in it; else the pair.

    totals: all pairs first, then data centres, the widest first.
    """
    worst = bad[0]
    sure = {pair.seen.name for pair in bad}
    for total in totals:
        members = [pair for pair in total.pairs if not pair.trouble]
        if len(members) < 2 or worst not in members:
            continue
        lossy = [pair for pair in members if pair.seen.name in sure or _beyond(pair, limits)]
        certain = sum(pair.seen.name in sure for pair in members)
        if len(lossy) == len(members) and 2 * certain >= len(members):
            return Scope(tuple(members), _narrowest(total, totals))
    return Scope((worst,), None)


def _narrowest(total: Total, totals: Sequence[Total]) -> Total:
    """The data centre that has the same hosts and the longest name: eu.de where eu has no other."""
    inside = f"{total.prefix}."
    same = [
        each
        for each in totals
        if total.prefix and each.prefix.startswith(inside) and len(each.pairs) == len(total.pairs)
    ]
    return same[-1] if same else total


def _beyond(pair: Pair, limits: Limits) -> bool:
    """Whether a pair's loss as counted is beyond the limits, certain or not."""
    share = 100 * (pair.loss or 0.0)
    return limits.ranges.reading("worst", share).state in _BAD


def _others(analysis: Analysis, bad: Sequence[Pair], states: dict[str, State]) -> Iterator[Remark]:
    """A line for each bad pair, and for each one in maintenance that loses."""
    for pair in bad[:_LINES]:
        yield Remark(states[pair.seen.name], text.pair(analysis, pair))
    if len(bad) > _LINES:
        yield Remark(states[bad[-1].seen.name], f"{len(bad) - _LINES} more pairs lose packets")
    for pair in analysis.pairs:
        if pair.seen.maintenance and (pair.seen.lost or pair.trouble):
            yield Remark(State.OK, text.held(analysis.run, pair))
        elif pair.trouble == "new":
            yield Remark(State.OK, text.trouble(analysis.run, pair))


def _named(analysis: Analysis, states: dict[str, State], limits: Limits) -> Iterator[Table]:
    """A line for `bothsides known-down`: who is not OK, and how the others are without them."""
    bad = {
        pair.seen.name: states[pair.seen.name].value
        for pair in analysis.total.pairs
        if states.get(pair.seen.name, State.OK) is not State.OK
    }
    if bad:
        left = without(analysis, frozenset(bad))
        others = state_of(judge(left, limits)) if left.total.pairs else State.OK
        names = ", ".join(f"{name} {state}" for name, state in bad.items())
        yield Table((f"{NOT_OK}{names}, others {others.value}",), 0)


def _target(analysis: Analysis, pair: Pair, limits: Limits) -> Target:
    """The whole report on one pair."""
    state = _state(pair, limits)
    held = bool(pair.seen.maintenance)
    spared = held or pair.trouble == "new"
    parts: list[Part] = []
    if held or pair.trouble:
        words = text.held if held else text.trouble
        parts.append(Remark(State.OK if spared else State.UNKNOWN, words(analysis.run, pair)))
    known = values(analysis, (pair,), state in _BAD)
    for figure in FIGURES:
        words_of = text.pair(analysis, pair) if figure.label == "worst" else ""
        reading = limits.ranges.reading(figure.label, known[figure.label], words_of)
        if figure.label == "worst" and (spared or reading.measured):
            reading = reading._replace(certain=State.OK if spared else state)
        elif pair.trouble == "new" and not reading.measured:
            reading = reading._replace(certain=State.OK)
        parts.append(reading)
    return Target(pair.seen.name, pair.seen.address, tuple(parts))


def _datacenters(prefixes: Sequence[Total]) -> Iterator[Reading]:
    """The loss of every data centre as a figure behind the declared ones."""
    taken: set[str] = {figure.label for figure in FIGURES}
    for total in prefixes:
        plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in total.prefix.lower())
        label = f"pl_{plain}"[:_LONGEST]
        if label not in taken and total.loss is not None:
            taken.add(label)
            figure = Figure(label, "%", f"packets lost to and from {total.prefix}", 0, 100)
            yield Reading(figure, 100 * total.loss, "")
