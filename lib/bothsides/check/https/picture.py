"""A visit as tables for people: phases as bars, addresses tried, TLS, certificates, whose fault."""

from bothsides.base.types import Iterator
from bothsides.check.https.text import DAY
from bothsides.model.https import Contact, Outcome, Visit
from bothsides.parse.libcurl import Phases
from bothsides.parse.text import escaped, escaped_url, to_words
from bothsides.plugin.finding import Copied, Table

_WIDTH = 46  # columns of the picture's time axis


def picture(visit: Visit, now: float) -> Iterator[Table]:
    """One table per request: a bar for each phase, then what was behind it."""
    for number, hop in enumerate(visit.hops, 1):
        failed = visit.failure is not None and hop is visit.last
        title = f"{hop.url}  {hop.head.line}".rstrip()
        lines = [
            f"{number}. {title}" if len(visit.hops) > 1 else title,
            *_whole(str(hop.url)),
            *_bars(hop.phases, failed),
            *_way(visit, hop),
        ]
        if hop.tls:
            lines.append(
                _line("TLS", f"{hop.tls.version}  {hop.tls.cipher}  {hop.tls.group}".rstrip())
            )
        for place, one in enumerate(hop.chain):
            left = "no date" if one.ends is None else f"{(one.ends - now) / DAY:.1f} days left"
            lines.append(_line("certificate" if place == 0 else "issued by", f"{one.name}, {left}"))
        if failed and visit.failure is not None:
            lines.append(_line("culprit", f"{visit.failure.blame}: {visit.failure.words}"))
        yield Table(tuple(lines))


def _whole(url: str) -> Iterator[str]:
    """The URL to copy, where line 1 and the title show it otherwise."""
    if escaped_url(url) != url:
        ascii_only = "".join(c if c.isascii() else escaped(c) for c in url)
        yield Copied(_line("URL", ascii_only))


def _line(name: str, words: str) -> str:
    return f"  {name:<12}{words}"


def _bars(phases: Phases, failed: bool) -> Iterator[str]:
    """One bar per phase, each beginning where the last one ended; the one that failed is marked."""
    total = phases.total or 1.0
    begun = 0.0
    for name, phase in zip(phases._fields, phases, strict=True):
        if phase is None:
            continue
        start = min(_WIDTH - 1, int(begun / total * _WIDTH))
        ended = failed and name == phases.last
        bar = ("x" if ended else "#") * max(1, round(phase / total * _WIDTH))
        yield f"  {name:<12}{to_words(phase):>9}  {' ' * start}{bar[: _WIDTH - start]}"
        begun += phase
    yield f"  {'total':<12}{to_words(phases.total):>9}"


def _way(visit: Visit, hop: Outcome) -> Iterator[str]:
    """Every address that was tried, and the proxy."""
    for one in hop.contacts:
        if len(hop.contacts) > 1 or not one.answered:
            yield _line("tried", f"{one.host}  {_fate(one)}")
    if visit.proxy:
        yield _line(
            "proxy", visit.proxy + (f" (of {visit.proxy_source})" if visit.proxy_source else "")
        )
    used = next((one for one in hop.contacts if one.answered), None)
    if used is not None:
        again = f", {used.retransmissions} sent again" if used.retransmissions else ""
        rtt = f", round trip {to_words(used.rtt)}" if used.rtt is not None else ""
        yield _line("connected", f"{hop.source or 'we'} to {used.host}{rtt}{again}")


def _fate(one: Contact) -> str:
    if one.answered:
        return "answered"
    return one.reason.lower() or f"silent for {to_words(one.waited)}"
