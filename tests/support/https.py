"""Visits as they may be measured, and what check_https's judge says of them."""

from collections.abc import Iterable

from bothsides.analyse.https import analyse
from bothsides.analyse.https_past import Window
from bothsides.check.https.check import CHECK
from bothsides.check.https.judge import judge
from bothsides.check.https.limits import Limits
from bothsides.model.failure import Failure
from bothsides.model.https import Contact, Outcome, Past, Plan, Run, Visit
from bothsides.parse.certificate import Certificate
from bothsides.parse.http import Head
from bothsides.parse.libcurl import Phases
from bothsides.parse.url import from_url
from bothsides.plugin.command_line import limits_of, understood
from bothsides.plugin.finding import Finding, Reading, Remark, State, worst

URL = from_url("https://example.org/")
PHASES = Phases(0.01, 0.02, None, 0.03, 0.04, 0.05)
DAY = 86400.0
NOW = 1_800_000_000.0
CHAIN = (
    Certificate("CN=example.org", "CN=Middle", NOW - 10 * DAY, NOW + 80 * DAY),
    Certificate("CN=Middle", "CN=Root", NOW - 100 * DAY, NOW + 20 * DAY),
)


def answered(
    line: str = "HTTP/1.1 200 OK", body: bytes = b"hello", headers: tuple[tuple[str, str], ...] = ()
) -> Visit:
    code = int(line.split()[1]) if line.startswith("HTTP") else 0
    contacts = (Contact("192.0.2.1", True, "", 0.1, 0.018, 0),)
    return Visit(
        URL,
        (
            Outcome(
                URL,
                PHASES,
                0,
                head=Head(line, code, headers),
                body=body,
                size=100,
                chain=CHAIN,
                contacts=contacts,
            ),
        ),
    )


GOOD = Visit(
    URL,
    (
        Outcome(
            URL,
            Phases(0, 0.01, None, 0.01, 0.01, 0.01),
            0,
            head=Head("HTTP/1.1 200 OK", 200),
            contacts=(Contact("192.0.2.1", True),),
        ),
    ),
)
BAD = Visit(
    URL, (Outcome(URL, Phases(0, 0.01, None, 5.0), 28),), Failure("tls", "the TLS handshake stalls")
)


def at(
    visit: Visit, url: str = "https://example.org/", address: str = "", status: str = ""
) -> Visit:
    """The same visit of another URL, at one address, or with another status."""
    hop = visit.hops[0]
    if address:
        hop = hop._replace(contacts=(Contact(address, visit.failure is None),))
    if status:
        hop = hop._replace(head=Head(f"HTTP/1.1 {status}", int(status[:3])))
    return visit._replace(url=from_url(url), hops=(hop,), address=address)


def limits(*arguments: str) -> Limits:
    """What these arguments make of the limits."""
    options = understood(CHECK, arguments)
    return CHECK.limits(options, limits_of(CHECK, options))


def judged_run(run: Run, limits: Limits, window: Window | None = None) -> list[Finding]:
    """All findings about a run."""
    analysis = analyse(Plan((URL,)), run, Past())
    return list(judge(analysis._replace(window=window), limits))


def judged(found: Visit, *arguments: str) -> list[Reading | Remark]:
    """What the judge says of one visit, but for tables."""
    run = Run(NOW, (found,), str(URL))
    findings = judged_run(run, limits("-H", "example.org", *arguments))
    return [one for one in findings if isinstance(one, Reading | Remark)]


def state(found: Visit, *arguments: str) -> State:
    """The worst state of the findings about one visit."""
    return worst(one.state for one in judged(found, *arguments))


def judged_visits(
    visits: tuple[Visit, ...], *arguments: str, past: Window | None = None, repeat: int = 1
) -> list[Reading | Remark]:
    """What the judge says of these visits, but for tables and the reports on each."""
    run = Run(1e9, visits, str(URL), None, len(visits), repeat)
    findings = judged_run(run, limits("-H", "example.org", *arguments), past)
    return [one for one in findings if isinstance(one, Reading | Remark)]


def values(findings: Iterable[Finding]) -> dict[str, float | None]:
    """The readings' values by label."""
    return {one.figure.label: one.value for one in findings if isinstance(one, Reading)}


def remarks(findings: Iterable[Finding]) -> list[tuple[State, str]]:
    """The remarks' states and words."""
    return [(one.state, one.words) for one in findings if isinstance(one, Remark)]
