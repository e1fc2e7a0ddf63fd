"""States and figures of one visit, and of several visits together."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bothsides.check.https_certificate import certificates, days
from bothsides.check.https_content import content, downgrades
from bothsides.check.https_criteria import Criteria
from bothsides.finding import Finding, Reading, Remark, State, worst
from bothsides.parse.text import to_words
from bothsides.probe.https import Run
from bothsides.probe.https_visit import Visit

if TYPE_CHECKING:  # only a run that remembers loads it
    from bothsides.check.https_memory import Past

BLAME = {"config": State.UNKNOWN, "local": State.UNKNOWN}
"""Whose faults are not CRITICAL: ours, because then nothing is known about the target."""

_PHASES = {
    "dns": "name look-up",
    "connect": "connecting",
    "proxy": "the proxy",
    "tls": "the TLS handshake",
    "server": "the answer",
    "transfer": "the transfer",
}
_NO_WAY = ("network is unreachable", "cannot assign requested address", "address family not supported")
_WORST_FIRST = (State.CRITICAL, State.WARNING, State.UNKNOWN, State.OK)
_PATTERN = 2  # failures within the window that are no longer chance, but a fault to look into


def judged(visit: Visit, now: float, criteria: Criteria) -> Iterator[Remark]:
    """Every remark about one visit."""
    if visit.failure is not None:
        blame = visit.failure.blame
        state = criteria.states.get(blame, BLAME.get(blame, State.CRITICAL))
        yield Remark(state, f"{visit.failure.words} (blame: {blame})", visit.late)
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
    said = ", ".join(f"{one.host} {one.reason.lower() or f'silent for {one.waited:.1f} s'}" for one in dead)
    yield Remark(state, f"{len(dead)} of {len(contacts)} addresses dead: {said}")


def figures(visits: Sequence[Visit], now: float, criteria: Criteria) -> Iterator[Reading]:
    """Every figure that was reached, also of failed visits; of several visits the worst of each."""
    reading = criteria.limits.reading
    slowest = max(visits, key=lambda visit: visit.seconds, default=None)
    if slowest is None:
        return
    about = f"{slowest.address or slowest.url} " if len(visits) > 1 else ""
    yield reading("time", slowest.seconds, f"{about}took {to_words(slowest.seconds)}{_mostly(slowest)}")
    lasts = [visit.last for visit in visits]
    answered = [one for one in lasts if one.head.code]
    yield reading("size", _most([float(one.size) for one in answered]))
    for name, words in _PHASES.items():
        phase = _most([getattr(one.phases, name) for one in lasts])
        yield reading(f"time_{name}", phase, f"{words} took {to_words(phase)}")
    earlier = [visit.seconds - visit.last.phases.total if visit.last.head.code else None for visit in visits]
    yield reading("time_redirect", _most(earlier), f"redirects took {to_words(_most(earlier))}")
    chains = [one.chain for one in lasts if one.chain]
    yield from days(min(chains, key=lambda chain: min((one.ends or 0.0) for one in chain), default=()), now, criteria)
    status = _most([float(one.head.code) for one in answered])
    yield reading("http_status", status, f"HTTP status {status or 0:.0f}")
    yield from _network(visits, criteria)


def _mostly(visit: Visit) -> str:
    """What took more than half of the time, and whether packets were lost: a slow server is not a lossy network."""
    phases = [(getattr(visit.last.phases, name) or 0.0, words) for name, words in _PHASES.items()]
    longest, words = max(phases)
    again = sum(one.retransmissions or 0 for one in visit.last.contacts if one.answered)
    said = [words] if longest > visit.seconds / 2 else []
    said += [f"{again} packets sent again"] if again else []
    return f" (mostly {'; '.join(said)})" if longest > visit.seconds / 2 else f" ({said[0]})" if said else ""


def _network(visits: Sequence[Visit], criteria: Criteria) -> Iterator[Reading]:
    """What the kernel knows of the connections, and the addresses."""
    reading = criteria.limits.reading
    contacts = [one for visit in visits for one in visit.hops[0].contacts]
    used = [one for visit in visits for one in visit.last.contacts if one.answered]
    rtt = _most([one.rtt for one in used])
    yield reading("tcp_rtt", rtt, f"round trip {to_words(rtt)}")
    again = [float(one.retransmissions) for one in used if one.retransmissions is not None]
    words = f"the network lost packets: {sum(again):.0f} sent again"
    yield reading("tcp_retrans", sum(again) if again else None, words)
    tried = {(visit.url.host, one.host) for visit in visits for one in visit.hops[0].contacts}
    failed = {visit.address for visit in visits if visit.address and visit.failure is not None}
    alive = {one.host for one in contacts if one.answered} - failed
    good = sum(1 for _, host in tried if host in alive)
    yield reading("addresses", float(len(tried)) if tried else None)
    yield reading("addresses_ok", float(good) if tried else None, f"{good} of {len(tried)} addresses answer")


def _most(values: Sequence[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def several(run: Run, criteria: Criteria, past: "Past | None") -> Iterator[Finding]:
    """Many URLs, every address, or many tries: one line each, the worst first."""
    found = [(visit, *_one(visit, run.now, criteria)) for visit in run.visits]
    if run.repeat > 1 or past:
        if past and past.problem:
            yield Remark(State.UNKNOWN, f"earlier runs are not known: {past.problem}")
        yield from _tries(found, run, past)
        yield from figures(run.visits, run.now, criteria)
        yield from _counts(found, criteria, past)
        return
    bad = [line for line in found if line[1] is not State.OK]
    every = all(visit.address for visit in run.visits) and len(run.visits) > 0
    what = "addresses" if every else "URLs"
    enough = every and criteria.addresses_wanted and len(found) - len(bad) >= criteria.addresses_wanted
    if found and not bad:
        yield Remark(State.OK, f"all {len(found)} {what} well, the slowest in {to_words(max(v.seconds for v in run.visits))}")
    elif enough:
        yield Remark(State.OK, f"{len(found) - len(bad)} of {len(found)} {what} well, {criteria.addresses_wanted} are enough")
    for visit, state, words in sorted(found, key=lambda line: _WORST_FIRST.index(line[1])):
        yield Remark(State.OK if enough else state, f"{visit.address or visit.url}: {words}", visit.late)
    missing = run.planned - len(run.visits)
    if missing:
        yield Remark(State.UNKNOWN, f"time ran out before {missing} of {run.planned} were asked", late=True)
    yield from figures(run.visits, run.now, criteria)


def _one(visit: Visit, now: float, criteria: Criteria) -> tuple[State, str]:
    """State and words of one among several."""
    remarks: list[Remark | Reading] = [*judged(visit, now, criteria), *figures((visit,), now, criteria)]
    state = worst(one.state for one in remarks)
    return state, next(one.words for one in remarks if one.state is state and one.words)


def _tries(found: list[tuple[Visit, State, str]], run: Run, past: "Past | None") -> Iterator[Remark]:
    """Failures among many tries, now and in the window."""
    failures = [visit for visit, _, _ in found if visit.failure is not None]
    missing = run.planned - len(found)
    for state in (State.CRITICAL, State.UNKNOWN, State.WARNING):
        words = next((words for _, one, words in found if one is state), "")
        if words:
            share = sum(1 for _, one, _ in found if one is state)
            rare = state is State.CRITICAL and 0 < len(failures) < len(found) and share == len(failures)
            yield Remark(State.WARNING if rare else state, _told(share, len(found), words))
    if missing:
        yield Remark(State.UNKNOWN, f"time ran out after {len(found)} of {run.planned} tries", late=True)
    tries, failed = len(found) + (past.tries if past else 0), len(failures) + (past.failed if past else 0)
    if past and failed >= _PATTERN and past.failed:
        phase = past.phase(failures)
        where = _PHASES.get(phase, phase)
        yield Remark(State.WARNING, f"{_rate(failed, tries)} within {to_words(past.window)}, mostly in {where}")
    if not failures and found:
        slowest = to_words(max(visit.seconds for visit, _, _ in found))
        yield Remark(State.OK, f"all {len(found)} tries well, the slowest in {slowest}; {_rate(failed, tries)}")


def _told(share: int, tries: int, words: str) -> str:
    return words if share == tries else f"{_rate(share, tries)}: {words}"


def _rate(failed: int, tries: int) -> str:
    """How many failed, and where the true rate lies (Wilson's interval, 95 %)."""
    from bothsides.stats import wilson  # only many tries need it

    span = wilson(failed, tries)
    return f"{failed} of {tries} tries failed ({span.low:.2%} to {span.high:.2%})"


def _counts(found: list[tuple[Visit, State, str]], criteria: Criteria, past: "Past | None") -> Iterator[Reading]:
    failed = sum(1 for visit, _, _ in found if visit.failure is not None) + (past.failed if past else 0)
    tries = len(found) + (past.tries if past else 0)
    yield criteria.limits.reading("tries", float(tries))
    yield criteria.limits.reading("failed", float(failed), _rate(failed, tries))
