"""Many URLs, every address, or many tries: what they come to together."""

from bothsides.analyse.statistics import wilson
from bothsides.base.types import TYPE_CHECKING, Iterator, NamedTuple, Sequence
from bothsides.check.https.judge import PHASES, counts_limited, figures, judged
from bothsides.check.https.limits import Criteria
from bothsides.parse.text import to_number, to_words
from bothsides.parse.url import Url
from bothsides.plugin.finding import Finding, Reading, Remark, State, worst
from bothsides.probe.https.measure import Run
from bothsides.probe.https.visit import Visit

if TYPE_CHECKING:  # only a run that remembers loads it
    from bothsides.check.https.memory import Past

_WORST_FIRST = (State.CRITICAL, State.WARNING, State.UNKNOWN, State.OK)
_PATTERN = 2  # failures within the window that are no longer chance, but a fault to look into; an outage counts as one
_TOGETHER = (
    "addresses",
    "addresses_ok",
)  # counted over all visits, so that no single one can break their limits
_NOT_WELL = "answer"  # in place of a phase, when everything came, but not what was wanted


class Tried(NamedTuple):
    """One visit with its own state, and that in words."""

    visit: Visit
    state: State
    words: str


class Target(NamedTuple):
    """A URL, and where each address is asked also the address, with all its tries; the verdicts with the worst first."""

    url: Url
    address: str
    tries: tuple[Tried, ...]
    verdicts: tuple[Remark, ...]

    @property
    def state(self) -> State:
        """What its tries come to."""
        return worst(one.state for one in self.verdicts)


def several(run: Run, criteria: Criteria, past: "Past | None") -> Iterator[Finding]:
    """Many URLs, every address, or many tries: one line for each target, the worst first."""
    if past and past.problem:
        yield Remark(State.UNKNOWN, f"earlier runs are not known: {past.problem}")
    found = tried(run, criteria)
    targets = _targets(found)
    repeated = run.repeat > 1 or bool(past)
    alone = repeated and len(targets) == 1 and not targets[0].address
    settled = _settled(targets, criteria)
    few = _few(run, targets, criteria)
    yield from few
    if found and not few and all(target.state is State.OK for target in targets):
        counted = f"; {_rate(*_counted(found, past))}" if repeated else ""
        within = f" within {to_words(past.window)}" if past and past.tries else ""
        slowest = to_words(max(one.visit.seconds for one in found))
        what = f"{len(found)} tries" if alone else _many(targets)
        yield Remark(State.OK, f"all {what} well, the slowest in {slowest}{counted}{within}")
    if alone:
        yield from (one for one in targets[0].verdicts if one.state is not State.OK)
    else:
        yield from _lines(targets, settled, criteria)
    missing = run.planned - len(found)
    if missing and run.repeat > 1:
        yield Remark(
            State.UNKNOWN, f"time ran out after {len(found)} of {run.planned} tries", late=True
        )
    elif missing:
        yield Remark(
            State.UNKNOWN, f"time ran out before {missing} of {run.planned} were asked", late=True
        )
    if past:
        yield from _pattern(found, targets, past)
    judgeable = [
        one.visit for one in found if one.state is State.OK or one.visit.url not in settled
    ]
    yield from figures(judgeable, run.now, criteria, run.visits)
    if repeated or counts_limited(criteria):
        yield from counts(found, criteria, past)


def tried(run: Run, criteria: Criteria) -> list[Tried]:
    """Every visit with its own state."""
    return [Tried(visit, *_one(visit, run.now, criteria)) for visit in run.visits]


def failures(found: Sequence[Tried]) -> list[Visit]:
    """The tries that failed, on the way or by what they brought."""
    return [one.visit for one in found if one.state is State.CRITICAL]


def outages(found: Sequence[Tried]) -> list[Visit]:
    """The failures of targets that failed in every try: these are CRITICAL as long as they last, and not rare."""
    down = [
        target.tries for target in _targets(found) if target.verdicts[0].state is State.CRITICAL
    ]
    return [one.visit for tries in down for one in tries if one.state is State.CRITICAL]


def where(visit: Visit) -> str:
    """What a failure is remembered by: the phase in which it happened."""
    return visit.last.phases.last if visit.failure is not None else _NOT_WELL


def _one(visit: Visit, now: float, criteria: Criteria) -> tuple[State, str]:
    """State and words of one among several."""
    remarks: list[Remark | Reading] = [*judged(visit, now, criteria)]
    remarks += [
        one for one in figures((visit,), now, criteria) if one.figure.label not in _TOGETHER
    ]
    state = worst(one.state for one in remarks)
    return state, next(_words(one) for one in remarks if one.state is state)


def _words(finding: Remark | Reading) -> str:
    if isinstance(finding, Remark):
        return finding.words
    if not finding.measured:
        return f"{finding.figure.label} was not measured, but has a limit"
    return finding.words or f"{finding.figure.label} {to_number(finding.value)}{finding.figure.uom}"


