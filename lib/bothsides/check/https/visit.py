"""The findings about one visit."""

from bothsides.analyse.https import VisitAnalysis
from bothsides.base.types import Iterator
from bothsides.check.https.certificate import certificates
from bothsides.check.https.content import content
from bothsides.check.https.limits import Limits
from bothsides.check.https.text import through
from bothsides.plugin.finding import Remark, State, Table

_OURS = ("config", "local")
"""Whose failures are not CRITICAL: ours, because then nothing is known about the target."""


def remarks(analysis: VisitAnalysis, now: float, limits: Limits) -> Iterator[Remark]:
    """Everything about one visit that is no figure."""
    visit = analysis.visit
    if visit.failure is not None:
        blame, words, doubt = visit.failure
        usual = State.UNKNOWN if blame in _OURS else State.CRITICAL
        if len(visit.hops) > 1:
            words = f"after a redirect to {visit.last.url}: {words}"
        blamed = f"{blame} or {doubt}" if doubt else blame
        words = f"{words}{through(visit, words)} (blame: {blamed})"
        yield Remark(limits.states.get(blame, usual), words, visit.late)
    elif not limits.certificate_only:
        yield from content(visit, limits)
        for url in analysis.downgrades:  # each gives away what TLS protected
            yield Remark(State.WARNING, f"redirect from https to {url}")
    if visit.failure is None:
        yield from certificates(visit, now, limits)
    if analysis.dead:
        yield _skipped(analysis, limits)


def _skipped(analysis: VisitAnalysis, limits: Limits) -> Remark:
    """Addresses without an answer, though another one had one."""
    reasons = ", ".join(
        f"{one.host} {one.reason.lower() or f'silent for {one.waited:.1f} s'}"
        for one in analysis.dead
    )
    words = f"{len(analysis.dead)} of {analysis.contacts} addresses dead: {reasons}"
    return Remark(limits.states.get("addresses", State.WARNING), words)


def body(analysis: VisitAnalysis) -> Table:
    """The body as --show-body prints it."""
    return Table(tuple(analysis.visit.last.body.decode("utf-8", "replace").splitlines()), 0)
