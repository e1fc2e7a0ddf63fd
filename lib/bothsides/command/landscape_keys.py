"""The tables and keys of a landscape for its manual page."""

from bothsides.base.types import Iterator, Mapping
from bothsides.inventory.keys import BUILT_IN, OPTIONS, REQUIRED, SINGLE, TABLES, Key

_KINDS: Mapping[str, str] = {
    "addresses": "list of addresses",
    "argv": "program and arguments",
    "command": "command line",
    "datacenter": "dotted name, as eu.de.fsn1",
    "datacenters": "two dotted names",
    "duration": "5s, 2m, 1h",
    "expression": "selector",
    "expressions": "selector, or a list",
    "flag": "true or false",
    "limits": "as for -w and -c",
    "loss": "percentage",
    "moment": "date and time with offset",
    "names": "list of names",
    "networks": "list of prefixes and AS numbers",
    "option": "as on the command line",
    "rate": "packets a second, as 10/s",
    "section": "section of the ini with the secrets",
    "template": "URL with {names}",
    "texts": "list of texts",
    "ticket": "URL or mailto:",
    "whole": "number",
    "zone": "as Europe/Zurich",
}
_TOPICS = ("udp", "path", "https", "clock", "analysis")


def landscape_keys() -> Iterator[str]:
    """A part of the page for each table, with its keys; options of the checks once, by check."""
    for name, keys in TABLES.items():
        heading = f"[{name}]" if name in SINGLE else f"[[{name}]]"
        yield f"== {heading}\n"
        topic = "udp" if name in ("defaults", "group", "server", "check", "pair") else name
        shared = OPTIONS.get(topic, {})
        for key, kind in keys.items():
            if key not in shared and key not in _TOPICS:
                yield f"= `{key}`\n{_words(key, kind, REQUIRED.get(name, ()))}"
        if any(key in shared for key in keys):
            yield f"\nAlso the options of the {topic} measurement, below.\n"
    for topic in _TOPICS:
        preset = ", ".join(f"{key} {value:g}" if not isinstance(value, str) else f"{key} {value}"
                           for key, value in BUILT_IN[topic].items())  # fmt: skip
        yield f"== Options: {topic}\n"
        yield f"Without a word in the landscape: {preset}.\n"
        for key, kind in OPTIONS[topic].items():
            yield f"= `{key}`\n{_words(key, kind, ())}"
    yield ""


def _words(key: str, kind: Key, required: tuple[str, ...]) -> str:
    words = ", ".join(kind.words) if kind.kind == "word" else _KINDS.get(kind.kind, kind.kind)
    return f"{words}{' (required)' if key in required else ''}"
