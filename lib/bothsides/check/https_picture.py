"""A visit as a person wants to see it: the phases as a picture, addresses, chain, TLS."""

from collections.abc import Iterator

from bothsides.finding import Table
from bothsides.parse.curl import Phases
from bothsides.parse.text import to_words
from bothsides.probe.https_visit import Visit

_WIDTH = 48  # columns of the picture's time axis
DAY = 86400.0


def picture(visit: Visit, now: float) -> Iterator[Table]:
    """Tables of one visit."""
    for number, hop in enumerate(visit.hops, 1):
        title = f"{hop.url} {hop.head.line}".rstrip() if len(visit.hops) > 1 or hop.head.line else str(hop.url)
        yield Table((f"{number}. {title}" if len(visit.hops) > 1 else title, *_phases(hop.phases)))
        lines = [f"  connected  {hop.source or '?'} to {hop.address}" + _through(visit)]
        if hop.tls:
            lines.append(f"  TLS        {hop.tls.version}  {hop.tls.cipher}  {hop.tls.group}".rstrip())
        for place, one in enumerate(hop.chain):
            days = "unknown" if one.ends is None else f"{(one.ends - now) / DAY:.1f} days left"
            lines.append(f"  {'certificate' if place == 0 else 'issued by':<11}{one.name}, {days}")
        yield Table(tuple(lines) if hop.address else tuple(lines[1:]))


def _phases(phases: Phases) -> Iterator[str]:
    """One bar per phase, each beginning where the last one ended."""
    total = phases.total or 1.0
    begun = 0.0
    for name, phase in zip(phases._fields, phases, strict=True):
        if phase is not None:
            start = min(_WIDTH - 1, int(begun / total * _WIDTH))
            bar = "#" * max(1, round(phase / total * _WIDTH))
            yield f"  {name:<9}{to_words(phase):>9}  {' ' * start}{bar[: _WIDTH - start]}"
            begun += phase
    yield f"  {'total':<9}{to_words(phases.total):>9}"


def _through(visit: Visit) -> str:
    """The proxy, and the environment variable that it came from."""
    if not visit.proxy:
        return ""
    return f" through {visit.proxy}" + (f" (of {visit.proxy_source})" if visit.proxy_source else "")
