"""What check_https makes of an answer: status, headers, body."""

from bothsides.base.types import Container, Iterator, Sequence
from bothsides.check.https.limits import Criteria, Wanted
from bothsides.parse import Unreadable
from bothsides.parse.http import Head, from_date
from bothsides.parse.text import to_words
from bothsides.parse.url import redirected, shown
from bothsides.plugin.finding import Figure, Finding, Reading, Remark, State
from bothsides.probe.https.outcome import Outcome
from bothsides.probe.https.visit import REDIRECTS, Visit

_FOLLOWING = ("follow", "sticky", "stickyport", "curl")
_FUTURE = 30.0  # seconds that a document may come from the future, as check_http has it


def content(visit: Visit, criteria: Criteria) -> Iterator[Remark]:
    """The status first, then everything that the answer lacks."""
    answer, said = visit.last, status(visit, criteria)
    yield said
    if (
        said.state is not State.OK
        and answer.head.code in REDIRECTS
        and criteria.follow in _FOLLOWING
    ):
        return  # what a redirect to nowhere lacks, the page that was meant may have
    if answer.unclosed:
        words = "whether the answer is complete is not known: it has no length, and TLS ended without close_notify"
        yield Remark(criteria.states.get("close", State.WARNING), words)
    yield from _version(answer, criteria)
    yield from _headers(answer.head, criteria)
    yield from _body(answer, criteria)
    yield from _json(answer, criteria)
    if criteria.size is not None:
        yield from _size(answer.size, criteria.size)
    if criteria.max_age is not None:
        yield from _age(answer.head, criteria.max_age)


def status(visit: Visit, criteria: Criteria) -> Remark:
    """check_http's rules, but the answer that counts is the last one: -e or the map decide alone, then the code."""
    answer = visit.last.head
    seen = f"{answer.reason} in {to_words(visit.seconds)}, {visit.last.size} B{through(visit)}"
    if criteria.expect:
        if any(wanted in answer.line for wanted in criteria.expect):
            return Remark(State.OK, seen)
        return Remark(
            State.CRITICAL,
            f"status line {answer.line[:60]} instead of {' or '.join(criteria.expect)[:60]}",
        )
    for low, high, state in criteria.status_map:
        if low <= answer.code <= high:
            return Remark(state, seen)
    if answer.code in REDIRECTS:
        return _redirected(visit, answer, criteria, seen)
    if 300 <= answer.code < 400 and criteria.follow in ("warning", "critical", "unknown"):
        return Remark(State[criteria.follow.upper()], seen)
    if 400 <= answer.code < 600:
        return Remark(
            State.CRITICAL if answer.code >= 500 else State.WARNING, f"HTTP status {seen}"
        )
    if not 100 <= answer.code < 600:
        return Remark(State.CRITICAL, f"invalid HTTP status line {answer.line[:60]}")
    return Remark(State.OK, seen)


def through(visit: Visit, said: str = "") -> str:
    """The proxy as far as it is not said yet, and the variable that named it, of which nobody may think."""
    if not visit.proxy:
        return ""
    source = f" of {visit.proxy_source}" if visit.proxy_source else ""
    if f"proxy {visit.proxy}" in said or said.startswith("name of the proxy"):
        return f", a proxy{source}" if source else ""
    return f", through proxy {visit.proxy}{source}"


def _redirected(visit: Visit, answer: Head, criteria: Criteria, seen: str) -> Remark:
    where = shown(answer.get("Location"))
    if criteria.follow not in _FOLLOWING:
        return Remark(State[criteria.follow.upper()], f"{seen}, redirects to {where}")
    if not where:
        return Remark(State.UNKNOWN, f"redirect without a Location header ({seen})")
    many = len(visit.hops)
    if many > criteria.most_redirects:
        state = State.CRITICAL if criteria.follow == "curl" else State.WARNING
        return Remark(state, f"more than {criteria.most_redirects} redirects, the last to {where}")
    try:
        redirected(visit.last.url, answer.get("Location"))
    except Unreadable as fault:
        return Remark(State.CRITICAL, f"no way on after {many} requests: {fault}")
    return Remark(State.CRITICAL, f"redirect loop after {many} requests, to {where}")


def downgrades(visit: Visit) -> Iterator[Remark]:
    """A redirect from https to http gives away what TLS protected."""
    for one, other in zip(visit.hops, visit.hops[1:], strict=False):
        if one.url.scheme == "https" and other.url.scheme == "http":
            yield Remark(State.WARNING, f"redirect from https to {other.url}")


def _version(answer: Outcome, criteria: Criteria) -> Iterator[Remark]:
    if criteria.versions and answer.version not in criteria.versions:
        wanted = " or ".join(criteria.versions)
        yield Remark(
            State.CRITICAL, f"answered by HTTP/{answer.version or 'unknown'} instead of {wanted}"
        )


