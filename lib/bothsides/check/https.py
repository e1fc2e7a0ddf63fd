"""Whether an HTTPS server is reached, how long each phase takes, and whose fault it is when not."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from bothsides import cli
from bothsides.check.https_options import Criteria, criteria, declare, plan, words
from bothsides.check.https_picture import picture
from bothsides.finding import Figure, Finding, Reading, Remark, State
from bothsides.parse.http import Head
from bothsides.parse.range import Range, from_range
from bothsides.parse.text import to_words
from bothsides.probe.https import REDIRECTS, Plan, Run, Visit, measure

DAY = 86400.0
FIGURES = (
    Figure("time", "s", "from the name look-up to the last octet, all phases"),
    Figure("size", "B", "octets of headers and body that came"),
    Figure("time_dns", "s", "name look-up"),
    Figure("time_connect", "s", "TCP connection (QUIC: with its handshake)"),
    Figure("time_proxy", "s", "from the connection to the proxy's answer to CONNECT"),
    Figure("time_tls", "s", "TLS handshake"),
    Figure("time_server", "s", "from the handshake to the first octet of the answer"),
    Figure("time_transfer", "s", "from the first octet to the last"),
    Figure("time_redirect", "s", "requests before the last one, when following redirects"),
    Figure("cert_days", "", "days until the server's certificate expires", None),
    Figure("chain_days", "", "days until the first certificate of the chain expires", None),
    Figure("http_status", "", "status code of the last answer"),
    Figure("tcp_rtt", "s", "round trip of the connection as the kernel knows it"),
    Figure("tcp_retrans", "", "segments of the connection that had to be sent again"),
    Figure("addresses", "", "addresses tried"),
    Figure("addresses_ok", "", "of them, those that answered"),
)

BLAME = {"config": State.UNKNOWN, "local": State.UNKNOWN}
"""Whose faults are not CRITICAL: ours, because then nothing is known about the target."""


def judge(run: Run, criteria: Criteria, past: Any) -> Iterator[Finding]:
    """The state of every visit, then its figures; the most telling finding first."""
    for visit in run.visits:
        yield from _stated(visit, criteria)
        yield from _figures(visit, run.now, criteria)
        yield from picture(visit, run.now)


def _stated(visit: Visit, criteria: Criteria) -> Iterator[Finding]:
    if visit.failure is not None:
        blame = visit.failure.blame
        state = criteria.states.get(blame, BLAME.get(blame, State.CRITICAL))
        yield Remark(state, f"{visit.failure.words} (blame: {blame})", visit.late)
        return
    if criteria.certificate_only:
        yield Remark(State.OK, _certificate(visit))
        return
    yield _status(visit, criteria)
    yield from _content(visit, criteria)


def _status(visit: Visit, criteria: Criteria) -> Remark:
    """check_http's rules: -e decides alone; else 5xx CRITICAL, 4xx WARNING, redirects by -f."""
    answer = visit.last.head
    seen = f"{answer.reason} in {to_words(_total(visit))}, {visit.last.size} B"
    if criteria.expect:
        if any(wanted in answer.line for wanted in criteria.expect):
            return Remark(State.OK, seen)
        return Remark(State.CRITICAL, f"status line {answer.line[:60]} instead of {' or '.join(criteria.expect)[:60]}")
    if answer.code in REDIRECTS:
        return _redirected(visit, answer, criteria, seen)
    if 400 <= answer.code < 600:
        return Remark(State.CRITICAL if answer.code >= 500 else State.WARNING, f"HTTP status {seen}")
    if not 100 <= answer.code < 600:
        return Remark(State.CRITICAL, f"invalid HTTP status line {answer.line[:60]}")
    return Remark(State.OK, seen)


def _redirected(visit: Visit, answer: Head, criteria: Criteria, seen: str) -> Remark:
    where = answer.get("Location")[:80]
    if criteria.follow in ("follow", "sticky", "stickyport", "curl"):
        if not where:
            return Remark(State.UNKNOWN, f"redirect without a Location header ({seen})")
        many = len(visit.hops)
        if many > criteria.most_redirects:
            state = State.CRITICAL if criteria.follow == "curl" else State.WARNING
            return Remark(state, f"more than {criteria.most_redirects} redirects, the last to {where}")
        return Remark(State.CRITICAL, f"redirect loop after {many} requests, to {where}")
    return Remark(State[criteria.follow.upper()], f"{seen}, redirects to {where}")


