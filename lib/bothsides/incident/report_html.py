"""The report as one self-contained page: no scripts, no foreign resources, SVG inside.

Everything that comes from evidence becomes text of an element, so that ElementTree escapes it.
"""

from bothsides.base.types import TYPE_CHECKING, Sequence
from bothsides.incident.report_style import CSS
from bothsides.incident.report_text import answered, loss_words, visible
from bothsides.incident.report_timeline import legend, svg
from bothsides.model.report import Cell, PathTable, Report, Row

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_EVIDENCE = "@evidence@"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page_of(report: Report) -> str:
    """The page; it is XML too."""
    from xml.etree.ElementTree import tostring

    html = _element("html", lang="en")
    head = _add(html, "head")
    _add(head, "meta", charset="utf-8")
    _add(head, "meta", **{"http-equiv": "Content-Security-Policy", "content": _POLICY})
    _add(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    _add(head, "title", f"Incident: {report.headline}")
    _add(head, "style").text = CSS
    body = _add(html, "body")
    _add(body, "h1", report.headline)
    facts = _add(body, "dl")
    for label, words in report.facts:
        _add(facts, "dt", label)
        _add(facts, "dd", words)
    _timeline(body, report)
    _ways(body, report.ways)
    _lists(body, report)
    _raw(body, report)
    _items(body, "Limits of this evidence", report.limits)
    if report.evidence:
        _add(body, "script", _EVIDENCE, type="application/json", id="evidence")
    text = tostring(html, encoding="unicode")
    before, _, behind = text.rpartition(_EVIDENCE)  # the last one: no evidence can stand in front
    if report.evidence:
        text = before + report.evidence + behind
    return f"<!DOCTYPE html>\n{text}\n"


def _timeline(body: "Element", report: Report) -> None:
    _add(body, "h2", "Timeline")
    body.append(svg(report))
    note = _add(body, "p", "Loss: ", **{"class": "note"})
    for colour, text in legend():
        square = _add(note, "span", "\N{BLACK SQUARE}", style=f"color: {colour}")
        square.tail = f" {text}  "
    for point in report.points:
        if point.lost is None:
            _add(body, "p", f"{point.phase}: {loss_words(point)}", **{"class": "note"})
            break


def _ways(body: "Element", ways: Sequence[PathTable]) -> None:
    if not ways:
        return
    _add(body, "h2", "Paths")
    _add(body, "p", "= the same router as in the first window, ~ another one, + new, - gone,"
         " * silent. The way back is drawn from its end upwards, so that both ways meet in the"
         " networks that they share. Loss is that of a router's own answers.",
         **{"class": "note"})  # fmt: skip
    wide = any(len(way.phases) > 2 for way in ways)
    grid = _add(body, "div", **{"class": "ways wide" if wide else "ways"})
    for way in ways:
        _way(_add(grid, "div"), way)


def _way(box: "Element", way: PathTable) -> None:
    table = _add(box, "table")
    head = _add(_add(table, "thead"), "tr")
    _add(head, "th", "hop")
    for phase in way.phases:
        _add(head, "th", f"{way.title}, {phase}")
        _add(head, "th", "loss")
        _add(head, "th", "ms")
    body = _add(table, "tbody")
    last: str | None = None
    for row in way.rows:
        if row.owner != last and (row.owner or answered(row)):
            band = _add(body, "tr", **{"class": "band"})
            _add(band, "td", row.owner or "owner not known", colspan=1 + 3 * len(way.phases))
            last = row.owner
        _row(body, row)
    if way.words:
        _add(box, "p", way.words, **{"class": "note"})
    if way.left_off:
        _add(box, "p", f"and {way.left_off} more hops", **{"class": "note"})


def _row(body: "Element", row: Row) -> None:
    changed = any(mark in "~+-" for mark in row.marks)
    line = _add(body, "tr", **({"class": "changed"} if changed else {}))
    _add(line, "td", str(row.hop), **{"class": "number"})
    for place, cell in enumerate(row.cells):
        mark = "" if not place else row.marks[place - 1]
        _cell(line, cell, mark)


def _cell(line: "Element", cell: Cell | None, mark: str) -> None:
    host = ("not seen" if mark == "-" else "") if cell is None else cell.host or "no answer"
    _add(line, "td", f"{mark} {host}".strip())
    loss = "" if cell is None or cell.loss is None else f"{100 * cell.loss:.0f} %"
    best = "" if cell is None or cell.best is None else f"{cell.best * 1e3:.1f}"
    _add(line, "td", loss, **{"class": "number"})
    _add(line, "td", best, **{"class": "number"})


def _lists(body: "Element", report: Report) -> None:
    if report.thirds:
        _add(body, "h2", "Third vantages")
        table = _add(_add(body, "table"), "tbody")
        for name, words in report.thirds:
            line = _add(table, "tr")
            _add(line, "td", name)
            _add(line, "td", words)
    _items(body, "Reasoning", report.steps)
    _items(body, "What was ruled out", report.ruled_out)
    _items(body, "How it was measured", report.methods)
    _items(body, "What the provider asks for", report.wanted)


def _items(body: "Element", title: str, items: Sequence[str]) -> None:
    if not items:
        return
    box = _add(body, "div", **{"class": "block"})
    _add(box, "h2", title)
    made = _add(box, "ul")
    for item in items:
        _add(made, "li", item)


def _raw(body: "Element", report: Report) -> None:
    if not report.raw:
        return
    _add(body, "h2", "Text of the traces")
    grid = _add(body, "div", **{"class": "raw"})
    for title, text in report.raw:
        details = _add(grid, "details", open="open")
        _add(details, "summary", title)
        lines = [visible(line, 120) for line in text.splitlines()[:60]]
        _add(details, "pre").text = "\n".join(lines) or " "


def _element(tag: str, **settings: object) -> "Element":
    from xml.etree.ElementTree import Element

    return Element(tag, {name: visible(str(value)) for name, value in settings.items()})


def _add(parent: "Element", tag: str, text: str = "", **settings: object) -> "Element":
    """A new element at the end of another one; one of HTML is never empty, but for meta."""
    element = _element(tag, **settings)
    parent.append(element)
    if text:
        element.text = visible(text)
    elif tag == "td":
        element.text = "\N{NO-BREAK SPACE}"
    return element
