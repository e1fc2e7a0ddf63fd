"""TOML texts as tables with their places: what tomllib reads, joined with the line of each key."""

import re
import tomllib

from bothsides.base.types import Callable, Iterator, Mapping, NamedTuple, Sequence
from bothsides.inventory.faults import Faults, Place, Wrong, printable, quoted, remedy_for
from bothsides.inventory.keys import SERVER, SINGLE, TABLES
from bothsides.inventory.lines import Path, key_lines

Include = Callable[[str], Sequence[tuple[str, str]]]
"""Finds the files of an include pattern: pairs of name and text. Raises Wrong."""

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_HINTS = (
    (re.compile(r"^\s*[\w.\-]+\s*=\s*[A-Za-z0-9_.:/\-]+\s*(#.*)?$"), "put texts in quotes"),
    (re.compile(r"^\s*[\w\-]+( +[\w\-]+)+\s*="), "keys have no spaces"),
    (re.compile(r"^\s*[\w.\-]+\s*:"), "write key = value"),
    (re.compile(r"^\s*\[\[[^\]]*\]?\s*(#.*)?$"), "close the table's name by ]]"),
    (re.compile(r"^\s*\[[^\]]*$"), "close the table's name by ]"),
    (re.compile(r"^\s*[\w.\-]+\s*=\s*(#.*)?$"), "write a value after ="),
    (re.compile(r"^[^'\"]*(['\"])[^'\"]*$"), "close the quotes"),
)
"""What a line looks like on which TOML breaks, and what helps."""


class Document(NamedTuple):
    """One file."""

    file: str
    text: str
    tables: Mapping[str, object]  # as tomllib reads them
    lines: Mapping[Path, int]  # from 1


class Entry(NamedTuple):
    """One table of a file, or one row of [servers]."""

    table: str  # as server
    values: Mapping[str, object]
    document: Document
    path: Path  # of the table, or of the row
    columns: Mapping[str, int] | None  # of a row: the place of each column
    subject: str  # for messages, as [[server]] "web1"

    def place(self, *keys: str | int) -> Place:
        """Where a key stands, or the table when the key is not there."""
        if self.columns is not None and keys:
            keys = (self.columns.get(str(keys[0]), 0), *keys[1:])
        path = (*self.path, *keys)
        while path and path not in self.document.lines:
            path = path[:-1]
        return Place(self.document.file, self.document.lines.get(path, 1))


def read_document(file: str, text: str, faults: Faults) -> Document | None:
    """A file's tables; None, and a fault, when the text is not TOML."""
    try:
        tables = tomllib.loads(text)
        return Document(file, text, tables, key_lines(text.replace("\r\n", "\n")))
    except RecursionError:
        faults.add(Place(file, 1), "", "arrays or tables nested too deeply", "at most 100 levels")
    except ValueError as fault:
        faults.add(*_syntax(file, text, str(fault)))
    return None


def _syntax(file: str, text: str, message: str) -> tuple[Place, str, str, str]:
    """Place, subject, words and remedy of a syntax error."""
    lines = text.split("\n")
    match = _AT.search(message)
    last = len(text.rstrip("\n").split("\n"))
    number = int(match[1]) if match and match[1] else last if match else 1
    words = printable(message[: match.start()] if match else message.partition(";")[0])
    line = lines[min(number, len(lines)) - 1]
    if "Cannot overwrite" in words or "Cannot declare" in words or "Duplicate" in words:
        remedy = "it stands twice; join the two or take one out"
    else:
        remedy = next((hint for pattern, hint in _HINTS if pattern.search(line)), "")
        remedy = remedy or f"see column {match[2]}" if match and match[2] else remedy
    return Place(file, number), "", f"not TOML: {words}", remedy or "write key = value"


