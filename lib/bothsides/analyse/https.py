"""What the visits of one run prove: figures, dead addresses, expiry, failures, earlier runs."""

from bothsides.base.types import NamedTuple, Sequence
from bothsides.model.https import Contact, Outcome, Past, PastRun, Plan, Run, Visit
from bothsides.parse import Unreadable
from bothsides.parse.certificate import Certificate
from bothsides.parse.libcurl import PHASES, PhaseName, Phases
from bothsides.parse.url import Url

CONTENT = "answer"  # in place of a phase: all came, but not what was wanted
_NO_WAY = (  # libcurl's reasons for a family of addresses that we have no way to
    "network is unreachable",
    "cannot assign requested address",
    "address family not supported",
)


class Expiry(NamedTuple):
    """When a certificate expires."""

    certificate: Certificate
    left: float  # s, from the start of the run; negative: it has expired


class Theirs(NamedTuple):
    """The longest times of one visit or several, without what our own fault took."""

    seconds: float | None  # None: nobody was asked, or all of it was ours
    dns: float | None  # s, of the name look-up


class Figures(NamedTuple):
    """The figures of one visit, or of several the worst of each."""

    visits: int  # how many they are of
    slowest: Visit
    seconds: float | None  # of the slowest; None: nobody was asked
    theirs: Theirs  # what limits are held against: without the time that our own fault took
    mostly: PhaseName | None  # the phase that took more than half of them
    resent: int  # TCP segments of the slowest one's last connection that were lost and sent again
    gaps: int  # times that a segment of its answer came while one before it had not
    size: float | None  # octets of headers and body
    phases: Phases  # s
    redirect: float | None  # s, of the requests before the last one
    own: Expiry | None  # the server's certificate, of the chain that expires first
    first: Expiry | None  # the certificate of that chain that expires first
    status: float | None  # status code of the last answer
    rtt: float | None  # s, of the connection as the kernel knows it
    retransmissions: float | None  # TCP segments sent again, of all visits


class Addresses(NamedTuple):
    """How many addresses were tried. One that several names share counts for each of them."""

    tried: int
    answering: int


class VisitAnalysis(NamedTuple):
    """What one visit proves."""

    visit: Visit
    figures: Figures
    addresses: Addresses
    contacts: int  # addresses that were tried for its first request
    dead: tuple[Contact, ...]  # of them, those skipped for another; not those we have no way to
    downgrades: tuple[Url, ...]  # URLs without TLS that a URL with TLS redirected to


class Window(NamedTuple):
    """The earlier runs that count."""

    tries: int
    failed: int  # of them
    seconds: float  # how far back it reaches
    phases: tuple[str, ...] = ()  # in which they failed, one for each
    problem: str = ""  # why nothing is known of earlier runs
    prolonged: int = 0  # of the failures, those in an outage after its first one


class Analysis(NamedTuple):
    """What all visits of a run prove."""

    now: float  # s, UTC; the start of the run, against which certificates are held
    visits: tuple[VisitAnalysis, ...]
    together: Figures | None  # None: no visits
    addresses: Addresses
    planned: int  # visits
    repeat: int  # tries of each URL that were planned
    resolver: tuple[str, ...]  # what is wrong with our resolver, though it found the names
    window: Window | None  # None: nothing is remembered
    past: Past  # where and how this run is to be remembered


class Try(NamedTuple):
    """One visit with what the judge made of it."""

    visit: Visit
    failed: bool  # on the way, or by what it brought
    known: bool  # whether it tells anything about the target


def analyse(plan: Plan, run: Run, past: Past) -> Analysis:
    """All that the visits prove. Raises Unreadable for a run that no measurement leaves."""
    if not all(visit.hops for visit in run.visits):  # only a record can say so
        raise Unreadable("the record holds a visit without a transfer; record it anew")
    visits = tuple(_visit(visit, run.now) for visit in run.visits)
    together = visits[0].figures if len(visits) == 1 else figures_of(run.visits, run.now)
    return Analysis(
        now=run.now,
        visits=visits,
        together=together,
        addresses=visits[0].addresses if len(visits) == 1 else _addresses(run.visits),
        planned=run.planned,
        repeat=run.repeat,
        resolver=_resolver(run.visits),
        window=_window(past, run.now),
        past=past,
    )


def _resolver(visits: Sequence[Visit]) -> tuple[str, ...]:
    faults = (hop.resolver for visit in visits for hop in visit.hops if hop.resolver)
    return tuple(dict.fromkeys(faults))


def _visit(visit: Visit, now: float) -> VisitAnalysis:
    contacts = visit.hops[0].contacts
    answered = any(contact.answered for contact in contacts)
    return VisitAnalysis(
        visit=visit,
        figures=_figures((visit,), now),
        addresses=_addresses((visit,)),
        contacts=len(contacts),
        dead=tuple(contact for contact in contacts if _dead(contact)) if answered else (),
        downgrades=tuple(
            other.url
            for one, other in zip(visit.hops, visit.hops[1:], strict=False)
            if one.url.scheme == "https" and other.url.scheme == "http"
        ),
    )


def _dead(contact: Contact) -> bool:
    return not contact.answered and contact.reason.lower() not in _NO_WAY


def figures_of(visits: Sequence[Visit], now: float) -> Figures | None:
    """The worst of each figure over some visits; None of none."""
    return _figures(visits, now) if visits else None


