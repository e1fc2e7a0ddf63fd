"""What check_https makes of an answer: status, headers, body."""

from bothsides.base.types import Container, Iterator, Sequence
from bothsides.check.https.limits import Limits, Wanted
from bothsides.check.https.text import through
from bothsides.model.https import Outcome, Visit
from bothsides.parse import Unreadable
from bothsides.parse.http import REDIRECTS, Head, from_date
from bothsides.parse.text import counted, escaped, escaped_url, to_words
from bothsides.parse.url import redirected, shown
from bothsides.plugin.finding import Figure, Reading, Remark, State, from_state

_FOLLOWING = ("follow", "sticky", "stickyport", "curl")
_FUTURE = 30.0  # s that a document may come from the future, as check_http has it


def content(visit: Visit, limits: Limits) -> Iterator[Remark]:
    """The status first, then everything that the answer lacks."""
    answer, verdict = visit.last, status(visit, limits)
    yield verdict
    redirects = answer.head.code in REDIRECTS and limits.follow in _FOLLOWING
    if verdict.state is not State.OK and redirects:
        return  # what a redirect to nowhere lacks, the page that was meant may have
    if answer.unclosed:
        why = "it has no length, and TLS ended without close_notify"
        words = f"whether the answer is complete is not known: {why}"
        yield Remark(limits.states.get("close", State.WARNING), words)
    yield from _version(answer, limits)
    yield from _headers(answer.head, limits)
    yield from _body(answer, limits)
    yield from _json(answer, limits)
    if limits.size is not None:
        yield from _size(answer.size, limits.size)
    if limits.max_age is not None:
        yield from _age(answer.head, limits.max_age)


def status(visit: Visit, limits: Limits) -> Remark:
    """check_http's rules, but the answer that counts is the last one.

    -e or the map decide alone, then the code.
    """
    answer = visit.last.head
    seen = f"{answer.reason} in {to_words(visit.seconds)}, {visit.last.size} B{through(visit)}"
    if limits.expect:
        if any(wanted in answer.line for wanted in limits.expect):
            return Remark(State.OK, seen)
        wanted = " or ".join(limits.expect)[:60]
        return Remark(State.CRITICAL, f"status line {answer.line[:60]} instead of {wanted}")
    for low, high, state in limits.status_map:
        if low <= answer.code <= high:
            return Remark(state, seen)
    if answer.code in REDIRECTS:
        return _redirected(visit, answer, limits, seen)
    if 300 <= answer.code < 400 and limits.follow in ("warning", "critical", "unknown"):
        return Remark(from_state(limits.follow), seen)
    if 400 <= answer.code < 600:
        state = State.CRITICAL if answer.code >= 500 else State.WARNING
        hint = "; this port speaks TLS, see -S" if _for_tls(visit.last) else ""
        return Remark(state, f"HTTP status {seen}{hint}")
    if not 100 <= answer.code < 600:
        return Remark(State.CRITICAL, f"invalid HTTP status line {answer.line[:60]}")
    return Remark(State.OK, seen)


def _for_tls(answer: Outcome) -> bool:
    """Whether a server says that its port is one for TLS (nginx, Apache, Go)."""
    plain = answer.url.scheme == "http" and answer.head.code == 400
    said = (b"to HTTPS port", b"to an SSL-enabled", b"HTTP request to an HTTPS server")
    return plain and any(words in answer.body for words in said)


def _redirected(visit: Visit, answer: Head, limits: Limits, seen: str) -> Remark:
    """A redirect that is the last answer: as --onredirect has it, or one that leads nowhere."""
    location = escaped_url(shown(answer.get("Location")))
    if limits.follow not in _FOLLOWING:
        target = f"to {location}" if location else "without a Location header"
        return Remark(from_state(limits.follow), f"{seen}, redirects {target}")
    if not location:
        return Remark(State.UNKNOWN, f"redirect without a Location header ({seen})")
    many = len(visit.hops)
    if many > limits.most_redirects:
        state = State.CRITICAL if limits.follow == "curl" else State.WARNING
        words = f"more than {limits.most_redirects} redirects, the last to {location}"
        return Remark(state, words)
    try:
        redirected(visit.last.url, answer.get("Location"))
    except Unreadable as fault:
        why = str(fault).partition(";")[0]  # without the remedy, which is for our command lines
        return Remark(State.CRITICAL, f"the redirect leads nowhere: {why}")
    requests = counted(many, "request")
    return Remark(State.CRITICAL, f"redirect loop after {requests}, to {location}")


def _version(answer: Outcome, limits: Limits) -> Iterator[Remark]:
    if limits.versions and answer.version not in limits.versions:
        words = f"{answer.version or 'unknown'} instead of {' or '.join(limits.versions)}"
        yield Remark(State.CRITICAL, f"answered by HTTP/{words}")


def _headers(head: Head, limits: Limits) -> Iterator[Remark]:
    headers = [(_read(name), _read(value)) for name, value in head.headers]
    blocks = [
        "\r\n".join([head.line, *(name + colon + value for name, value in headers)])
        for colon in (": ", ":")
    ]
    for wanted in limits.header_strings:
        if not any(wanted in block for block in blocks):
            yield Remark(State.CRITICAL, f"header {wanted[:40]} not found")
    for name, pattern in limits.header_patterns:
        values = [value for key, value in headers if key.lower() == name.lower()]
        if not any(pattern.search(value) for value in values):
            seen = f"is {values[-1][:40]}" if values else "is missing"
            yield Remark(State.CRITICAL, f"header {name} {seen}, must match {pattern.pattern[:40]}")
    for name in limits.no_headers:
        if any(key.lower() == name.lower() for key, _ in headers):
            yield Remark(State.CRITICAL, f"header {name} is there: {head.get(name)[:40]}")