def entries(document: Document, faults: Faults) -> Iterator[Entry]:
    """The tables of a file in their order."""
    for name, value in document.tables.items():
        place = Place(document.file, document.lines.get((name,), 1))
        if name == "servers":
            yield from _rows(document, value, faults)
        elif name not in TABLES:
            known = [*TABLES, "servers"]
            if isinstance(value, list | dict):
                brackets = f"[[{name}]]" if isinstance(value, list) else f"[{name}]"
                words = f"unknown table {quoted(brackets)}"
            else:
                words = f"unknown key {quoted(name)} outside of every table"
            faults.add(place, "", words, remedy_for(name, known))
        elif name in SINGLE:
            if isinstance(value, dict):
                yield Entry(name, value, document, (name,), None, f"[{name}]")
            else:
                faults.add(place, "", f"{name} stands once", f"write [{name}]")
        elif not isinstance(value, list):
            remedy = f"write [[{name}]] with two brackets"
            faults.add(place, "", f"{name} is a list of tables", remedy)
        else:
            yield from _tables(document, name, value, faults)


def _tables(document: Document, name: str, tables: list[object], faults: Faults) -> Iterator[Entry]:
    for index, values in enumerate(tables):
        if isinstance(values, dict):
            subject = f"[[{name}]]" + _called(values.get("name", values.get("identifier")), index)
            yield Entry(name, values, document, (name, index), None, subject)
        else:
            line = document.lines.get((name, index), 1)
            remedy = f"write [[{name}]] or {name} = [{{...}}]"
            faults.add(Place(document.file, line), "", f"{name} is a list of tables", remedy)


def _called(name: object, index: int) -> str:
    """What tells a table from the others of its kind: its name, else its number."""
    return f" {quoted(name)}" if isinstance(name, str) and name else f" {index + 1}"


def _rows(document: Document, value: object, faults: Faults) -> Iterator[Entry]:
    """The rows of [servers] as tables."""
    place = Place(document.file, document.lines.get(("servers",), 1))
    subject = "[servers]"
    try:
        columns, rows = _shape(value)
    except Wrong as wrong:
        faults.add(place, subject, wrong.words, wrong.remedy)
        return
    at = Place(document.file, document.lines.get(("servers", "columns"), place.line))
    if not _columns_fine(columns, at, faults):
        return
    order = {name: number for number, name in enumerate(columns)}
    for index, row in enumerate(rows):
        path: Path = ("servers", "rows", index)
        line = document.lines.get(path, place.line)
        called = f"[servers] row {index + 1}"
        if not isinstance(row, list) or len(row) != len(columns):
            count = f"{len(row)} values" if isinstance(row, list) else "no list"
            words = f"{called} has {count} for {len(columns)} columns"
            faults.add(Place(document.file, line), "", words, f"columns: {', '.join(columns)}")
            continue
        values = {name: item for name, item in zip(columns, row, strict=True) if item != ""}
        name = values.get("name", values.get("identifier"))
        subject = f"[servers]{_called(name, index)}"
        yield Entry("server", values, document, path, order, subject)


def _shape(value: object) -> tuple[list[str], list[object]]:
    """Columns and rows of [servers]. Raises Wrong."""
    if not isinstance(value, dict):
        raise Wrong("servers is a table", "write [servers] with columns and rows")
    for key in value:
        if key not in ("columns", "rows"):
            raise Wrong(f"unknown key {quoted(key)}", remedy_for(key, ("columns", "rows")))
    columns, rows = value.get("columns"), value.get("rows")
    if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
        raise Wrong("columns is not a list of keys", 'write columns = ["name", "ip"]')
    if not isinstance(rows, list):
        raise Wrong("rows is not a list", 'write rows = [["web1", "192.0.2.1"]]')
    return columns, rows


def _columns_fine(columns: list[str], place: Place, faults: Faults) -> bool:
    """Whether the columns are different keys of a server."""
    before = len(faults.entries)
    for name in sorted(set(columns)):
        if name not in SERVER:
            faults.add(
                place,
                "[servers]",
                f"unknown column {quoted(name)}",
                remedy_for(name, sorted(SERVER)),
            )
        elif columns.count(name) > 1:
            faults.add(place, "[servers]", f"column {quoted(name)} stands twice", "take one out")
    return len(faults.entries) == before
