"""Many URLs, every address, or many tries: what they come to together."""

from bothsides.analyse.https import Analysis, VisitAnalysis, figures_of
from bothsides.analyse.https_past import CONTENT, Window, commonest, failed_in
from bothsides.analyse.statistics import wilson
from bothsides.base.types import Iterator, NamedTuple, Sequence
from bothsides.check.https.figures import address_readings, readings
from bothsides.check.https.limits import Limits
from bothsides.check.https.text import PHASE_WORDS
from bothsides.check.https.visit import remarks
from bothsides.check.many import line_of
from bothsides.parse.text import to_words
from bothsides.parse.url import Url
from bothsides.plugin.finding import Reading, Remark, State, Target, severity, worst

_PATTERN = 2
"""Failures within the window that are no longer chance, but a fault; an outage counts as one."""


class JudgedVisit(NamedTuple):
    """One visit with its own state."""

    analysis: VisitAnalysis
    state: State
    words: str  # the first finding of that state
    findings: tuple[Remark | Reading, ...]  # as if it had been asked alone


class JudgedTarget(NamedTuple):
    """A URL, and where each address is asked also the address, with all its tries."""

    url: Url
    address: str  # "": whichever the name has
    tries: tuple[JudgedVisit, ...]
    verdicts: tuple[Remark, ...]  # worst first

    @property
    def state(self) -> State:
        """What its tries come to."""
        return worst(verdict.state for verdict in self.verdicts)


def judged_visit(analysis: VisitAnalysis, now: float, limits: Limits) -> JudgedVisit:
    """One visit among several.

    Addresses are counted over all visits, so that no single one can break their limits.
    """
    stated: list[Remark | Reading] = [
        *remarks(analysis, now, limits),
        *readings(analysis.figures, limits),
    ]
    counted = [
        reading._replace(warning=None, critical=None)
        for reading in address_readings(analysis.addresses, limits)
    ]
    state = worst(finding.state for finding in stated)
    first = next(finding for finding in stated if finding.state is state)
    return JudgedVisit(analysis, state, _words(first), (*stated, *counted))


def _words(finding: Remark | Reading) -> str:
    if isinstance(finding, Reading) and not finding.measured:
        return f"{finding.figure.label} was not measured, but has a limit"
    return line_of(Target("", "", (finding,))).words


def several_visits(
    analysis: Analysis, judged: Sequence[JudgedVisit], limits: Limits
) -> Iterator[Remark | Reading]:
    """One line for each target, the worst first, then the figures."""
    window = analysis.window
    if window and window.problem:
        yield Remark(State.UNKNOWN, f"earlier runs are not known: {window.problem}")
    targets = _targets(judged)
    repeated = analysis.repeat > 1 or window is not None
    enough = _enough(targets, limits)
    few = _few(analysis, targets, limits)
    yield from few
    alone = repeated and len(targets) == 1 and not targets[0].address
    if judged and not few and all(target.state is State.OK for target in targets):
        yield _all_well(judged, targets, alone, repeated, window)
    if alone:
        yield from (one for one in targets[0].verdicts if one.state is not State.OK)
    else:
        yield from _lines(targets, enough, limits)
    yield from _missing(analysis)
    if window:
        yield from _pattern(judged, targets, window)
    judgeable = [
        one.analysis.visit
        for one in judged
        if one.state is State.OK or one.analysis.visit.url not in enough
    ]
    every = len(judgeable) == len(judged)
    figures = analysis.together if every else figures_of(judgeable, analysis.now)
    if figures:
        yield from readings(figures, limits)
        yield from address_readings(analysis.addresses, limits)
    if repeated or limits.counted:
        yield from counts(judged, limits, window)


def counts(
    judged: Sequence[JudgedVisit], limits: Limits, window: Window | None
) -> Iterator[Reading]:
    """How many tries there were, and how many of them failed."""
    failed, tries = _counted(judged, window)
    yield limits.ranges.reading("tries", float(tries))
    yield limits.ranges.reading("failed", float(failed), _rate(failed, tries))


def _targets(judged: Sequence[JudgedVisit]) -> list[JudgedTarget]:
    tries: dict[tuple[Url, str], list[JudgedVisit]] = {}
    for one in judged:
        visit = one.analysis.visit
        tries.setdefault((visit.url, visit.address), []).append(one)
    return [
        JudgedTarget(url, address, tuple(group), tuple(_verdicts(group)))
        for (url, address), group in tries.items()
    ]


def _verdicts(group: Sequence[JudgedVisit]) -> Iterator[Remark]:
    """What the tries of one target come to.

    A failure is rare only when other tries of the same target went well.
    """
    known = sum(1 for one in group if one.state is not State.UNKNOWN)
    for state in (State.CRITICAL, State.UNKNOWN, State.WARNING):
        alike = [one for one in group if one.state is state]
        if not alike:
            continue
        rare = state is State.CRITICAL and len(alike) < known
        words = alike[0].words
        if len(alike) < len(group):
            words = f"{_rate(len(alike), len(group))}: {words}"
        late = all(one.analysis.visit.late for one in alike)
        yield Remark(State.WARNING if rare else state, words, late)
    if all(one.state is State.OK for one in group):
        words = group[0].words
        if len(group) > 1:
            words = f"all {len(group)} tries well, the slowest in {_slowest(group)}"
        yield Remark(State.OK, words)


