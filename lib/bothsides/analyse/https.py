"""What the visits of one run prove: figures, dead addresses, expiry, failures, earlier runs."""

from bothsides.base.types import TYPE_CHECKING, NamedTuple, Sequence
from bothsides.model.https import Contact, Outcome, Past, Plan, Run, Visit
from bothsides.parse import Unreadable
from bothsides.parse.certificate import Certificate, way_up
from bothsides.parse.libcurl import PHASES, PhaseName, Phases
from bothsides.parse.url import Url

if TYPE_CHECKING:
    from bothsides.analyse.https_past import Window

_NO_WAY = (  # libcurl's reasons for a family of addresses that we have no way to
    "network is unreachable",
    "cannot assign requested address",
    "address family not supported",
)
_BUSY = 0.25  # s that are worth a word
_WRONG_NAME = 1  # what libcurl leaves of OpenSSL's verdict when it gives up over the name


class Expiry(NamedTuple):
    """When a certificate expires."""

    certificate: Certificate
    left: float  # s, from the start of the run; negative: it has expired


class Theirs(NamedTuple):
    """The longest times of one visit or several, without what our own fault took."""

    seconds: float | None  # None: nobody was asked, or all of it was ours
    dns: float | None  # s, of the name look-up
    held: float = 0.0  # s in which this host was busy, of the visit that had most of them


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
    dated: bool  # whether our clock is fit to say how long certificates last
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


class Analysis(NamedTuple):
    """What all visits of a run prove."""

    now: float  # s, UTC; the start of the run, against which certificates are held
    visits: tuple[VisitAnalysis, ...]
    together: Figures | None  # None: no visits
    addresses: Addresses
    planned: int  # visits
    repeat: int  # tries of each URL that were planned
    ours: tuple[str, ...]  # what is wrong on our side, though the targets could be asked
    window: "Window | None"  # None: nothing is remembered
    past: Past  # where and how this run is to be remembered


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
        ours=_ours(run.visits),
        window=_window(past, run.now),
        past=past,
    )


def _window(past: Past, now: float) -> "Window | None":
    """The earlier runs that count; most services keep none, and do not load what counts them."""
    if past.mode == "off":
        return None
    from bothsides.analyse.https_past import window_of

    return window_of(past, now)


def _ours(visits: Sequence[Visit]) -> tuple[str, ...]:
    faults = dict.fromkeys(hop.resolver for visit in visits for hop in visit.hops if hop.resolver)
    held = max((_held(visit) for visit in visits if not visit.ours), default=0.0)
    if held >= _BUSY:
        faults[f"this host is busy: it did not run the check for {held:.1f} s"] = None
    return tuple(faults)


def _held(visit: Visit) -> float:
    return sum(hop.held for hop in visit.hops)


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
    trusted = [visit.last for visit in visits if not visit.ours]
    own, first = _expiries(trusted or lasts, now)
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
        dated=not all(visit.ours for visit in visits),
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
    """Our own silent resolver or busy host says nothing of the far end's speed."""
    known = [visit for visit in visits if visit.begun and not visit.ours]
    waited = [
        sum(hop.phases.dns or 0.0 for hop in one.hops if hop.resolver) + _held(one) for one in known
    ]
    times = [max(0.0, one.seconds - ours) for one, ours in zip(known, waited, strict=True)]
    names = [one.last.phases.dns for one in known if not one.last.resolver]
    return Theirs(_most(times), _most(names), max(map(_held, known), default=0.0))


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
    chains = [needed(last, now) for last in lasts if last.chain]
    if not chains:
        return None, None
    chain = min(chains, key=lambda chain: min((one.ends or 0.0) for one in chain))
    known = [Expiry(one, one.ends - now) for one in chain if one.ends is not None]
    own = known[0] if known and known[0].certificate is chain[0] else None
    return own, min(known, key=lambda one: one.left, default=None)


def needed(last: Outcome, now: float) -> tuple[Certificate, ...]:
    """The certificates of the path that was verified, as far as the server has sent them.

    Where the verifier was content, an expired one behind the first is not of its path. It was, too,
    where only the name is wrong.
    """
    if not last.verified or (last.code != 0 and last.verify != _WRONG_NAME):
        return last.chain
    way = way_up(last.chain)
    expired = (place for place, one in enumerate(way) if place and (one.ends or now) < now)
    return way[: next(expired, len(way))]


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