def _figures(visits: Sequence[Visit], now: float) -> Figures:
    slowest = max(visits, key=lambda visit: visit.seconds)
    lasts = [visit.last for visit in visits]
    answered = [last for last in lasts if last.head.code]
    own, first = _expiries(lasts, now)
    used = [contact for last in lasts for contact in last.contacts if contact.answered]
    again = [one.retransmissions for one in used if one.retransmissions is not None]
    return Figures(
        visits=len(visits),
        slowest=slowest,
        seconds=slowest.seconds if slowest.begun else None,
        theirs=_theirs(visits),
        mostly=_mostly(slowest),
        resent=sum(map(_lost, slowest.last.contacts)),
        gaps=sum(one.counters.gaps for one in slowest.last.contacts if one.counters),
        size=_most([float(last.size) for last in answered]),
        phases=Phases(*(_most([getattr(last.phases, name) for last in lasts]) for name in PHASES)),
        redirect=_most([_redirect(visit) for visit in visits]),
        own=own,
        first=first,
        status=_most([float(last.head.code) for last in answered]),
        rtt=_most([contact.rtt for contact in used]),
        retransmissions=float(sum(again)) if again else None,
    )


def _lost(contact: Contact) -> int:
    """Segments that were sent again for good reason: the far end had not had them before."""
    if not contact.answered:
        return 0
    needless = contact.counters.needless if contact.counters else 0
    return max(0, (contact.retransmissions or 0) - needless)


def _theirs(visits: Sequence[Visit]) -> Theirs:
    """A resolver of ours that is silent, or what we lack, says nothing of the far end's speed."""
    known = [visit for visit in visits if visit.begun and not _ours(visit)]
    waited = [sum(hop.phases.dns or 0.0 for hop in one.hops if hop.resolver) for one in known]
    times = [one.seconds - ours for one, ours in zip(known, waited, strict=True)]
    names = [one.last.phases.dns for one in known if not one.last.resolver]
    return Theirs(_most(times), _most(names))


def _mostly(visit: Visit) -> PhaseName | None:
    """The phase of the last transfer that took more than half of the visit's time."""
    phases = visit.last.phases
    half = visit.seconds / 2
    return next((name for name in PHASES if (getattr(phases, name) or 0.0) > half), None)


def _redirect(visit: Visit) -> float | None:
    """Seconds of the requests before the last one."""
    if not visit.last.head.code and len(visit.hops) == 1:
        return None
    return visit.seconds - visit.last.phases.total


def _expiries(lasts: Sequence[Outcome], now: float) -> tuple[Expiry | None, Expiry | None]:
    """The server's certificate and the one that expires first, of the chain that does."""
    chains = [last.chain for last in lasts if last.chain]
    if not chains:
        return None, None
    chain = min(chains, key=lambda chain: min((one.ends or 0.0) for one in chain))
    known = [Expiry(one, one.ends - now) for one in chain if one.ends is not None]
    own = known[0] if known and known[0].certificate is chain[0] else None
    return own, min(known, key=lambda one: one.left, default=None)


def _addresses(visits: Sequence[Visit]) -> Addresses:
    tried, answering = set(), set()
    for visit in visits:
        for contact in visit.hops[0].contacts:
            tried.add((visit.url.host, contact.host))
            if contact.answered and not (visit.address and visit.failure):
                answering.add((visit.url.host, contact.host))
    return Addresses(len(tried), len(answering))


def _most(values: Sequence[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def failed_in(visit: Visit) -> str:
    """What a failure is remembered by: the phase in which it happened, or CONTENT."""
    return visit.last.phases.last if visit.failure is not None else CONTENT


def commonest(phases: Sequence[str]) -> str:
    """The phase in which most failures happened."""
    return max(sorted(set(phases)), key=phases.count, default="an unknown phase")


def _window(past: Past, now: float) -> Window | None:
    """The earlier runs that count for a run that began at `now`."""
    if past.mode == "off":
        return None
    if past.problem:
        return Window(0, 0, past.window, problem=past.problem)
    runs = [run for run in past.runs if now - past.window <= run.at < now]
    return Window(
        tries=sum(run.tries for run in runs),
        failed=sum(run.failed for run in runs),
        seconds=past.window,
        phases=tuple(phase for run in runs for phase in run.phases),
        prolonged=_prolonged([run for run in runs if run.tries]),
    )


def _prolonged(runs: Sequence[PastRun]) -> int:
    """Failures that only made an outage longer, since it counts as one failure.

    All but the first of runs in a row that had a target down.
    """
    prolonged, lasting = 0, False
    for run in runs:
        down = min(run.down, run.failed)
        prolonged += down if lasting else max(0, down - 1)
        lasting = down > 0
    return prolonged


def to_past_run(tries: Sequence[Try], now: float) -> PastRun:
    """A run as it is to be remembered.

    A failure of ours says nothing about the target, so it is no try either. Targets that failed in
    every try are down: these are CRITICAL as long as they last, and not rare.
    """
    theirs = [one for one in tries if not _ours(one.visit)]
    phases = tuple(failed_in(one.visit) for one in theirs if one.failed)
    good = {_target(one.visit) for one in tries if one.known and not one.failed}
    down = sum(1 for one in theirs if one.failed and _target(one.visit) not in good)
    return PastRun(now, len(theirs), len(phases), phases, down)


def _ours(visit: Visit) -> bool:
    return visit.failure is not None and visit.failure.blame in ("config", "local")


def _target(visit: Visit) -> tuple[Url, str]:
    return visit.url, visit.address