def _slowest(judged: Sequence[JudgedVisit]) -> str:
    return to_words(max(one.analysis.visit.seconds for one in judged))


def _all_well(
    judged: Sequence[JudgedVisit],
    targets: Sequence[JudgedTarget],
    alone: bool,
    repeated: bool,
    window: Window | None,
) -> Remark:
    what = f"all {len(judged)} tries" if alone else f"all {_many(targets)}"
    words = f"{what} well, the slowest in {_slowest(judged)}"
    if alone and len(judged) == 1:
        words = judged[0].words
    rate = f"; {_rate(*_counted(judged, window))}" if repeated else ""
    within = f" within {to_words(window.seconds)}" if window and window.tries else ""
    return Remark(State.OK, f"{words}{rate}{within}")


def _enough(targets: Sequence[JudgedTarget], limits: Limits) -> set[Url]:
    """The URLs of which so many addresses are well that the others do not matter."""
    wanted = limits.addresses_wanted
    good = [target.url for target in targets if target.address and target.state is State.OK]
    return {url for url in good if wanted and good.count(url) >= wanted}


def _few(analysis: Analysis, targets: Sequence[JudgedTarget], limits: Limits) -> list[Remark]:
    """URLs with fewer addresses than have to be well."""
    wanted, urls = limits.addresses_wanted, [target.url for target in targets if target.address]
    if len(analysis.visits) != analysis.planned:
        return []
    return [
        Remark(
            State.CRITICAL,
            f"{url}: only {_plural(urls.count(url))} found, but {wanted} must be well",
        )
        for url in dict.fromkeys(urls)
        if urls.count(url) < wanted
    ]


def _lines(targets: Sequence[JudgedTarget], enough: set[Url], limits: Limits) -> Iterator[Remark]:
    """Each target, the worst first."""
    bad = sum(1 for target in targets if target.state is not State.OK)
    if bad and all(target.url in enough for target in targets):
        good = f"{len(targets) - bad} of {len(targets)} addresses well"
        yield Remark(State.OK, f"{good}, {limits.addresses_wanted} are enough")
    many = len({target.url for target in targets}) > 1
    counted = f"{bad} of {len(targets)} bad: "
    if not bad or len(targets) == 1 or all(target.url in enough for target in targets):
        counted = ""
    for target in sorted(targets, key=lambda target: severity(target.state)):
        name = target.address or str(target.url)
        if many and target.address:
            name = f"{target.url} at {target.address}"
        verdict = next(one for one in target.verdicts if one.state is target.state)
        state = State.OK if target.url in enough else target.state
        yield Remark(state, f"{counted}{name}: {verdict.words}", verdict.late)
        counted = ""


def _missing(analysis: Analysis) -> Iterator[Remark]:
    """Visits for which no time was left."""
    planned, made = analysis.planned, len(analysis.visits)
    if made == planned:
        return
    words = f"time ran out before {planned - made} of {planned} were asked"
    if analysis.repeat > 1:
        words = f"time ran out after {made} of {planned} tries"
    yield Remark(State.UNKNOWN, words, late=True)


def _plural(addresses: int) -> str:
    return "one address" if addresses == 1 else f"{addresses} addresses"


def _many(targets: Sequence[JudgedTarget]) -> str:
    return f"{len(targets)} {'addresses' if all(target.address for target in targets) else 'URLs'}"


def _pattern(
    judged: Sequence[JudgedVisit], targets: Sequence[JudgedTarget], window: Window
) -> Iterator[Remark]:
    """Failures in the window, which is one for all URLs of the command line together."""
    failed, tries = _counted(judged, window)
    if failed - window.prolonged < _PATTERN or not window.failed:
        return
    failures = [failed_in(one.analysis.visit) for one in judged if one.state is State.CRITICAL]
    phase = commonest([*window.phases, *failures])
    words = next((words for name, words in PHASE_WORDS.items() if name == phase), phase)
    mostly = "answered, but not well" if phase == CONTENT else f"in {words}"
    together = f" of all {_many(targets)} together" if len(targets) > 1 else ""
    within = f"within {to_words(window.seconds)}{together}"
    yield Remark(State.WARNING, f"{_rate(failed, tries)} {within}, mostly {mostly}")


def _counted(judged: Sequence[JudgedVisit], window: Window | None) -> tuple[int, int]:
    """Failures and tries, those of the window included."""
    failed = sum(1 for one in judged if one.state is State.CRITICAL)
    if window is None:
        return failed, len(judged)
    return failed + window.failed, len(judged) + window.tries


def _rate(failed: int, tries: int) -> str:
    """How many failed, and where the true rate lies (Wilson's interval, 95 %)."""
    span = wilson(failed, tries)
    return f"{failed} of {tries} tries failed ({span.low:.2%} to {span.high:.2%})"