def _headers(head: Head, criteria: Criteria) -> Iterator[Remark]:
    headers = [(_read(name), _read(value)) for name, value in head.headers]
    blocks = [
        "\r\n".join([head.line, *(name + colon + value for name, value in headers)])
        for colon in (": ", ":")
    ]
    for wanted in criteria.header_strings:
        if not any(wanted in block for block in blocks):
            yield Remark(State.CRITICAL, f"header {wanted[:40]} not found")
    for name, pattern in criteria.header_patterns:
        values = [value for key, value in headers if key.lower() == name.lower()]
        if not any(pattern.search(value) for value in values):
            said = f"is {values[-1][:40]}" if values else "is missing"
            yield Remark(State.CRITICAL, f"header {name} {said}, must match {pattern.pattern[:40]}")
    for name in criteria.no_headers:
        if any(key.lower() == name.lower() for key, _ in headers):
            yield Remark(State.CRITICAL, f"header {name} is there: {head.get(name)[:40]}")


def _read(text: str) -> str:
    """A header's octets as UTF-8 where they are that, as nearly all text of today."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _body(answer: Outcome, criteria: Criteria) -> Iterator[Remark]:
    for wanted in criteria.strings:
        if wanted.encode("utf-8", "surrogateescape") not in answer.body:
            yield Remark(
                State.CRITICAL, f"string {wanted[:40]} not found in the body{_cut(answer)}"
            )
    if not criteria.patterns:
        return
    text = answer.body.decode("utf-8", "replace")
    for wanted, pattern in criteria.patterns:
        if (pattern.search(text) is not None) == criteria.inverted:
            verb = "matches" if criteria.inverted else "does not match"
            yield Remark(criteria.pattern_state, f"the body {verb} {wanted[:40]}{_cut(answer)}")


def _cut(answer: Outcome) -> str:
    """Says when the body was longer than what is kept of it, since what was looked for may stand behind that."""
    return f" (only its first {len(answer.body)} octets were kept)" if answer.cut else ""


def body_figures(visits: Sequence[Visit], own: Container[str]) -> Iterator[Finding]:
    """-o: the perfdata that a body holds, without its limits, which are the far end's own; own: labels that are taken."""
    from bothsides.parse.perfdata import from_perfdata

    for visit in visits:
        if visit.failure is not None:
            continue
        try:
            found = from_perfdata(" ".join(visit.last.body.decode("utf-8", "replace").split()))
        except Unreadable as fault:
            yield Remark(State.UNKNOWN, f"-o: the body is no perfdata: {fault}")
            continue
        for one in found:
            if one.label in own:
                yield Remark(
                    State.UNKNOWN,
                    f"-o: the body has a figure {one.label}, as this check has itself",
                )
            else:
                yield Reading(Figure(one.label, one.uom, "", one.low, one.high), one.value, "")


def _json(answer: Outcome, criteria: Criteria) -> Iterator[Remark]:
    if not criteria.json:
        return
    from bothsides.parse.json_path import from_body

    try:
        document = from_body(answer.body)
    except Unreadable as fault:
        yield Remark(State.CRITICAL, f"{fault}{_cut(answer)}")
        return
    for wanted in criteria.json:
        yield from _place(document, wanted)


def _place(document: object, wanted: Wanted) -> Iterator[Remark]:
    from bothsides.parse.json_path import at, number, shown, words

    place = shown(wanted.path)
    try:
        found = at(document, wanted.path)
    except Unreadable as fault:
        yield Remark(State.CRITICAL, str(fault))
        return
    if wanted.value is not None and words(found) != wanted.value:
        yield Remark(
            State.CRITICAL, f"{place} is {words(found)[:40]} instead of {wanted.value[:40]}"
        )
    value = number(found)
    for limit, state in ((wanted.critical, State.CRITICAL), (wanted.warning, State.WARNING)):
        if limit is None:
            continue
        if value is None:
            yield Remark(State.CRITICAL, f"{place} is {words(found)[:40]}, not a number")
        elif limit.alerts(value):
            yield Remark(state, f"{place} is {words(found)[:40]}, outside {limit}")


def _size(size: int, wanted: tuple[int, int | None]) -> Iterator[Remark]:
    least, most = wanted
    if size < least:
        yield Remark(State.WARNING, f"page of {size} octets is smaller than {least}")
    elif most is not None and size > most:
        yield Remark(State.WARNING, f"page of {size} octets is larger than {most}")


def _age(head: Head, oldest: float) -> Iterator[Remark]:
    sent, modified = from_date(head.get("Date")), from_date(head.get("Last-Modified"))
    if sent is None:
        yield Remark(
            State.UNKNOWN, f"{_lack(head, 'Date')}, so the age of the document is not known"
        )
    elif modified is None:
        yield Remark(
            State.CRITICAL,
            f"{_lack(head, 'Last-Modified')}, so the age of the document is not known",
        )
    elif modified > sent + _FUTURE:
        yield Remark(
            State.CRITICAL, f"the document was modified {to_words(modified - sent)} in the future"
        )
    elif sent - modified > oldest:
        yield Remark(
            State.CRITICAL,
            f"the document is {to_words(sent - modified)} old, more than {to_words(oldest)}",
        )


def _lack(head: Head, name: str) -> str:
    found = head.get(name)
    return (
        f"the {name} header {found[:40]!r} is no date"
        if found
        else f"the answer has no {name} header"
    )
