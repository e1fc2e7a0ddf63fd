"""HTTPS evidence out of a recorded run of check_https."""

import errno

from bothsides.analyse.evidence.family import only_family
from bothsides.base.types import TYPE_CHECKING, Literal, Sequence
from bothsides.model.https import Contact, Outcome, Run, Visit
from bothsides.parse.libcurl import Phases

if TYPE_CHECKING:  # check_https keeps the fields, and reads no evidence
    from bothsides.model.evidence import HttpsEvidence, Phase

_REFUSED = (errno.ECONNREFUSED,)
_UNREACHABLE = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EACCES, errno.EPERM)


def https_evidence(run: Run) -> "HttpsEvidence | None":
    """What the run's first visit shows; None where there is none."""
    from bothsides.model.evidence import HttpsEvidence

    if not run.visits or not run.visits[0].hops:
        return None
    return HttpsEvidence(**of_visit(run.visits[0], run.now))  # type: ignore[arg-type]


def of_visit(visit: Visit, at: float) -> dict[str, object]:
    """The fields of HttpsEvidence, in terms of JSON; at: s since 1970, when the visit began."""
    outcome = visit.last
    phases = outcome.phases
    slowest = _slowest(phases)
    return {
        "at": at,
        "phase": _failed(visit, phases),
        "blame": visit.failure.blame if visit.failure else "",
        "words": visit.failure.words if visit.failure else "",
        "connected": phases.last not in ("dns", "connect"),
        "status": outcome.head.code,
        "total": round(phases.total, 4),
        "slowest": slowest,
        "slowest_seconds": round(getattr(phases, slowest) or 0.0, 4) if slowest else 0.0,
        "resent": _resent(outcome.contacts),
        "rtt": next((contact.rtt for contact in outcome.contacts if contact.rtt), None),
        "answer": _answer(outcome),
        "bytes_in": outcome.size,
        "mute": _mute(outcome.contacts),
        "family": only_family(
            [each.host for each in outcome.contacts if each.answered]
            or [each.host for each in outcome.contacts]
        ),
    }


def _failed(visit: Visit, phases: Phases) -> "Phase":
    """The phase in which the visit failed; the server's own words are content."""
    if visit.failure is None:
        return "content" if visit.last.head.code >= 500 else ""
    return phases.last


def _slowest(phases: Phases) -> "Phase":
    names: tuple[Phase, ...] = ("dns", "connect", "proxy", "tls", "server", "transfer")
    return max(names, key=lambda name: getattr(phases, name) or 0.0)


def _resent(contacts: Sequence[Contact]) -> int | None:
    known = [each.retransmissions for each in contacts if each.retransmissions is not None]
    return sum(known) if known else None


def _mute(contacts: Sequence[Contact]) -> bool | None:
    """Whether a connection got acknowledgements alone: no data, not even behind a gap."""
    counters = next((each.counters for each in reversed(contacts) if each.answered), None)
    if counters is None:
        return None
    return not (counters.unacknowledged or counters.received or counters.gaps)


def _answer(outcome: Outcome) -> Literal["", "refused", "unreachable"]:
    """What came instead of a connection, by the system's own error number."""
    if not outcome.code or outcome.phases.last != "connect":
        return ""
    if outcome.errno in _REFUSED:
        return "refused"
    return "unreachable" if outcome.errno in _UNREACHABLE else ""
