"""Windows of a path's stored runs side by side, and what changed between them in a sentence."""

from bothsides.analyse.path.alignment import Hops, align
from bothsides.base.types import Iterator, NamedTuple, Sequence
from bothsides.store.path_runs import StoredHop, WindowSummary


class Line(NamedTuple):
    """One hop in each window."""

    cells: tuple[StoredHop | None, ...]  # one for each window; None: no such hop
    # one for each window but the first: "=" as in the first, "~" another router, "+" not in the
    # first, "-" gone, "*" silent
    marks: str


def lines(spans: Sequence[WindowSummary]) -> tuple[Line, ...]:
    """Hops of all windows aligned with those of the first one."""
    base = _hops(spans[0])
    length = max(base, default=0)
    beside: list[dict[int, int]] = []
    between: list[dict[int, list[int]]] = []
    for span in spans[1:]:
        pairs: dict[int, int] = {}
        more: dict[int, list[int]] = {}
        last = 0
        for row in align(base, _hops(span)):
            last = row.old or last
            if row.old and row.new:
                pairs[row.old] = row.new
            elif row.new:
                more.setdefault(last, []).append(row.new)
        beside.append(pairs)
        between.append(more)
    made: list[Line] = []
    for ttl in range(length + 1):
        if ttl:
            made.append(_line(spans, [ttl, *(pairs.get(ttl, 0) for pairs in beside)]))
        for place in range(max((len(more.get(ttl, ())) for more in between), default=0)):
            extra = [more[ttl][place] if place < len(more.get(ttl, ())) else 0 for more in between]
            made.append(_line(spans, [0, *extra]))
    return tuple(made)


def _hops(span: WindowSummary) -> Hops:
    return {seen.ttl: seen.hosts for seen in span.hops if seen.hosts}


def _line(spans: Sequence[WindowSummary], ttls: Sequence[int]) -> Line:
    cells = tuple(
        next((seen for seen in span.hops if seen.ttl == ttl), None)
        for span, ttl in zip(spans, ttls, strict=True)
    )
    return Line(cells, "".join(_mark(cells[0], cell) for cell in cells[1:]))


def _mark(base: StoredHop | None, cell: StoredHop | None) -> str:
    if cell is None:
        return "-" if base is not None and base.hosts else " "
    if not cell.hosts:
        return "*"
    if base is None:
        return "+"
    return "=" if set(base.hosts) & set(cell.hosts) else "~" if base.hosts else "="


def table(spans: Sequence[WindowSummary]) -> Iterator[str]:
    """The windows side by side: router, loss of its own answers, mean delay."""
    made = lines(spans)
    longest = max([len(host) for span in spans for seen in span.hops for host in seen.hosts] + [13])
    width = longest + 16
    owners = max([len(seen.owner) for span in spans for seen in span.hops] + [5])
    left = 4 + owners + 1
    heads = {
        "": [span.words for span in spans],
        "runs": [str(span.runs) for span in spans],
        "target": [_target(span) for span in spans],
        f"hop {'owner':<{owners}}": [f" {'router':<{longest}} {'loss':>4} {'ms':>7}"] * len(spans),
    }
    for head, cells in heads.items():
        yield (f"{head:<{left}}" + "".join(f"  {cell:<{width}}" for cell in cells)).rstrip()
    for line in made:
        yield from _rows(line, owners, longest)


def _rows(line: Line, owners: int, longest: int) -> Iterator[str]:
    named = next((cell for cell in line.cells if cell is not None), None)
    number = line.cells[0].ttl if line.cells[0] is not None else ""
    owner = (
        next((cell.owner for cell in line.cells if cell is not None and cell.owner), "")
        if named
        else ""
    )
    for place in range(
        max([1, *(min(4, len(cell.hosts)) for cell in line.cells if cell is not None)])
    ):
        head = f"{number:>3} {owner:<{owners}}" if not place else f"{'':<{4 + owners}}"
        marks = " " + line.marks
        yield (
            head
            + "".join(
                "  " + _cell(cell, mark, place, longest)
                for cell, mark in zip(line.cells, marks, strict=True)
            )
        ).rstrip()


