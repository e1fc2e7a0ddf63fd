"""What the visits of a run mean by the limits of the command line."""

from bothsides.analyse.https import Analysis, Figures, VisitAnalysis
from bothsides.base.types import Iterable, Iterator, Sequence
from bothsides.check.https.content import body_figures
from bothsides.check.https.figures import FIGURES, address_readings, readings
from bothsides.check.https.limits import Limits
from bothsides.check.https.visit import body, remarks
from bothsides.plugin.finding import Finding, Part, Remark, State, Target, alone

_LABELS = frozenset(figure.label for figure in FIGURES)


def judge(analysis: Analysis, limits: Limits) -> Iterator[Finding]:
    """The state of every visit, then the figures; the most telling finding first.

    Besides, a whole report on each visit.
    """
    visits, now = analysis.visits, analysis.now
    ours = [Remark(limits.states.get("local", State.OK), words) for words in analysis.ours]
    if _alone(analysis, limits):
        findings = _one_visit(analysis, limits)
        printed = _printed(findings, visits, analysis.together, now, limits)
        yield from alone(_report(visits[0], (*printed, *_of_body(analysis, limits), *ours)))
        return
    from bothsides.check.https.many import judged_visit, several_visits

    judged = [judged_visit(visit, now, limits) for visit in visits]
    findings = several_visits(analysis, judged, limits)
    yield from _printed(findings, visits, analysis.together, now, limits)
    yield from _of_body(analysis, limits)
    yield from ours
    for one in judged:
        own = _printed(one.findings, (one.analysis,), one.analysis.figures, now, limits)
        yield _report(one.analysis, tuple(own))


def _report(one: VisitAnalysis, findings: tuple[Part, ...]) -> Target:
    visit = one.visit
    return Target(str(visit.url), visit.address or visit.last.address, findings)


def _alone(analysis: Analysis, limits: Limits) -> bool:
    """Whether one visit is all that was asked for."""
    counted = limits.addresses_wanted > 1 and any(one.visit.address for one in analysis.visits)
    one = len(analysis.visits) == 1 and analysis.planned == 1
    return one and not counted and analysis.window is None


def _one_visit(analysis: Analysis, limits: Limits) -> Iterator[Part]:
    (one,) = analysis.visits
    yield from remarks(one, analysis.now, limits)
    yield from readings(one.figures, limits)
    yield from address_readings(one.addresses, limits)
    if limits.counted:
        from bothsides.check.https.many import counts, judged_visit

        judged = [judged_visit(one, analysis.now, limits)]
        yield from counts(judged, limits, None)


def _printed(
    findings: Iterable[Part],
    visits: Sequence[VisitAnalysis],
    figures: Figures | None,
    now: float,
    limits: Limits,
) -> Iterator[Part]:
    """The findings with the tables and under the labels that the output options ask for.

    figures: over all of these visits.
    """
    shown = _with_tables(findings, visits, now, limits)
    if limits.style == "check_http":
        from bothsides.check.https.legacy_perfdata import relabelled

        shown = relabelled(shown, figures)
    yield from shown


def _of_body(analysis: Analysis, limits: Limits) -> Iterator[Part]:
    """-o: the figures of the last body, which are the run's and not those of one visit."""
    if limits.body_figures:
        yield from body_figures([one.visit for one in analysis.visits[-1:]], _LABELS)


def _with_tables(
    findings: Iterable[Part], visits: Sequence[VisitAnalysis], now: float, limits: Limits
) -> Iterator[Part]:
    yield from findings
    if limits.show_body:
        yield from map(body, visits)
    if limits.pictures:  # a run that nobody watches does not pay for them
        from bothsides.check.https.picture import picture

        for one in visits:
            yield from picture(one.visit, now)