def _targets(found: Sequence[Tried]) -> list[Target]:
    tries: dict[tuple[Url, str], list[Tried]] = {}
    for one in found:
        tries.setdefault((one.visit.url, one.visit.address), []).append(one)
    return [
        Target(url, address, tuple(group), tuple(_verdicts(group)))
        for (url, address), group in tries.items()
    ]


def _verdicts(group: Sequence[Tried]) -> Iterator[Remark]:
    """What the tries of one target come to: a failure is rare only when others of the same target went well."""
    asked = sum(1 for one in group if one.state is not State.UNKNOWN)
    for state in (State.CRITICAL, State.UNKNOWN, State.WARNING):
        alike = [one for one in group if one.state is state]
        if alike:
            rare = state is State.CRITICAL and len(alike) < asked
            words = (
                alike[0].words
                if len(alike) == len(group)
                else f"{_rate(len(alike), len(group))}: {alike[0].words}"
            )
            yield Remark(
                State.WARNING if rare else state, words, all(one.visit.late for one in alike)
            )
    if all(one.state is State.OK for one in group):
        slowest = to_words(max(one.visit.seconds for one in group))
        yield Remark(
            State.OK,
            group[0].words
            if len(group) == 1
            else f"all {len(group)} tries well, the slowest in {slowest}",
        )


def _settled(targets: Sequence[Target], criteria: Criteria) -> set[Url]:
    """The URLs of which so many addresses are well that the others do not matter."""
    wanted = criteria.addresses_wanted
    good = [target.url for target in targets if target.address and target.state is State.OK]
    return {url for url in good if wanted and good.count(url) >= wanted}


def _few(run: Run, targets: Sequence[Target], criteria: Criteria) -> list[Remark]:
    """URLs with fewer addresses than have to be well."""
    wanted, urls = criteria.addresses_wanted, [target.url for target in targets if target.address]
    few = [
        url
        for url in dict.fromkeys(urls)
        if urls.count(url) < wanted and len(run.visits) == run.planned
    ]
    return [
        Remark(
            State.CRITICAL,
            f"{url}: only {_plural(urls.count(url))} found, but {wanted} must be well",
        )
        for url in few
    ]


def _lines(targets: Sequence[Target], settled: set[Url], criteria: Criteria) -> Iterator[Remark]:
    """Each target, the worst first."""
    wanted = criteria.addresses_wanted
    bad = sum(1 for target in targets if target.state is not State.OK)
    if bad and all(target.url in settled for target in targets):
        yield Remark(
            State.OK, f"{len(targets) - bad} of {len(targets)} addresses well, {wanted} are enough"
        )
    many = len({target.url for target in targets}) > 1
    for target in sorted(targets, key=lambda one: _WORST_FIRST.index(one.state)):
        about = (
            f"{target.url} at {target.address}"
            if many and target.address
            else target.address or str(target.url)
        )
        verdict = next(one for one in target.verdicts if one.state is target.state)
        state = State.OK if target.url in settled else target.state
        yield Remark(state, f"{about}: {verdict.words}", verdict.late)


def _plural(addresses: int) -> str:
    return "one address" if addresses == 1 else f"{addresses} addresses"


def _many(targets: Sequence[Target]) -> str:
    return f"{len(targets)} {'addresses' if all(target.address for target in targets) else 'URLs'}"


def _pattern(found: Sequence[Tried], targets: Sequence[Target], past: "Past") -> Iterator[Remark]:
    """Failures in the window, which is one for all URLs of the command line together."""
    failed, tries = _counted(found, past)
    if failed - past.prolonged >= _PATTERN and past.failed:
        phase = past.phase([where(visit) for visit in failures(found)])
        mostly = (
            "answered, but not well" if phase == _NOT_WELL else f"in {PHASES.get(phase, phase)}"
        )
        whose = f" of all {_many(targets)} together" if len(targets) > 1 else ""
        yield Remark(
            State.WARNING,
            f"{_rate(failed, tries)} within {to_words(past.window)}{whose}, mostly {mostly}",
        )


def _counted(found: Sequence[Tried], past: "Past | None") -> tuple[int, int]:
    """Failures and tries, those of the window included."""
    return len(failures(found)) + (past.failed if past else 0), len(found) + (
        past.tries if past else 0
    )


def _rate(failed: int, tries: int) -> str:
    """How many failed, and where the true rate lies (Wilson's interval, 95 %)."""
    span = wilson(failed, tries)
    return f"{failed} of {tries} tries failed ({span.low:.2%} to {span.high:.2%})"


def counts(found: Sequence[Tried], criteria: Criteria, past: "Past | None") -> Iterator[Reading]:
    """How many tries there were, and how many of them failed."""
    failed, tries = _counted(found, past)
    yield criteria.limits.reading("tries", float(tries))
    yield criteria.limits.reading("failed", float(failed), _rate(failed, tries))
