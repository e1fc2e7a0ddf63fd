"""States of one visit, and figures of one or several."""

from bothsides.base.types import Iterator, Sequence
from bothsides.check.https.certificate import certificates, days
from bothsides.check.https.content import content, downgrades, through
from bothsides.check.https.limits import Criteria
from bothsides.parse.text import to_words
from bothsides.plugin.finding import Reading, Remark, State
from bothsides.probe.https.visit import Visit

BLAME = {"config": State.UNKNOWN, "local": State.UNKNOWN}
"""Whose faults are not CRITICAL: ours, because then nothing is known about the target."""

PHASES = {
    "dns": "name look-up",
    "connect": "connecting",
    "proxy": "the proxy",
    "tls": "the TLS handshake",
    "server": "the answer",
    "transfer": "the transfer",
}
_NO_WAY = (
    "network is unreachable",
    "cannot assign requested address",
    "address family not supported",
)


def judged(visit: Visit, now: float, criteria: Criteria) -> Iterator[Remark]:
    """Every remark about one visit."""
    if visit.failure is not None:
        blame = visit.failure.blame
        state = criteria.states.get(blame, BLAME.get(blame, State.CRITICAL))
        words = visit.failure.words
        yield Remark(state, f"{words}{through(visit, words)} (blame: {blame})", visit.late)
    elif not criteria.certificate_only:
        yield from content(visit, criteria)
        yield from downgrades(visit)
    if visit.failure is None:
        yield from certificates(visit, now, criteria)
    yield from _addresses(visit, criteria)


def _addresses(visit: Visit, criteria: Criteria) -> Iterator[Remark]:
    """Addresses that were skipped on the way, unless we have no way to their whole family."""
    contacts = visit.hops[0].contacts
    dead = [one for one in contacts if not one.answered and one.reason.lower() not in _NO_WAY]
    if not dead or not any(one.answered for one in contacts):
        return
    state = criteria.states.get("addresses", State.WARNING)
    said = ", ".join(
        f"{one.host} {one.reason.lower() or f'silent for {one.waited:.1f} s'}" for one in dead
    )
    yield Remark(state, f"{len(dead)} of {len(contacts)} addresses dead: {said}")


def figures(
    visits: Sequence[Visit],
    now: float,
    criteria: Criteria,
    everybody: Sequence[Visit] | None = None,
) -> Iterator[Reading]:
    """Every figure that was reached, also of failed visits; of several visits the worst of each.

    everybody: the visits that addresses are counted over, where not all of them are to be judged.
    """
    reading = criteria.limits.reading
    slowest = max(visits, key=lambda visit: visit.seconds, default=None)
    if slowest is None:
        return
    about = f"{slowest.address or slowest.url} " if len(visits) > 1 else ""
    seconds = slowest.seconds if slowest.begun else None
    yield reading("time", seconds, f"{about}took {to_words(seconds)}{_mostly(slowest)}")
    lasts = [visit.last for visit in visits]
    answered = [one for one in lasts if one.head.code]
    yield reading("size", _most([float(one.size) for one in answered]))
    for name, words in PHASES.items():
        phase = _most([getattr(one.phases, name) for one in lasts])
        yield reading(f"time_{name}", phase, f"{words} took {to_words(phase)}")
    earlier = [
        visit.seconds - visit.last.phases.total
        if visit.last.head.code or len(visit.hops) > 1
        else None
        for visit in visits
    ]
    yield reading("time_redirect", _most(earlier), f"redirects took {to_words(_most(earlier))}")
    chains = [one.chain for one in lasts if one.chain]
    yield from days(
        min(chains, key=lambda chain: min((one.ends or 0.0) for one in chain), default=()),
        now,
        criteria,
    )
    status = _most([float(one.head.code) for one in answered])
    yield reading("http_status", status, f"HTTP status {status or 0:.0f}")
    yield from _network(visits, criteria)
    yield from _reached(visits if everybody is None else everybody, criteria)


def _mostly(visit: Visit) -> str:
    """What took more than half of the time, and whether packets were lost: a slow server is not a lossy network."""
    phases = [(getattr(visit.last.phases, name) or 0.0, words) for name, words in PHASES.items()]
    longest, words = max(phases)
    again = sum(one.retransmissions or 0 for one in visit.last.contacts if one.answered)
    said = [words] if longest > visit.seconds / 2 else []
    said += [f"{again} packets sent again"] if again else []
    return (
        f" (mostly {'; '.join(said)})"
        if longest > visit.seconds / 2
        else f" ({said[0]})"
        if said
        else ""
    )


def _network(visits: Sequence[Visit], criteria: Criteria) -> Iterator[Reading]:
    """What the kernel knows of the connections."""
    reading = criteria.limits.reading
    used = [one for visit in visits for one in visit.last.contacts if one.answered]
    rtt = _most([one.rtt for one in used])
    yield reading("tcp_rtt", rtt, f"round trip {to_words(rtt)}")
    again = [float(one.retransmissions) for one in used if one.retransmissions is not None]
    words = f"the network lost packets: {sum(again):.0f} sent again"
    yield reading("tcp_retrans", sum(again) if again else None, words)


def _reached(visits: Sequence[Visit], criteria: Criteria) -> Iterator[Reading]:
    """The addresses: one that several names share counts for each of them."""
    reading = criteria.limits.reading
    contacts = [(visit, one) for visit in visits for one in visit.hops[0].contacts]
    tried = {(visit.url.host, one.host) for visit, one in contacts}
    good = {
        (visit.url.host, one.host)
        for visit, one in contacts
        if one.answered and not (visit.address and visit.failure)
    }
    yield reading("addresses", float(len(tried)) if tried else None)
    yield reading(
        "addresses_ok",
        float(len(good)) if tried else None,
        f"{len(good)} of {len(tried)} addresses answer",
    )


def _most(values: Sequence[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def counts_limited(criteria: Criteria) -> bool:
    """Whether tries or failures have limits, which hold for a single try too."""
    limits = criteria.limits
    return any(
        label in held for label in ("tries", "failed") for held in (limits.warning, limits.critical)
    )
