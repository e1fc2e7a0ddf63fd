"""URLs with placeholders, as links from a monitoring system to notes and graphs.

https://wiki.example.org/net?host={{host}}&topic={{topic}}
"""

import re

from bothsides.base.types import Mapping
from bothsides.inventory.faults import Wrong, quoted, remedy_for

OF_HOST = ("host", "name", "datacenter", "provider")
"""Placeholders that a host has: its name in the monitoring system, in the landscape, its place."""

OF_SERVICE = (*OF_HOST, "service", "topic", "peer", "peer_datacenter")
"""Placeholders that a service has; "all" stands for several peers or data centres."""

_START = re.compile(r"/|https?://[^\s/@?#]+(?:[/?#]|$)")
_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}")
_REFUSED = set("`'\"|<>;$\\")  # a comment, a macro or a quote in one of the products


def read(value: object) -> str:
    """A template as it stands in a landscape. Raises Wrong with a remedy."""
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise Wrong("not a URL", 'put it in quotes, as "https://wiki.example.org/{{topic}}"')
    bare = _PLACEHOLDER.sub("", value)
    bad = sorted(_REFUSED & set(bare))
    if bad:
        words = f"{quoted(value)} has a {bad[0]}"
        macro = "write {{host}} instead of a product's macro"
        raise Wrong(words, macro if bad[0] == "$" else "write it as %XX, or leave it out")
    for match in _PLACEHOLDER.finditer(value):
        if match[1] not in OF_SERVICE:
            words = f"unknown placeholder {quoted(match[0])}"
            raise Wrong(words, remedy_for(match[1], OF_SERVICE))
    if "{" in bare or "}" in bare or " " in bare or not _START.match(value):
        words = f"{quoted(value)} is not a URL with placeholders"
        raise Wrong(words, 'write "https://wiki.example.org/{{topic}}", or a path from /')
    return value


def filled(template: str, values: Mapping[str, str]) -> str:
    """The URL for some values; "" when the template needs one that is not there."""
    if any(match[1] not in values for match in _PLACEHOLDER.finditer(template)):
        return ""
    return _PLACEHOLDER.sub(lambda match: values[match[1]].replace(" ", "%20"), template)
