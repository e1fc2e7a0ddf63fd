"""A landscape read: text of one or more TOML files in, a Landscape or all of its faults out.

landscape = read('server = [{ name = "a", ip = "192.0.2.1" }]')
landscape.servers["a"].ip
"""

from bothsides.base.types import NamedTuple, Sequence
from bothsides.inventory import checks, works
from bothsides.inventory.documents import Document, Entry, Include, entries, read_document
from bothsides.inventory.entry import Checked, check_entry, merged
from bothsides.inventory.faults import Faults, Faulty, Place, Wrong, quoted
from bothsides.inventory.model import Landscape, Topic, Work
from bothsides.inventory.servers import people

_WORKS: tuple[tuple[str, Topic], ...] = (
    ("check", "udp"),
    ("path", "path"),
    ("https", "https"),
    ("clock", "clock"),
)
_VERSION = 1


def no_include(pattern: str) -> Sequence[tuple[str, str]]:
    """The include function of a landscape that stands alone."""
    raise Wrong(f"include {quoted(pattern)} cannot be followed here", "read it from a file")


class _Tables(NamedTuple):
    """The checked tables of all files, by the name of the table."""

    by_name: dict[str, list[Checked]]

    def all(self, name: str) -> list[Checked]:
        """The tables of a name."""
        return self.by_name.get(name, [])

    def one(self, name: str) -> Checked | None:
        """The table of a name that stands once."""
        return next(iter(self.all(name)), None)


def read(text: str, *, file: str = "landscape.toml", include: Include = no_include) -> Landscape:
    """The landscape that a text describes. Raises Faulty with all faults of all files.

    `file` names the text in messages; `include` finds the files of a pattern.
    """
    faults = Faults()
    documents = _documents(file, text, include, faults)
    tables = _Tables({})
    for document in documents:
        for entry in entries(document, faults):
            if _in_place(entry, documents[0], faults):
                checked = check_entry(entry, faults)
                tables.by_name.setdefault(entry.table, []).append(checked)
    landscape = _landscape(tables, documents, file, faults)
    if faults.errors:
        raise Faulty(faults.entries)
    return landscape


def _documents(file: str, text: str, include: Include, faults: Faults) -> list[Document]:
    """The first file and those that it includes."""
    first = read_document(file, text, faults)
    if first is None:
        raise Faulty(faults.entries)
    documents = [first]
    head = first.tables.get("landscape")
    patterns = head.get("include", []) if isinstance(head, dict) else []
    patterns = [patterns] if isinstance(patterns, str) else patterns
    for number, pattern in enumerate(patterns if isinstance(patterns, list) else []):
        if not isinstance(pattern, str):
            continue  # a fault of its type, said elsewhere
        line = first.lines.get(("landscape", "include", number))
        place = Place(file, line or first.lines.get(("landscape", "include"), 1))
        try:
            files = include(pattern)
        except Wrong as wrong:
            faults.add(place, "[landscape]", wrong.words, wrong.remedy)
            continue
        for name, content in files:
            if name in {document.file for document in documents}:
                words = f"{quoted(name)} is included twice"
                faults.add(place, "[landscape]", words, "narrow one of the patterns")
                continue
            document = read_document(name, content, faults)
            documents += [document] if document else []
    return documents


def _in_place(entry: Entry, first: Document, faults: Faults) -> bool:
    """Whether a table may stand in this file."""
    if entry.table not in ("landscape", "defaults") or entry.document is first:
        return True
    words = f"{entry.subject} stands in an included file"
    faults.add(entry.place(), "", words, f"move it to {first.file}")
    return False


def _landscape(tables: _Tables, documents: list[Document], file: str, faults: Faults) -> Landscape:
    head, base = tables.one("landscape"), tables.one("defaults")
    if head is not None:
        _check_version(head, faults)
    settings = base.topics if base else {}
    providers = works.providers(tables.all("provider"), faults)
    everybody = people(base, tables.all("group"), tables.all("server"), providers, faults)
    if not tables.all("server") and not faults.errors:
        remedy = 'write [[server]] with name and ip, or "include" files that have them'
        faults.add(Place(file, 1), "", "the landscape names no server", remedy)
    landscape = Landscape(
        name=head.text("name") if head else "",
        timezone=head.text("timezone") if head else "",
        files=tuple(document.file for document in documents),
        texts=tuple(document.text for document in documents),
        defaults=merged(settings),
        servers=everybody.servers,
        groups=everybody.groups,
        providers=providers,
        works=_works(tables, faults),
        overrides=tuple(filter(None, map(works.override, tables.all("pair")))),
        links=tuple(
            filter(None, (works.link(each, providers, faults) for each in tables.all("link")))
        ),
        analyses=tuple(
            filter(
                None,
                (works.analysis(each, settings, faults) for each in tables.all("analysis")),
            )
        ),
        escalations=tuple(
            filter(None, (works.escalation(each, faults) for each in tables.all("escalation")))
        ),
        maintenances=tuple(
            filter(None, (works.maintenance(each, faults) for each in tables.all("maintenance")))
        ),
        warnings=(),
    )
    checks.check_selections(landscape, _sources(tables), faults)
    return landscape._replace(warnings=faults.warnings)


def _works(tables: _Tables, faults: Faults) -> tuple[Work, ...]:
    read = (
        works.work(table, topic, faults) for name, topic in _WORKS for table in tables.all(name)
    )
    return tuple(filter(None, read))


def _sources(tables: _Tables) -> dict[checks.Source, Checked]:
    """The tables that hold expressions, by place and subject."""
    return {
        (table.place(), table.entry.subject): table
        for name in (
            "check",
            "path",
            "https",
            "clock",
            "pair",
            "analysis",
            "escalation",
            "maintenance",
        )
        for table in tables.all(name)
    }


def _check_version(head: Checked, faults: Faults) -> None:
    version = head.fields.get("version")
    if version and version.value != _VERSION:
        words = f"version {version.value} is not known"
        remedy = f"write version = {_VERSION}, or install a newer bothsides"
        faults.add(head.place("version"), head.entry.subject, words, remedy)
