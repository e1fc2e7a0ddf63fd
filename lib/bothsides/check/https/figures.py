"""check_https's figures, and their readings out of an analysis."""

from bothsides.analyse.https import Addresses, Figures
from bothsides.base.types import Iterator
from bothsides.check.https.limits import Limits
from bothsides.check.https.text import DAY, PHASE_WORDS, duration, expiry
from bothsides.parse.text import to_words
from bothsides.plugin.finding import Figure, Reading, State

FIGURES = (
    Figure("time", "s", "from the name look-up to the last octet, all phases"),
    Figure("size", "B", "octets of headers and body that came"),
    Figure("time_dns", "s", "name look-up"),
    Figure("time_connect", "s", "TCP connection (QUIC: with its handshake)"),
    Figure("time_proxy", "s", "from the connection to the proxy's answer to CONNECT"),
    Figure("time_tls", "s", "TLS handshake, but for our reading of trusted certificates"),
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
    Figure("tries", "", "visits made, with --state-dir also the window's"),
    Figure("failed", "", "of them, those that failed"),
)


def readings(figures: Figures, limits: Limits) -> Iterator[Reading]:
    """Every figure of one visit or several but the addresses, also of those that failed."""
    reading = limits.ranges.reading
    yield _held(reading("time", figures.seconds, duration(figures)), figures.theirs.seconds)
    yield reading("size", figures.size)
    for name, words in PHASE_WORDS.items():
        phase: float | None = getattr(figures.phases, name)
        one = reading(f"time_{name}", phase, f"{words} took {to_words(phase)}")
        if name == "dns":
            yield _held(one, figures.theirs.dns)
        else:
            yield _held(one, phase and max(0.0, phase - figures.theirs.held))
    redirect = f"redirects took {to_words(figures.redirect)}"
    yield reading("time_redirect", figures.redirect, redirect)
    own, first = figures.own, figures.first
    for label, soonest in (("cert_days", own), ("chain_days", first)):
        days = reading(label, soonest.left / DAY if soonest else None, expiry(soonest))
        doubtful = soonest is not None and not figures.dated
        yield days._replace(certain=State.OK) if doubtful else days
    yield reading("http_status", figures.status, f"HTTP status {figures.status or 0:.0f}")
    yield reading("tcp_rtt", figures.rtt, f"round trip {to_words(figures.rtt)}")
    again = f"the network lost packets: {figures.retransmissions or 0:.0f} sent again"
    yield reading("tcp_retrans", figures.retransmissions, again)


def _held(reading: Reading, theirs: float | None) -> Reading:
    """A time that our own fault made longer breaks no limit: the rest of it is judged."""
    if not reading.measured or theirs == reading.value:
        return reading
    state = State.OK if theirs is None else reading._replace(value=theirs).state
    return reading._replace(certain=state)


def address_readings(addresses: Addresses, limits: Limits) -> Iterator[Reading]:
    """How many addresses were tried, and how many of them answer."""
    tried, answering = addresses
    yield limits.ranges.reading("addresses", float(tried) if tried else None)
    words = f"{answering} of {tried} addresses answer"
    yield limits.ranges.reading("addresses_ok", float(answering) if tried else None, words)
