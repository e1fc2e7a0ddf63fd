"""Keeps the words about one incident the same while its runs differ by chance.

A run draws a sample: one proves a side, the next one alone does not; one excludes a neighbour, the
next one does not. What was proved stays while no run excludes it; another side takes its place when
two runs in a row prove that; a weaker word counts at once, a stronger one when it is said twice.
Shares of loss are shown in coarse steps, as wide as the last dozen runs found them.
"""

from bothsides.base.types import Mapping, NamedTuple, Sequence
from bothsides.check.whose_fault.figures import likelihood
from bothsides.check.whose_fault.text import LIKELIEST
from bothsides.model.interval import Interval
from bothsides.model.verdict import Confidence, Fault, Shown, Step, Verdict

HELD = 6
"""Runs in a row without a proof of its own after which an earlier proof counts no more."""

_MARGIN = 8.0  # percent around the likelihood from which a side is named
_NARROWED = 12  # runs after which intervals are shown as narrow as all of these were
_STEPS = (
    0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15,
    0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0,
)  # fmt: skip
"""Shares to which intervals are rounded, outward: what is shown contains what was measured."""

_ORDER: tuple[Confidence, ...] = ("certain", "likely", "open", "none")
_PROVED = ("certain", "likely")


class LastRun(NamedTuple):
    """What line 1 said in the last run of an incident, and what that run said by itself."""

    side: tuple[str, ...]
    also: tuple[str, ...]
    confidence: Confidence
    run_side: tuple[str, ...]
    run_confidence: Confidence
    seen: dict[str, int]  # sides that were not excluded, with the runs since then
    roles: dict[str, str]  # of sides, by the owner map
    kind: str = ""  # of the first fault
    vague: bool = False
    disputed: bool = False  # two runs proved different sides
    held: int = 0  # runs since the side was proved
    out: Interval | None = None  # shares of loss as they were shown
    back: Interval | None = None
    newer_out: Interval | None = None  # the same of the runs since they were narrowed
    newer_back: Interval | None = None
    newer: int = 0  # these runs


def steadied(verdict: Verdict, last: LastRun | None) -> tuple[Verdict, LastRun]:
    """The verdict as it is said after the last run, and what is to be remembered of it.

    What a host says of itself needs no other run, and changes nothing that others have proved.
    """
    if last is None or {fault.kind for fault in verdict.faults} == {"own"}:
        mine = _of(verdict)
        shown = Shown(mine.out, mine.back, mine.vague, tuple(sorted(mine.roles.items())))
        return verdict._replace(shown=shown), mine if last is None else last
    seen = {code: age + 1 for code, age in last.seen.items() if age < HELD} | _seen(verdict)
    side, also, confidence, disputed, held = _side(verdict, last, sorted(seen))
    out, back = _stepped(verdict.loss_out), _stepped(verdict.loss_back)
    newer_out, newer_back = _union(out, last.newer_out), _union(back, last.newer_back)
    narrowed = last.newer + 1 >= _NARROWED
    shown = Shown(
        newer_out if narrowed else _union(out, last.out),
        newer_back if narrowed else _union(back, last.back),
        _vague(verdict, last),
        tuple(sorted((last.roles | _roles(verdict)).items())),
    )
    faults = tuple(sorted(verdict.faults, key=lambda fault: fault.kind != last.kind))
    steps = verdict.steps
    if (side, confidence) != (verdict.side, verdict.confidence):
        steps = (*steps, _step(verdict, side, disputed))
    steady = verdict._replace(
        side=side, also=also, confidence=confidence, faults=faults, steps=steps, shown=shown
    )
    kept = LastRun(
        side=side,
        also=also,
        confidence=confidence,
        run_side=verdict.side,
        run_confidence=verdict.confidence,
        seen=seen,
        roles=dict(shown.roles),
        kind=_kind(faults),
        vague=shown.vague,
        disputed=disputed,
        held=held,
        out=shown.out,
        back=shown.back,
        newer_out=None if narrowed else newer_out,
        newer_back=None if narrowed else newer_back,
        newer=0 if narrowed else last.newer + 1,
    )
    return steady, kept


