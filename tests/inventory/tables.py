"""Tables of a TOML text, checked one by one as the reader of a landscape does it."""

from bothsides.inventory.documents import Document, entries, read_document
from bothsides.inventory.entry import Checked, check_entry
from bothsides.inventory.faults import Faults


def document(text: str, faults: Faults | None = None) -> Document:
    """A text that is TOML, as the file x.toml."""
    read = read_document("x.toml", text, Faults() if faults is None else faults)
    assert read is not None
    return read


def tables(text: str, faults: Faults | None = None) -> list[Checked]:
    """All tables of a text in their order; faults are added to `faults`."""
    faults = Faults() if faults is None else faults
    return [check_entry(entry, faults) for entry in entries(document(text, faults), faults)]


def table(text: str, faults: Faults | None = None) -> Checked:
    """The only table of a text."""
    (checked,) = tables(text, faults)
    return checked


def words(faults: Faults) -> list[tuple[int, str]]:
    """Line and words of every fault."""
    return [(fault.place.line, fault.words) for fault in faults.entries]
