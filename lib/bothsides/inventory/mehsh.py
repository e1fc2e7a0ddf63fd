"""What mehsh would not understand of a landscape, for hosts where both programs read one file."""

import ipaddress
import tomllib

from bothsides.base.types import Iterator, Mapping
from bothsides.inventory.documents import Document, Entry, entries
from bothsides.inventory.faults import Fault, Faults, quoted
from bothsides.inventory.lines import key_lines
from bothsides.inventory.model import Landscape

_IGNORED = {
    "server": ("disabled",),
    "group": ("match",),
    "check": ("both", "except", "disabled"),
}
"""Keys that change who is measured, and that mehsh passes over."""

_EXPRESSION = set("&|!():")


def not_understood(landscape: Landscape, text: str) -> list[Fault]:
    """Warnings about every line of the first file that mehsh reads otherwise or not at all.

    `text` is that file, which has been read as `landscape` before.
    """
    lines = key_lines(text.replace("\r\n", "\n"))
    document = Document(landscape.files[0], text, tomllib.loads(text), lines)
    faults, listed = Faults(), list(entries(document, Faults()))
    _whole(landscape, document, listed, faults)
    for entry in listed:
        if entry.columns is not None:
            words = "mehsh does not know [servers]"
            faults.doubt(entry.place(), entry.subject, words, "write this host as [[server]]")
            continue
        for key, words, remedy in _problems(entry, landscape):
            faults.doubt(entry.place(*([key] if key else [])), entry.subject, words, remedy)
    return sorted(faults.entries)


def _whole(landscape: Landscape, document: Document, listed: list[Entry], faults: Faults) -> None:
    place = listed[0].place() if listed else None
    tables = {entry.table for entry in listed}
    for table in ("server", "group"):
        if table not in tables and place:
            words = f"mehsh needs at least one [[{table}]]"
            faults.doubt(place, "", words, f"write a [[{table}]] in this file")
    if len(landscape.files) > 1:
        at = next(entry.place("include") for entry in listed if entry.table == "landscape")
        faults.doubt(at, "[landscape]", "mehsh follows no include", "write all hosts in this file")


def _problems(entry: Entry, landscape: Landscape) -> Iterator[tuple[str, str, str]]:
    """Key, words and remedy of what mehsh would not understand in a table."""
    values = entry.values
    for key in _IGNORED.get(entry.table, ()):
        if key in values:
            yield key, f"mehsh ignores {quoted(key)}", "leave it out, or keep two files"
    if entry.table == "server":
        yield from _server(values)
    if entry.table == "pair":
        for key in ("ip", "disabled"):
            if key in values:
                yield key, f"mehsh ignores {quoted(key)} of [[pair]]", "keep two files"
    if entry.table in ("check", "analysis"):
        yield from _ends(values, landscape)
    if entry.table == "analysis":
        yield from _analysis(values)
    if values.get("check") == "http":
        yield "check", "mehsh asks this URL and never reports the result", "use [[https]]"


def _server(values: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    if "groups" not in values:
        yield "", "mehsh needs groups", "write groups = []"
    ip = str(values.get("ip", ""))
    if ip.startswith(("v4:", "v6:")):
        yield "ip", f"mehsh cannot read {quoted(ip)}", f'write ip = "{ip[3:]}"'
    elif ipaddress.ip_address(ip).version == 6:
        yield "ip", "mehsh has no IPv6", "keep this host in another file"


def _analysis(values: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    if isinstance(values.get("min_loss"), str):
        yield "min_loss", "mehsh reads min_loss as a whole number", "write packets of 200 as 20"
    if "command" not in values:
        yield "", "mehsh needs a command", 'write command = "..." instead of argv'


def _ends(values: Mapping[str, object], landscape: Landscape) -> Iterator[tuple[str, str, str]]:
    for key in ("from", "to"):
        word = str(values.get(key, ""))
        if word in landscape.servers or word in landscape.groups:
            continue
        kind = "expressions" if _EXPRESSION & set(word) else "this word"
        words = f"mehsh does not know {kind}: {quoted(word)}"
        yield key, words, "name a server or a group"
