"""The rows of an HTTPS run: one for each URL and visit, and one for each phase of it."""

from bothsides.analyse.https import Analysis, VisitAnalysis
from bothsides.base.types import Iterator
from bothsides.export.point import Point, Value
from bothsides.export.schema import Measured, points
from bothsides.parse.url import Url

_NS = 1_000_000_000
_APART = 1000  # ns between visits of one URL: rows of one name and time would replace each other
_DAY = 86400.0


def rows(analysis: Analysis, measured: Measured) -> Iterator[Point]:
    """The rows of all visits; a later visit of the same URL stands some microseconds later."""
    seen: dict[str, int] = {}
    for visit, report in zip(analysis.visits, measured.targets, strict=False):
        url = shown(visit.visit.url)
        number = seen[url] = seen.get(url, -1) + 1
        yield from points(
            "HTTPS",
            report._replace(name=visit.visit.url.host),
            measured.origin,
            int(analysis.now * _NS) + number * _APART,
            url=url,
            address=visit.visit.address,
            more=_figures(visit) | {"run_duration": measured.duration},
        )


def shown(url: Url) -> str:
    """The URL without the values of its query: a token may be among them."""
    bare, mark, query = url.path.partition("?")
    names = [pair.partition("=") for pair in query.split("&")] if mark else []
    hidden = "&".join(f"{name}=..." if equals else name for name, equals, _ in names)
    return str(url._replace(path=bare + mark + hidden))


def _figures(one: VisitAnalysis) -> dict[str, Value]:
    """What counts under other labels too where --perfdata-style asks for those."""
    figures = one.figures
    values = {
        "status": figures.status,
        "duration": figures.seconds,
        "size": figures.size,
        "cert_days": figures.own.left / _DAY if figures.own else None,
        "chain_days": figures.first.left / _DAY if figures.first else None,
    }
    return {name: value for name, value in values.items() if value is not None}
