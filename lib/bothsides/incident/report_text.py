"""The report as text of 72 columns, in the order of the page; ASCII."""

from bothsides.base.types import Iterator, Sequence
from bothsides.incident.report_lists import to_time
from bothsides.model.report import Cell, PathTable, Point, Report, Row

COLUMNS = 72
_POINTS = 60  # measurements that are listed
_WAYS = {"out": "out", "back": "back", "trip": "round trip"}


def text_of(report: Report) -> str:
    """The whole report."""
    lines: list[str] = []
    lines += [*wrapped(report.headline), "=" * COLUMNS]
    for label, words in report.facts:
        lines += wrapped(f"{shown(label)}: {words}", "  ")
    for title, part in _sections(report):
        if part:
            lines += ["", *wrapped(title.upper()), *part]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _sections(report: Report) -> Iterator[tuple[str, list[str]]]:
    yield "timeline", list(_timeline(report.points)) or ["not measured"]
    for way in report.ways:
        yield f"path {way.title}", list(_path(way))
    thirds = [f"{name}: {words}" for name, words in report.thirds]
    yield "third vantages", _items(thirds)
    yield "reasoning", _items(report.steps)
    yield "what was ruled out", _items(report.ruled_out)
    yield "how it was measured", _items(report.methods)
    yield "what the provider asks for", _items(report.wanted)
    for title, text in report.raw:
        yield title, [line for each in text.splitlines()[:60] for line in _cut(each)]
    yield "limits of this evidence", _items(report.limits)


def visible(text: str, most: int = 600) -> str:
    """Text without control characters and marks of direction; what is longer ends in dots."""
    cut = text if len(text) <= most else f"{text[: most - 3]}..."
    clean = [letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in cut]
    return "".join(clean)


def shown(text: str, most: int = 600) -> str:
    """The same in ASCII."""
    return visible(text, most).encode("ascii", "backslashreplace").decode("ascii")


def wrapped(text: str, indent: str = "") -> list[str]:
    """Lines of at most 72 columns; the second and all others are indented."""
    import textwrap

    return textwrap.wrap(shown(text), COLUMNS, subsequent_indent=indent, break_on_hyphens=False)


def _items(items: Sequence[str]) -> list[str]:
    return [line for item in items for line in wrapped(f"- {item}", "  ")]


def _cut(line: str) -> Iterator[str]:
    clean = shown(line)
    yield clean if len(clean) <= COLUMNS else f"{clean[: COLUMNS - 3]}..."


def _timeline(points: Sequence[Point]) -> Iterator[str]:
    """One measurement a line; of many the first ones and how many more."""
    for point in points[:_POINTS]:
        lost = loss_words(point)
        rtt = "" if point.rtt is None else f"  {point.rtt.high * 1e3:.3g} ms"
        other = "  other path" if point.changed else ""
        head = f"{point.phase:<6} {to_time(point.at)} {_WAYS[point.way]:<10}"
        yield from wrapped(f"{head} {lost}{rtt}{other}", "       ")
    if len(points) > _POINTS:
        yield f"and {len(points) - _POINTS} more"


def loss_words(point: Point) -> str:
    """`lost 12 of 200`, `lost 10 to 12 of 200`, `direction not known`."""
    if point.lost is None:
        return "direction not known"
    low, high = int(point.lost.low), int(point.lost.high)
    return f"lost {low if low == high else f'{low} to {high}'} of {point.sent}"


def _path(way: PathTable) -> Iterator[str]:
    """One hop a block: number, owner, and a line for each window."""
    if way.words:
        yield from wrapped(way.words)
    if len(way.phases) > 1:
        yield from wrapped(
            f"Windows after the first one ({way.phases[0]}) stand where they differ."
        )
    last = ""
    for row in way.rows:
        if row.owner != last and (row.owner or answered(row)):
            yield from _cut(f"--- {row.owner or 'owner not known'} ".ljust(COLUMNS, "-"))
            last = row.owner
        for place, (phase, cell) in enumerate(zip(way.phases, row.cells, strict=True)):
            mark = " " if not place else row.marks[place - 1]
            number = f"{row.hop:>3}" if not place else "   "
            if place and mark in "= " and _same(row.cells[0], cell):
                continue
            yield from _cut(f"{number} {phase:<6} {mark} {cell_words(cell)}")
    if way.left_off:
        yield f"and {way.left_off} more hops"


def answered(row: Row) -> bool:
    """Whether a router answered at this hop in any window; a silent hop has no owner to show."""
    return any(cell is not None and cell.host for cell in row.cells)


def _same(one: Cell | None, other: Cell | None) -> bool:
    """Whether a window shows nothing that the first one does not: the same loss, about."""
    if one is None or other is None:
        return one is other
    return abs((one.loss or 0.0) - (other.loss or 0.0)) < 0.05


def cell_words(cell: Cell | None) -> str:
    """`192.0.2.1  0 %  1.2 ms`."""
    if cell is None:
        return "not seen"
    loss = "" if cell.loss is None else f"{100 * cell.loss:.0f} %"
    best = "" if cell.best is None else f"{cell.best * 1e3:.1f} ms"
    return f"{cell.host or 'no answer':<39} {loss:>5} {best:>10}"
