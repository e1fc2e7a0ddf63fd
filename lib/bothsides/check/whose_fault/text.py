"""The words of check_whose_fault: line 1, and the steps of the reasoning."""

from bothsides.base.types import Iterator, Sequence
from bothsides.check.whose_fault.figures import likelihood, role_of
from bothsides.incident.conclusion import words_of
from bothsides.incident.impossible import LATEST
from bothsides.model.interval import Interval
from bothsides.model.verdict import (
    FAR_END,
    MONITOR,
    NONE,
    UNKNOWN,
    Fault,
    Shown,
    Verdict,
    Way,
)
from bothsides.plugin.finding import Table

_SEEN: dict[str, str] = {
    "own": "own trouble",
    "refusal": "a router refuses",
    "silence": "no packet gets through",
    "loss": "packets are lost",
    "service": "one service fails",
    "delay": "packets are delayed",
    "change": "another way is taken",
}
_WAYS: dict[Way, str] = {
    "out": " on the way out",
    "back": " on the way back",
    "both": " both ways",
    "": "",
}


LIKELIEST = 75.0
"""Percent of the likelihood from which a side that is not proved is named alone."""

_NUMBERS = (
    "side is 0 none, 1 cannot tell, 2 monitor, 3 us, 4 isp, 5 exchange, 6 transit, 7 cloud,"
    " 8 hoster, 9 tunnel, 10 far end, 11 several, 12 a network without a role"
    " or a part of the mesh"
)


def line(verdict: Verdict) -> str:
    """The joined line: what was seen, the side and how sure it is, and who is not excluded."""
    if not verdict.faults:
        if verdict.side == (NONE,):
            return "nothing is wrong between them"
        return "cannot tell: nothing was measured between them"
    if verdict.in_doubt:
        return f"no fault is proved: {verdict.faults[0].words}"
    two = _two_faults(verdict)
    if two is not None:
        proved = two[0].kind != two[1].kind or "likely" in (two[0].confidence, two[1].confidence)
        parts = "; ".join(_part(verdict, each) for each in two)
        return f"{'' if proved else 'likely '}two faults{_when(verdict)}: {parts}"
    seen = _seen(verdict, verdict.faults[0]) + _when(verdict)
    if not verdict.side and not verdict.also:
        return f"{seen}: cannot tell whose fault"
    if not verdict.side and verdict.also == (UNKNOWN,):
        return f"{seen}: {words_of(UNKNOWN)}, cannot tell whose"
    if not verdict.side or (verdict.confidence == "open" and is_vague(verdict)):
        every = sorted((*verdict.side, *verdict.also))
        return f"{seen}: cannot tell which of {_listed(verdict, every)}"
    named = " and ".join(side_words(verdict, code) for code in verdict.side)
    sure = {"certain": "certain", "likely": "likely", "open": "likeliest", "none": ""}
    return f"{seen}: {named}, {sure[verdict.confidence]}{_open(verdict, ', not excluded: ')}"


def is_vague(verdict: Verdict) -> bool:
    """Whether the likeliest side is not likely enough to be named."""
    return verdict.shown.vague if verdict.shown else likelihood(verdict) < LIKELIEST


def _two_faults(verdict: Verdict) -> tuple[Fault, Fault] | None:
    """Two faults that no side has in common: different things, or loss of both ways."""
    first = verdict.faults[0]
    sides = {suspect.code for suspect in first.suspects}
    for other in verdict.faults[1:]:
        apart = first.kind == "loss" and {first.way, other.way} == {"out", "back"}
        if other.kind == first.kind and not apart:
            continue
        if apart or (other.suspects and not sides & {each.code for each in other.suspects}):
            return first, other
    return None


def _part(verdict: Verdict, fault: Fault) -> str:
    """One of two faults: what was seen, and whose it is."""
    codes = [suspect.code for suspect in fault.suspects]
    named = [code for code in codes if code in verdict.side]
    if not named and fault.named and 100 * fault.suspects[0].share >= LIKELIEST:
        named = codes[:1]
    others = sorted(code for code in codes if code not in named)
    seen = _seen(verdict, fault)
    if not named:
        return f"{seen}, cannot tell which of {_listed(verdict, others)}"
    sure = {"certain": "certain", "likely": "likely", "open": "likeliest", "none": "likeliest"}
    words = " and ".join(side_words(verdict, code) for code in named)
    left = f", not excluded {_listed(verdict, others)}" if others else ""
    return f"{seen}, {words} ({sure[fault.confidence]}){left}"