def _content(visit: Visit, criteria: Criteria) -> Iterator[Remark]:
    answer = visit.last
    headers = "\n".join(f"{name}: {value}" for name, value in answer.head.headers)
    for wanted in criteria.header_strings:
        if wanted not in headers:
            yield Remark(State.CRITICAL, f"header '{wanted[:40]}' not found")
    for wanted in criteria.strings:
        if wanted.encode() not in answer.body:
            yield Remark(State.CRITICAL, f"string '{wanted[:40]}' not found")


def _total(visit: Visit) -> float:
    return sum(hop.phases.total for hop in visit.hops)


def _certificate(visit: Visit) -> str:
    chain = visit.last.chain
    name = chain[0].name if chain else "unknown"
    return f"certificate of {name} accepted, chain of {len(chain)}"


def _figures(visit: Visit, now: float, criteria: Criteria) -> Iterator[Reading]:
    """Every figure that was reached, also of a failed visit."""
    last = visit.last
    reading = criteria.limits.reading
    total = _total(visit)
    yield reading("time", total, f"took {to_words(total)}")
    yield reading("size", float(last.size) if last.head.code else None)
    for name, phase in zip(last.phases._fields, last.phases, strict=True):
        yield reading(f"time_{name}", phase, f"{words(name)} took {to_words(phase)}")
    yield reading("time_redirect", total - last.phases.total if last.head.code else None, "redirects took too long")
    ends = [one.ends for one in last.chain if one.ends is not None]
    days = [(end - now) / DAY for end in ends]
    name = last.chain[0].name if last.chain else ""
    yield reading("cert_days", days[0] if days else None, f"certificate of {name} expires in {_days(days[:1])}")
    soonest = min(zip(days, last.chain, strict=False), default=None, key=lambda pair: pair[0])
    which = soonest[1].name if soonest else ""
    yield reading("chain_days", min(days, default=None), f"certificate of {which} expires in {_days(days)}")
    yield reading("http_status", float(last.head.code) if last.head.code else None, f"HTTP status {last.head.code}")
    used = next((one for one in last.contacts if one.answered), None)
    yield reading("tcp_rtt", used.rtt if used else None, "round trip of the connection")
    yield reading("tcp_retrans", float(used.retransmissions) if used and used.retransmissions is not None else None)
    tried = {one.host for hop in visit.hops[:1] for one in hop.contacts}
    answered = {one.host for hop in visit.hops[:1] for one in hop.contacts if one.answered}
    yield reading("addresses", float(len(tried)) if tried else None)
    yield reading("addresses_ok", float(len(answered)) if tried else None, f"{len(answered)} of {len(tried)} addresses answer")


def _days(days: Sequence[float]) -> str:
    return f"{min(days):.1f} days" if days else "an unknown time"


def short(items: Sequence[str]) -> Mapping[str, Range]:
    """A bare item of -w and -c: seconds of the whole, as check_http has it."""
    if len(items) > 1:
        raise cli.Misuse(f"one bare limit is the time in seconds; write the others as LABEL=RANGE: {','.join(items)[:60]}")
    return {"time": from_range(items[0], "s")}


def libraries() -> str:
    """What --version names beside ourselves."""
    from bothsides.probe.https_transfer import library

    return str(library().version).replace("PycURL", "pycurl")


CHECK = cli.Check(
    name="HTTPS",
    summary="Is an HTTPS server reached, how long each phase takes, and whose fault if not.",
    figures=FIGURES,
    options=declare,
    plan=plan,
    measure=measure,
    judge=judge,
    plan_type=Plan,
    run_type=Run,
    short=short,
    limits=criteria,
    examples=(
        "-H www.example.org",
        "https://www.example.org:8443/health -w 1 -c 5",
        "-H www.example.org -u /login -s Welcome -e 200 -f follow",
        "-H www.example.org -C 30,14",
        "-H www.example.org -w time_connect=0.2 -w time_tls=500ms",
    ),
    libraries=libraries,
)


def main() -> NoReturn:
    """The check as a process."""
    cli.main(CHECK)