def _of(verdict: Verdict) -> LastRun:
    """A first run: nothing but itself is known."""
    return LastRun(
        side=verdict.side,
        also=verdict.also,
        confidence=verdict.confidence,
        run_side=verdict.side,
        run_confidence=verdict.confidence,
        seen=_seen(verdict),
        roles=_roles(verdict),
        kind=_kind(verdict.faults),
        vague=likelihood(verdict) < LIKELIEST,
        out=_stepped(verdict.loss_out),
        back=_stepped(verdict.loss_back),
    )


def _seen(verdict: Verdict) -> dict[str, int]:
    """The sides that this run does not exclude, seen in no run before it."""
    return dict.fromkeys((*verdict.side, *verdict.also), 0)


def _roles(verdict: Verdict) -> dict[str, str]:
    every = (suspect for fault in verdict.faults for suspect in fault.suspects)
    return {each.code: each.role for each in every if each.role}


def _kind(faults: Sequence[Fault]) -> str:
    return faults[0].kind if faults else ""


_Said = tuple[tuple[str, ...], tuple[str, ...], Confidence, bool, int]
"""Side, also, confidence, whether it is disputed, and runs since it was proved."""


def _side(verdict: Verdict, last: LastRun, every: Sequence[str]) -> _Said:
    """every: sides that no run of late has excluded, in their order."""
    mine, before = set(verdict.side), set(last.side)
    proved, twice = verdict.confidence in _PROVED, set(last.run_side) == mine
    if mine == before and not last.disputed:
        also = tuple(code for code in every if code not in mine)
        held = 0 if proved or verdict.confidence == last.confidence else last.held + 1
        if held and last.confidence in _PROVED and held <= HELD:
            return last.side, last.also, "likely", False, held
        return last.side, also, _confidence(verdict, last), False, 0
    if last.confidence in _PROVED and before and not last.disputed:
        excluded = not before <= mine | set(verdict.also)
        fewer = proved and mine < before and not twice
        if fewer or (not proved and not excluded and last.held < HELD):
            return last.side, last.also, "likely", False, last.held + 1
        if proved and not twice and not before < mine:
            return (), tuple(every), "none", True, 0
    if last.disputed and not (proved and twice):
        return (), tuple(every), "none", True, 0
    also = tuple(code for code in every if code not in mine)
    if proved:
        also = verdict.also
    return verdict.side, also, verdict.confidence, False, 0


def _confidence(verdict: Verdict, last: LastRun) -> Confidence:
    """A weaker word at once, a stronger one when two runs say it."""
    weakest = max(verdict.confidence, last.confidence, key=_ORDER.index)
    both = max(verdict.confidence, last.run_confidence, key=_ORDER.index)
    return min(weakest, both, key=_ORDER.index)


def _vague(verdict: Verdict, last: LastRun) -> bool:
    """Whether no likeliest side is named; the bar is lower for one that was named before."""
    same = set(verdict.side) == set(last.run_side)
    bar = LIKELIEST + _MARGIN if last.vague else LIKELIEST - _MARGIN
    return likelihood(verdict) < bar or not same


def _stepped(share: Interval | None) -> Interval | None:
    """An interval of shares with its ends at steps; it contains the one that was measured."""
    if share is None:
        return None
    low = max((step for step in _STEPS if step <= share.low), default=0.0)
    return Interval(low, min((step for step in _STEPS if step >= share.high), default=1.0))


def _union(one: Interval | None, other: Interval | None) -> Interval | None:
    """What contains both intervals; a run without one says nothing of it."""
    if one is None or other is None:
        return one
    return Interval(min(one.low, other.low), max(one.high, other.high))


def _step(verdict: Verdict, side: Sequence[str], disputed: bool) -> Step:
    """Says what earlier runs add, and what this one says by itself."""
    alone = " and ".join(verdict.side) or "cannot tell"
    if disputed:
        words = f"the runs of this incident prove different sides; this one: {alone}"
    else:
        words = f"{' and '.join(side) or 'nobody'}; this run alone: {alone}, {verdict.confidence}"
    return Step("R0", "earlier runs of this incident", words)


def from_body(body: Mapping[str, object]) -> LastRun | None:
    """What `remember` has kept; None for what another version wrote."""
    from bothsides.base.record import from_json
    from bothsides.parse import Unreadable

    try:
        last = from_json(LastRun, body.get("told"))
    except (Unreadable, TypeError, ValueError, RecursionError):
        return None
    return last if isinstance(last, LastRun) else None