def _when(verdict: Verdict) -> str:
    """Since when it is seen, and that it is over: ` since 16:13 UTC`."""
    if verdict.since is None or not 0 < verdict.since < LATEST:
        return ""
    words = f" since {clock_words(verdict.since, verdict.at)}"
    if verdict.until is not None and 0 < verdict.until < LATEST:
        words += f", over at {clock_words(verdict.until, verdict.at)}"
    return words + " UTC"


def clock_words(at: float, now: float) -> str:
    """A time of day in UTC, with its date where that is another one: `16:13`."""
    import time

    moment, today = time.gmtime(at), time.gmtime(now)
    form = "%H:%M" if moment[:3] == today[:3] else "%Y-%m-%d %H:%M"
    return time.strftime(form, moment)


def _seen(verdict: Verdict, fault: Fault) -> str:
    """What was seen of a fault, with the loss by direction."""
    if fault.kind == "loss":
        shown = verdict.shown or Shown(verdict.loss_out, verdict.loss_back, vague=False)
        one = len(verdict.faults) > 1 and fault.way in ("out", "back")
        parts = [
            f"{share_words(share)} {way}"
            for way, share in (("out", shown.out), ("back", shown.back))
            if share is not None and (not one or way == fault.way)
        ]
        return "lost " + ", ".join(parts) if parts else "packets are lost"
    return _SEEN[fault.kind] + _WAYS[fault.way]


def share_words(share: Interval) -> str:
    """An interval of shares: `19.1 to 27.4 %`; `0 to 0.7 %`; `100 %`."""
    low, high = 100 * share.low, 100 * share.high
    if low == high:
        return f"{low:.3g} %"
    return f"{_down(low)} to {_up(high)} %"


def _down(value: float) -> str:
    """Rounded towards zero, so that the words contain the interval."""
    return f"{int(value * 10) / 10:g}"


def _up(value: float) -> str:
    return f"{min(100.0, (int(value * 10) + (value * 10 > int(value * 10))) / 10):g}"


def side_words(verdict: Verdict, code: str) -> str:
    """A side for people: `TalNet (isp)`, `the far end B`, `the host A`, `an unknown network`."""
    if code == UNKNOWN:
        return words_of(code)
    if code == FAR_END:
        return f"the far end {verdict.target}"
    if code == MONITOR:
        return f"the host {verdict.start}"
    role = role_of(verdict, code)
    return f"{code} ({role})" if role else code


def _open(verdict: Verdict, before: str) -> str:
    return before + _listed(verdict, sorted(verdict.also)) if verdict.also else ""


def _listed(verdict: Verdict, codes: Sequence[str]) -> str:
    """Sides without a rank, so that line 1 stays the same while the figures change a little.

    An unknown network comes last of those that are shown.
    """
    known = [code for code in codes if code != UNKNOWN]
    stranger = [UNKNOWN] if UNKNOWN in codes else []
    shown = [side_words(verdict, code) for code in (*known[: 4 - len(stranger)], *stranger)]
    more = len(codes) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def long_text(verdict: Verdict) -> Iterator[Table]:
    """Each step, who was heard, what was not asked and what would settle it."""
    lines = [f"{step.rule} {step.title}: {step.words}" for step in verdict.steps]
    lines += [f"acquitted: {code}, {why}" for code, why in verdict.acquitted if code]
    lines += [
        f"witness {each.name}: {each.state}" + (f", {each.words}" if each.words else "")
        for each in verdict.witnesses
        if each.state != "heard"
    ]
    lines += [f"not asked: {words}" for words in verdict.missing]
    lines += [f"would settle it: {words}" for words in verdict.settle]
    yield Table(tuple(lines), 0)
    yield Table((*_likelihoods(verdict.faults), _NUMBERS), 1)


def _likelihoods(faults: Sequence[Fault]) -> Iterator[str]:
    for fault in faults:
        yield f"{fault.rule} {fault.kind}{_WAYS[fault.way]} ({fault.confidence}): {fault.words}"
        for suspect in fault.suspects:
            role = f" ({suspect.role})" if suspect.role else ""
            yield f"  {suspect.share:7.1%}  {words_of(suspect.code)}{role}"
        for place in fault.places:
            after, before = place.after or "the host itself", place.before or "no answer"
            yield f"  {place.view}: after {after}, before hop {place.hop} ({before})"