def _read(text: str) -> str:
    """A header's octets as UTF-8 where they are that, as nearly all text of today."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _body(answer: Outcome, limits: Limits) -> Iterator[Remark]:
    for wanted in limits.strings:
        if wanted.encode("utf-8", "surrogateescape") not in answer.body:
            words = f"string {escaped(wanted[:40])} not found in the body{_cut(answer)}"
            yield Remark(State.CRITICAL, words)
    if not limits.patterns:
        return
    text = answer.body.decode("utf-8", "replace")
    for wanted, pattern in limits.patterns:
        if (pattern.search(text) is not None) == limits.inverted:
            verb = "matches" if limits.inverted else "does not match"
            words = f"the body {verb} {escaped(wanted[:40])}{_cut(answer)}"
            yield Remark(limits.pattern_state, words)


_PACKED = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd", "deflate": b"\x78", "br": b""}
"""How a body begins that is still packed; brotli has no mark of its own."""


def _cut(answer: Outcome) -> str:
    """Says why the text may be there nevertheless: in the rest of the body, or packed."""
    coding = answer.head.get("Content-Encoding").lower()
    begin = _PACKED.get(coding)
    if begin is not None and answer.body.startswith(begin) and answer.body[:1] not in (b"<", b"{"):
        return f"; the body is {coding}, see --enable-automatic-decompression"
    return f" (only its first {len(answer.body)} octets were kept)" if answer.cut else ""


def body_figures(visits: Sequence[Visit], own: Container[str]) -> Iterator[Remark | Reading]:
    """-o: the perfdata that a body holds, without its limits, which are the far end's own.

    own: labels that are taken.
    """
    from bothsides.parse.perfdata import from_perfdata

    for visit in visits:
        if visit.failure is not None:
            continue
        try:
            figures = from_perfdata(" ".join(visit.last.body.decode("utf-8", "replace").split()))
        except Unreadable as fault:
            yield Remark(State.UNKNOWN, f"-o: the body is no perfdata: {fault}")
            continue
        for one in figures:
            if one.label in own:
                words = f"-o: the body has a figure {one.label}, as this check has itself"
                yield Remark(State.UNKNOWN, words)
            else:
                yield Reading(Figure(one.label, one.uom, "", one.low, one.high), one.value, "")


def _json(answer: Outcome, limits: Limits) -> Iterator[Remark]:
    if not limits.json:
        return
    from bothsides.parse.json_path import from_body

    try:
        document = from_body(answer.body)
    except Unreadable as fault:
        yield Remark(State.CRITICAL, f"{fault}{_cut(answer)}")
        return
    for wanted in limits.json:
        yield from _place(document, wanted)


def _place(document: object, wanted: Wanted) -> Iterator[Remark]:
    """What stands at one place of the document."""
    from bothsides.parse.json_path import at, number, shown, words

    place = shown(wanted.path)
    try:
        there = at(document, wanted.path)
    except Unreadable as fault:
        yield Remark(State.CRITICAL, str(fault))
        return
    seen = f"{place} is {words(there)[:40]}"
    if wanted.value is not None and words(there) != wanted.value:
        yield Remark(State.CRITICAL, f"{seen} instead of {wanted.value[:40]}")
    value = number(there)
    for limit, state in ((wanted.critical, State.CRITICAL), (wanted.warning, State.WARNING)):
        if limit is None:
            continue
        if value is None:
            yield Remark(State.CRITICAL, f"{seen}, not a number")
        elif limit.alerts(value):
            yield Remark(state, f"{seen}, outside {limit}")


def _size(size: int, wanted: tuple[int, int | None]) -> Iterator[Remark]:
    least, most = wanted
    if size < least:
        yield Remark(State.WARNING, f"page of {size} octets is smaller than {least}")
    elif most is not None and size > most:
        yield Remark(State.WARNING, f"page of {size} octets is larger than {most}")


def _age(head: Head, oldest: float) -> Iterator[Remark]:
    """How old the document is by the answer's own headers."""
    sent, modified = from_date(head.get("Date")), from_date(head.get("Last-Modified"))
    unknown = "so the age of the document is not known"
    if sent is None:
        yield Remark(State.UNKNOWN, f"{_lack(head, 'Date')}, {unknown}")
    elif modified is None:
        yield Remark(State.CRITICAL, f"{_lack(head, 'Last-Modified')}, {unknown}")
    elif modified > sent + _FUTURE:
        words = f"the document was modified {to_words(modified - sent)} in the future"
        yield Remark(State.CRITICAL, words)
    elif sent - modified > oldest:
        words = f"{to_words(sent - modified)} old, more than {to_words(oldest)}"
        yield Remark(State.CRITICAL, f"the document is {words}")


def _lack(head: Head, name: str) -> str:
    value = head.get(name)
    if value:
        return f"the {name} header {value[:40]!r} is no date"
    return f"the answer has no {name} header"