def _cell(cell: StoredHop | None, mark: str, place: int, longest: int) -> str:
    if cell is None or (place and place >= len(cell.hosts)):
        return f"{mark if not place else ' '} {'':<{longest + 14}}"
    if place:
        more = len(cell.hosts) - 4
        host = cell.hosts[place] if place < 3 or more <= 0 else f"and {more + 1} more"
        return f"  {host:<{longest}}{'':<14}"
    loss = f"{100 * cell.lost / cell.asked:.0f}%" if cell.asked else "-"
    delay = "-" if cell.avg is None else f"{cell.avg * 1e3:.1f}"
    return f"{mark} {cell.hosts[0] if cell.hosts else '*':<{longest}} {loss:>4} {delay:>7} "


def _target(span: WindowSummary) -> str:
    if not span.sent:
        return "not asked"
    rta = "no answer" if span.rta is None else f"{span.rta * 1e3:.1f} ms"
    return f"{100 * span.lost / span.sent:.0f}% of {span.sent} lost, {rta}"


def sentence(spans: Sequence[WindowSummary]) -> str:
    """What changed from the first window to the second, in whose network, and whether it lasts."""
    made = lines(spans)
    first, second = spans[0], spans[1]
    moved = [place for place, line in enumerate(made) if line.marks[0] in "~+-"]
    said = [_effect(first, second)]
    if not moved:
        said.insert(0, f"{first.words} and {second.words}: the path is the same")
        return ". ".join(said) + "."
    start = moved[0]
    common = [line for line in made[:start] if line.marks[0] == "="]
    again = next((line for line in made[moved[-1] + 1 :] if line.marks[0] == "="), None)
    head = f"{first.words} and {second.words}: "
    head += (
        f"same until hop {_named(common[-1].cells[0])}, then {_became(made[start])}"
        if common
        else _became(made[start])
    )
    if again is not None and again.cells[1] is not None:
        head += f", the old way again from hop {_named(again.cells[1])}"
    said.insert(0, head)
    said.append(_inside(made, start, common))
    if len(spans) > 2:
        back = all(line.marks[1] in "=* " for line in made)
        said.append(
            f"In {spans[2].words} the "
            + ("old path is back" if back else "path is still not the old one")
        )
    return ". ".join(part for part in said if part) + "."


def _named(cell: StoredHop | None) -> str:
    if cell is None:
        return "?"
    return (
        f"{cell.ttl} ({' '.join(filter(None, (cell.hosts[0] if cell.hosts else '*', cell.owner)))})"
    )


def _became(line: Line) -> str:
    old, new = line.cells[0], line.cells[1]
    if old is None or not old.hosts:
        return f"{new.hosts[0]} came in" if new is not None and new.hosts else "it differs"
    return (
        f"{old.hosts[0]} became {new.hosts[0]}"
        if new is not None and new.hosts
        else f"{old.hosts[0]} dropped out"
    )


def _effect(first: WindowSummary, second: WindowSummary) -> str:
    before, now = (
        f"{100 * span.lost / span.sent if span.sent else 0.0:.0f}% of {span.sent}"
        for span in (first, second)
    )
    words = f"The target lost {now} (before {before})"
    if first.rta is not None and second.rta is not None:
        words += f", rtt {first.rta * 1e3:.3g} to {second.rta * 1e3:.3g} ms"
    return words


def _inside(made: Sequence[Line], start: int, common: Sequence[Line]) -> str:
    """In whose network the difference lies, and which networks stayed the same."""
    changed = [
        cell
        for line in made[start:]
        if line.marks[0] in "~+-"
        for cell in line.cells[:2]
        if cell is not None
    ]
    owners = list(dict.fromkeys(cell.owner for cell in changed if cell.owner))
    before = common[-1].cells[0].owner if common and common[-1].cells[0] is not None else ""
    steady = list(
        dict.fromkeys(
            line.cells[0].owner
            for line in common
            if line.cells[0] is not None and line.cells[0].owner
        )
    )
    if not owners:
        return ""
    place = (
        f"inside {owners[0]}"
        if owners == [before]
        else f"between {before} and {owners[0]}"
        if before
        else f"near {owners[0]}"
    )
    others = [owner for owner in steady if owner not in owners]
    same = (
        f"; {', '.join(others)} {'was' if len(others) == 1 else 'were'} the same in both"
        if others
        else ""
    )
    return f"The difference lies {place}{same}"
