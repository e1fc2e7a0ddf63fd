"""Status lines, header blocks and status maps of HTTP, as broken as servers send them.

HTTP/1.1 200 OK
Content-Type: text/html

Source: RFC 9112 sections 4 and 5; libcurl writes HTTP/2 and HTTP/3 answers in the same form.
"""

import re
from typing import NamedTuple

_STATUS = re.compile(r"(?P<version>HTTP/[0-9](?:\.[0-9])?) +(?P<code>[0-9]{3})(?: (?P<reason>.*))?", re.ASCII)


class Head(NamedTuple):
    """One answer's first line and headers. line: as received; code 0: the line is not HTTP."""

    line: str
    code: int
    headers: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """The last header of that name, in any case; "" when there is none."""
        return next((value for key, value in reversed(self.headers) if key.lower() == name.lower()), "")

    @property
    def reason(self) -> str:
        """The status in words: "404 Not Found", or the bare code of HTTP/2."""
        return self.line.partition(" ")[2].strip() or str(self.code)


def from_head(lines: list[bytes]) -> Head:
    """A header block as it came line by line; nothing a server sends raises anything."""
    texts = [line.decode("latin-1").rstrip("\r\n") for line in lines]
    first = texts[0] if texts else ""
    found = _STATUS.match(first)
    headers: list[tuple[str, str]] = []
    for text in texts[1:]:
        if text[:1] in (" ", "\t") and headers:  # an obsolete folded line
            headers[-1] = headers[-1][0], f"{headers[-1][1]} {text.strip()}"
        elif ":" in text:
            name, _, value = text.partition(":")
            headers.append((name.strip(), value.strip()))
    return Head(first, int(found["code"]) if found else 0, tuple(headers))
